"""The face distance, which asks a network whether two crops show the same person."""

import pytest
import torch

from facesketch import align_face, find_faces, read_image
from facesketch.image.pixels import to_tensor
from train.config import Pix2PixLosses, override
from train.data.batch import Batch
from train.hardware import TrainingError
from train.methods import METHODS, losses
from train.presets import PRESETS


@pytest.fixture(scope="module")
def distance() -> losses.FaceDistance:
    try:
        return losses.FaceDistance()
    except TrainingError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def faces() -> list[torch.Tensor]:
    """Two people, 1 x 3 x 256 x 256."""
    images = [read_image(f"examples/{name}.jpg") for name in ("eileen_collins", "grace_hopper")]
    crops = [align_face(image, find_faces(image)[0], 256).image for image in images]
    return [to_tensor(crop.resize((256, 256)))[None] for crop in crops]


def test_a_person_is_nearer_to_herself_in_other_light_and_mirrored_than_to_somebody_else(distance, faces):
    one, other = faces
    assert distance(one, one).item() == pytest.approx(0, abs=1e-4)
    changed = [one * 0.8 - 0.1, one.flip(-1), one.roll(2, -1)]
    assert max(distance(each, one).item() for each in changed) < 0.5 < distance(other, one).item() < 2


def test_the_output_alone_gets_a_gradient_from_its_face_and_the_network_never(distance, faces):
    y_hat, y = (face.clone().requires_grad_() for face in faces)
    distance(y_hat, y).backward()
    gradient = y_hat.grad.abs().sum(1)[0]
    assert y.grad is None and torch.isfinite(gradient).all()
    assert gradient[100:180, 80:176].mean() > 10 * gradient[:30].mean()
    assert not any(parameter.requires_grad for parameter in distance.parameters())


def test_it_is_a_term_of_the_loss_of_sketch_to_photo(distance, faces):
    found = []
    for weight in (0.0, 2.0):
        torch.manual_seed(0)
        changes = {"model.width": 4, "model.discriminator_width": 4, "losses.perceptual": 0.0}
        config = override(PRESETS["pix2pix-sketch-to-photo"], {**changes, "losses.face_identity": weight})
        method = METHODS["pix2pix"](config)
        found.append({key: value.item() for key, value in method.validation_losses(Batch(*faces)).items()})
        modules = [module for net in method.nets.values() for module in net.modules()]
        assert not any(isinstance(module, losses.FaceDistance) for module in modules)
    without, with_it = found
    assert with_it.keys() - without.keys() == {"face_identity_F"}
    assert with_it["F"] - without["F"] == pytest.approx(2 * with_it["face_identity_F"], rel=1e-3)


def test_without_its_network_a_run_is_refused_with_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(TrainingError, match="The face distance needs onnx2torch and") as error:
        losses.FaceDistance()
    assert "\n" not in str(error.value)


def test_a_sketchs_face_is_compared_with_its_photo(distance, faces):
    changes = {"model.width": 4, "model.discriminator_width": 4, "losses": Pix2PixLosses(face_identity=1.0)}
    config = override(PRESETS["pix2pix-deck"], changes)
    photo, other = faces
    found = []
    for source, sketch in ((photo, photo), (photo, other), (other, photo)):
        torch.manual_seed(0)
        method = METHODS["pix2pix"](config)
        found.append(method.validation_losses(Batch(source, sketch))["face_identity"].item())
    same_photo, another_sketch, another_photo = found
    assert another_sketch == pytest.approx(same_photo, abs=1e-5)
    assert another_photo != pytest.approx(same_photo, abs=1e-2)

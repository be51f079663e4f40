"""The perceptual distance, and the methods whose loss it is a term of."""

import pytest
import torch
from conftest import draw_face
from PIL import ImageChops, ImageFilter

from facesketch.image.pixels import to_tensor
from train.config import override
from train.data.batch import Batch
from train.hardware import TrainingError
from train.methods import METHODS, losses
from train.presets import PRESETS

TINY = {"model.width": 4, "model.discriminator_width": 4}


@pytest.fixture(scope="module")
def distance() -> losses.PerceptualDistance:
    try:
        return losses.PerceptualDistance()
    except TrainingError:
        pytest.skip("The weights of torchvision's MobileNetV2 are not here; with a connection they are loaded once.")


def sketch(number: int = 0, change=None) -> torch.Tensor:
    """1 x 3 x 250 x 200."""
    drawn = draw_face(number)[1]
    return to_tensor((change(drawn) if change else drawn).convert("RGB"))[None]


def test_a_sketch_is_at_0_from_itself_and_nearer_to_itself_shifted_than_to_another_person(distance):
    y = sketch()
    shifted, other = sketch(change=lambda drawn: ImageChops.offset(drawn, 1, 0)), sketch(1)
    blurred = [sketch(change=lambda drawn, r=radius: drawn.filter(ImageFilter.GaussianBlur(r))) for radius in (1, 3)]
    assert distance(y, y).item() == 0 and distance(y, other).item() == pytest.approx(distance(other, y).item())
    assert 0 < distance(shifted, y) < distance(other, y) < 16
    assert distance(blurred[0], y) < distance(blurred[1], y)


def test_it_is_the_sum_of_the_squared_distances_of_unit_vectors(distance):
    y_hat, y, total = sketch(1), sketch(2), 0.0
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (losses.IMAGENET_MEAN, losses.IMAGENET_STD))
    a, b = (((z + 1) / 2 - mean) / std for z in (y_hat, y))
    for number, block in enumerate(distance.blocks):
        a, b = block(a), block(b)
        if number in losses.PERCEPTUAL_BLOCKS:
            first, second = (z / z.norm(dim=1, keepdim=True) for z in (a, b))
            total += (2 - 2 * (first * second).sum(1)).mean().item()  # |u - v|^2 = 2 - 2 u v
    assert distance(y_hat, y).item() == pytest.approx(total, rel=1e-3)


def test_only_the_first_image_gets_a_gradient_and_the_network_never(distance):
    y_hat, y = sketch(1).requires_grad_(), sketch(2).requires_grad_()
    before = {name: value.clone() for name, value in distance.state_dict().items()}
    distance(y_hat, y).backward()
    assert y_hat.grad.abs().sum() > 0 and torch.isfinite(y_hat.grad).all() and y.grad is None
    assert not any(parameter.requires_grad for parameter in distance.parameters())
    assert all(torch.equal(value, before[name]) for name, value in distance.state_dict().items())


def test_half_precision_gives_nearly_the_same(distance):
    y_hat, y = sketch(1), sketch(2)
    expected = distance(y_hat, y).item()
    with torch.autocast("cpu", torch.bfloat16):
        assert distance(y_hat, y).item() == pytest.approx(expected, rel=0.05)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_it_follows_the_images_to_a_gpu(distance):
    expected = distance(sketch(1), sketch(2)).item()
    assert distance(sketch(1).cuda(), sketch(2).cuda()).item() == pytest.approx(expected, rel=0.01)


TERMS = {
    "autoencoder": {"perceptual"},
    "pix2pix-cufs": {"perceptual", "perceptual_F"},
    "pix2pix-perceptual": {"perceptual"},
    "pix2pix-sketch-to-photo-perceptual": {"perceptual_F"},
    "cyclegan": {"perceptual"},
    "cyclegan-sketch-to-photo": {"perceptual"},
}


@pytest.mark.parametrize("name", TERMS)
def test_it_is_a_term_of_the_generators_loss(name, distance):
    """With another weight the loss differs by the term alone. No network that is saved contains it."""
    found: list[dict] = []
    x, y = (torch.nn.functional.interpolate(sketch(number), (256, 256)) for number in (1, 2))
    for weight in (0.0, 2.0, 4.0):
        torch.manual_seed(0)
        config = override(PRESETS[name], {**TINY, "model.styles": (), "losses.perceptual": weight})
        if hasattr(config.losses, "face_identity"):
            config = override(config, {"losses.face_identity": 0.0})
        method = METHODS[config.method](config)
        batch = Batch(x, y, inverse=Batch(y, x) if config.model.inverse else None)
        found.append({key: value.item() for key, value in method.validation_losses(batch).items()})
        modules = [module for net in method.nets.values() for module in net.modules()]
        assert not any(isinstance(module, losses.PerceptualDistance) for module in modules)
    without, once, twice = found
    assert once.keys() - without.keys() == TERMS[name]
    for term in TERMS[name]:
        G = "F" if term.endswith("_F") or "G" not in twice else "G"
        assert twice[G] - once[G] == pytest.approx(2 * once[term], rel=1e-3)
        assert once[G] - without[G] == pytest.approx(2 * once[term], rel=1e-3)


def test_without_its_weights_a_run_is_refused_with_one_sentence(tmp_path, monkeypatch):
    """There is no network: the address leads nowhere."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(TrainingError, match="The perceptual loss needs torchvision and the weights") as error:
        METHODS["autoencoder"](override(PRESETS["autoencoder"], {"losses.perceptual": 1.0}))
    assert "\n" not in str(error.value) and str(tmp_path) in str(error.value)


def test_the_networks_of_a_method_start_as_they_do_without_it(distance):
    states = []
    for weight in (0.0, 1.0):
        torch.manual_seed(0)
        method = METHODS["autoencoder"](override(PRESETS["autoencoder"], {**TINY, "losses.perceptual": weight}))
        states.append([*method.nets["G"].state_dict().values(), torch.rand(3)])
    assert all(torch.equal(a, b) for a, b in zip(*states, strict=True))

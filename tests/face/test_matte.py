"""Mattes by the network of weights/matte, and the warnings where there is no matte."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hub_models import small_model
from pictures import PORTRAITS
from PIL import Image

from facesketch import DrawOptions, Pipeline, WeightsError, align_face, available_models, find_faces, read_image
from facesketch.face import matte
from facesketch.face.matte import predict_matte, try_matte

WHOLE = DrawOptions(align="never")
WHOLE_WITH_BACKGROUND = DrawOptions(align="never", background="keep")


@pytest.fixture(params=PORTRAITS, ids=lambda path: path.stem)
def crop(request) -> Image.Image:
    image = read_image(request.param)
    return align_face(image, find_faces(image)[0], 512).image


@pytest.fixture
def weights(tmp_path, monkeypatch) -> Path:
    """A copy of weights/matte that a test may change."""
    folder = tmp_path / "matte"
    shutil.copytree(matte.MATTE_DIR, folder)
    monkeypatch.setattr(matte, "MATTE_DIR", folder)
    return folder


def test_person_is_found_at_the_crops_size(crop):
    alpha = predict_matte(crop)
    assert alpha.shape == (640, 512) and alpha.dtype == np.float32 and alpha.min() >= 0 and alpha.max() <= 1
    assert alpha[280:420, 190:320].min() > 0.9 and alpha[:30].mean() < 0.1 and alpha[600:, 150:360].mean() > 0.9
    tried = try_matte(crop)
    assert (tried.alpha == alpha).all() and tried.warning is None


def test_guide_decides_the_size(crop):
    assert predict_matte(crop, crop.convert("L").resize((256, 320))).shape == (320, 256)


def test_small_and_large_crop_have_the_same_matte(crop):
    small = predict_matte(crop.resize((256, 320)))
    assert np.abs(np.asarray(Image.fromarray(predict_matte(crop)).resize((256, 320))) - small).mean() < 0.02


def test_same_matte_from_any_thread(crop):
    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(predict_matte, [crop] * 6)
    assert all((other == first).all() for other in others)


def test_matting_model_is_not_among_those_that_draw():
    assert "matte" not in available_models()


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: shutil.rmtree(folder),
        lambda folder: (folder / "model.safetensors").write_bytes(b"damaged"),
        lambda folder: (folder / "config.json").write_text('{"network": "unknown"}'),
        lambda folder: small_model(directions=("photo_to_sketch",)).save_pretrained(folder),
    ],
    ids=["missing", "damaged", "unknown network", "another direction"],
)
def test_without_weights_the_background_is_kept_with_a_warning(damage, weights, crop):
    damage(weights)
    with pytest.raises(WeightsError, match=r"^matte: .*\.$"):
        predict_matte(crop)
    tried = try_matte(crop)
    assert tried.alpha is None and tried.warning.code == "warning.no_matte"
    pipeline = Pipeline(small_model())
    drawing = pipeline(crop, WHOLE)
    assert drawing.image == pipeline(crop, WHOLE_WITH_BACKGROUND).image
    assert [warning.code for warning in drawing.warnings] == ["warning.no_matte"]
    assert "matte" in str(drawing.warnings[0])


def test_without_a_person_the_background_is_kept_with_a_warning(weights, crop):
    empty = small_model("matte", directions=(matte.DIRECTION,))
    *others, bias = empty.parameters()
    for value in others:
        value.data.zero_()
    bias.data.fill_(-3)
    empty.save_pretrained(weights)
    tried = try_matte(crop)
    assert tried.alpha is None and tried.warning.code == "warning.no_person"
    assert [warning.code for warning in Pipeline(small_model())(crop, WHOLE).warnings] == ["warning.no_person"]

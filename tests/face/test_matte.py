"""Who is person and what is ground, by the network of weights/matte, and what is said where it cannot tell."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from facesketch import Translator, WeightsError, align, available, find_faces, read_image
from facesketch.faces import matte
from facesketch.faces.matte import find, person, plain

PORTRAITS = sorted((Path(__file__).parents[2] / "examples").glob("*.jpg"))


@pytest.fixture(params=PORTRAITS, ids=lambda path: path.stem)
def crop(request) -> Image.Image:
    image = read_image(request.param)
    return align(image, find_faces(image)[0], 512)[0]


@pytest.fixture
def weights(tmp_path, monkeypatch) -> Path:
    """A copy of weights/matte that a test may change."""
    shutil.copytree(matte.FOLDER, tmp_path / "matte")
    monkeypatch.setattr(matte, "FOLDER", tmp_path / "matte")
    matte._without.cache_clear()
    return tmp_path / "matte"


def test_the_person_is_found_at_the_crops_own_size(crop):
    found = person(crop)
    assert found.shape == (640, 512) and found.dtype == np.float32 and found.min() >= 0 and found.max() <= 1
    assert found[280:420, 190:320].min() > 0.9 and found[:30].mean() < 0.1 and found[600:, 150:360].mean() > 0.9
    assert (find(crop) == found).all()


def test_a_small_crop_and_a_large_one_have_the_same_person(crop):
    small = person(crop.resize((256, 320)))
    assert np.abs(np.asarray(Image.fromarray(person(crop)).resize((256, 320))) - small).mean() < 0.02


def test_the_same_matte_from_any_thread(crop):
    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(person, [crop] * 6)
    assert all((other == first).all() for other in others)


def test_the_matte_is_no_model_that_draws():
    assert "matte" not in available()


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: shutil.rmtree(folder),
        lambda folder: (folder / "model.safetensors").write_bytes(b"damaged"),
        lambda folder: (folder / "config.json").write_text('{"network": "unheard of"}'),
    ],
    ids=["missing", "damaged", "another network"],
)
def test_without_weights_the_ground_is_kept_and_that_is_said_once(damage, weights, crop, caplog):
    damage(weights)
    with pytest.raises(WeightsError, match=r"^matte: .*\.$"):
        person(crop)
    assert find(crop) is None and find(crop) is None
    assert len(caplog.records) == 1 and "Grounds are drawn" in caplog.text
    torch.manual_seed(0)
    model = Translator({"network": "autoencoder", "width": 4, "size": 256, "directions": ["photo_to_sketch"]})
    assert model.translate(crop, align="never") == model.translate(crop, align="never", ground="keep")


def test_where_nobody_stands_out_the_ground_is_kept_with_a_warning(weights, crop, caplog):
    blind = Translator({"network": "matte", "width": 4, "size": 256, "directions": [matte.DIRECTION]})
    *others, bias = blind.parameters()
    for value in others:
        value.data.zero_()
    bias.data.fill_(-3)
    blind.save_pretrained(weights)
    assert find(crop) is None and "Nobody stands out" in caplog.text


def test_the_ground_becomes_white_and_the_person_stays():
    picture = Image.new("RGB", (4, 2), (200, 100, 50))
    found = np.array([[1, 1, 0.5, 0]] * 2, np.float32)
    assert [plain(picture, found).getpixel((x, 0)) for x in (0, 2, 3)] == [
        (200, 100, 50), (227, 177, 152), (255, 255, 255)
    ]  # fmt: skip

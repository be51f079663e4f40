"""What the way back learns alone: sketches, the model's own among them, and photos on one ground."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from conftest import draw_face, matte_of, put

from facesketch import Translator
from facesketch.images import to_tensor
from train.config import Config
from train.data.inverse_batches import STUDIO_BACKGROUND, InverseBatches, make_batches
from train.data.pairs import Item, pairs

CPU = torch.device("cpu")
PLAIN = Config(
    "plain", "pix2pix", "unet-lean", 4, epochs=1, size=64, target="photo", styles="shaded line", validation=0
)
ABOUT = {"network": "unet-lean", "width": 4, "size": 256, "directions": ["photo_to_sketch"]}


@pytest.fixture
def items(tmp_path):
    """Three persons shaded, without mattes, and one as a line drawing on gray paper, with a matte."""
    for folder, numbers in (("cuhk", (1, 2, 3)), ("line", (4,))):
        for number in numbers:
            photo, sketch = draw_face(number)
            put(tmp_path / folder / "photos" / f"{number}.png", photo)
            gray = sketch.point(lambda value: value * 0.7) if folder == "line" else sketch
            put(tmp_path / folder / "sketches" / f"{number}.png", gray)
    put(tmp_path / "line" / "mattes" / "4.png", matte_of(draw_face(4)[0]))
    return [Item(pair) for pair in pairs(tmp_path)]


def test_every_folder_is_given_out_as_often(items):
    batches = make_batches(items, PLAIN, CPU, True)
    assert isinstance(batches, InverseBatches) and not isinstance(
        make_batches(items, replace(PLAIN, target="sketch"), CPU, 1), InverseBatches
    )
    told = Counter(batches._draw(step, 0)[0].pair.id for step in range(batches.per_epoch))
    assert told == {"cuhk/1": 1, "cuhk/2": 1, "cuhk/3": 1, "line/4": 3}


def test_a_sketch_on_white_paper_is_to_become_its_photo_on_the_studios_ground(items):
    x, y = InverseBatches([item for item in items if item.pair.matte], PLAIN, CPU, True)(0, 10)
    assert x.shape == y.shape == (1, 3, 64, 64) and torch.equal(x[:, 0], x[:, 2])
    assert (x > 0.95).float().mean() > 0.15
    studio = torch.tensor(STUDIO_BACKGROUND).view(3, 1, 1) / 127.5 - 1
    assert ((y[0] - studio).abs().amax(0)[:, :4] < 0.02).all()
    photo = to_tensor(draw_face(4)[0].resize((64, 64)))
    assert (y[0] - photo)[:, 30:40, 28:36].abs().mean() < 0.05, "the person is as photographed"


def test_photos_without_mattes_keep_their_ground(items):
    shaded = [item for item in items if not item.pair.matte]
    _, y = InverseBatches(shaded, PLAIN, CPU, True)(0, 10)
    assert any(torch.allclose(y[0, :, 1, 1], to_tensor(draw_face(n)[0])[:, 1, 1], atol=0.02) for n in (1, 2, 3))


@pytest.mark.parametrize("styles", [[], ["shaded", "line"]])
def test_a_share_of_the_sketches_is_what_a_model_draws_of_photos_with_mattes(items, styles):
    torch.manual_seed(0)
    model, config = Translator({**ABOUT, "styles": styles}), replace(PLAIN, drawn=0.5)
    batches, before = InverseBatches(items, config, CPU, True), InverseBatches(items, config, CPU, True)
    batches.draw(model)
    same = {"cuhk": [], "line": []}
    for step in range(60):
        torch.manual_seed(step)
        x, y = batches(step, 60)
        torch.manual_seed(step)
        z, w = before(step, 60)
        assert torch.equal(y, w)
        same[batches._draw(step, 0)[0].pair.id.partition("/")[0]].append(torch.equal(x, z))
    assert all(same["cuhk"]) and 0.2 < np.mean(same["line"]) < 0.8

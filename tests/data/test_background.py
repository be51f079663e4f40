"""The ground behind a person: found, and replaced on the photo alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from train.data.background import background_mask, replace_background
from train.data.batches import Batches
from train.data.pairs import Item, pairs
from train.presets import PRESETS


def portrait(bar: bool = False) -> tuple[Image.Image, np.ndarray]:
    """A head and shoulders before blue that darkens downwards, and where that blue is."""
    tones = np.linspace(230, 190, 250)[:, None, None] * np.array([0.4, 0.7, 1.0]) * np.ones((1, 200, 1))
    photo, mask = Image.fromarray(tones.astype(np.uint8)), Image.new("L", (200, 250), 255)
    for image, skin, cloth, black in ((photo, (220, 180, 150), (90, 90, 90), (0, 0, 0)), (mask, 0, 0, 0)):
        draw = ImageDraw.Draw(image)
        draw.rectangle([(20, 200), (180, 250)], fill=cloth)
        draw.ellipse([(50, 50), (150, 220)], fill=skin)
        draw.ellipse([(70, 110), (85, 120)], fill=(95, 160, 225) if image is photo else 0)  # an eye of the same blue
        if bar:
            draw.rectangle([(0, 0), (200, 9)], fill=black)
    return photo, np.asarray(mask) > 0


@pytest.mark.parametrize("bar", [False, True])
def test_ground_is_what_hangs_together_with_the_rim(bar):
    photo, expected = portrait(bar)
    found = np.asarray(background_mask(photo)) > 0
    assert (found & ~expected).mean() < 0.01 and (expected & ~found).mean() < 0.03
    assert not found[113:118, 73:82].any()  # the eye


@pytest.mark.parametrize("colour", ["black", "white"])
def test_ground_of_a_picture_of_one_colour(colour):
    assert background_mask(Image.new("RGB", (200, 250), colour)).size == (200, 250)


def test_replaced_where_the_mask_is_and_nowhere_else():
    x = torch.linspace(-1, 1, 64).expand(16, 3, 64, 64)
    mask = torch.full((16, 1, 64, 64), -1.0)
    mask[..., :20] = 1
    for seed in range(12):  # every size of blots
        torch.manual_seed(seed)
        z = replace_background(x, mask, 1.0)
        assert torch.equal(z[..., 20:], x[..., 20:]) and z.abs().max() <= 1
        assert ((z - x)[..., :20].abs().mean((1, 2, 3)) > 0.05).all()
        torch.manual_seed(seed)
        assert torch.equal(z, replace_background(x, mask, 1.0))


def test_that_share_of_the_photos():
    x, mask = torch.full((400, 3, 8, 8), 0.123), torch.ones(400, 1, 8, 8)
    torch.manual_seed(1)
    changed = (replace_background(x, mask, 0.25) != x).flatten(1).any(1).float().mean()
    assert 0.18 < changed < 0.32
    assert torch.equal(replace_background(x, mask, 0.0), x)


def test_batches_keep_the_sketch_and_the_person(tmp_path):
    photo, expected = portrait()
    for side in ("photos", "sketches"):
        (tmp_path / side).mkdir()
        photo.save(tmp_path / side / "1.png")
    config = replace(PRESETS["autoencoder"], batch=1, size=256, photometric=0.0, clean=False)
    config = replace(config, turn=0.0, zoom=0.0, shift=0.0, mirror=False)
    items = [Item(pair) for pair in pairs(tmp_path)]
    plain, other = (Batches(items, replace(config, grounds=share), torch.device("cpu"), True) for share in (0.0, 1.0))
    (x, y), (z, w) = plain(0, 1), other(0, 1)
    assert x.shape == z.shape == (1, 3, 256, 256) and torch.equal(y, w)
    behind = torch.from_numpy(np.array(Image.fromarray(expected).resize((256, 256))))
    assert (z - x)[0, :, behind].abs().mean() > 0.1 > 10 * (z - x)[0, :, ~behind].abs().mean()

"""The background behind a person: found, and replaced in the photo alone."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from train.config import override
from train.data.background import background_mask, replace_background
from train.data.batches import Batches
from train.data.pairs import Item, find_pairs
from train.presets import PRESETS


def portrait(border: bool = False) -> tuple[Image.Image, np.ndarray]:
    """A head and shoulders in front of blue that darkens downwards, and where that blue is."""
    tones = np.linspace(230, 190, 250)[:, None, None] * np.array([0.4, 0.7, 1.0]) * np.ones((1, 200, 1))
    photo, mask = Image.fromarray(tones.astype(np.uint8)), Image.new("L", (200, 250), 255)
    for image, skin, cloth, black in ((photo, (220, 180, 150), (90, 90, 90), (0, 0, 0)), (mask, 0, 0, 0)):
        draw = ImageDraw.Draw(image)
        draw.rectangle([(20, 200), (180, 250)], fill=cloth)
        draw.ellipse([(50, 50), (150, 220)], fill=skin)
        draw.ellipse([(70, 110), (85, 120)], fill=(95, 160, 225) if image is photo else 0)  # an eye of the same blue
        if border:
            draw.rectangle([(0, 0), (200, 9)], fill=black)
    return photo, np.asarray(mask) > 0


@pytest.mark.parametrize("border", [False, True])
def test_the_background_is_what_is_connected_to_the_rim(border):
    photo, expected = portrait(border)
    found = np.asarray(background_mask(photo)) > 0
    assert (found & ~expected).mean() < 0.01 and (expected & ~found).mean() < 0.03
    assert not found[113:118, 73:82].any()  # the eye


@pytest.mark.parametrize("color", ["black", "white"])
def test_an_image_of_one_color_has_a_mask(color):
    assert background_mask(Image.new("RGB", (200, 250), color)).size == (200, 250)


def test_only_masked_pixels_are_replaced():
    x = torch.linspace(-1, 1, 64).expand(16, 3, 64, 64)
    mask = torch.full((16, 1, 64, 64), -1.0)
    mask[..., :20] = 1
    for seed in range(12):  # every size of blobs
        torch.manual_seed(seed)
        z = replace_background(x, mask, 1.0)
        assert torch.equal(z[..., 20:], x[..., 20:]) and z.abs().max() <= 1
        assert ((z - x)[..., :20].abs().mean((1, 2, 3)) > 0.05).all()
        torch.manual_seed(seed)
        assert torch.equal(z, replace_background(x, mask, 1.0))


def test_backgrounds_are_replaced_with_the_given_probability():
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
    still = {f"data.augmentation.{name}": 0.0 for name in ("rotate", "scale", "translate", "color_jitter")}
    changes = {"batch_size": 1, "data.inpaint_scan_borders": False, "data.augmentation.hflip": False, **still}
    config = override(PRESETS["autoencoder"], changes)
    items = [Item(pair) for pair in find_pairs(tmp_path)]
    kept, replaced = (
        Batches(items, override(config, {"data.augmentation.replace_background": p}), torch.device("cpu"), True)(0, 1)
        for p in (0.0, 1.0)
    )
    assert kept.source.shape == replaced.source.shape == (1, 3, 256, 256) and torch.equal(kept.target, replaced.target)
    background = torch.from_numpy(np.array(Image.fromarray(expected).resize((256, 256))))
    difference = (replaced.source - kept.source)[0].abs()
    assert difference[:, background].mean() > 0.1 > 10 * difference[:, ~background].mean()

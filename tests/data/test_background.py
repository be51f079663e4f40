"""The background behind a person: found, and replaced in the photo alone."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from train.config import override
from train.data.background import add_other_person, background_mask, camouflage, composite, replace_background
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


def test_strands_of_hair_take_their_color_along_and_leave_the_old_background_behind():
    """Black hair that fades into white is put in front of mid gray."""
    mask = (torch.arange(64.0) - 31.5).div(6).clamp(-1, 1).expand(1, 1, 64, 64)
    x, gray = mask.expand(1, 3, 64, 64), torch.zeros(1, 3, 64, 64)
    expected = (mask - 1) / 2  # black in front of gray
    with_halo = torch.lerp(x, gray, (mask + 1) / 2)
    error, its_error = ((z - expected)[..., 26:38].abs().mean() for z in (composite(x, mask, gray), with_halo))
    assert error < its_error / 2 and error < 0.15


def test_other_people_are_beside_the_center_and_stand_on_the_lower_edge():
    """The only white is the other person, a column of white in front of gray."""
    x, mask = torch.ones(64, 3, 64, 64), torch.ones(64, 1, 64, 64)
    mask[..., 20:, 24:40] = -1
    backgrounds = torch.zeros(64, 3, 64, 64)
    torch.manual_seed(0)
    found = add_other_person(backgrounds, x, mask, 1.0)[:, 0] > 0.5
    visible = found.flatten(1).any(1)
    assert visible.float().mean() > 0.9 and found[visible][:, -1].any(1).all()
    assert found[:, :, 31:33].float().mean() < 0.2 and not found[:, :4].any()
    torch.manual_seed(0)
    some = (add_other_person(backgrounds, x, mask, 0.3) != 0).flatten(1).any(1).float().mean()
    assert 0.1 < some < 0.5 and torch.equal(add_other_person(backgrounds, x, mask, 0.0), backgrounds)


def test_camouflage_brings_person_and_background_closer_but_hides_nobody():
    x, mask = torch.full((64, 3, 32, 32), -0.5), torch.ones(64, 1, 32, 32)
    mask[..., 16:], x[..., 16:] = -1, 0.5
    torch.manual_seed(0)
    z = camouflage(x, mask, 1.0)
    assert z.abs().max() <= 1 and (z != x).flatten(1).any(1).all()
    contrast = (z[..., 16:].mean((1, 2, 3)) - z[..., :16].mean((1, 2, 3))).abs()
    assert 0.05 < contrast.mean() < 1
    assert torch.equal(camouflage(x, mask, 0.0), x)

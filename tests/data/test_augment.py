"""Random geometry and light: what moves together, how far, and what stays."""

from dataclasses import replace

import pytest
import torch

from train.config import Config
from train.data.augment import augment, color_jitter

PLAIN = Config("plain", "pix2pix", "unet", 4, epochs=1, batch=2, size=64, crop=64)


def noise(count: int = 4, channels: int = 3) -> torch.Tensor:
    return torch.rand(count, channels, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_augment_of_nothing_is_nothing():
    assert torch.equal(augment(noise(), PLAIN, 64), noise())


def test_mirror_alone_is_exact():
    torch.manual_seed(0)
    z, kinds = noise(32), set()
    for before, after in zip(z, augment(z, replace(PLAIN, mirror=True), 64), strict=True):
        kinds.add((torch.equal(after, before), torch.equal(after, before.flip(-1))))
    assert kinds == {(True, False), (False, True)}


def test_the_border_is_stretched():
    torch.manual_seed(0)
    z = augment(torch.full((8, 6, 64, 64), 0.7), replace(PLAIN, turn=30.0, zoom=0.5, shift=30.0, mirror=True), 64)
    torch.testing.assert_close(z, torch.full_like(z, 0.7))


def test_all_channels_move_alike():
    torch.manual_seed(0)
    a, b = augment(noise(4).repeat(1, 2, 1, 1), replace(PLAIN, turn=8.0, zoom=0.2, shift=8.0, mirror=True), 40).chunk(
        2, 1
    )
    assert torch.equal(a, b)


@pytest.mark.parametrize("change", [{"turn": 8.0}, {"zoom": 0.2}, {"shift": 8.0}, {"mirror": True}, {"crop": 32}])
def test_every_picture_goes_its_own_way(change):
    torch.manual_seed(0)
    side = change.get("crop", 64)
    z = augment(noise(1).expand(16, -1, -1, -1).contiguous(), replace(PLAIN, **change), side)
    assert any(not torch.equal(z[0], other) for other in z[1:])


def test_shift_is_bounded_by_pixels():
    """A dot stays within the shift's reach."""
    torch.manual_seed(0)
    z = torch.zeros(64, 1, 64, 64)
    z[..., 32, 32] = 1
    moved = augment(z, replace(PLAIN, shift=5.0), 64)
    places = [divmod(m.flatten().argmax().item(), 64) for m in moved]
    reach = [abs(v - 32) for place in places for v in place]
    assert 3 <= max(reach) <= 5


def test_crop_is_a_piece_of_the_picture():
    torch.manual_seed(0)
    z = noise(1)
    piece = augment(z, PLAIN, 20)
    windows = z[0].unfold(1, 20, 1).unfold(2, 20, 1).permute(1, 2, 0, 3, 4)
    assert (windows == piece[0]).all(-1).all(-1).all(-1).sum() == 1


def test_relight_of_strength_0_is_nothing():
    x = noise()
    assert torch.equal(color_jitter(x, 0.0), x)


@pytest.mark.parametrize("strength", [0.1, 0.5, 1.0])
def test_relight_keeps_range(strength):
    torch.manual_seed(0)
    x = color_jitter(noise(64), strength)
    assert x.shape == (64, 3, 64, 64) and torch.isfinite(x).all() and x.min() >= -1 and x.max() <= 1


def test_relight_changes_every_photo_its_own_way_and_one_in_eight_to_gray():
    torch.manual_seed(0)
    x = color_jitter(noise(1).expand(400, -1, -1, -1)[..., :8, :8], 0.2)
    gray = ((x.amax(1) - x.amin(1)).amax((1, 2)) < 1e-5).sum().item()
    assert 25 <= gray <= 80
    assert not torch.equal(x[0], x[1])


def test_slight_light_changes_little():
    torch.manual_seed(0)
    x = noise(32)
    y = color_jitter(x, 0.01)
    coloured = (y.amax(1) - y.amin(1)).amax((1, 2)) > 1e-5
    assert (x - y)[coloured].abs().max() < 0.06

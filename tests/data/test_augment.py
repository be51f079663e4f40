"""Random geometry, light and wear: what changes together, by how much, and what stays."""

import math
from dataclasses import replace

import pytest
import torch

from train.config import Augmentation
from train.data.augment import augment_geometry, color_jitter, degrade, directional_light

NONE = Augmentation()


def noise(count: int = 4, channels: int = 3) -> torch.Tensor:
    return torch.rand(count, channels, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_no_augmentation_changes_nothing():
    assert torch.equal(augment_geometry(noise(), NONE, 64), noise())


def test_hflip_alone_is_exact():
    torch.manual_seed(0)
    z, kinds = noise(32), set()
    for before, after in zip(z, augment_geometry(z, Augmentation(hflip=True), 64), strict=True):
        kinds.add((torch.equal(after, before), torch.equal(after, before.flip(-1))))
    assert kinds == {(True, False), (False, True)}


def test_border_pixels_are_repeated():
    torch.manual_seed(0)
    strong = Augmentation(rotate=30.0, scale=0.5, translate=30.0, hflip=True)
    z = augment_geometry(torch.full((8, 6, 64, 64), 0.7), strong, 64)
    torch.testing.assert_close(z, torch.full_like(z, 0.7))


def test_all_channels_move_together():
    torch.manual_seed(0)
    augmentation = Augmentation(rotate=8.0, scale=0.2, translate=8.0, hflip=True)
    a, b = augment_geometry(noise(4).repeat(1, 2, 1, 1), augmentation, 40).chunk(2, 1)
    assert torch.equal(a, b)


@pytest.mark.parametrize(
    ("change", "side"),
    [({"rotate": 8.0}, 64), ({"scale": 0.2}, 64), ({"translate": 8.0}, 64), ({"hflip": True}, 64), ({}, 32)],
)
def test_every_image_changes_independently(change, side):
    torch.manual_seed(0)
    z = augment_geometry(noise(1).expand(16, -1, -1, -1).contiguous(), replace(NONE, **change), side)
    assert any(not torch.equal(z[0], other) for other in z[1:])


def test_translate_is_a_maximum_in_pixels():
    """A dot stays within reach."""
    torch.manual_seed(0)
    z = torch.zeros(64, 1, 64, 64)
    z[..., 32, 32] = 1
    moved = augment_geometry(z, Augmentation(translate=5.0), 64)
    places = [divmod(m.flatten().argmax().item(), 64) for m in moved]
    distances = [abs(v - 32) for place in places for v in place]
    assert 3 <= max(distances) <= 5


def ellipse(angle: float = 0.0, eccentric: float = 1.0) -> torch.Tensor:
    """A filled ellipse in a picture of 200 x 250 pixels, long along the angle in degrees, squeezed to 256 x 256."""
    x, y = grid_of_template()
    turned = torch.polar(torch.tensor(1.0), torch.tensor(-angle * torch.pi / 180)) * torch.complex(x, y)
    inside = (turned.real / eccentric) ** 2 + turned.imag**2 < 40**2
    return inside.float()


def grid_of_template() -> tuple[torch.Tensor, torch.Tensor]:
    """x and y, from the center, of the pixels of the square, in pixels of the picture of 200 x 250."""
    unit = (torch.arange(256) + 0.5) / 256 - 0.5
    return (unit * 200).expand(256, 256), (unit[:, None] * 250).expand(256, 256)


def moments(z: torch.Tensor) -> torch.Tensor:
    """The covariance, 2 x 2, of the places of the bright pixels of the square, in the picture of 200 x 250."""
    places = torch.stack(grid_of_template()).flatten(1)
    return torch.cov(places, aweights=z.flatten().double().clamp(min=0))


def test_a_circle_in_the_picture_stays_a_circle():
    torch.manual_seed(0)
    moved = augment_geometry(ellipse().expand(16, 1, -1, -1).contiguous(), Augmentation(rotate=45.0), 256)
    assert (moved != ellipse()).any()
    for z in moved:
        sizes = torch.linalg.eigvalsh(moments(z))
        assert sizes == pytest.approx([400, 400], rel=0.01)  # the radius squared, over 4


def test_an_ellipse_in_the_picture_keeps_its_shape_and_turns_up_to_the_angle():
    torch.manual_seed(0)
    source, angles = ellipse(20.0, eccentric=1.8), []
    for z in augment_geometry(source.expand(32, 1, -1, -1).contiguous(), Augmentation(rotate=30.0), 256):
        sizes, axes = torch.linalg.eigh(moments(z))
        assert sizes == pytest.approx([400, 400 * 1.8**2], rel=0.01)
        angles.append(math.degrees(math.atan(axes[1, 1] / axes[0, 1])))
    assert -10.5 <= min(angles) < -5 and 45 < max(angles) <= 50.5


def test_a_crop_is_a_part_of_the_image():
    torch.manual_seed(0)
    z = noise(1)
    crop = augment_geometry(z, NONE, 20)
    windows = z[0].unfold(1, 20, 1).unfold(2, 20, 1).permute(1, 2, 0, 3, 4)
    assert (windows == crop[0]).all(-1).all(-1).all(-1).sum() == 1


def gradients(count: int = 64) -> torch.Tensor:
    """Horizontal gray gradients from 0.2 to 0.8 of white."""
    return (torch.linspace(-0.6, 0.6, 32).expand(count, 3, 32, 32)).clone()


PHOTOMETRIC = [color_jitter, directional_light, degrade]


@pytest.mark.parametrize("change", PHOTOMETRIC)
def test_strength_0_changes_nothing(change):
    assert torch.equal(change(gradients(), 0.0), gradients())


@pytest.mark.parametrize("change", PHOTOMETRIC)
@pytest.mark.parametrize("strength", [0.1, 0.5, 1.0])
def test_the_result_is_an_image_and_follows_from_the_seed(change, strength):
    for photos in (gradients(), noise(64)):
        torch.manual_seed(3)
        once = change(photos, strength)
        torch.manual_seed(3)
        assert torch.equal(once, change(photos, strength))
        assert once.shape == photos.shape and once.abs().max() <= 1 and torch.isfinite(once).all()


def test_color_jitter_changes_every_photo_independently_and_one_in_eight_to_gray():
    torch.manual_seed(0)
    x = color_jitter(noise(1).expand(400, -1, -1, -1)[..., :8, :8], 0.2)
    gray = ((x.amax(1) - x.amin(1)).amax((1, 2)) < 1e-5).sum().item()
    assert 25 <= gray <= 80
    assert not torch.equal(x[0], x[1])


def test_weak_color_jitter_changes_little():
    torch.manual_seed(0)
    x = noise(32)
    y = color_jitter(x, 0.01)
    is_colored = (y.amax(1) - y.amin(1)).amax((1, 2)) > 1e-5
    assert (x - y)[is_colored].abs().max() < 0.06


def test_light_ranges_from_dark_to_bright_and_comes_from_any_side():
    torch.manual_seed(0)
    lit = directional_light(torch.zeros(400, 3, 32, 32), 1.0)
    means = lit.mean((1, 2, 3))
    assert means.min() < -0.4 and means.max() > 0.3
    across = (lit[..., 16:] - lit[..., :16]).mean((1, 2, 3))
    down = (lit[..., 16:, :] - lit[..., :16, :]).mean((1, 2, 3))
    for slope in (across, down):
        assert slope.min() < -0.2 and slope.max() > 0.2


def test_degrade_changes_photos_with_the_given_probability():
    torch.manual_seed(0)
    changed = (degrade(gradients(400), 0.25) != gradients(400)).flatten(1).any(1).float().mean()
    assert 0.18 < changed < 0.32

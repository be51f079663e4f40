"""Light and wear that photos have in the world."""

import pytest
import torch

from train.data.augment import degrade, side_light

CHANGES = [side_light, degrade]


def photos(count: int = 64) -> torch.Tensor:
    """Slopes of gray, 0.2 to 0.8 of white."""
    return (torch.linspace(-0.6, 0.6, 32).expand(count, 3, 32, 32)).clone()


@pytest.mark.parametrize("change", CHANGES)
def test_without_strength_nothing_changes(change):
    assert torch.equal(change(photos(), 0.0), photos())


@pytest.mark.parametrize("change", CHANGES)
def test_what_comes_back_is_a_picture_and_the_seed_decides(change):
    torch.manual_seed(3)
    once = change(photos(), 1.0)
    torch.manual_seed(3)
    assert torch.equal(once, change(photos(), 1.0))
    assert once.shape == photos().shape and once.abs().max() <= 1 and torch.isfinite(once).all()


def test_light_goes_from_dark_to_bright_and_comes_from_any_side():
    torch.manual_seed(0)
    lit = side_light(torch.zeros(400, 3, 32, 32), 1.0)
    means = lit.mean((1, 2, 3))
    assert means.min() < -0.4 and means.max() > 0.3
    across, down = (
        (lit[..., 16:] - lit[..., :16]).mean((1, 2, 3)),
        (lit[..., 16:, :] - lit[..., :16, :]).mean((1, 2, 3)),
    )
    for slope in (across, down):
        assert slope.min() < -0.2 and slope.max() > 0.2


def test_that_share_is_damaged():
    torch.manual_seed(0)
    changed = (degrade(photos(400), 0.25) != photos(400)).flatten(1).any(1).float().mean()
    assert 0.18 < changed < 0.32

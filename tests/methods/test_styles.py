"""Pix2Pix in several styles: who is told which, who judges what, and how strokes are weighed."""

import pytest
import torch
from test_methods import batch, make, pictures

from train.methods import losses


def test_every_network_moves_and_says_so():
    method = make("pix2pix", weight_strokes=3.0, l1_block=4)
    before = {name: [p.clone() for p in net.parameters()] for name, net in method.nets.items()}
    told = method.step(*batch(method))
    assert {"G", "D", "F", "D_X", "D_Y", "D_S", "G_styled", "strokes", "contrast", "adversarial_wild"} <= told.keys()
    for name, net in method.nets.items():
        assert any(not torch.equal(a, b) for a, b in zip(before[name], net.parameters(), strict=True)), name


def test_the_map_decides_what_is_drawn():
    method = make("pix2pix")
    x = batch(method)[0]
    other = torch.cat([x[:, :3], x[:, 3:].roll(1, 1)], 1)
    with torch.no_grad():
        assert not torch.equal(method.nets["G"](x), method.nets["G"](other))


def test_pairs_of_other_styles_are_held_less_exactly():
    method = make("pix2pix", weight_wild=0.0, weight_strokes=3.0)
    with torch.no_grad():
        told = method.step(*batch(method), learn=False)
    c = method.config
    total = sum(
        factor * weight * told[f"{name}_styled"]
        for name, weight, factor in (
            ("adversarial", c.weight_adversarial, 1),
            ("l1", c.weight_l1, c.weight_styled),
            ("ssim", c.weight_ssim, c.weight_styled),
            ("contrast", c.weight_contrast, 1),
            ("strokes", c.weight_strokes, 1),
        )
    )
    assert "gradients_styled" not in told and told["G_styled"].item() == pytest.approx(total.item(), rel=1e-5)


def test_without_other_styles_in_the_data_the_first_is_learned():
    method = make("pix2pix")
    told = method.step(*batch(method)[:4])
    assert "G_styled" not in told and "D_Y" not in told


def test_contrast_by_hand():
    """Stripes one pixel wide: neighbours across differ by 2, along them by 0, on the diagonals by 2."""
    stripes = torch.ones(1, 3, 64, 64)
    stripes[..., ::2] = -1
    paper = torch.ones(1, 3, 64, 64)
    assert losses.local_contrast_l1(paper, stripes).item() == pytest.approx(3 * 2 / 4, abs=2e-3)
    assert losses.local_contrast_l1(stripes, stripes).item() == 0


def test_contrast_sees_how_strong_strokes_are_and_not_where():
    y, _ = pictures()
    moved = y.roll((5, 3), (2, 3))
    blurred = torch.nn.functional.avg_pool2d(y, 3, 1, 1)
    assert losses.local_contrast_l1(moved, y) < 0.1 * losses.local_contrast_l1(blurred, y)


def test_overlap_and_coverage_by_hand():
    """Half of the picture each, a quarter in common: 1/3 of what either covers."""
    a, b = -torch.ones(1, 1, 64, 64), -torch.ones(1, 1, 64, 64)
    a[:, :, :, :32], b[:, :, :, 16:48] = 1, 1
    assert losses.soft_iou_loss(a, b).item() == pytest.approx(2 / 3, abs=1e-3)
    assert losses.soft_iou_loss(a, a).item() == pytest.approx(0, abs=1e-6)
    unsure = torch.zeros(1, 1, 64, 64)
    assert losses.matte_bce(unsure, b).item() == pytest.approx(0.6931, abs=1e-4)

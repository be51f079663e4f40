"""Pix2Pix in several styles: what each network sees and judges, and how strokes are weighted."""

from dataclasses import replace

import pytest
import torch
from test_methods import images, make, make_batch

from train.methods import losses


def test_every_network_is_trained_and_logged():
    changes = {"losses.stroke_adversarial": 3.0, "losses.l1_block_size": 4}
    method = make("pix2pix", changes)
    before = {name: [p.clone() for p in net.parameters()] for name, net in method.nets.items()}
    found = method.train_step(make_batch("pix2pix"))
    assert {"G", "D", "F", "D_X", "D_Y", "D_S", "G_styled", "strokes", "contrast", "adversarial_wild"} <= found.keys()
    for name, net in method.nets.items():
        assert any(not torch.equal(a, b) for a, b in zip(before[name], net.parameters(), strict=True)), name


EVERY_DISCRIMINATOR = {"losses.stroke_adversarial": 3.0}


def test_a_step_works_with_an_unfused_optimizer():
    """Which raises if a discriminator was updated between a generator's loss and its gradient."""
    method = make("pix2pix", EVERY_DISCRIMINATOR)
    method.optimizers = {
        name: torch.optim.Adam(net.parameters(), 1e-4, fused=False, foreach=False) for name, net in method.nets.items()
    }
    found = method.train_step(make_batch("pix2pix"))
    assert all(torch.isfinite(value) for value in found.values())


def test_the_generators_loss_comes_after_all_updates_of_the_discriminators():
    method, batch = make("pix2pix", EVERY_DISCRIMINATOR), make_batch("pix2pix")
    for name in ("G", "F"):  # stay as they are
        method.optimizers[name].param_groups[0]["lr"] = 0.0
    found, after = method.train_step(batch), method.validation_losses(batch)
    judged = {name for name in found if name.startswith(("adversarial", "strokes"))}
    assert {"adversarial", "adversarial_styled", "adversarial_wild", "adversarial_F", "strokes"} <= judged
    for name in judged:
        torch.testing.assert_close(found[name], after[name], rtol=1e-4, atol=1e-5)


def test_the_style_channels_decide_what_is_drawn():
    method, batch = make("pix2pix"), make_batch("pix2pix")
    other = replace(batch, style=batch.style.roll(1, 1))
    with torch.no_grad():
        assert not torch.equal(method.nets["G"](batch.generator_input), method.nets["G"](other.generator_input))


def test_pixel_losses_weigh_less_in_other_styles():
    method = make("pix2pix", {"losses.unpaired_adversarial": 0.0, "losses.stroke_adversarial": 3.0})
    found, weights = method.validation_losses(make_batch("pix2pix")), method.weights
    total = sum(
        factor * weight * found[f"{name}_styled"]
        for name, weight, factor in (
            ("adversarial", weights.adversarial, 1),
            ("l1", weights.l1, weights.other_styles),
            ("ssim", weights.ssim, weights.other_styles),
            ("contrast", weights.contrast, 1),
            ("strokes", weights.stroke_adversarial, 1),
        )
    )
    assert "gradients_styled" not in found and found["G_styled"].item() == pytest.approx(total.item(), rel=1e-5)


def test_without_pairs_in_other_styles_the_first_is_trained():
    method = make("pix2pix")
    found = method.train_step(replace(make_batch("pix2pix"), other_styles=None))
    assert "G_styled" not in found and "D_Y" not in found


def test_local_contrast_by_hand():
    """Stripes one pixel wide: neighbors differ by 2 across them, by 0 along them, and by 2 on the diagonals."""
    stripes = torch.ones(1, 3, 64, 64)
    stripes[..., ::2] = -1
    paper = torch.ones(1, 3, 64, 64)
    assert losses.local_contrast_l1(paper, stripes).item() == pytest.approx(3 * 2 / 4, abs=2e-3)
    assert losses.local_contrast_l1(stripes, stripes).item() == 0


def test_local_contrast_compares_the_strength_of_strokes_and_not_their_place():
    y, _ = images()
    moved = y.roll((5, 3), (2, 3))
    blurred = torch.nn.functional.avg_pool2d(y, 3, 1, 1)
    assert losses.local_contrast_l1(moved, y) < 0.1 * losses.local_contrast_l1(blurred, y)

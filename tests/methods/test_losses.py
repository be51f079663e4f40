"""Every formula against numbers worked out by hand, and SSIM against scikit-image."""

import math

import numpy as np
import pytest
import torch
from conftest import draw_face
from skimage.metrics import structural_similarity

from facesketch import metrics
from facesketch.image.pixels import to_tensor
from train.methods import losses

LUMA = np.array([0.299, 0.587, 0.114])


def test_mae():
    y_hat = torch.tensor([[[[0.0, 0.5], [-1.0, 1.0]]]])
    y = torch.tensor([[[[0.0, 1.0], [1.0, 0.0]]]])
    # |0 - 0| + |0.5 - 1| + |-1 - 1| + |1 - 0| = 3.5, over 4 values
    assert losses.mae(y_hat, y).item() == pytest.approx(0.875)
    assert losses.mae(y, y).item() == 0


def test_pooled_mae_ignores_strokes_within_its_blocks():
    paper, stripes = torch.zeros(1, 3, 16, 16), torch.ones(1, 3, 16, 16)
    stripes[..., ::2] = -1
    assert losses.pooled_mae(stripes, paper, 4).item() == 0 and losses.mae(stripes, paper).item() == 1
    assert losses.pooled_mae(paper + 0.25, paper, 4).item() == pytest.approx(0.25)
    assert losses.pooled_mae(stripes, paper, 1).item() == losses.mae(stripes, paper).item()


def test_high_pass_removes_the_tone():
    paper = torch.full((1, 3, 20, 20), 0.7)
    assert losses.high_pass(paper).abs().max().item() < 1e-6
    dot = torch.zeros(1, 3, 20, 20)
    dot[..., 10, 10] = 1
    assert losses.high_pass(dot)[0, 0, 10, 10].item() == pytest.approx(80 / 81)
    assert losses.high_pass(dot)[0, 0, 10, 14].item() == pytest.approx(-1 / 81)


def test_adversarial_bce():
    # logits 0 and ln 3 are probabilities 1/2 and 3/4
    logits = torch.tensor([[[[0.0, math.log(3)]]]])
    assert losses.adversarial_bce(logits, True).item() == pytest.approx((math.log(2) + math.log(4 / 3)) / 2, rel=1e-6)
    assert losses.adversarial_bce(logits, False).item() == pytest.approx((math.log(2) + math.log(4)) / 2, rel=1e-6)


def test_adversarial_bce_stays_finite():
    logits = torch.tensor([-200.0, 200.0], requires_grad=True)
    loss = losses.adversarial_bce(logits, True)
    assert loss.item() == pytest.approx(100.0)  # (200 + 0) / 2
    loss.backward()
    assert torch.isfinite(logits.grad).all()


def test_adversarial_lsgan():
    logits = torch.tensor([[[[0.0, 1.0], [3.0, -1.0]]]])
    # real: (1 + 0 + 4 + 4) / 4; generated: (0 + 1 + 9 + 1) / 4
    assert losses.adversarial_lsgan(logits, True).item() == pytest.approx(2.25)
    assert losses.adversarial_lsgan(logits, False).item() == pytest.approx(2.75)


@pytest.mark.parametrize("name", losses.ADVERSARIAL_LOSSES)
def test_the_gradient_of_an_adversarial_loss_points_to_its_label(name):
    logits = torch.zeros(1, 1, 2, 2, requires_grad=True)
    for real, sign in ((True, -1), (False, 1)):
        logits.grad = None
        (losses.ADVERSARIAL_LOSSES[name](logits + 0.5, real)).backward()
        assert (logits.grad.sign() == sign).all()


def by_skimage(x: torch.Tensor, y: torch.Tensor) -> float:
    """Values are counted from black, as in Eq. 2 and in the metric: in [-1, 1] the luminance term can be negative."""
    a, b = ((((z.double().numpy() + 1).transpose(1, 2, 0)) * LUMA).sum(-1) for z in (x, y))
    return structural_similarity(a, b, data_range=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)


@pytest.mark.parametrize("number", range(3))
def test_ssim_equals_scikit_image(number):
    photo, sketch = (to_tensor(image.convert("RGB")) for image in draw_face(number))
    other = to_tensor(draw_face(number + 10)[1].convert("RGB"))
    for a, b in ((photo, sketch), (sketch, other), (photo, photo * 0.5 + 0.1)):
        assert losses.ssim(a[None], b[None]).item() == pytest.approx(by_skimage(a, b), abs=1e-4)


def test_ssim_of_noise_equals_scikit_image():
    x, y = torch.rand(2, 1, 3, 40, 33, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert losses.ssim(x, y).item() == pytest.approx(by_skimage(x[0], y[0]), abs=1e-4)


def test_ssim_of_a_batch_is_the_mean_over_images():
    x, y = torch.rand(2, 4, 3, 24, 24, generator=torch.Generator().manual_seed(0)) * 2 - 1
    each = [losses.ssim(a[None], b[None]).item() for a, b in zip(x, y, strict=True)]
    assert losses.ssim(x, y).item() == pytest.approx(sum(each) / 4, abs=1e-6)


def test_ssim_by_hand():
    # flat images, counted from black a = 0.5 and b = 2 of 2: (2ab + c1) / (a^2 + b^2 + c1) * c2 / c2, c1 = 0.02^2
    dark, white = torch.full((1, 3, 16, 16), -0.5), torch.ones(1, 3, 16, 16)
    assert losses.ssim(dark, white).item() == pytest.approx(2.0004 / 4.2504, rel=1e-3)


def test_ssim_equals_the_metric_of_the_results():
    photo, sketch = (image.convert("RGB") for image in draw_face(0))
    assert losses.ssim(to_tensor(photo)[None], to_tensor(sketch)[None]).item() == pytest.approx(
        metrics.ssim(photo, sketch), abs=2e-3
    )


def test_ssim_of_an_image_with_itself_is_one():
    x = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    for image in (x, torch.ones_like(x), torch.zeros_like(x), -torch.ones_like(x)):
        assert losses.ssim(image, image).item() == pytest.approx(1, abs=1e-6)


def test_gradient_similarity_by_hand():
    """A ramp of 0.1 per pixel against one of 0.2, and against the same ramp transposed."""
    ramp = (torch.arange(12.0) / 10 - 1).view(1, 1, 1, 12).expand(1, 3, 12, 12)
    a, b, t = 0.2 * 0.2, 0.2 * 0.2 * 4, 160 / 127.5**2  # Scharr's weights sum to 1 over a distance of two pixels
    expected = (2 * 0.08 + t) / (a + b + t)
    assert losses.gradient_similarity(ramp, 2 * ramp).item() == pytest.approx(expected, rel=1e-4)
    assert losses.gradient_similarity(ramp, ramp.transpose(2, 3)).item() == pytest.approx(1)


def test_gradient_similarity_is_the_term_of_fsim():
    """As computed by piq, but for the border, which it pads with zeros."""
    from piq.functional import gradient_map, scharr_filter, similarity_map

    torch.manual_seed(0)
    x, y = (torch.rand(2, 3, 32, 32) * 2 - 1 for _ in range(2))
    kernels = torch.stack([scharr_filter(), scharr_filter().transpose(-1, -2)])
    luma = torch.tensor(LUMA, dtype=torch.float32).view(1, 3, 1, 1)
    grays = ((z * luma).sum(1, keepdim=True) for z in (x, y))
    a, b = (gradient_map(127.5 * gray, kernels)[..., 1:-1, 1:-1] for gray in grays)
    assert losses.gradient_similarity(x, y).item() == pytest.approx(similarity_map(a, b, 160).mean().item(), abs=1e-4)


@pytest.mark.parametrize("function", [losses.mae, losses.ssim, losses.gradient_similarity])
def test_losses_are_computed_in_float32_in_mixed_precision(function):
    torch.manual_seed(0)
    x, y = (0.6 + 0.05 * torch.rand(2, 3, 64, 64) for _ in range(2))  # like paper: light, with little contrast
    with torch.autocast("cpu", torch.bfloat16):
        mixed = function(x, y).item()
    assert mixed == pytest.approx(function(x, y).item(), abs=1e-6)


def test_ssim_is_symmetric_and_bounded():
    x = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert losses.ssim(x, -x).item() == pytest.approx(losses.ssim(-x, x).item(), abs=1e-6)
    assert -1 <= losses.ssim(x, -x).item() < 0


@pytest.mark.parametrize("start", ["noise", "flat", "equal"])
def test_ssim_gradient_is_finite(start):
    y = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    x = {"noise": y.flip(-1), "flat": torch.full_like(y, -1), "equal": y.clone()}[start].clone().requires_grad_()
    (1 - losses.ssim(x, y)).backward()
    assert torch.isfinite(x.grad).all()


@pytest.mark.parametrize("function", [losses.mae, losses.ssim])
def test_a_loss_is_a_scalar(function):
    x = torch.zeros(2, 3, 16, 16)
    assert function(x, x).shape == ()


def test_matte_losses_by_hand():
    """Half of the image each, a quarter in common: 1/3 of the union."""
    a, b = -torch.ones(1, 1, 64, 64), -torch.ones(1, 1, 64, 64)
    a[:, :, :, :32], b[:, :, :, 16:48] = 1, 1
    assert losses.soft_iou_loss(a, b).item() == pytest.approx(2 / 3, abs=1e-3)
    assert losses.soft_iou_loss(a, a).item() == pytest.approx(0, abs=1e-6)
    unsure = torch.zeros(1, 1, 64, 64)
    assert losses.matte_bce(unsure, b).item() == pytest.approx(0.6931, abs=1e-4)


def test_the_mattes_cross_entropy_is_that_of_the_probabilities_and_has_a_gradient_where_these_are_rounded_to_1():
    logits, y = torch.linspace(-4, 4, 9).view(1, 1, 3, 3), torch.linspace(-1, 1, 9).view(1, 1, 3, 3)
    p, alpha = torch.sigmoid(logits), (y + 1) / 2
    by_hand = -(alpha * p.log() + (1 - alpha) * (1 - p).log()).mean()
    assert losses.matte_bce(logits, y).item() == pytest.approx(by_hand.item(), rel=1e-5)
    certain = torch.full((1, 1, 2, 2), 120.0, requires_grad=True)
    loss = losses.matte_bce(certain, -torch.ones(1, 1, 2, 2))
    loss.backward()
    assert loss.item() == pytest.approx(120) and torch.allclose(certain.grad, torch.tensor(0.25))

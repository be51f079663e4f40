"""Every formula that is minimised. Pictures are B x 3 x H x W in [-1, 1]; each function returns a scalar."""

from __future__ import annotations

from functools import lru_cache

import torch
import torch.nn.functional as nnf
from torch import Tensor


def mae(y_hat: Tensor, y: Tensor) -> Tensor:
    """mean |y_hat - y|: the deck's Eq. 1, Pix2Pix's L1 (Eq. 3), CycleGAN's cycle (Eq. 2) and identity (sec. 5.2)."""
    return nnf.l1_loss(y_hat, y)


def pooled_mae(y_hat: Tensor, y: Tensor, block: int) -> Tensor:
    """mean |m(y_hat) - m(y)|, m the means over half overlapping blocks of that many pixels: finer strokes are free."""
    return nnf.avg_pool2d(y_hat - y, block, max(1, block // 2)).abs().mean()


def high_pass(y: Tensor, reach: int = 9) -> Tensor:
    """y less its means over squares of that many pixels, of the same shape: what is drawn, without its tone."""
    return y - nnf.avg_pool2d(y, reach, 1, reach // 2, count_include_pad=False)


def adversarial_bce(logits: Tensor, real: bool) -> Tensor:
    """Cross entropy of D's verdicts, -log D or -log(1 - D) (Pix2Pix, Eq. 1; for G the non-saturating form)."""
    return nnf.binary_cross_entropy_with_logits(logits, torch.full_like(logits, float(real)))


def adversarial_lsgan(logits: Tensor, real: bool) -> Tensor:
    """mean (D - 1)^2 or mean D^2: least squares (CycleGAN, section 4; Mao et al. 2017, Eq. 2, without their 1/2)."""
    return nnf.mse_loss(logits, torch.full_like(logits, float(real)))


def matte_bce(y_hat: Tensor, y: Tensor) -> Tensor:
    """Cross entropy of how far each pixel belongs, -(y log y_hat + (1 - y) log(1 - y_hat)) with both in [0, 1]."""
    with torch.autocast(y.device.type, enabled=False):
        return nnf.binary_cross_entropy((y_hat.float() + 1) / 2, (y.float() + 1) / 2)


def soft_iou_loss(y_hat: Tensor, y: Tensor) -> Tensor:
    """One less the mean share, of what either covers, that both do: 1 - sum(p y) / sum(p + y - p y), both in [0, 1].

    A soft intersection over union (Rahman and Wang 2016, Eq. 4-6), a picture at a time.
    """
    p, t = ((z.float() + 1).flatten(1) / 2 for z in (y_hat, y))
    both = (p * t).sum(1)
    return 1 - ((both + 1) / (p.sum(1) + t.sum(1) - both + 1)).mean()


def ssim(x: Tensor, y: Tensor) -> Tensor:
    """Mean structural similarity in [-1, 1] of the gray pictures: the deck's Eq. 2 with Wang et al.'s Gaussian window.

    sigma 1.5, 11 x 11, biased covariances, k1 = 0.01, k2 = 0.03, L = 2 (the range of the values, counted from black).
    Departs from the deck in weighting the window; windows that would leave the picture are left out.
    """
    with torch.autocast(x.device.type, enabled=False):  # a variance is the difference of two near numbers
        x, y = (_gray(z.float() + 1) for z in (x, y))
        mx, my = _blur(x), _blur(y)
        vx, vy, cov = _blur(x * x) - mx * mx, _blur(y * y) - my * my, _blur(x * y) - mx * my
        c1, c2 = (0.01 * 2) ** 2, (0.03 * 2) ** 2
        return ((2 * mx * my + c1) * (2 * cov + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2))).mean()


def gradient_similarity(x: Tensor, y: Tensor) -> Tensor:
    """Mean similarity in (0, 1] of the gray pictures' gradients: FSIM's S_G (Zhang et al. 2011, section II-B).

    Magnitudes by Scharr's operator, (2 a b + T) / (a^2 + b^2 + T) with their T = 160 for 255 levels. Departs from FSIM
    in leaving out phase congruency. The border of one pixel is left out.
    """
    with torch.autocast(x.device.type, enabled=False):
        a, b = (_slope(_gray(z.float())) + _slope(_gray(z.float()).transpose(2, 3)).transpose(2, 3) for z in (x, y))
        t = 160 / 127.5**2
        return ((2 * (a * b + 1e-12).sqrt() + t) / (a + b + t)).mean()


def local_contrast_l1(y_hat: Tensor, y: Tensor, block: int = 32) -> Tensor:
    """How far the strength of strokes is off, wherever they lie: mean |c(y_hat) - c(y)| over blocks and directions.

    c is the root mean square difference of neighbours in a block, a co-occurrence matrix's contrast before gray levels
    are counted (Haralick et al. 1973, f2), as Scoot compares it (Fan et al. 2019, section 3). Gray pictures.
    """
    with torch.autocast(y.device.type, enabled=False):
        a, b = (_gray(z.float()) for z in (y_hat, y))
        return (
            sum(nnf.l1_loss(*(_rough(z, shift, block) for z in (a, b))) for shift in ((0, 1), (1, 0), (1, 1), (1, -1)))
            / 4
        )


def _rough(x: Tensor, shift: tuple[int, int], block: int) -> Tensor:
    """The root mean square difference of pixels that shift (down, right) apart, over half overlapping blocks."""
    squares = (x - x.roll(shift, (2, 3)))[..., 1:-1, 1:-1] ** 2
    return (nnf.avg_pool2d(squares, block, block // 2) + 1e-6).sqrt()


def _slope(x: Tensor) -> Tensor:
    """The square of Scharr's derivative along the width, B x 1 x H - 2 x W - 2."""
    x = x[..., 2:] - x[..., :-2]
    return ((3 * x[..., :-2, :] + 10 * x[..., 1:-1, :] + 3 * x[..., 2:, :]) / 16) ** 2


def _gray(x: Tensor) -> Tensor:
    """Luma (ITU-R 601), B x 1 x H x W."""
    return (x * x.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)


def _blur(x: Tensor) -> Tensor:
    """Gaussian mean of B x 1 x H x W, sigma 1.5, 11 taps, no padding: a product with a band matrix on either side."""
    rows, columns = (_band(side, x.device) for side in x.shape[-2:])
    return rows @ x @ columns.T


@lru_cache(maxsize=8)
def _band(side: int, device: torch.device) -> Tensor:
    taps = torch.exp(-((torch.arange(11, device=device) - 5.0) ** 2) / (2 * 1.5**2))
    return torch.stack([nnf.pad(taps / taps.sum(), (i, side - 11 - i)) for i in range(side - 10)])


def optimizer_step(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """One step of the optimizer down the gradient of loss."""
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


ADVERSARIAL_LOSSES = {"bce": adversarial_bce, "lsgan": adversarial_lsgan}

"""Every formula that is minimized. Images are B x 3 x H x W in [-1, 1]; losses are scalars.

All are pure functions but PerceptualDistance and FaceDistance, which have the weights of a network.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from pickle import UnpicklingError

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from facesketch.models.half_precision import MEMORY_FORMAT

from ..data.augment import luma
from ..hardware import TrainingError

FACE_NETWORK = "mobileface.onnx"  # becauseofAI/MobileFace (MIT): 112 x 112 RGB, 0 to 255, to 256 features
FACE_CROP = ((0.7955, 0.0, 0.0014), (0.0, 0.6364, 0.05))  # from its crop to the template's, both -1 to 1: equal eyes
PERCEPTUAL_BLOCKS = (1, 3, 6, 13)  # indices of MobileNetV2's features: 16, 24, 32, 96 channels; strides 2, 4, 8, 16
MOBILENET_URL = "https://download.pytorch.org/models/mobilenet_v2-b0353104.pth"  # torchvision's IMAGENET1K_V1
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of RGB values, 0 to 1


def mae(y_hat: Tensor, y: Tensor) -> Tensor:
    """mean |y_hat - y|: the deck's Eq. 1, Pix2Pix's L1 (Eq. 3), CycleGAN's cycle (Eq. 2) and identity (section 5.2)."""
    return nnf.l1_loss(y_hat, y)


def pooled_mae(y_hat: Tensor, y: Tensor, block_size: int) -> Tensor:
    """mean |m(y_hat) - m(y)|, with m the means of half overlapping blocks: details within a block are free."""
    return nnf.avg_pool2d(y_hat - y, block_size, max(1, block_size // 2)).abs().mean()


def high_pass(y: Tensor, kernel_size: int = 9) -> Tensor:
    """y less its local mean: strokes without tone. Same shape as y.

    kernel_size: pixels, odd, and wider than a stroke.
    """
    return y - nnf.avg_pool2d(y, kernel_size, 1, kernel_size // 2, count_include_pad=False)


def adversarial_bce(logits: Tensor, real: bool) -> Tensor:
    """Cross entropy of D's output, -log D or -log(1 - D) (Pix2Pix, Eq. 1; for G the non-saturating form)."""
    return nnf.binary_cross_entropy_with_logits(logits, torch.full_like(logits, float(real)))


def adversarial_lsgan(logits: Tensor, real: bool) -> Tensor:
    """mean (D - 1)^2 or mean D^2 (CycleGAN, section 4; Mao et al. 2017, Eq. 2, without their 1/2)."""
    return nnf.mse_loss(logits, torch.full_like(logits, float(real)))


ADVERSARIAL_LOSSES: dict[str, Callable[[Tensor, bool], Tensor]] = {"bce": adversarial_bce, "lsgan": adversarial_lsgan}


class PerceptualDistance(nn.Module):
    """Distance of images in the features of a network that was trained on ImageNet, 0 to 16 (Johnson et al. 2016).

    sum over blocks l of mean over positions of |f_l(y_hat) - f_l(y)|^2, with f_l the output of block l, of unit length
    at each position: LPIPS with all of its weights 1 (Zhang et al. 2018, Eq. 1). Strokes that are a pixel off cost
    little, and blur, which has other features, costs more than they do. Departs from LPIPS in the network, MobileNetV2
    (Sandler et al. 2018), with PERCEPTUAL_BLOCKS, the first block and the ends of three stages, instead of VGG or
    AlexNet: on a CPU it takes a fraction of their time.

    The network is frozen and in evaluation mode, and follows the images to their device. It belongs to no method's
    networks, so checkpoints and models do not contain it. Raises TrainingError where its weights cannot be had.
    """

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.blocks = _mobilenet_features()[: max(PERCEPTUAL_BLOCKS) + 1].to(memory_format=MEMORY_FORMAT)
        self.requires_grad_(False).eval()
        for name, values in (("mean", IMAGENET_MEAN), ("std", IMAGENET_STD)):
            self.register_buffer(name, torch.tensor(values).view(1, 3, 1, 1))

    def forward(self, y_hat: Tensor, y: Tensor) -> Tensor:
        """The distance of y_hat, which gets the gradient, from y."""
        self.to(y.device)
        with torch.no_grad():
            expected = self._features(y)
        found = self._features(y_hat)
        distances = [((a - b) ** 2).sum(1).mean() for a, b in zip(found, expected, strict=True)]
        return torch.stack(distances).sum()

    def _features(self, z: Tensor) -> list[Tensor]:
        """The output of every block of PERCEPTUAL_BLOCKS in float32, of length 1 at each position."""
        z = ((z.float() + 1) / 2 - self.mean) / self.std
        features = []
        for number, block in enumerate(self.blocks):
            z = block(z)
            if number in PERCEPTUAL_BLOCKS:
                features.append(nnf.normalize(z.float(), dim=1, eps=1e-6))
        return features


class FaceDistance(nn.Module):
    """1 - cosine of two faces in a face recognition network's embedding, 0 to 2 (Deng et al. 2019, section 2).

    Images are face crops, B x 3 x S x S, of the template squeezed to a square. The network is frozen, as that of
    PerceptualDistance, and is not the one that evaluation identifies people by. Raises TrainingError where it cannot be
    had.
    """

    crop: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.network = _face_network().requires_grad_(False).eval()
        self.register_buffer("crop", torch.tensor(FACE_CROP)[None])

    def forward(self, y_hat: Tensor, y: Tensor) -> Tensor:
        """The distance of y_hat, which gets the gradient, from y."""
        self.to(y.device)
        with torch.no_grad():
            expected = self._embedding(y)
        return 1 - nnf.cosine_similarity(self._embedding(y_hat), expected).mean()

    def _embedding(self, z: Tensor) -> Tensor:
        with torch.autocast(z.device.type, enabled=False):
            grid = nnf.affine_grid(self.crop.expand(len(z), -1, -1), [len(z), 3, 112, 112], align_corners=False)
            face = nnf.grid_sample(z.float(), grid, padding_mode="border", align_corners=False)
            return self.network(((face + 1) * 127.5).permute(0, 2, 3, 1).contiguous())


def _face_network() -> nn.Module:
    """The face network as a PyTorch module. Raises TrainingError."""
    path = Path(torch.hub.get_dir()) / "checkpoints" / FACE_NETWORK
    try:
        import onnx
        from onnx2torch import convert

        model = onnx.load(path)
    except (ImportError, OSError) as error:
        raise TrainingError(
            f"The face distance needs onnx2torch and becauseofAI/MobileFace's network in ONNX as {path} ({error})."
        ) from error
    model.opset_import[0].version = 13  # of opset 18 it uses nothing that 13 lacks, and onnx2torch has no Pad of 18
    return convert(model)


def _mobilenet_features() -> nn.Sequential:
    """The convolutions of torchvision's MobileNetV2 with its weights from ImageNet. Raises TrainingError."""
    try:
        from torchvision.models import MobileNet_V2_Weights, mobilenet_v2

        with torch.random.fork_rng(devices=[]):  # the other networks start as they would without this one
            return mobilenet_v2(weights=MobileNet_V2_Weights.IMAGENET1K_V1, progress=False).features
    except (ImportError, OSError, RuntimeError, EOFError, UnpicklingError) as error:
        raise TrainingError(
            "The perceptual loss needs torchvision and the weights of its MobileNetV2, which could not be loaded "
            f"({error}); train with a connection once, or put {MOBILENET_URL} into {torch.hub.get_dir()}/checkpoints."
        ) from error


def matte_bce(logits: Tensor, y: Tensor) -> Tensor:
    """Cross entropy of alpha, -(a log p + (1 - a) log(1 - p)), with a = (y + 1) / 2 and p = sigmoid(logits).

    From the logits, so that a pixel that is certain and wrong has a gradient.
    """
    return nnf.binary_cross_entropy_with_logits(logits, (y + 1) / 2)


def soft_iou_loss(y_hat: Tensor, y: Tensor) -> Tensor:
    """1 - sum(p y) / sum(p + y - p y), with both mapped to [0, 1]: one less a soft intersection over union.

    Rahman and Wang 2016, Eq. 4 to 6, for each image; departs from it in adding 1 to both sums, so that two empty mattes
    agree.
    """
    p, t = ((z.float() + 1).flatten(1) / 2 for z in (y_hat, y))
    intersection = (p * t).sum(1)
    return 1 - ((intersection + 1) / (p.sum(1) + t.sum(1) - intersection + 1)).mean()


def ssim(x: Tensor, y: Tensor) -> Tensor:
    """Mean structural similarity of gray images, -1 to 1: the deck's Eq. 2 with Wang et al.'s Gaussian window (2004).

    sigma 1.5, 11 x 11, biased covariances, k1 = 0.01, k2 = 0.03, L = 2 (the range of the values, counted from black).
    Departs from the deck in weighting the window; windows that would cross the border are left out.
    """
    with torch.autocast(x.device.type, enabled=False):  # a variance is a small difference of large numbers
        x, y = (luma(z.float() + 1) for z in (x, y))
        mx, my = _blur(x), _blur(y)
        vx, vy, cov = _blur(x * x) - mx * mx, _blur(y * y) - my * my, _blur(x * y) - mx * my
        c1, c2 = (0.01 * 2) ** 2, (0.03 * 2) ** 2
        return ((2 * mx * my + c1) * (2 * cov + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2))).mean()


def gradient_similarity(x: Tensor, y: Tensor) -> Tensor:
    """Mean similarity of the gray images' gradients, 0 to 1: FSIM's S_G (Zhang et al. 2011, section II-B).

    (2 a b + T) / (a^2 + b^2 + T) of the magnitudes a and b by Scharr's operator, with their T = 160 for 255 levels.
    Departs from FSIM in leaving out phase congruency and the border of one pixel.
    """
    with torch.autocast(x.device.type, enabled=False):
        a, b = (_squared_gradient(z.float()) for z in (x, y))
        t = 160 / 127.5**2
        return ((2 * (a * b + 1e-12).sqrt() + t) / (a + b + t)).mean()


def local_contrast_l1(y_hat: Tensor, y: Tensor, block_size: int = 32) -> Tensor:
    """mean |c(y_hat) - c(y)| over blocks and four directions: whether strokes are as strong, wherever they are.

    c is the root mean square difference of neighboring pixels in a block: the contrast of a co-occurrence matrix
    before gray levels are counted (Haralick et al. 1973, f2), as Scoot compares it (Fan et al. 2019, section 3).
    block_size: pixels.
    """
    with torch.autocast(y.device.type, enabled=False):
        a, b = (luma(z.float()) for z in (y_hat, y))
        shifts = ((0, 1), (1, 0), (1, 1), (1, -1))
        distances = [
            nnf.l1_loss(_rms_difference(a, shift, block_size), _rms_difference(b, shift, block_size))
            for shift in shifts
        ]
        return sum(distances[1:], distances[0]) / len(distances)


def _rms_difference(x: Tensor, shift: tuple[int, int], block_size: int) -> Tensor:
    """Root mean square difference of pixels that are shift (down, right) apart, over half overlapping blocks."""
    squares = (x - x.roll(shift, (2, 3)))[..., 1:-1, 1:-1] ** 2
    return (nnf.avg_pool2d(squares, block_size, block_size // 2) + 1e-6).sqrt()


def _squared_gradient(x: Tensor) -> Tensor:
    """Squared magnitude of Scharr's gradient of the gray image: B x 1 x H - 2 x W - 2."""
    return _squared_derivative(luma(x)) + _squared_derivative(luma(x).transpose(2, 3)).transpose(2, 3)


def _squared_derivative(x: Tensor) -> Tensor:
    """Square of Scharr's derivative along the width."""
    x = x[..., 2:] - x[..., :-2]
    return ((3 * x[..., :-2, :] + 10 * x[..., 1:-1, :] + 3 * x[..., 2:, :]) / 16) ** 2


def _blur(x: Tensor) -> Tensor:
    """Gaussian mean of B x 1 x H x W, sigma 1.5, 11 taps, no padding, as a product with band matrices on both sides."""
    rows, columns = (_gaussian_band(side, x.device) for side in x.shape[-2:])
    return rows @ x @ columns.T


@lru_cache(maxsize=8)
def _gaussian_band(side: int, device: torch.device) -> Tensor:
    taps = torch.exp(-((torch.arange(11, device=device) - 5.0) ** 2) / (2 * 1.5**2))
    return torch.stack([nnf.pad(taps / taps.sum(), (i, side - 11 - i)) for i in range(side - 10)])

"""Augmentation of whole batches: geometry shared by stacked channels, photometry of the photo alone.

Random numbers come from torch's default CPU generator, which the trainer seeds at every step.
"""

from __future__ import annotations

import io

import numpy as np
import torch
import torch.nn.functional as nnf
from PIL import Image, ImageFilter
from torch import Tensor

from facesketch.face.template import ASPECT
from facesketch.image.pixels import to_image, to_tensor

from ..config import Augmentation

GRAY_PROBABILITY = 0.125  # of color_jitter: some photos at inference are gray
MAX_BLUR = 2.5  # standard deviation in pixels, of degrade
MAX_NOISE = 0.08  # standard deviation, of degrade, for values in [-1, 1]
JPEG_QUALITY = (15, 65)  # lowest, and range above it, of degrade
LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


def luma(x: Tensor) -> Tensor:
    """The weighted mean of RGB channels: B x 3 x H x W -> B x 1 x H x W, in the same range."""
    return (x * x.new_tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)


def augment_geometry(z: Tensor, augmentation: Augmentation, side: int) -> Tensor:
    """Rotate, scale, translate and mirror every image of B x C x S x S at random, all channels alike, and crop it.

    The squares are the template's pictures, squeezed, and are turned as if they had its proportions. Border pixels are
    repeated outside of the image. Returns B x C x side x side.
    """
    a, count, size = augmentation, z.shape[0], z.shape[-1]
    angle, zoom, dx, dy = (torch.rand(4, count) * 2 - 1) * torch.tensor(
        [[a.rotate * torch.pi / 180], [a.scale], [2 * a.translate / size], [2 * a.translate / size]]
    )
    scale = 1 + zoom
    mirror = torch.where(torch.rand(count) < 0.5, -1.0, 1.0) if a.hflip else torch.ones(count)
    if a.rotate or a.scale or a.translate:
        cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
        # In coordinates from -1 to 1 a vertical step is ASPECT times as long as a horizontal one.
        rows = [cos * mirror, -sin * ASPECT, dx], [sin * mirror / ASPECT, cos, dy]
        theta = torch.stack([torch.stack(row, 1) for row in rows], 1)
        grid = nnf.affine_grid(theta.to(z.device), list(z.shape), align_corners=False)
        z = nnf.grid_sample(z, grid, padding_mode="border", align_corners=False)
    elif a.hflip:
        z = torch.where(mirror.to(z.device).view(-1, 1, 1, 1) < 0, z.flip(-1), z)
    if side < size:
        corners = torch.randint(size - side + 1, (2, count)).T.tolist()
        z = torch.stack([image[:, t : t + side, u : u + side] for image, (t, u) in zip(z, corners, strict=True)])
    return z


def color_jitter(x: Tensor, strength: float) -> Tensor:
    """Change brightness, contrast, gamma and color of every photo at random, each by at most strength (relative).

    x: B x 3 x H x W in [-1, 1]; returns the same. Some photos become gray (GRAY_PROBABILITY).
    """
    if not strength:
        return x
    gain, gamma, lift, color = (1 + (torch.rand(4, x.shape[0], 1, 1, 1, device="cpu") * 2 - 1) * strength).to(x.device)
    tint = 1 + (torch.rand(x.shape[0], 3, 1, 1) * 2 - 1).to(x.device) * strength / 2
    is_gray = torch.rand(x.shape[0], 1, 1, 1).to(x.device) < GRAY_PROBABILITY
    color = torch.where(is_gray, torch.zeros_like(color), color)
    unit = x.add(1).div_(2).clamp_(1e-4, 1).pow_(gamma).mul_(gain * tint).add_((lift - 1) / 4)
    return torch.lerp(luma(unit), unit, color).clamp_(0, 1).mul_(2).sub_(1)


def directional_light(x: Tensor, strength: float) -> Tensor:
    """Darken or brighten every photo at random, with light from one side and a tint.

    x: B x 3 x H x W in [-1, 1]; returns the same. Gamma is 1 / (1 + strength) to 1 + strength; light comes from any
    direction, and at strength 1 it doubles one side and halves the other.
    """
    if not strength:
        return x
    count, log_range = len(x), float(np.log1p(strength))
    gamma = ((torch.rand(count, 1, 1, 1) * 2 - 1) * log_range).exp().to(x.device)
    angle, slope = torch.rand(count, 1, 1, 1) * 2 * torch.pi, torch.rand(count, 1, 1, 1) ** 2 * log_range
    rows, columns = (
        torch.linspace(-1, 1, side).view(shape) for side, shape in zip(x.shape[2:], ((-1, 1), (1, -1)), strict=True)
    )
    light = ((torch.cos(angle) * columns + torch.sin(angle) * rows) * slope).exp().to(x.device)
    tint = (1 + (torch.rand(count, 3, 1, 1) * 2 - 1) * 0.2 * strength).to(x.device)
    return x.add(1).div(2).clamp(1e-4, 1).pow(gamma).mul(light * tint).clamp(0, 1).mul(2).sub(1)


def degrade(x: Tensor, probability: float) -> Tensor:
    """Blur, add noise to and compress (JPEG) photos at random, as images from the web are.

    x: B x 3 x H x W in [-1, 1]; returns the same.
    """
    if not probability:
        return x
    degraded = []
    for image, chance, blur, noise, quality in zip(x, *torch.rand(4, len(x)).tolist(), strict=True):
        grain = torch.randn(image.shape) * MAX_NOISE * noise**2
        if chance < probability:
            picture = to_image(image.cpu() + grain).filter(ImageFilter.GaussianBlur(MAX_BLUR * blur**2))
            buffer = io.BytesIO()
            picture.save(buffer, "JPEG", quality=JPEG_QUALITY[0] + int(JPEG_QUALITY[1] * quality))
            image = to_tensor(Image.open(buffer)).to(x.device)
        degraded.append(image)
    return torch.stack(degraded)

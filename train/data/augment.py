"""Augmentation of whole batches on the device: geometry shared by what is stacked, photometry on the photo alone."""

from __future__ import annotations

import io

import numpy as np
import torch
import torch.nn.functional as nnf
from PIL import Image, ImageFilter
from torch import Tensor

from facesketch.images import to_image, to_tensor

from ..config import Config


def augment(z: Tensor, config: Config, side: int) -> Tensor:
    """Turn, zoom, shift, mirror and crop every picture of B x C x S x S its own way, all channels alike.

    The border is stretched outward where the picture ends. Draws from torch's default generator on the CPU.
    """
    count, size = z.shape[0], z.shape[-1]
    angle, zoom, dx, dy = (torch.rand(4, count) * 2 - 1) * torch.tensor(
        [[config.turn * torch.pi / 180], [config.zoom], [2 * config.shift / size], [2 * config.shift / size]]
    )
    scale = 1 + zoom
    mirror = torch.where(torch.rand(count) < 0.5, -1.0, 1.0) if config.mirror else torch.ones(count)
    if config.turn or config.zoom or config.shift:
        cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
        theta = torch.stack([torch.stack([cos * mirror, -sin, dx], 1), torch.stack([sin * mirror, cos, dy], 1)], 1)
        grid = nnf.affine_grid(theta.to(z.device), list(z.shape), align_corners=False)
        z = nnf.grid_sample(z, grid, padding_mode="border", align_corners=False)
    elif config.mirror:
        z = torch.where(mirror.to(z.device).view(-1, 1, 1, 1) < 0, z.flip(-1), z)
    if side < size:
        corners = torch.randint(size - side + 1, (2, count)).T.tolist()
        z = torch.stack([image[:, t : t + side, u : u + side] for image, (t, u) in zip(z, corners, strict=True)])
    return z


def color_jitter(x: Tensor, strength: float) -> Tensor:
    """Change brightness, contrast, gamma and colour of every photo its own way, each by at most the share strength.

    B x 3 x H x W in [-1, 1] in and out. One photo in eight becomes gray.
    """
    if not strength:
        return x
    gain, gamma, lift, colour = (1 + (torch.rand(4, x.shape[0], 1, 1, 1, device="cpu") * 2 - 1) * strength).to(x.device)
    tint = 1 + (torch.rand(x.shape[0], 3, 1, 1) * 2 - 1).to(x.device) * strength / 2
    colour = torch.where(torch.rand(x.shape[0], 1, 1, 1).to(x.device) < 0.125, torch.zeros_like(colour), colour)
    unit = x.add(1).div_(2).clamp_(1e-4, 1).pow_(gamma).mul_(gain * tint).add_((lift - 1) / 4)
    luma = (unit * unit.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    return torch.lerp(luma, unit, colour).clamp_(0, 1).mul_(2).sub_(1)


def side_light(x: Tensor, strength: float) -> Tensor:
    """Photos as in the dark or the sun: a gamma from 1 / (1 + strength) to 1 + strength, a slope of light, a tint.

    B x 3 x H x W in [-1, 1] in and out. The slope goes any way; at strength 1 it doubles one side and halves the other.
    """
    if not strength:
        return x
    count, reach = len(x), float(np.log1p(strength))
    gamma = ((torch.rand(count, 1, 1, 1) * 2 - 1) * reach).exp().to(x.device)
    angle, steep = torch.rand(count, 1, 1, 1) * 2 * torch.pi, torch.rand(count, 1, 1, 1) ** 2 * reach
    down, across = (
        torch.linspace(-1, 1, side).view(shape) for side, shape in zip(x.shape[2:], ((-1, 1), (1, -1)), strict=True)
    )
    slope = ((torch.cos(angle) * across + torch.sin(angle) * down) * steep).exp().to(x.device)
    tint = (1 + (torch.rand(count, 3, 1, 1) * 2 - 1) * 0.2 * strength).to(x.device)
    return x.add(1).div(2).clamp(1e-4, 1).pow(gamma).mul(slope * tint).clamp(0, 1).mul(2).sub(1)


def degrade(x: Tensor, share: float) -> Tensor:
    """That share of the photos as the web has them: blurred, noisy, and compressed by JPEG at a quality of 15 to 80.

    B x 3 x H x W in [-1, 1] in and out.
    """
    if not share:
        return x
    worn = []
    for image, chosen, blur, noise, quality in zip(x, *torch.rand(4, len(x)).tolist(), strict=True):
        grain = torch.randn(image.shape) * 0.08 * noise**2
        if chosen < share:
            picture = to_image(image.cpu() + grain).filter(ImageFilter.GaussianBlur(2.5 * blur**2))
            buffer = io.BytesIO()
            picture.save(buffer, "JPEG", quality=15 + int(65 * quality))
            image = to_tensor(Image.open(buffer)).to(x.device)
        worn.append(image)
    return torch.stack(worn)

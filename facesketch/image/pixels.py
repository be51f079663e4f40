"""PIL images to tensors and arrays of floats, and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as nnf
from PIL import Image
from torch import Tensor


def resize(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The one resize of training, evaluation and inference: bicubic, antialiased. size is (width, height)."""
    return image if image.size == size else image.resize(size, Image.Resampling.BICUBIC)


def to_uint8(image: Image.Image) -> Tensor:
    """RGB image to a uint8 tensor, 3 x H x W, 0 to 255."""
    return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1).contiguous()


def normalize(pixels: Tensor) -> Tensor:
    """uint8 pixels of any shape to float32 in [-1, 1]."""
    return pixels.float() / 127.5 - 1


def to_tensor(image: Image.Image) -> Tensor:
    """RGB image to float32, 3 x H x W, in [-1, 1]."""
    return normalize(to_uint8(image))


def to_image(x: Tensor) -> Image.Image:
    """float tensor, 3 x H x W, in [-1, 1] (clamped) to an RGB image."""
    pixels = ((x.detach().float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return Image.fromarray(pixels.permute(1, 2, 0).cpu().numpy())


def style_maps(indices: Sequence[int], n_styles: int, side: int) -> Tensor:
    """One-hot planes for the style of each picture, on the CPU: B x n_styles x side x side, 0 or 1."""
    planes = nnf.one_hot(torch.tensor(indices, device="cpu"), n_styles).float()
    return planes[:, :, None, None].expand(-1, -1, side, side)


def luma(image: Image.Image) -> np.ndarray:
    """Luma (ITU-R BT.601) as float32, H x W, in [0, 1]."""
    return np.asarray(image.convert("L"), np.float32) / 255


def from_luma(values: np.ndarray) -> Image.Image:
    """float32, H x W, in [0, 1] to an image of mode L."""
    return Image.fromarray((values * 255 + 0.5).astype(np.uint8))

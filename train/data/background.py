"""What stands behind a person in a photo, and something else in its place: a model is to draw the person alone."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as nnf
from PIL import Image, ImageFilter
from scipy import ndimage
from skimage.color import rgb2lab
from torch import Tensor

from .scans import wedges_with_edge

RIM, NEAR, LIGHTNESS = 3, 16.0, 0.7  # pixels; distance in CIELAB that is one tone yet, lightness counting less


def background_mask(photo: Image.Image) -> Image.Image:
    """Where a photo before a plain ground, of 200 x 250 pixels or so, shows that ground: 255 in a picture of mode L.

    It is what has the tone of the rim of the upper half (its median), black bars aside, and hangs together with it.
    """
    lab = rgb2lab(np.asarray(photo.filter(ImageFilter.GaussianBlur(1))))
    outer = np.ones(lab.shape[:2], bool)
    outer[RIM:, RIM:-RIM] = outer[len(outer) // 2 :] = False
    bars = wedges_with_edge(photo)
    rim = ndimage.binary_dilation(bars, iterations=RIM) | outer
    rim &= ~bars
    if not rim.any():
        return Image.new("L", photo.size)
    distance = np.linalg.norm((lab - np.median(lab[rim], axis=0)) * [LIGHTNESS, 1, 1], axis=-1)
    parts, _ = ndimage.label(distance < NEAR)
    at_rim = [part for part in np.unique(parts[rim]) if part]
    return Image.fromarray(255 * ndimage.binary_opening(np.isin(parts, at_rim)).astype(np.uint8))


def remove_person(photo: Image.Image, matte: Image.Image) -> Image.Image:
    """A photo without its person, whose place is filled with what is nearest behind; gray where nothing is."""
    behind = np.asarray(matte.convert("L")) < 8
    if not behind.any():
        return Image.new("RGB", photo.size, "gray")
    rows, columns = ndimage.distance_transform_edt(~behind, return_distances=False, return_indices=True)
    return Image.fromarray(np.asarray(photo)[rows, columns])


def replace_background(x: Tensor, mask: Tensor, share: float, scenes: Tensor | None = None) -> Tensor:
    """Photos, that share of them with something else for a ground: one tone, a slope, blots or squares of any colours.

    x: B x 3 x S x S in [-1, 1]; mask: B x 1 x S x S, the same, 1 where the ground is. Half of the new grounds are taken
    from scenes, B x 3 x S x S, where they are given. Draws from torch's default generator on the CPU.
    """
    count, size = len(x), x.shape[-1]
    cells = 2 ** int(torch.randint(8, ()))
    mode = "bilinear" if torch.rand(()) < 0.5 else "nearest"
    tone, strength, chosen = torch.rand(count, 3, 1, 1) * 2 - 1, torch.rand(count, 1, 1, 1), torch.rand(count, 1, 1, 1)
    blots = (tone + (torch.rand(count, 3, cells, cells) * 2 - 1) * strength).clamp_(-1, 1).to(x.device)
    new = nnf.interpolate(blots, (size, size), mode=mode)
    if scenes is not None:
        new = torch.where((torch.rand(count, 1, 1, 1) < 0.5).to(x.device), scenes, new)
    return torch.lerp(x, new, (mask + 1) / 2 * (chosen < share).to(x))

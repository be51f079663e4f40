"""The background of photos: find it, and replace it, so that a model learns to draw the person alone."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as nnf
from PIL import Image, ImageFilter
from scipy import ndimage
from skimage.color import rgb2lab
from torch import Tensor

from .scans import scan_border_and_edge

# Tuned for photos of about 200 x 250 pixels.
RIM = 3  # pixels at the border whose median is the background's color
MAX_DISTANCE = 16.0  # CIELAB distance up to which a pixel has the background's color
LIGHTNESS_WEIGHT = 0.7  # of L in that distance: a studio background darkens towards its corners
EMPTY_MATTE = 8  # of 255, below which a matte's pixel is background


def background_mask(photo: Image.Image) -> Image.Image:
    """Where a photo with a plain background shows it: mode L, 255 there and 0 elsewhere.

    The background is what has the median color of the rim of the photo's upper half and is connected to the rim; black
    scan borders are ignored. Meant for photos of about 200 x 250 pixels.
    """
    lab = rgb2lab(np.asarray(photo.filter(ImageFilter.GaussianBlur(1))))
    outer = np.ones(lab.shape[:2], bool)
    outer[RIM:, RIM:-RIM] = outer[len(outer) // 2 :] = False
    borders = scan_border_and_edge(photo)
    rim = ndimage.binary_dilation(borders, iterations=RIM) | outer
    rim &= ~borders
    if not rim.any():
        return Image.new("L", photo.size)
    distance = np.linalg.norm((lab - np.median(lab[rim], axis=0)) * [LIGHTNESS_WEIGHT, 1, 1], axis=-1)
    components, _ = ndimage.label(distance < MAX_DISTANCE)
    at_rim = [component for component in np.unique(components[rim]) if component]
    return Image.fromarray(255 * ndimage.binary_opening(np.isin(components, at_rim)).astype(np.uint8))


def remove_person(photo: Image.Image, matte: Image.Image) -> Image.Image:
    """A photo's background, continued over the person from the nearest background pixel; gray if the matte is full."""
    background = np.asarray(matte.convert("L")) < EMPTY_MATTE
    if not background.any():
        return Image.new("RGB", photo.size, "gray")
    rows, columns = ndimage.distance_transform_edt(~background, return_distances=False, return_indices=True)
    return Image.fromarray(np.asarray(photo)[rows, columns])


def replace_background(x: Tensor, mask: Tensor, probability: float, backgrounds: Tensor | None = None) -> Tensor:
    """Give photos another background at random: one color, a gradient, or smooth or square blobs of any colors.

    x: B x 3 x S x S in [-1, 1]; mask: B x 1 x S x S in [-1, 1], 1 where the background is. Half of the new backgrounds
    are taken from backgrounds, B x 3 x S x S, if given. Random numbers come from torch's default CPU generator.
    """
    count, size = len(x), x.shape[-1]
    cells = 2 ** int(torch.randint(8, ()))
    mode = "bilinear" if torch.rand(()) < 0.5 else "nearest"
    color, strength = torch.rand(count, 3, 1, 1) * 2 - 1, torch.rand(count, 1, 1, 1)
    chosen = (torch.rand(count, 1, 1, 1) < probability).to(x)
    blobs = (color + (torch.rand(count, 3, cells, cells) * 2 - 1) * strength).clamp_(-1, 1).to(x.device)
    background = nnf.interpolate(blobs, (size, size), mode=mode)
    if backgrounds is not None:
        background = torch.where((torch.rand(count, 1, 1, 1) < 0.5).to(x.device), backgrounds, background)
    return torch.lerp(x, background, (mask + 1) / 2 * chosen)

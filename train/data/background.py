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
BLOCK = 16  # side in pixels of the blocks whose means estimate the colors of persons and backgrounds
MAX_CAMOUFLAGE = 0.85  # of the way to the tone
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
    """Give photos another background at random: one color, a gradient, stripes, smooth or square blobs of any colors.

    x: B x 3 x S x S in [-1, 1]; mask: B x 1 x S x S in [-1, 1], 1 where the background is. Half of the new backgrounds
    are taken from backgrounds, B x 3 x S x S, if given. Random numbers come from torch's default CPU generator.
    """
    count, size = len(x), x.shape[-1]
    rows, columns = (2**power for power in torch.randint(8, (2,)).tolist())
    rows = columns if torch.rand(()) < 0.5 else rows
    mode = "bilinear" if torch.rand(()) < 0.5 else "nearest"
    color, strength = torch.rand(count, 3, 1, 1) * 2 - 1, torch.rand(count, 1, 1, 1)
    chosen = (torch.rand(count, 1, 1, 1) < probability).to(x.device)
    blobs = (color + (torch.rand(count, 3, rows, columns) * 2 - 1) * strength).clamp_(-1, 1).to(x.device)
    background = nnf.interpolate(blobs, (size, size), mode=mode)
    if backgrounds is not None:
        background = torch.where((torch.rand(count, 1, 1, 1) < 0.5).to(x.device), backgrounds, background)
    return torch.where(chosen, composite(x, mask, background), x)


def composite(x: Tensor, mask: Tensor, background: Tensor) -> Tensor:
    """Put the persons of photos x in front of a background. All B x C x S x S in [-1, 1]; mask as above.

    Where the mask is fractional, as on strands of hair, the old background is taken out of the color first:
    "Approximate Fast Foreground Colour Estimation" (Forte 2021), with means over blocks of pixels for its blur.
    """
    outside = (mask + 1) / 2
    inside = 1 - outside

    def mean_nearby(weight: Tensor) -> Tensor:
        size = x.shape[-1]
        sums = nnf.interpolate(torch.cat([x * weight, weight], 1), (-(-size // BLOCK),) * 2, mode="area")
        sums = nnf.interpolate(sums, (size, size), mode="bilinear")
        return sums[:, :3] / sums[:, 3:].clamp(min=1e-4)

    person, old = mean_nearby(inside), mean_nearby(outside)
    person = (person + inside * (x - inside * person - outside * old)).clamp(-1, 1)
    return torch.lerp(torch.where(outside > 0, person, x), background, outside)


def add_other_person(backgrounds: Tensor, x: Tensor, mask: Tensor, probability: float) -> Tensor:
    """Put the person of the batch's next photo beside the center of some backgrounds, at 0.5 to 1.1 times the size.

    backgrounds, x: B x 3 x S x S; mask: B x 1 x S x S, 1 where x has its background; all in [-1, 1]. Nobody's lower
    edge is above the image's.
    """
    count = len(x)
    chosen = torch.rand(count) < probability
    scale = 0.5 + 0.6 * torch.rand(count)
    across = (0.35 + 0.85 * torch.rand(count)) * torch.where(torch.rand(count) < 0.5, -1.0, 1.0)
    down = 1 - scale + 0.4 * torch.rand(count)
    zero = torch.zeros(count)
    rows = [torch.stack([1 / scale, zero, -across / scale], 1), torch.stack([zero, 1 / scale, -down / scale], 1)]
    grid = nnf.affine_grid(torch.stack(rows, 1).to(x.device), list(x.shape), align_corners=False)
    other = torch.cat([x, mask], 1).roll(1, 0)
    other = nnf.grid_sample(other, grid, padding_mode="border", align_corners=False)
    with_other = composite(other[:, :3], other[:, 3:], backgrounds)
    return torch.where(chosen.view(-1, 1, 1, 1).to(x.device), with_other, backgrounds)


def camouflage(x: Tensor, mask: Tensor, probability: float) -> Tensor:
    """Bring random parts of some persons, and their backgrounds, closer to one tone: a white cap on a white wall.

    x: B x 3 x S x S in [-1, 1]; mask: B x 1 x S x S in [-1, 1], 1 where the background is. Two tones in three are
    light.
    """
    if not probability:
        return x
    count, size = len(x), x.shape[-1]
    chosen, is_light, tone, amount = torch.rand(4, count, 1, 1, 1)
    tone = torch.where(is_light < 2 / 3, 1 - 0.3 * tone, -1 + 0.5 * tone).to(x.device)
    parts = nnf.interpolate(torch.rand(count, 1, 5, 5), (size, size), mode="bicubic")
    parts = (4 * (parts - 0.5)).clamp(0, MAX_CAMOUFLAGE).to(x.device)
    weight = torch.lerp(parts, MAX_CAMOUFLAGE * amount.to(x.device), (mask + 1) / 2)
    return torch.lerp(x, tone, weight * (chosen < probability).to(x.device))

"""How near one picture is to another. Pictures are compared in gray, at the size they have."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from PIL import Image
from skimage.metrics import structural_similarity

BLOCKS, LEVELS = 4, 6  # of Scoot: blocks along a side, gray levels


def gray(image: Image.Image) -> np.ndarray:
    """Luma (ITU-R 601) as float64, H x W, 0 to 255."""
    return np.asarray(image.convert("L"), dtype=np.float64)


def _pair(a: Image.Image, b: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    if a.size != b.size:
        raise ValueError(f"The pictures differ in size: {a.width} x {a.height} and {b.width} x {b.height}.")
    return gray(a), gray(b)


def ssim_map(a: Image.Image, b: Image.Image) -> tuple[float, np.ndarray]:
    """Structural similarity (Wang et al. 2004) as (mean, map), the map H x W, values -1 to 1.

    Gaussian window with sigma 1.5, biased covariances, L = 255: the settings of the original paper and of most
    published face-sketch tables. The mean leaves out a border of 5 pixels, where the window would leave the picture.
    Raises ValueError where the sizes differ or a side is under 11 pixels.
    """
    score, local = structural_similarity(
        *_pair(a, b), data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True
    )
    return float(score), local


def ssim(a: Image.Image, b: Image.Image) -> float:
    """The mean of ssim_map."""
    return ssim_map(a, b)[0]


def mae(a: Image.Image, b: Image.Image) -> float:
    """Mean absolute difference of the gray pictures, as a share of full range: 0 to 1 (the deck's Eq. 1)."""
    first, second = _pair(a, b)
    return float(np.abs(first - second).mean() / 255)


def iou(a: Image.Image, b: Image.Image) -> float:
    """Intersection over union of what is at least half white in each, 0 to 1; 1 where there is none in either."""
    first, second = (z > 127.5 for z in _pair(a, b))
    return float((first & second).sum() / max(1, (first | second).sum())) if (first | second).any() else 1.0


def scoot(a: Image.Image, b: Image.Image) -> float:
    """Structure co-occurrence texture of the gray pictures, 0 to 1 (Fan et al., ICCV 2019): strokes, block by block.

    1 / (1 + d), d the Euclidean distance of what _texture says of either. A blurred sketch, which SSIM forgives, has
    lost its texture; a line that is a pixel off has not. Raises ValueError where the sizes differ or a side is under
    8 pixels.
    """
    first, second = _pair(a, b)
    if min(first.shape) < 2 * BLOCKS:
        raise ValueError(f"Each side must have at least {2 * BLOCKS} pixels for Scoot.")
    return float(1 / (1 + np.linalg.norm(_texture(first) - _texture(second))))


def _texture(pixels: np.ndarray) -> np.ndarray:
    """Contrast and energy of 4 x 4 blocks: 16 x 2 floats, of gray pixels H x W, 0 to 255.

    As in the authors' program: 6 levels over 0 to 255, and for each block the share of each two levels among pixels and
    their neighbours on the right, above, and above on either side, all four counted together. It rounds their mean
    counts, which moves Scoot by less than 0.001 and is left out here.
    """
    levels = np.minimum(pixels * LEVELS // 255, LEVELS - 1).astype(np.intp)
    apart = np.subtract.outer(np.arange(LEVELS), np.arange(LEVELS)) ** 2
    found = []
    for rows in _cuts(levels.shape[0]):
        for columns in _cuts(levels.shape[1]):
            q = levels[rows, columns]
            here, there = (q[:, :-1], q[1:, :-1], q[1:], q[1:, 1:]), (q[:, 1:], q[:-1, 1:], q[:-1], q[:-1, :-1])
            codes = [(x * LEVELS + y).ravel() for x, y in zip(here, there, strict=True)]
            share = np.bincount(np.concatenate(codes), minlength=LEVELS**2).reshape(LEVELS, LEVELS)
            share = share / share.sum()
            found.append(((apart * share).sum(), (share**2).sum()))
    return np.array(found)


def _cuts(length: int) -> list[slice]:
    """A side in BLOCKS parts."""
    ends = [length * i // BLOCKS for i in range(BLOCKS + 1)]
    return [slice(*pair) for pair in pairwise(ends)]

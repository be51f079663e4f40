"""Similarity metrics of two pictures, compared in gray at their own size."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from PIL import Image
from skimage.metrics import structural_similarity

SCOOT_BLOCKS, SCOOT_LEVELS = 4, 6  # blocks along a side, gray levels


def gray(image: Image.Image) -> np.ndarray:
    """Luma (ITU-R BT.601) as float64, H x W, 0 to 255."""
    return np.asarray(image.convert("L"), dtype=np.float64)


def _pair(a: Image.Image, b: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    if a.size != b.size:
        raise ValueError(f"The pictures differ in size: {a.width} x {a.height} and {b.width} x {b.height}.")
    return gray(a), gray(b)


def ssim_map(a: Image.Image, b: Image.Image) -> tuple[float, np.ndarray]:
    """Structural similarity (Wang et al. 2004) as (mean, map), the map H x W, values -1 to 1.

    Gaussian window with sigma 1.5, biased covariances, L = 255: the settings of the original paper and of most
    published face-sketch tables. The mean leaves out a border of 5 pixels, where the window does not fit.
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
    """Mean absolute error of the gray pictures, as a share of the full range: 0 to 1 (the course deck's Eq. 1)."""
    first, second = _pair(a, b)
    return float(np.abs(first - second).mean() / 255)


def iou(a: Image.Image, b: Image.Image) -> float:
    """Intersection over union of the pixels above half white, 0 to 1; 1 where neither has any."""
    first, second = (z > 127.5 for z in _pair(a, b))
    return float((first & second).sum() / max(1, (first | second).sum())) if (first | second).any() else 1.0


def scoot(a: Image.Image, b: Image.Image) -> float:
    """Structure co-occurrence texture of the gray pictures, 0 to 1 (Fan et al., ICCV 2019).

    1 / (1 + d), with d the Euclidean distance between the pictures' texture features. Unlike SSIM it punishes blur, and
    tolerates lines that are a pixel off. Raises ValueError where the sizes differ or a side is under 8 pixels.
    """
    first, second = _pair(a, b)
    if min(first.shape) < 2 * SCOOT_BLOCKS:
        raise ValueError(f"Each side must have at least {2 * SCOOT_BLOCKS} pixels for Scoot.")
    return float(1 / (1 + np.linalg.norm(_texture(first) - _texture(second))))


def _texture(pixels: np.ndarray) -> np.ndarray:
    """Contrast and energy of the co-occurrence matrices of 4 x 4 blocks: 16 x 2 floats, of gray pixels H x W, 0 to 255.

    As in the authors' program: 6 levels over 0 to 255, and one matrix per block over the neighbors on the right, above,
    and above on either side. It rounds mean counts, which changes Scoot by less than 0.001 and is left out here.
    """
    levels = np.minimum(pixels * SCOOT_LEVELS // 255, SCOOT_LEVELS - 1).astype(np.intp)
    apart = np.subtract.outer(np.arange(SCOOT_LEVELS), np.arange(SCOOT_LEVELS)) ** 2
    found = []
    for rows in _block_slices(levels.shape[0]):
        for columns in _block_slices(levels.shape[1]):
            q = levels[rows, columns]
            here, there = (q[:, :-1], q[1:, :-1], q[1:], q[1:, 1:]), (q[:, 1:], q[:-1, 1:], q[:-1], q[:-1, :-1])
            codes = [(x * SCOOT_LEVELS + y).ravel() for x, y in zip(here, there, strict=True)]
            share = np.bincount(np.concatenate(codes), minlength=SCOOT_LEVELS**2).reshape(SCOOT_LEVELS, SCOOT_LEVELS)
            share = share / share.sum()
            found.append(((apart * share).sum(), (share**2).sum()))
    return np.array(found)


def _block_slices(length: int) -> list[slice]:
    """A side in SCOOT_BLOCKS slices."""
    ends = [length * i // SCOOT_BLOCKS for i in range(SCOOT_BLOCKS + 1)]
    return [slice(*pair) for pair in pairwise(ends)]

"""How near one picture is to another. Pictures are compared in gray, at the size they have."""

from __future__ import annotations

import numpy as np
from PIL import Image
from skimage.metrics import structural_similarity


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

"""Warping pixels by an affine transform, and blending them to white."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from .affine import compose, invert, scaling, transform_points

WHITE = (255, 255, 255)  # the background of two in three training photos and of every sketch


def warp(
    image: Image.Image,
    matrix: np.ndarray,
    size: tuple[int, int],
    fill: tuple[int, int, int] | None = WHITE,
    mode: str = "RGB",
) -> np.ndarray:
    """The picture under a transform: uint8, height x width (x bands of mode).

    Outside the picture is fill, or for None the nearest border pixel. Only the part that is visible is converted, and
    it is averaged first where it shrinks, to avoid aliasing.
    """
    corners = transform_points(np.array([[0, 0], [size[0], 0], [0, size[1]], size], float), invert(matrix))
    factor = max(1, int(1 / np.hypot(*matrix[:, 0])))
    x0, y0 = np.clip(np.floor(corners.min(0)) - 4 * factor, 0, np.array(image.size) - 1).astype(int).tolist()
    x1, y1 = np.clip(np.ceil(corners.max(0)) + 4 * factor, [x0 + 1, y0 + 1], image.size).astype(int).tolist()
    part = _crop(image, (x0, y0, x1, y1), mode, factor)
    from_part = compose(np.array([[1.0, 0, x0], [0, 1, y0]]), scaling(factor))
    to_crop = compose(matrix, from_part)
    if fill is None:
        return cv2.warpAffine(np.asarray(part), to_crop, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return cv2.warpAffine(np.asarray(part), to_crop, size, flags=cv2.INTER_CUBIC, borderValue=fill)


def _crop(image: Image.Image, box: tuple[int, int, int, int], mode: str, factor: int) -> Image.Image:
    """The pixels in a box, in mode and averaged over factor x factor, without copying a large picture first."""
    part = image.reduce(factor, box) if factor > 1 else image.crop(box)
    return part if part.mode == mode else part.convert(mode)


def pixel_grid(width: int, height: int) -> np.ndarray:
    """The coordinates of each pixel: float32, height x width x 2."""
    return np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1).astype(np.float32)


def blend_to_white(pixels: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """uint8 pixels, H x W or H x W x 3, that become white where weight (float32, H x W) is 0 and stay where it is 1."""
    kept = cv2.convertScaleAbs(np.clip(weight, 0, 1), alpha=255)
    kept = kept if pixels.ndim == 2 else cv2.merge([kept] * 3)
    return cv2.bitwise_not(cv2.multiply(cv2.bitwise_not(pixels), kept, scale=1 / 255))


def smoothstep(x: np.ndarray) -> np.ndarray:
    """3x^2 - 2x^3 for x clamped to [0, 1]."""
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)

"""Pixels under a matrix."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from .geometry import compose, inverse, move, scaling

GROUND = (255, 255, 255)  # two of three photos that the models train on stand before white, and every drawing does


def warp(
    image: Image.Image, matrix: np.ndarray, size: tuple[int, int], ground: tuple | None = GROUND, mode: str = "RGB"
) -> np.ndarray:
    """The picture under matrix, height x width x bands of mode, uint8; None as ground stretches its border outward.

    Only the part that is seen is touched, and it is averaged first where it shrinks, so nothing is aliased.
    """
    corners = move(np.array([[0, 0], [size[0], 0], [0, size[1]], size], float), inverse(matrix))
    shrink = max(1, int(1 / np.hypot(*matrix[:, 0])))
    x0, y0 = np.clip(np.floor(corners.min(0)) - 4 * shrink, 0, np.array(image.size) - 1).astype(int)
    x1, y1 = np.clip(np.ceil(corners.max(0)) + 4 * shrink, [x0 + 1, y0 + 1], image.size).astype(int)
    part = _part(image, (x0, y0, x1, y1), mode, shrink)
    from_part = compose(np.array([[1.0, 0, x0], [0, 1, y0]]), scaling(shrink))
    border = {"borderMode": cv2.BORDER_REPLICATE} if ground is None else {"borderValue": ground}
    return cv2.warpAffine(np.asarray(part), compose(matrix, from_part), size, flags=cv2.INTER_CUBIC, **border)


def _part(image: Image.Image, box: tuple[int, int, int, int], mode: str, shrink: int) -> Image.Image:
    """What is in the box, in mode and averaged, without a copy of a part that may be the whole of a large picture."""
    part = image.reduce(shrink, box) if shrink > 1 else image.crop(box)
    return part if part.mode == mode else part.convert(mode)


def grid(x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    """The pixels of a rectangle, rows x columns x 2."""
    return np.stack(np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)), -1).astype(np.float32)


def fade(pixels: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """uint8 pixels, H x W or H x W x 3, that are white where weight, float32, H x W, is 0, and stay where it is 1."""
    kept = cv2.convertScaleAbs(np.clip(weight, 0, 1), alpha=255)
    kept = kept if pixels.ndim == 2 else cv2.merge([kept] * 3)
    return cv2.bitwise_not(cv2.multiply(cv2.bitwise_not(pixels), kept, scale=1 / 255))


def smooth(x: np.ndarray) -> np.ndarray:
    """0 up to 0, 1 from 1, and no kink between."""
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)

"""The paper of a drawing that was photographed, brought to white."""

from __future__ import annotations

import cv2
import numpy as np


def level(pixels: np.ndarray) -> np.ndarray:
    """A photographed drawing in gray, its paper brought to white however the light falls on it; uint8 in and out.

    The light is a quadratic surface under logarithms, fitted to the brightness of 10 x 10 fields, and again to those
    that are not much darker than the fit before, so that hair and shading do not count as dim paper.
    """
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    fields = [[np.percentile(f, 90) for f in np.array_split(row, 10, 1)] for row in np.array_split(gray, 10)]
    bright = np.log(np.maximum(fields, 8)).ravel()
    known = surface(10, 10)
    paper = bright > np.percentile(bright, 40)
    for _ in range(4):
        light = np.linalg.lstsq(known[paper], bright[paper], rcond=None)[0]
        nearer = bright > known @ light - 0.08
        if nearer.sum() < 20:
            break
        paper = nearer
    light = np.exp(surface(*gray.shape) @ light).reshape(gray.shape)
    white = np.clip(gray * (255 / np.clip(light, 8, 255)), 0, 255).astype(np.uint8)
    return cv2.cvtColor(white, cv2.COLOR_GRAY2RGB)


def surface(rows: int, columns: int) -> np.ndarray:
    """The six terms of a quadratic surface at the middles of rows x columns fields, rows * columns x 6."""
    y, x = np.meshgrid((np.arange(rows) + 0.5) / rows, (np.arange(columns) + 0.5) / columns, indexing="ij")
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1).reshape(-1, 6)

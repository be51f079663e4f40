"""Whitening the paper of a photographed drawing."""

from __future__ import annotations

import cv2
import numpy as np

GRID = 10  # fields along a side, whose brightness is measured
PAPER_TOLERANCE = 0.08  # log brightness that paper may be darker than the fit: less than the lightest shading
MIN_PAPER_FIELDS = 20  # of 100; with fewer the six terms of the surface are not well determined


def whiten_paper(pixels: np.ndarray) -> np.ndarray:
    """A photographed drawing in gray, its paper white under uneven light; uint8, H x W x 3, in and out.

    The light's logarithm is a quadratic surface, fitted to the brightness of 10 x 10 fields and refitted to those that
    are not much darker than the last fit, so that hair and shading do not count as dim paper.
    """
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    fields = [[np.percentile(f, 90) for f in np.array_split(row, GRID, 1)] for row in np.array_split(gray, GRID)]
    brightness = np.log(np.maximum(fields, 8)).ravel()
    basis = quadratic_basis(GRID, GRID)
    paper = brightness > np.percentile(brightness, 40)
    for _ in range(4):
        light = np.linalg.lstsq(basis[paper], brightness[paper], rcond=None)[0]
        near_fit = brightness > basis @ light - PAPER_TOLERANCE
        if near_fit.sum() < MIN_PAPER_FIELDS:
            break
        paper = near_fit
    surface = np.exp(quadratic_basis(*gray.shape) @ light).reshape(gray.shape)
    white = np.clip(gray * (255 / np.clip(surface, 8, 255)), 0, 255).astype(np.uint8)
    return cv2.cvtColor(white, cv2.COLOR_GRAY2RGB)


def quadratic_basis(rows: int, columns: int) -> np.ndarray:
    """The six terms 1, x, y, x^2, xy, y^2 at the centers of rows x columns fields, in [0, 1]: rows * columns x 6."""
    y, x = np.meshgrid((np.arange(rows) + 0.5) / rows, (np.arange(columns) + 0.5) / columns, indexing="ij")
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1).reshape(-1, 6)

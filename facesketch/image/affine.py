"""2D affine transforms as 2 x 3 matrices.

Points are in pixels, with the center of the first pixel at (0, 0).
"""

from __future__ import annotations

import cv2
import numpy as np


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The rotation, scale and translation that takes two points (rows x, y) to two others: 2 x 3."""
    (a, b), (c, d) = (complex(*p) for p in source), (complex(*p) for p in target)
    rotation = (d - c) / (b - a)
    shift = c - rotation * a
    return np.array([[rotation.real, -rotation.imag, shift.real], [rotation.imag, rotation.real, shift.imag]])


def compose(second: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The transform that applies first and then second."""
    return second[:, :2] @ first + np.array([[0, 0, second[0, 2]], [0, 0, second[1, 2]]])


def scaling(x: float, y: float | None = None) -> np.ndarray:
    """The transform of a resize by x and y, which keeps the corners, not the centers, of pixels in place."""
    y = x if y is None else y
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2]])


def transform_points(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """N x 2 (or ... x 2) points after a transform."""
    return points @ matrix[:, :2].T + matrix[:, 2]


def invert(matrix: np.ndarray) -> np.ndarray:
    """The inverse transform."""
    return cv2.invertAffineTransform(matrix)

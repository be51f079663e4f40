"""Geometry of one face: to the frame that the models know, 200 x 250 with eyes at (75, 125) and (125, 125), and back.

Points are in pixels with the centre of the first pixel at (0, 0); a matrix is 2 x 3 and takes picture to crop pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

TEMPLATE = (200, 250)
EYES = ((75.0, 125.0), (125.0, 125.0))
NEAR = (1.5, 0.02, 2.0)  # shift in pixels of the template, stretch, turn in degrees: so near is in the frame already
NEAREST = (3.5, 0.1, 4.0)  # the same for 200 x 250 pixels and for drawings, as the detector is off on such, and no less


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The 2 x 3 matrix of the turn, scale and shift that takes two points (rows x, y) to two others."""
    (a, b), (c, d) = (complex(*p) for p in source), (complex(*p) for p in target)
    turn = (d - c) / (b - a)
    shift = c - turn * a
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def compose(second: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The 2 x 3 matrix that does what first and then second does."""
    return second[:, :2] @ first + [[0, 0, second[0, 2]], [0, 0, second[1, 2]]]


def scaling(x: float, y: float | None = None) -> np.ndarray:
    """The matrix of a resize by x and y: pixel corners, not centres, keep their place."""
    y = x if y is None else y
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2]])


def move(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """N x 2 points under a matrix."""
    return points @ matrix[:, :2].T + matrix[:, 2]


def inverse(matrix: np.ndarray) -> np.ndarray:
    """The matrix of the way back."""
    return cv2.invertAffineTransform(matrix)


def fit(points: Sequence[tuple[float, float]], size: int) -> np.ndarray:
    """The matrix that lays the eyes' middle and line on the template at size pixels of width.

    points are a Face's five. The unit is the eyes' distance, or 0.85 of the eyes' to the mouth's middle where that is
    more: it is in a turned head, whose eyes seem near each other.
    """
    right, left, _, *mouth = np.asarray(points, float)
    middle, axis = (right + left) / 2, left - right
    unit = max(np.hypot(*axis), 0.85 * np.hypot(*(np.mean(mouth, 0) - middle)))
    half = axis / (np.hypot(*axis) or 1) * unit / 2
    return similarity(np.array([middle - half, middle + half]), move(np.array(EYES), scaling(size / TEMPLATE[0])))


def framed(picture: tuple[int, int], matrix: np.ndarray, size: int, drawing: bool = False) -> bool:
    """Whether the fitted matrix says that a picture of this width and height is in the template's frame already.

    In a drawing the detector is off by more than in a photo.
    """
    if abs(picture[0] * TEMPLATE[1] - picture[1] * TEMPLATE[0]) > max(picture):
        return False
    back = compose(matrix, inverse(scaling(size / picture[0])))  # crop pixels to crop pixels
    middle = np.array([[(size - 1) / 2, (size * 5 / 4 - 1) / 2]])
    shift = np.hypot(*(move(middle, back) - middle)[0]) * TEMPLATE[0] / size
    turn = complex(*back[:, 0])
    off = (shift, abs(abs(turn) - 1), abs(np.degrees(np.angle(turn))))
    return all(o < most for o, most in zip(off, NEAREST if drawing or picture == TEMPLATE else NEAR, strict=True))

"""The frame that the models know: 200 x 250 pixels, as CUHK's photos are, with the eyes at (75, 125) and (125, 125)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..image.affine import compose, invert, scaling, similarity, transform_points

TEMPLATE_SIZE = (200, 250)
EYES = ((75.0, 125.0), (125.0, 125.0))
MOUTH_TO_EYES = 0.85  # eyes' distance over that from the eyes to the mouth, in a face from the front
ASPECT = 5 / 4  # height over width

# How far off a picture may be that counts as aligned already: shift in template pixels, relative scale, degrees. The
# loose one is for pictures of exactly 200 x 250 pixels and for drawings, on which the detector is off by that much
# itself (`python -m benchmarks.faces`).
ALIGN_TOLERANCE = (1.5, 0.02, 2.0)
ALIGN_TOLERANCE_LOOSE = (3.5, 0.12, 4.0)


def crop_size(width: int) -> tuple[int, int]:
    """Width and height of a crop with the template's proportions."""
    return width, width * TEMPLATE_SIZE[1] // TEMPLATE_SIZE[0]


def template_transform(landmarks: Sequence[tuple[float, float]], width: int) -> np.ndarray:
    """The transform from picture to crop pixels that puts a Face's five landmarks on the template, width pixels wide.

    The middle and the direction of the eyes decide. The scale is the eyes' distance, or where that is more 0.85 of the
    distance from the eyes to the mouth: eyes look closer together in a head that is turned to the side.
    """
    right, left, _, *mouth = np.asarray(landmarks, float)
    middle, axis = (right + left) / 2, left - right
    unit = max(np.hypot(*axis), MOUTH_TO_EYES * np.hypot(*(np.mean(mouth, 0) - middle)))
    half = axis / (np.hypot(*axis) or 1) * unit / 2
    eyes = transform_points(np.array(EYES), scaling(width / TEMPLATE_SIZE[0]))
    return similarity(np.array([middle - half, middle + half]), eyes)


def is_aligned(image_size: tuple[int, int], transform: np.ndarray, width: int, is_drawing: bool = False) -> bool:
    """Whether a picture of this size (width, height) is aligned already. transform: to a crop width pixels wide."""
    if abs(image_size[0] * TEMPLATE_SIZE[1] - image_size[1] * TEMPLATE_SIZE[0]) > max(image_size):
        return False
    difference = compose(transform, invert(scaling(width / image_size[0])))  # crop pixels to crop pixels
    center = np.array([[(width - 1) / 2, (width * ASPECT - 1) / 2]])
    shift = np.hypot(*(transform_points(center, difference) - center)[0]) * TEMPLATE_SIZE[0] / width
    rotation = complex(*difference[:, 0])
    errors = (shift, abs(abs(rotation) - 1), abs(np.degrees(np.angle(rotation))))
    tolerance = ALIGN_TOLERANCE_LOOSE if is_drawing or image_size == TEMPLATE_SIZE else ALIGN_TOLERANCE
    return all(error < limit for error, limit in zip(errors, tolerance, strict=True))

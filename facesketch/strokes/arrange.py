"""Several portraits on one sheet, each where its face was in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..image.affine import invert, transform_points
from ..image.compositing import distance_to_face
from .portrait import PLAN_WIDTH
from .sheet import Sheet
from .stroke import Strokes


def arrange(portraits: Sequence[tuple[Sheet, np.ndarray]], picture_size: tuple[int, int]) -> Sheet:
    """One sheet of the picture's shape with the strokes of all portraits.

    portraits: sheets of face crops, each with the 2 x 3 transform from the picture's pixels to those of a crop that is
    PLAN_WIDTH wide. Where crops overlap, a stroke belongs to the face whose center is nearer.
    """
    width, height = picture_size
    parts, scales = [], []
    for sheet, transform in portraits:
        pixels = transform_points(sheet.strokes.points * PLAN_WIDTH - 0.5, invert(transform))
        scale = PLAN_WIDTH / np.hypot(*transform[:, 0])  # the crop's width in the picture's pixels
        own = distance_to_face(sheet.strokes.points * PLAN_WIDTH, PLAN_WIDTH) * scale
        visible = np.ones(len(pixels), bool)
        for _, other in portraits:
            if other is transform:
                continue
            there = transform_points(pixels, other)
            other_scale = PLAN_WIDTH / np.hypot(*other[:, 0])
            inside = (there >= 0).all(1) & (there[:, 0] < PLAN_WIDTH) & (there[:, 1] < 1.25 * PLAN_WIDTH)
            visible &= ~(inside & (distance_to_face(there, PLAN_WIDTH) * other_scale < own))
        moved = replace(
            sheet.strokes,
            points=((pixels + 0.5) / width).astype(np.float32),
            widths=(sheet.strokes.widths * (scale / width)).astype(np.float32),
        )
        parts.append(moved.keep(visible))
        scales.append(scale / width)
    first = portraits[0][0]
    return Sheet(Strokes.concatenate(parts), first.style, height / width, first.seed, float(np.mean(scales)))

"""A drawn crop back where its face was."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from ..images import opaque
from .geometry import compose, inverse, move
from .warp import blend, grid, warp

FEATHER = 0.12  # of the crop's width, how far a pasted sketch fades in from its edge


def paste(
    image: Image.Image, sketch: Image.Image, matrix: np.ndarray, beside: Sequence[np.ndarray] = ()
) -> Image.Image:
    """Lay a sketch of a crop over the picture (or a white sheet of its size) where the crop came from.

    matrix is what align gave. The edge is feathered; faces that were drawn before, whose matrices stand in beside, keep
    what is nearer to their middle than to this one's.
    """
    width, height = sketch.size
    back = inverse(matrix)
    corners = move(np.array([[0, 0], [width, 0], [0, height], [width, height]], float), back)
    x0, y0 = np.clip(np.floor(corners.min(0)), 0, image.size).astype(int)
    x1, y1 = np.clip(np.ceil(corners.max(0)) + 1, 0, image.size).astype(int)
    result = opaque(image).copy()
    if x1 <= x0 or y1 <= y0:
        return result
    to_part = compose(np.array([[1.0, 0, -x0], [0, 1, -y0]]), back)
    above = warp(sketch, to_part, (int(x1 - x0), int(y1 - y0)), None)
    there = grid(x0, y0, x1, y1)
    here = move(there, matrix)
    edge = np.minimum(here, [width - 1, height - 1] - here).min(-1) / (FEATHER * width)
    weight = smooth(edge)
    for other in beside:
        weight = weight * smooth(0.5 + (off_middle(move(there, other), width) - off_middle(here, width)) / FEATHER)
    part = np.asarray(result.crop((x0, y0, x1, y1)))
    result.paste(Image.fromarray(blend(part, above, weight[..., None])), (int(x0), int(y0)))
    return result


def smooth(x: np.ndarray) -> np.ndarray:
    """0 up to 0, 1 from 1, and no kink between."""
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


def off_middle(points: np.ndarray, width: int) -> np.ndarray:
    """The distance of crop points from the middle of the crop, in widths of the crop."""
    return np.linalg.norm(points / width - [0.5, 0.625], axis=-1)

"""A drawn crop on clean paper, or back where its face was."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from ..colours import opaque
from ..images import from_luma
from .geometry import compose, inverse, move
from .matte import plain
from .warp import GROUND, grid, smooth, warp

FEATHER = 0.12  # of the crop's width, how far a pasted sketch fades in from its edge
STRIP = 128  # rows that are pasted at a time, so that memory does not grow with the picture


def paste(
    image: Image.Image,
    sketch: Image.Image,
    matrix: np.ndarray,
    beside: Sequence[np.ndarray] = (),
    matte: np.ndarray | None = None,
) -> Image.Image:
    """Lay a sketch of a crop over the picture, or a sheet of its size, where the crop came from. RGB.

    matrix is what align gave. matte, the sketch's height x width, 0 to 1, says what of it is laid down. The edge is
    feathered; faces that were drawn before, whose matrices stand in beside, keep what is nearer to their middle than to
    this one's.
    """
    page = opaque(image)
    page = page.copy() if page is image else page
    paste_on(page, sketch, matrix, beside, matte)
    return page


def paste_on(
    page: Image.Image,
    sketch: Image.Image,
    matrix: np.ndarray,
    beside: Sequence[np.ndarray] = (),
    matte: np.ndarray | None = None,
) -> None:
    """The same on the page itself, of mode RGB, or of RGBA, which stays clear where nothing is laid."""
    width, height = sketch.size
    back = inverse(matrix)
    corners = move(np.array([[0, 0], [width, 0], [0, height], [width, height]], float), back)
    x0, y0 = np.clip(np.floor(corners.min(0)), 0, page.size).astype(int).tolist()
    x1, y1 = np.clip(np.ceil(corners.max(0)) + 1, 0, page.size).astype(int).tolist()
    if x1 <= x0 or y1 <= y0:
        return
    layer = sketch.convert("RGB")
    layer.putalpha(from_luma(weight(sketch.size, matrix, beside) * (1 if matte is None else matte)))
    for top in range(y0, y1, STRIP):
        box = (x0, top, x1, min(y1, top + STRIP))
        to_part = compose(np.array([[1.0, 0, -x0], [0, 1, -top]]), back)
        above = Image.fromarray(warp(layer, to_part, (x1 - x0, box[3] - top), None, "RGBA"))
        page.paste(Image.alpha_composite(page.crop(box).convert("RGBA"), above).convert(page.mode), box)


def weight(size: tuple[int, int], matrix: np.ndarray, beside: Sequence[np.ndarray]) -> np.ndarray:
    """How far each pixel of a crop is laid down: float32, height x width, 0 at the crop's edge and at other faces."""
    here = grid(0, 0, *size)
    kept = smooth(np.minimum(here, np.array(size, np.float32) - 1 - here).min(-1) / (FEATHER * size[0]))
    for other in beside:
        there = move(here, compose(other, inverse(matrix)))
        kept *= smooth(0.5 + (off_middle(there, size[0]) - off_middle(here, size[0])) / FEATHER)
    return kept


def sheet(size: tuple[int, int], clear: bool = False) -> Image.Image:
    """An empty sheet to paste on: white, or clear as RGBA."""
    return Image.new("RGBA", size, (*GROUND, 0)) if clear else Image.new("RGB", size, GROUND)


def lay(sketch: Image.Image, matte: np.ndarray | None, clear: bool = False) -> Image.Image:
    """A drawn crop with what matte leaves out white or, as RGBA, clear. None keeps all."""
    if matte is None:
        return sketch.convert("RGBA" if clear else "RGB")
    if not clear:
        return plain(sketch, matte).convert("RGB")
    result = sketch.convert("RGB")
    result.putalpha(from_luma(matte))
    return result


def off_middle(points: np.ndarray, width: int) -> np.ndarray:
    """The distance of crop points from the middle of the crop, in widths of the crop."""
    return np.linalg.norm(points / width - [0.5, 0.625], axis=-1)

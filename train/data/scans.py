"""What scanning left on the pictures and a model is not to learn: black wedges and lines of print."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

TOP = 22  # rows in which print stands


def wedges(gray: np.ndarray) -> np.ndarray:
    """Where a picture, H x W of 0 to 255, shows what lay beside it in the scanner: a mask of its shape.

    A wedge is 60 or more connected pixels of at most 4 in 255 that reach the border.
    """
    blots, _ = ndimage.label(gray <= 4)
    at_border = np.unique(np.concatenate([blots[0], blots[-1], blots[:, 0], blots[:, -1]]))
    sizes = np.bincount(blots.ravel())
    return np.isin(blots, [blot for blot in at_border if blot and sizes[blot] >= 60])


def wedges_with_edge(picture: Image.Image) -> np.ndarray:
    """The mask of a picture's wedges and of the 2 pixels around them, to which they fade."""
    return ndimage.binary_dilation(wedges(np.array(picture.convert("L"))), iterations=2)


def printed(gray: np.ndarray) -> bool:
    """Whether a line of small print stands at the top of a sketch of 200 x 250 pixels or so, 0 to 255.

    Print is 5 or more marks of letter size, at most 14 x 9 pixels, that keep to the top 22 rows, on paper that is
    otherwise mostly free: hair has such flecks too.
    """
    dark = (gray < np.percentile(gray, 85) - 40) & ~ndimage.binary_dilation(wedges(gray), iterations=2)
    marks, _ = ndimage.label(dark, np.ones((3, 3)))
    letters = 0
    for number, place in enumerate(ndimage.find_objects(marks), 1):
        height, width = (part.stop - part.start for part in place)
        if place[0].stop <= TOP and height <= 9 and width <= 14 and (marks[place] == number).sum() >= 2:
            letters += 1
    return letters >= 5 and dark[:TOP].mean() < 0.15


def whiten(sketch: Image.Image) -> Image.Image:
    """A scan on gray or stained paper with its 85th percentile, which is paper, brought to white."""
    gray = np.asarray(sketch.convert("L"), np.float32)
    white = gray * (255 / max(1.0, np.percentile(gray, 85)))
    return Image.fromarray(white.clip(0, 255).astype(np.uint8)).convert("RGB")


def paint_wedges(sketch: Image.Image) -> Image.Image:
    """Paint the wedges of a sketch in the tone of its paper; 2 more pixels around each hide its edge."""
    gray = np.array(sketch.convert("L"))
    wedge = wedges(gray)
    if wedge.any():
        gray[ndimage.binary_dilation(wedge, iterations=2)] = np.percentile(gray[~wedge], 85)
    return Image.fromarray(gray).convert("RGB")


def stretch_over_wedges(photo: Image.Image) -> Image.Image:
    """Paint the wedges of a photo, and 2 more pixels, as the nearest pixel beside them is."""
    pixels = np.array(photo)
    wedge = wedges_with_edge(photo)
    if wedge.any():
        rows, columns = ndimage.distance_transform_edt(wedge, return_distances=False, return_indices=True)
        pixels = pixels[rows, columns]
    return Image.fromarray(pixels)

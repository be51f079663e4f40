"""Artifacts of scanning that a model must not learn: black borders and lines of print. Grays are 0 to 255."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

# Tuned for scans of about 200 x 250 pixels, the size of CUFS.
BLACK = 4  # highest gray of a scan border: hair is lighter
MIN_BORDER = 60  # connected pixels of a scan border
EDGE = 2  # pixels over which a scan border fades into the image
PRINT_ROWS = 22  # rows at the top in which file names are printed
MAX_LETTER = (9, 14)  # height and width of a printed letter
MIN_LETTERS = 5
PAPER_PERCENTILE = 85  # of a sketch's grays: most of a sketch is paper
INK_CONTRAST = 40  # levels by which print is darker than paper


def scan_border(gray: np.ndarray) -> np.ndarray:
    """Where a scanned image, H x W, shows the scanner's black instead: a mask of its shape.

    A border is a component of MIN_BORDER or more black pixels that touches the side of the image.
    """
    components, _ = ndimage.label(gray <= BLACK)
    at_side = np.unique(np.concatenate([components[0], components[-1], components[:, 0], components[:, -1]]))
    sizes = np.bincount(components.ravel())
    return np.isin(components, [label for label in at_side if label and sizes[label] >= MIN_BORDER])


def scan_border_and_edge(image: Image.Image) -> np.ndarray:
    """The mask of an image's scan borders, including the pixels over which they fade."""
    return ndimage.binary_dilation(scan_border(np.array(image.convert("L"))), iterations=EDGE)


def has_print(gray: np.ndarray) -> bool:
    """Whether a line of small print is at the top of a sketch, H x W, of about 200 x 250 pixels.

    Print is at least MIN_LETTERS marks of letter size within the top rows, on mostly empty paper: hair has such marks
    too, but no paper around them.
    """
    dark = gray < np.percentile(gray, PAPER_PERCENTILE) - INK_CONTRAST
    dark &= ~ndimage.binary_dilation(scan_border(gray), iterations=EDGE)
    marks, _ = ndimage.label(dark, np.ones((3, 3)))
    letters = 0
    for number, box in enumerate(ndimage.find_objects(marks), 1):
        height, width = (part.stop - part.start for part in box)
        fits = box[0].stop <= PRINT_ROWS and height <= MAX_LETTER[0] and width <= MAX_LETTER[1]
        letters += fits and (marks[box] == number).sum() >= 2
    return letters >= MIN_LETTERS and dark[:PRINT_ROWS].mean() < 0.15


def whiten_scan(sketch: Image.Image) -> Image.Image:
    """A scan on gray or stained paper, scaled so that its paper is white."""
    gray = np.asarray(sketch.convert("L"), np.float32)
    white = gray * (255 / np.maximum(1.0, np.percentile(gray, PAPER_PERCENTILE)))
    return Image.fromarray(white.clip(0, 255).astype(np.uint8)).convert("RGB")


def fill_border_with_paper(sketch: Image.Image) -> Image.Image:
    """A sketch with its scan borders painted in the tone of its paper."""
    gray = np.array(sketch.convert("L"))
    border = scan_border(gray)
    if border.any():
        gray[ndimage.binary_dilation(border, iterations=EDGE)] = np.percentile(gray[~border], PAPER_PERCENTILE)
    return Image.fromarray(gray).convert("RGB")


def fill_border_from_nearest(photo: Image.Image) -> Image.Image:
    """A photo with its scan borders painted in the color of the nearest other pixel."""
    pixels = np.array(photo)
    border = scan_border_and_edge(photo)
    if border.any():
        rows, columns = ndimage.distance_transform_edt(border, return_distances=False, return_indices=True)
        pixels = pixels[rows, columns]
    return Image.fromarray(pixels)

"""A drawing at the generator's size brought to the photo's own: photo's edges, model's strokes, pencil's grain.

Arrays here are float32, H x W, 0 black and 1 white.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from PIL import Image

from .images import from_luma, luma

LEAST, MOST = 256, 1024  # pixels of a face crop's width that are drawn
RADIUS, EPSILON = 4, 1e-3  # of the window, in pixels of the drawing, and what counts as flat in it (a variance)
CONTRAST = (
    0.6  # the share of the photo's own contrast that is drawn at least: teeth where a model smears, lids where it blurs
)
STROKES = 0.4  # how much of the model's hand is put back by default
STRUCTURE = 2e-3  # variance of the photo above which strokes follow something that is there
GRAIN, SLANT, LENGTH = 0.1, 55, 9  # the grain's deviation, the degrees it slants, and its strokes' length
SHEET = (512, 640)  # width and height that the grain is made for, in its pixels


def carry(drawing: Image.Image, photo: Image.Image, strokes: float = STROKES) -> Image.Image:
    """The drawing, which a generator made of the photo, at the photo's size and of mode L.

    In every window the drawing becomes a linear function of the photo's luma, which then is taken at the photo's own
    resolution (fast guided filter, He and Sun, arXiv 1505.00996). Tone is the model's, edges are the photo's, of whose
    contrast at least a share is kept. What no such function explains are strokes; strokes, from 0 to 1, says how much
    of them is put back, where the photo has structure for them to follow: in flat skin they are blotches. The grain of
    pencil on paper comes with them.
    """
    full, drawn = luma(photo), luma(drawing)
    small = cv2.resize(full, drawing.size, interpolation=cv2.INTER_AREA)
    slope, level = linear(small, drawn, RADIUS, EPSILON, CONTRAST)
    result = full
    result *= cv2.resize(slope, photo.size)
    result += cv2.resize(level, photo.size)
    if strokes:
        rest = strokes * (drawn - slope * small - level) * structure(small)
        result += cv2.resize(rest, photo.size, interpolation=cv2.INTER_CUBIC)
        np.clip(result, 0, 1, out=result)
        grain = cv2.resize(hatching(), photo.size, interpolation=cv2.INTER_AREA)
        grain *= 4 * GRAIN * strokes
        for share in (result, 1 - result):  # none on bare paper, none in the deepest dark
            grain *= share
        result += grain
    return from_luma(np.clip(result, 0, 1, out=result))


def linear(
    guide: np.ndarray, picture: np.ndarray, radius: int, epsilon: float, least: float = -np.inf
) -> tuple[np.ndarray, np.ndarray]:
    """Slope and level, each H x W: slope * guide + level is picture with guide's edges.

    The guided filter of He, Sun and Tang (2013), Eq. 5, 6 and 8. A slope costs epsilon times its square. Ours departs
    from it where least is given: no slope is lower.
    """
    mean, target = window(guide, radius), window(picture, radius)
    slope = (window(guide * picture, radius) - mean * target) / (window(guide * guide, radius) - mean * mean + epsilon)
    slope = np.maximum(slope, least)
    return window(slope, radius), window(target - slope * mean, radius)


def structure(guide: np.ndarray) -> np.ndarray:
    """From 0 where guide is flat to 1 at edges and in hair: Eq. 9 of the guided filter, its slope on itself."""
    mean = window(guide, RADIUS)
    variance = np.maximum(window(guide * guide, RADIUS) - mean * mean, 0)
    return window(variance / (variance + STRUCTURE), RADIUS)


def window(values: np.ndarray, radius: int) -> np.ndarray:
    """The mean of each pixel's square window."""
    return cv2.boxFilter(values, -1, (2 * radius + 1,) * 2, borderType=cv2.BORDER_REFLECT)


@cache
def hatching() -> np.ndarray:
    """What a slanting pencil leaves on rough paper, SHEET's height x width, mean 0 and deviation 1; always the same."""
    noise = np.random.default_rng(0).standard_normal(SHEET[::-1]).astype(np.float32)
    stroke, middle = np.zeros((LENGTH, LENGTH), np.float32), LENGTH // 2
    across, up = np.cos(np.radians(SLANT)) * middle, np.sin(np.radians(SLANT)) * middle
    ends = [(round(middle + side * across), round(middle - side * up)) for side in (-1, 1)]
    cv2.line(stroke, *ends, 1.0)
    grain = cv2.filter2D(noise, -1, stroke)
    return (grain - grain.mean()) / grain.std()

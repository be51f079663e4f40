"""The light on a face crop brought to what the models know: a dark room, light from one side, skin darker than theirs.

Everything happens in the odds of a value v, v / (255 - v): a factor on them is Schlick's rational tone curve (1994),
which leaves black black and white white, and clips nothing. In the dark it is a plain gain, so brows and shadows keep
their contrast; teeth and highlights hardly move. The factor's logarithm is a slow field, found on a small picture.
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from .paper import surface

GRID = (48, 60)  # columns and rows of the small picture
FACE = (0.5, 0.55, 0.23, 0.24)  # middle and radii, in widths and heights of the crop: brow to chin, cheek to cheek
LEAST = 0.05  # of that ellipse must belong to the person
LIT = 217  # brighter skin counts as fully lit: the studio's photos have much of it
UNLIKE = 2.0  # how far, in log odds, from their median skin may lie under any light; hair over half a face lies farther
FEATURE = 0.5  # and how far from a quadratic surface of light; eyes, brows, beard and shine lie farther
NEAR, FAR = 0.1, 0.3  # of the width, the blurs that follow light over skin, and beyond it
UNEVEN = 0.25  # mean log odds between the halves' light that studio photos stay under; twice it is side light
EVENED, LIFTED = 0.75, 0.8  # the share of side light, and of what skin lacks in light, that is made up for
KNOWN = 150.0  # median luma of the darkest skin that a model knows, where it does not say
MOST = 2.2  # log odds: nine times the light; beyond, noise is all that comes up


def even(crop: Image.Image, lift: np.ndarray | None) -> Image.Image:
    """A face crop, RGB or L, of any size, with the light added that fill found; itself where there is none to add.

    The ground is lit with the person, so no edge is made between them.
    """
    if lift is None or not lift.any():
        return crop
    pixels = np.asarray(crop)
    dimmed = cv2.resize(np.exp(-lift), crop.size, interpolation=cv2.INTER_LINEAR)
    dimmed = dimmed if pixels.ndim == 2 else dimmed[..., None]
    value = np.arange(256, dtype=np.float32)
    against = (255 - value) / np.maximum(value, 1e-6)  # the odds, turned over
    result = np.empty_like(pixels)
    for top in range(0, len(pixels), 32):  # strips stay in the processor's cache, twice as fast
        rows = slice(top, top + 32)
        result[rows] = 255 / (1 + cv2.LUT(pixels[rows], against) * dimmed[rows]) + 0.5
    return Image.fromarray(result)


def fill(crop: Image.Image, matte: np.ndarray, tone: float = KNOWN) -> np.ndarray | None:
    """The light that a face crop lacks: light from one side is filled up and dark skin lifted toward tone.

    crop: RGB, in the template's frame; matte: H x W in [0, 1], 1 on the person, of any size; tone: 0 to 255, the median
    luma of the darkest skin that a model knows, 0 for one that draws any. Returns GRID's rows x columns, float32 from 0
    to MOST in log odds: 0 for lighter skin under even light, None where the matte is not on the face.
    """
    small = cv2.resize(np.asarray(crop), GRID, interpolation=cv2.INTER_AREA)
    odds = log_odds(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), LIT)
    face = ellipse()
    near = cv2.resize(np.asarray(matte, np.float32), crop.size, interpolation=cv2.INTER_AREA)  # two steps are quicker
    inside = face * cv2.resize(near, GRID, interpolation=cv2.INTER_AREA)
    if inside.sum() < LEAST * face.sum():
        return None
    weight = plain_skin(odds, inside)
    light = spread(odds, weight)
    skin = weight >= weight.max() / 2
    other = light[:, ::-1]  # the same place of the face's other half
    uneven = float(np.average(np.abs(light - other), weights=weight))
    lift = EVENED * np.clip(uneven / UNEVEN - 1, 0, 1) * np.maximum(0, other - light)
    lift += LIFTED * max(0.0, float(log_odds(tone, 255) - np.median((light + lift)[skin])))
    return np.minimum(lift, MOST).astype(np.float32)


def log_odds(luma: np.ndarray | float, most: float) -> np.ndarray:
    """The logarithm of v / (255 - v), float32, of luma held between 8 and most, 254 at the highest."""
    value = np.clip(np.asarray(luma, np.float32), 8, min(most, 254))
    return np.log(value / (255 - value))


def ellipse() -> np.ndarray:
    """1 on the face of the template's frame, else 0, at GRID's size."""
    x, y = (np.arange(GRID[0]) + 0.5) / GRID[0], (np.arange(GRID[1])[:, None] + 0.5) / GRID[1]
    return (np.hypot((x - FACE[0]) / FACE[2], (y - FACE[1]) / FACE[3]) < 1).astype(np.float32)


def plain_skin(odds: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """inside, less what is too dark or too bright for skin in the light that most of the face is in; float32."""

    def alike(off: np.ndarray, reach: float) -> np.ndarray:
        return (inside * np.exp(-np.square(off / reach))).astype(np.float32)

    known = surface(*odds.shape)
    weight = alike(odds - np.median(odds[inside >= inside.max() / 2]), UNLIKE)
    for _ in range(3):
        weighted = known.T * weight.ravel()
        terms = np.linalg.lstsq(weighted @ known, weighted @ odds.ravel(), rcond=None)[0]
        weight = alike(odds - (known @ terms).reshape(odds.shape), FEATURE)
    return weight


def spread(odds: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The slow light of the skin, and beyond it the nearest skin's: normalized convolution (Knutsson, Westin 1993)."""

    def blurred(values: np.ndarray) -> np.ndarray:
        near, far = (cv2.GaussianBlur(values, (0, 0), share * GRID[0]) for share in (NEAR, FAR))
        return near + 0.05 * far

    return blurred(odds * weight) / (blurred(weight) + 1e-6)

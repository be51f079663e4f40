"""Correcting light that the training photos lack: dark rooms, light from one side, skin darker than theirs.

Everything is computed on the odds of a value v, v / (255 - v): a factor on them is Schlick's rational tone curve
(1994), which keeps black black and white white and clips nothing. In the dark it is a plain gain, so brows and shadows
keep their contrast; teeth and highlights hardly change. The factor's logarithm varies slowly and is estimated on a
small picture. What is darker than skin would be in the same light, such as hair, gets less: black hair stays black, and
hair of any color stays as it is where dark skin is lifted, since that is not a matter of light.
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from ..models.config import DARKEST_SKIN
from .paper import quadratic_basis

# Chosen by eye and by identity on photos of FS2K, in even and uneven light (docs/quality.md):
GRID = (48, 60)  # columns and rows of the small picture
FACE_ELLIPSE = (0.5, 0.55, 0.23, 0.24)  # center and radii, in crop widths and heights: brow to chin, cheek to cheek
MIN_COVERAGE = 0.05  # share of that ellipse that must belong to the person
FULLY_LIT = 217  # luma from which skin counts as fully lit: studio photos have much of it
SKIN_SPREAD = 2.0  # log odds that skin may differ from the median under any light; hair differs more
SURFACE_SPREAD = 0.5  # log odds from a quadratic surface of light; eyes, brows, beard and highlights differ more
NEAR_BLUR, FAR_BLUR = 0.1, 0.3  # of the width: blurs that follow light on the skin, and extend it beyond
FAR_WEIGHT = 0.05
HAIR_BLUR = 0.05  # of the width, over which the added light fades toward hair: less would draw an edge
UNEVENNESS = 0.25  # mean log odds between the halves' light: studio photos have less; twice it is light from one side
SIDE_LIGHT_SHARE, SKIN_SHARE = 0.75, 0.8  # of the missing light, from one side and of dark skin, that is added
MAX_GAIN = 2.2  # log odds, nine times the light; beyond, only noise is brightened
MIN_LUMA, MAX_LUMA = 8.0, 254.0  # the range in which log odds are finite and not noise
STRIP_ROWS = 32  # that fit in the processor's cache: twice as fast


def apply_relighting(crop: Image.Image, gain: np.ndarray | None) -> Image.Image:
    """A face crop (RGB or L, any size) with the light added that estimate_relighting found.

    gain: GRID's rows x columns in log odds; None or all zeros returns the crop itself. The background is lit like the
    person, so no edge appears between them.
    """
    if gain is None or not gain.any():
        return crop
    pixels = np.asarray(crop)
    factor = cv2.resize(np.exp(-gain), crop.size, interpolation=cv2.INTER_LINEAR)
    factor = factor if pixels.ndim == 2 else factor[..., None]
    value = np.arange(256, dtype=np.float32)
    inverse_odds = (255 - value) / np.maximum(value, 1e-6)
    result = np.empty_like(pixels)
    for top in range(0, len(pixels), STRIP_ROWS):
        rows = slice(top, top + STRIP_ROWS)
        result[rows] = 255 / (1 + cv2.LUT(pixels[rows], inverse_odds) * factor[rows]) + 0.5
    return Image.fromarray(result)


def estimate_relighting(crop: Image.Image, matte: np.ndarray, darkest_skin: float = DARKEST_SKIN) -> np.ndarray | None:
    """The light that a face crop lacks: light from one side is balanced, and dark skin lifted toward darkest_skin.

    crop: RGB, aligned. matte: H x W in [0, 1], 1 on the person, any size. darkest_skin: the median luma, 0 to 255, of
    the darkest skin that a model knows; 0 for a model that knows any. Returns GRID's rows x columns, float32, log odds
    from 0 to MAX_GAIN: 0 for lighter skin under even light. None where the matte does not cover the face.
    """
    small = cv2.resize(np.asarray(crop), GRID, interpolation=cv2.INTER_AREA)
    odds = log_odds(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), FULLY_LIT)
    face = face_ellipse()
    at_crop_size = cv2.resize(
        np.asarray(matte, np.float32), crop.size, interpolation=cv2.INTER_AREA
    )  # faster in two steps
    person = cv2.resize(at_crop_size, GRID, interpolation=cv2.INTER_AREA)
    inside = face * person
    if inside.sum() < MIN_COVERAGE * face.sum():
        return None
    weights = skin_weights(odds, inside)
    light = normalized_blur(odds, weights, NEAR_BLUR)
    skin = weights >= weights.max() / 2
    mirrored = light[:, ::-1]  # the same place on the other half of the face
    unevenness = float(np.average(np.abs(light - mirrored), weights=weights))
    gain = SIDE_LIGHT_SHARE * np.clip(unevenness / UNEVENNESS - 1, 0, 1) * np.maximum(0, mirrored - light)
    darkness = np.where(face > 0, 0, np.maximum(0, light - odds))  # brows and eyes are lit like the face
    missing = float(log_odds(darkest_skin, 255) - np.median((light + gain)[skin]))
    gain *= normalized_blur(similarity(darkness, SKIN_SPREAD), person, HAIR_BLUR)
    gain += SKIN_SHARE * max(0.0, missing) * normalized_blur(similarity(darkness, SURFACE_SPREAD), person, HAIR_BLUR)
    return np.minimum(gain, MAX_GAIN).astype(np.float32)


def log_odds(luma: np.ndarray | float, maximum: float) -> np.ndarray:
    """log(v / (255 - v)), float32, of luma clamped to MIN_LUMA and maximum."""
    value = np.clip(np.asarray(luma, np.float32), MIN_LUMA, min(maximum, MAX_LUMA))
    return np.log(value / (255 - value))


def face_ellipse() -> np.ndarray:
    """1 on the template's face, else 0: float32, GRID's rows x columns."""
    x, y = (np.arange(GRID[0]) + 0.5) / GRID[0], (np.arange(GRID[1])[:, None] + 0.5) / GRID[1]
    center_x, center_y, radius_x, radius_y = FACE_ELLIPSE
    return (np.hypot((x - center_x) / radius_x, (y - center_y) / radius_y) < 1).astype(np.float32)


def similarity(difference: np.ndarray, spread: float) -> np.ndarray:
    """1 where there is no difference, 1/e where it is spread; float32."""
    return np.exp(-np.square(difference / spread)).astype(np.float32)


def skin_weights(odds: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """inside, less where it is too dark or too bright for skin in the light on most of the face; float32."""
    basis = quadratic_basis(*odds.shape)
    weights = inside * similarity(odds - np.median(odds[inside >= inside.max() / 2]), SKIN_SPREAD)
    for _ in range(3):  # iteratively reweighted least squares
        weighted = basis.T * weights.ravel()
        terms = np.linalg.lstsq(weighted @ basis, weighted @ odds.ravel(), rcond=None)[0]
        weights = inside * similarity(odds - (basis @ terms).reshape(odds.shape), SURFACE_SPREAD)
    return weights


def normalized_blur(values: np.ndarray, weights: np.ndarray, near_blur: float) -> np.ndarray:
    """Slowly varying values where weights are high, extended beyond: normalized convolution (Knutsson, Westin 1993).

    near_blur: the standard deviation, as a share of the width.
    """

    def blur(image: np.ndarray) -> np.ndarray:
        near, far = (cv2.GaussianBlur(image, (0, 0), share * GRID[0]) for share in (near_blur, FAR_BLUR))
        return near + FAR_WEIGHT * far

    return blur(values * weights) / (blur(weights) + 1e-6)

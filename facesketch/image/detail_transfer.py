"""Transferring a drawing to the photo's resolution: the photo's edges, the model's strokes, a pencil's grain.

Arrays are float32, H x W, from 0 (black) to 1 (white).
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from PIL import Image

from .pixels import from_luma, luma

# Chosen by eye and by identity on photos of FS2K (docs/quality.md):
RADIUS, EPSILON = 4, 1e-3  # of the filter window in pixels of the drawing; the variance below which it counts as flat
MIN_CONTRAST = 0.6  # the least share of the photo's contrast: keeps teeth and eyelids that a model smears
DETAIL_STRENGTH = 0.4  # a closer likeness than 0.6, with strokes still visible
TEXTURE_VARIANCE = 2e-3  # of the photo, above which strokes follow something that is there
GRAIN_DEVIATION, GRAIN_ANGLE, GRAIN_LENGTH = 0.1, 55, 9  # of values; degrees; pixels of a grain's stroke
GRAIN_SIZE = (512, 640)  # width and height that the grain is made at


def transfer_detail(
    drawing: Image.Image, photo: Image.Image, strength: float = DETAIL_STRENGTH, seed: int = 0
) -> Image.Image:
    """The drawing that a generator made of the photo, at the photo's size and of mode L.

    In every window the drawing becomes a linear function of the photo's luma, which is then evaluated at the photo's
    own resolution (fast guided filter, He and Sun, arXiv 1505.00996): tone is the model's, edges are the photo's. The
    slope is at least MIN_CONTRAST. What the function does not explain are strokes: strength, from 0 to 1, is the share
    of them that is added back where the photo has texture to follow (on smooth skin they are blotches), with a
    pencil's grain, which seed varies.
    """
    guide, drawn = luma(photo), luma(drawing)
    small = cv2.resize(guide, drawing.size, interpolation=cv2.INTER_AREA)
    slope, offset = guided_filter_coefficients(small, drawn, RADIUS, EPSILON, MIN_CONTRAST)
    result = guide
    result *= cv2.resize(slope, photo.size)
    result += cv2.resize(offset, photo.size)
    if strength:
        strokes = strength * (drawn - slope * small - offset) * edge_weight(small)
        result += cv2.resize(strokes, photo.size, interpolation=cv2.INTER_CUBIC)
        np.clip(result, 0, 1, out=result)
        grain = np.asarray(cv2.resize(pencil_grain(seed), photo.size, interpolation=cv2.INTER_AREA), np.float32)
        grain *= 4 * GRAIN_DEVIATION * strength
        for share in (result, 1 - result):  # none on bare paper, none in full black
            grain *= share
        result += grain
    return from_luma(np.clip(result, 0, 1, out=result))


def guided_filter_coefficients(
    guide: np.ndarray, target: np.ndarray, radius: int, epsilon: float, min_slope: float = -np.inf
) -> tuple[np.ndarray, np.ndarray]:
    """Slope and offset, each H x W, so that slope * guide + offset is the target with the guide's edges.

    The guided filter of He, Sun and Tang (2013), Eq. 5, 6 and 8, with epsilon as the penalty on the slope's square.
    Ours departs from it where min_slope is given: no slope is lower.
    """
    guide_mean, target_mean = box_mean(guide, radius), box_mean(target, radius)
    covariance = box_mean(guide * target, radius) - guide_mean * target_mean
    variance = box_mean(guide * guide, radius) - guide_mean * guide_mean
    slope = np.maximum(covariance / (variance + epsilon), min_slope)
    return box_mean(slope, radius), box_mean(target_mean - slope * guide_mean, radius)


def edge_weight(guide: np.ndarray) -> np.ndarray:
    """From 0 where the guide is flat to 1 at edges and in hair: the guided filter's slope on itself (Eq. 9)."""
    mean = box_mean(guide, RADIUS)
    variance = np.maximum(box_mean(guide * guide, RADIUS) - mean * mean, 0)
    return box_mean(variance / (variance + TEXTURE_VARIANCE), RADIUS)


def box_mean(values: np.ndarray, radius: int) -> np.ndarray:
    """The mean over each pixel's square window of 2 * radius + 1 pixels."""
    return cv2.boxFilter(values, -1, (2 * radius + 1,) * 2, borderType=cv2.BORDER_REFLECT)


@lru_cache(maxsize=4)
def pencil_grain(seed: int = 0) -> np.ndarray:
    """Noise along slanted strokes, as a pencil leaves on rough paper: GRAIN_SIZE, mean 0, standard deviation 1."""
    noise = np.random.default_rng(seed).standard_normal(GRAIN_SIZE[::-1]).astype(np.float32)
    kernel, center = np.zeros((GRAIN_LENGTH, GRAIN_LENGTH), np.float32), GRAIN_LENGTH // 2
    dx, dy = np.cos(np.radians(GRAIN_ANGLE)) * center, np.sin(np.radians(GRAIN_ANGLE)) * center
    start, end = ((round(center + side * dx), round(center - side * dy)) for side in (-1, 1))
    cv2.line(kernel, start, end, 1.0)
    grain = cv2.filter2D(noise, -1, kernel)
    return (grain - grain.mean()) / grain.std()

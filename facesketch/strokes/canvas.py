"""Rendering strokes: a pencil's mark on paper, at any size.

A stroke is a sum of points along it, each a Gaussian as wide as the mark. All strokes of about the same width are
therefore one sparse image, blurred once. What they deposit adds up, and darkens the paper with diminishing returns.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from .stroke import Strokes

WIDTH_STEP = 1.35  # ratio of neighboring width classes
SAMPLES_PER_SIGMA = 1.2  # of points along a stroke
MIN_SIGMA = 0.45  # pixels: below, a line is drawn lighter instead of thinner
GAIN = 1.3  # of darkness in the deposit: a stroke of pressure 1 reaches 73 % of the darkest value
TOOTH_SIZE = (1024, 1280)  # width and height at which the paper's tooth is made


def deposit(strokes: Strokes, size: tuple[int, int]) -> np.ndarray:
    """How much the strokes leave on paper of size (width, height) in pixels: float32, H x W.

    A single stroke of pressure 1 leaves 1 on its center line; crossing strokes add up.
    """
    width, height = size
    total = np.zeros((height, width), np.float32)
    if not len(strokes):
        return total
    classes = np.round(np.log(np.maximum(strokes.widths, 1e-6)) / np.log(WIDTH_STEP)).astype(int)
    for width_class in np.unique(classes):
        sigma = WIDTH_STEP**width_class * width / 2.355  # the mark's width is the Gaussian's width at half maximum
        used = max(sigma, MIN_SIGMA)
        density = _line_density(strokes.select(classes == width_class), size, used / SAMPLES_PER_SIGMA)
        peak = np.sqrt(2 * np.pi) * used * min(1.0, sigma / used)
        total += cv2.GaussianBlur(density, (0, 0), used, borderType=cv2.BORDER_CONSTANT) * peak
    return total


def _line_density(strokes: Strokes, size: tuple[int, int], spacing: float) -> np.ndarray:
    """Pressure times length of the strokes in each pixel, with bilinear weights: float32, H x W."""
    width, height = size
    points = strokes.points * np.float32(width) - np.float32(0.5)
    first = np.ones(len(points), bool)
    first[strokes.starts[1:-1] - 1] = False  # a stroke's last point begins no segment
    first[-1] = False
    begin = np.flatnonzero(first)
    delta = points[begin + 1] - points[begin]
    lengths = np.hypot(delta[:, 0], delta[:, 1])
    count = np.maximum(np.ceil(lengths / spacing), 1).astype(np.int64)
    segment = np.repeat(np.arange(len(begin)), count)
    step = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    t = ((step + 0.5) / count[segment]).astype(np.float32)
    at = points[begin][segment] + t[:, None] * delta[segment]
    start, end = strokes.pressure[begin], strokes.pressure[begin + 1]
    weight = (start[segment] + t * (end - start)[segment]) * (lengths / count)[segment]
    low = np.floor(at).astype(np.int64)
    fraction = at - low
    inside = (low[:, 0] >= 0) & (low[:, 1] >= 0) & (low[:, 0] < width - 1) & (low[:, 1] < height - 1)
    low, fraction, weight = low[inside], fraction[inside], weight[inside]
    index = low[:, 1] * width + low[:, 0]
    fx, fy = fraction.T
    shares = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy]
    indices = [index, index + 1, index + width, index + width + 1]
    weights = np.concatenate([weight * share for share in shares])
    density = np.bincount(np.concatenate(indices), weights, width * height)
    return density.reshape(height, width).astype(np.float32)


@lru_cache(maxsize=2)
def paper_tooth(seed: int = 0) -> np.ndarray:
    """The paper's relief: TOOTH_SIZE, float32, 0 in its valleys and 1 on its peaks, 0.5 on average."""
    noise = np.random.default_rng(seed).standard_normal(TOOTH_SIZE[::-1]).astype(np.float32)
    fine, coarse = cv2.GaussianBlur(noise, (0, 0), 1.1), cv2.GaussianBlur(noise, (0, 0), 2.6)
    relief = fine / fine.std() + 0.7 * coarse / coarse.std()
    return np.clip(0.5 + 0.22 * relief / relief.std(), 0, 1)


def _fit(tooth: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    interpolation = cv2.INTER_AREA if size[0] < tooth.shape[1] else cv2.INTER_CUBIC
    return cv2.resize(tooth, size, interpolation=interpolation)


def darkness(deposited: np.ndarray, grade: float, rough: float, seed: int) -> np.ndarray:
    """How dark the paper gets, 0 to 1 (float32, H x W), where so much was deposited.

    grade: the darkest value. rough: 0 to 1, how much of a light stroke misses the paper's valleys; a strong one
    fills them.
    """
    height, width = deposited.shape
    if rough:
        relief = 2 * _fit(paper_tooth(seed), (width, height)) - 1
        deposited = deposited * np.maximum(1 + 1.6 * rough * relief * np.exp(-1.2 * deposited), 0)
    return grade * (1 - np.exp(-GAIN * deposited))


def deposit_of_darkness(dark: np.ndarray, grade: float) -> np.ndarray:
    """What must be deposited for a darkness of 0 to 1: the inverse of darkness on smooth paper."""
    return -np.log(1 - np.clip(dark / grade, 0, 0.97)) / GAIN

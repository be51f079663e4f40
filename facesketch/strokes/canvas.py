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
FULL_WIDTH = 2.355  # of a Gaussian at half its maximum, in standard deviations
SAMPLES_PER_SIGMA = 0.6  # of points along a stroke
MIN_SIGMA = 0.45  # pixels: below, a line is drawn lighter instead of thinner
GAIN = 1.3  # of darkness in the deposit: a stroke of pressure 1 reaches 73 % of the darkest value
TILE = 1024  # side in pixels of the tile of paper tooth


def deposit(strokes: Strokes, size: tuple[int, int], rows: slice | None = None, is_draft: bool = False) -> np.ndarray:
    """How much the strokes leave on paper of size (width, height) in pixels: float32, H x W.

    A single stroke of pressure 1 leaves 1 on its center line; crossing strokes add up. rows: those that are returned;
    all by default. is_draft: one sample for each segment of a stroke, enough where the result is blurred.
    """
    width, height = size
    top, bottom = (rows.start, rows.stop) if rows else (0, height)
    total = np.zeros((bottom - top, width), np.float32)
    if not len(strokes):
        return total
    classes = np.round(np.log(np.maximum(strokes.widths, 1e-6)) / np.log(WIDTH_STEP)).astype(int)
    for width_class in np.unique(classes):
        wanted = WIDTH_STEP**width_class * width / FULL_WIDTH
        sigma = max(wanted, MIN_SIGMA)
        margin = int(np.ceil(4 * sigma)) + 1  # the blur's reach, and a row whose density is incomplete
        density = line_density(
            strokes.select(classes == width_class),
            width,
            slice(top - margin, bottom + margin),
            np.inf if is_draft else sigma / SAMPLES_PER_SIGMA,
        )
        if density is None:
            continue
        peak = np.sqrt(2 * np.pi) * sigma * min(1.0, wanted / sigma)
        blurred = cv2.GaussianBlur(density, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
        total += blurred[margin : margin + bottom - top] * np.float32(peak)
    return total


def line_density(strokes: Strokes, width: int, rows: slice, spacing: float) -> np.ndarray | None:
    """Pressure times length of the strokes in each pixel, with bilinear weights: float32, rows x width.

    spacing: of samples along a stroke, in pixels. None if no stroke comes near the rows.
    """
    points = strokes.points * np.float32(width) - np.float32(0.5)
    height = rows.stop - rows.start
    is_start = np.ones(len(points), bool)
    is_start[strokes.starts[1:] - 1] = False  # a stroke's last point begins no segment
    y, next_y = points[:-1, 1], points[1:, 1]
    is_start[:-1] &= (np.maximum(y, next_y) >= rows.start) & (np.minimum(y, next_y) <= rows.stop)
    begin = np.flatnonzero(is_start)
    if not len(begin):
        return None
    start, delta = points[begin], points[begin + 1] - points[begin]
    lengths = np.hypot(delta[:, 0], delta[:, 1])
    pressure, change = strokes.pressure[begin], strokes.pressure[begin + 1] - strokes.pressure[begin]
    count = np.maximum(np.ceil(lengths / spacing), 1).astype(np.int64)
    if spacing == np.inf:
        at = (start + 0.5 * delta).astype(np.float32)
        weight = ((pressure + 0.5 * change) * lengths).astype(np.float32)
    else:
        segment = np.repeat(np.arange(len(begin)), count)
        step = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
        t = ((step + 0.5) / count[segment]).astype(np.float32)
        at = start[segment] + t[:, None] * delta[segment]
        weight = (pressure[segment] + t * change[segment]) * (lengths / count).astype(np.float32)[segment]
    floor = np.floor(at)
    fx, fy = (at - floor).T
    low = floor.astype(np.int32)
    low[:, 1] -= rows.start
    inside = (low[:, 0] >= 0) & (low[:, 1] >= 0) & (low[:, 0] < width - 1) & (low[:, 1] < height - 1)
    low, fx, fy, weight = low[inside], fx[inside], fy[inside], weight[inside]
    index = low[:, 1].astype(np.int64) * width + low[:, 0]
    shares = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy]
    corners = np.concatenate([index, index + 1, index + width, index + width + 1])
    weights = np.concatenate([weight * share for share in shares])
    return np.bincount(corners, weights, width * height).astype(np.float32).reshape(height, width)


@lru_cache(maxsize=4)
def tooth_tile(seed: int = 0) -> np.ndarray:
    """A tile of the paper's relief: TILE x TILE, float32, from -1 in its valleys to 1 on its peaks; it repeats."""
    noise = np.random.default_rng(seed).standard_normal((TILE, TILE)).astype(np.float32)
    border = 16
    noise = np.pad(noise, border, mode="wrap")
    fine, coarse = (cv2.GaussianBlur(noise, (0, 0), sigma)[border:-border, border:-border] for sigma in (1.1, 2.6))
    relief = fine / fine.std() + 0.7 * coarse / coarse.std()
    return np.clip(0.44 * relief / relief.std(), -1, 1)


def paper_tooth(seed: int, shape: tuple[int, int], tile_size: float, top: int = 0) -> np.ndarray:
    """The paper's relief for shape (height, width), in tiles of tile_size pixels: float32, about -1 to 1.

    top: the row that it begins with.

    A large print also has grain of a fixed size in pixels, so that it does not look enlarged.
    """
    side = max(16, round(tile_size))
    tile = tooth_tile(seed)
    rows, columns = np.arange(top, top + shape[0]), np.arange(shape[1])
    scaled = tile
    if side != TILE:
        scaled = cv2.resize(tile, (side, side), interpolation=cv2.INTER_AREA if side < TILE else cv2.INTER_CUBIC)
    relief = scaled.take(rows, 0, mode="wrap").take(columns, 1, mode="wrap")
    if side > 1.5 * TILE:  # a large print shows finer grain too
        relief = 0.8 * relief + 0.6 * tile.take(rows, 0, mode="wrap").take(columns, 1, mode="wrap")
    return relief


def darkness(deposited: np.ndarray, grade: float, rough: float, tooth: np.ndarray) -> np.ndarray:
    """How dark the paper gets, 0 to 1 (float32, H x W), where so much was deposited.

    grade: the darkest value. rough: 0 to 1, how much of a light stroke misses the paper's valleys; a strong one fills
    them. tooth: the paper's relief.
    """
    if rough:
        deposited = deposited * np.maximum(1 + 1.6 * rough * tooth * np.exp(-1.2 * deposited), 0)
    return grade * (1 - np.exp(-GAIN * deposited))


def crisp_edges(dark: np.ndarray) -> np.ndarray:
    """Ink: a line is black or not there, with an edge of about a pixel."""
    return np.clip((dark - 0.3) / 0.2, 0, 1)


def deposit_of_darkness(dark: np.ndarray, grade: float) -> np.ndarray:
    """What must be deposited for a darkness of 0 to 1: the inverse of darkness on smooth paper."""
    return -np.log(1 - np.clip(dark / grade, 0, 0.97)) / GAIN

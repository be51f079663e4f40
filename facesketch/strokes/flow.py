"""Direction fields that strokes follow, and tracing along them.

A direction, which has no sign, is stored by its doubled angle: a field is float32, H x W x 2, (cos 2a, sin 2a) times
how certain the direction is. Fields of this kind can be added, averaged and resized.
"""

from __future__ import annotations

import cv2
import numpy as np


def edge_tangent_flow(gray: np.ndarray, sigma: float, presmooth: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """The direction along edges, as a field whose length is the coherence (0 to 1), and the contrast of the edges.

    It is the minor eigenvector of the smoothed structure tensor (Brox et al. 2006), which stands in for the iterated
    edge tangent flow of Kang, Lee and Chui (2007), as in Kyprianidis and Kang (2011). gray: float32, H x W, 0 to 1.
    sigma: of the smoothing in pixels. Contrast: float32, H x W, the root mean square of the gradient across the edge.
    """
    smooth = cv2.GaussianBlur(gray, (0, 0), presmooth)
    gx, gy = cv2.Scharr(smooth, cv2.CV_32F, 1, 0, scale=1 / 32), cv2.Scharr(smooth, cv2.CV_32F, 0, 1, scale=1 / 32)
    xx, yy = gx * gx, gy * gy
    tensor = cv2.GaussianBlur(cv2.merge([yy - xx, -2 * gx * gy, xx + yy]), (0, 0), sigma)
    field, energy = np.ascontiguousarray(tensor[..., :2]), tensor[..., 2]
    return field / (energy[..., None] + np.float32(1e-5)), np.sqrt(energy)


def constant_field(angle: float, size: tuple[int, int]) -> np.ndarray:
    """One direction everywhere; angle in degrees, counterclockwise from the right. size: width and height."""
    doubled = np.radians(-2 * angle)
    return np.full((size[1], size[0], 2), (np.cos(doubled), np.sin(doubled)), np.float32)


def blend(first: np.ndarray, second: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """first where weight (H x W, 0 to 1) is 1 and second where it is 0."""
    return second + weight[..., None] * (first - second)


def unit_tangent(field: np.ndarray) -> np.ndarray:
    """Unit vectors (... x 2) of a field's directions; their sign is arbitrary."""
    x, y = field[..., 0], field[..., 1]
    cosine = x / np.maximum(np.sqrt(x * x + y * y), np.float32(1e-12))  # of the doubled angle
    half = np.maximum(np.stack([1 + cosine, 1 - cosine], -1) / 2, 0)
    tangent = np.sqrt(half)
    tangent[..., 1] = np.copysign(tangent[..., 1], y)
    return tangent


def sample(image: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Values of an image (H x W or H x W x C) in the pixels nearest to points (... x 2: x, y)."""
    height, width = image.shape[:2]
    nearest = (points + np.float32(0.5)).astype(np.intp)
    return image[nearest[..., 1].clip(0, height - 1), nearest[..., 0].clip(0, width - 1)]


def trace(
    field: np.ndarray, inside: np.ndarray, seeds: np.ndarray, steps: int, step: float, min_cosine: float = 0.85
) -> tuple[np.ndarray, np.ndarray]:
    """Follow a field from seeds both ways, while inside (booleans, H x W) and without sharp turns.

    seeds: N x 2 in pixels. step: in pixels. min_cosine: of the angle between two steps. Returns points, float32,
    N x (2 * steps + 1) x 2, and which of them belong to the stroke: one run around the seed in each row.
    """
    count, limit = len(seeds), np.array(inside.shape[::-1]) - 1 + step
    points = np.zeros((2 * steps + 1, count, 2), np.float32)
    valid = np.zeros((2 * steps + 1, count), bool)
    points[steps], valid[steps] = seeds, True
    # Both ways at once: the second half of the walkers starts backward.
    walkers, way = np.tile(np.arange(count), 2), np.repeat([1, -1], count)
    at = np.concatenate([seeds, seeds]).astype(np.float32)
    start = unit_tangent(sample(field, seeds)).astype(np.float32)
    heading = np.concatenate([start, -start])
    for i in range(1, steps + 1):
        at = (at + step * heading).astype(np.float32)
        direction = unit_tangent(sample(field, at))
        cosine = (direction * heading).sum(1)
        on_sheet = ((at > -step) & (at < limit)).all(1)
        alive = sample(inside, at) & on_sheet & (np.abs(cosine) > min_cosine)
        walkers, way, at = walkers[alive], way[alive], at[alive]
        heading = direction[alive] * np.sign(cosine[alive])[:, None]
        points[steps + way * i, walkers] = at
        valid[steps + way * i, walkers] = True
    return points.transpose(1, 0, 2), valid.T

"""Contours: the lines of a face as continuous strokes that swell and taper."""

from __future__ import annotations

import math

import cv2
import numpy as np
from skimage.morphology import skeletonize

from .flow import sample

LOW, HIGH = 0.1, 0.22  # response of the weakest pixel of a line, and of at least one of its pixels
MIN_AREA = 10  # pixels of a line, before it is thinned
MAX_GAP = 9.0  # pixels between the ends of two paths that are joined
LOOK_BACK = 5  # pixels that decide a path's heading


def line_response(gray: np.ndarray, tangent: np.ndarray, sigma: float) -> np.ndarray:
    """How much each pixel belongs to a dark line or to the dark side of an edge: float32, H x W, from 0.

    The flow-based difference of Gaussians (Kang, Lee, Chui 2007, Eq. 5 to 8; Winnemoeller et al. 2012) with an
    isotropic difference, averaged along the flow. gray: 0 to 1. tangent: H x W x 2, unit vectors. sigma: half the
    line's width in pixels.
    """
    difference = cv2.GaussianBlur(gray, (0, 0), 1.6 * sigma) - cv2.GaussianBlur(gray, (0, 0), sigma)
    return smooth_along(np.maximum(difference, 0), tangent, (2.0, 4.0))


def smooth_along(image: np.ndarray, tangent: np.ndarray, distances: tuple[float, ...]) -> np.ndarray:
    """The weighted mean of an image at distances in pixels along the flow, both ways (line integral convolution).

    The flow is taken as straight, since it turns little over so few pixels.
    """
    height, width = image.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    dx, dy = cv2.split(tangent)
    total, weights = image.copy(), 1.0
    for distance in distances:
        weight = math.exp(-2 * (distance / (distances[-1] + 1)) ** 2)
        for step in (distance, -distance):
            moved = cv2.remap(image, x + step * dx, y + step * dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            cv2.scaleAdd(moved, weight, total, total)
        weights += 2 * weight
    return total / np.float32(weights)


def ridges(response: np.ndarray) -> np.ndarray:
    """Center lines, one pixel wide, of where the response is above LOW and connected to where it is above HIGH."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((response > LOW).astype(np.uint8), connectivity=8)
    strong = np.zeros(count, bool)
    strong[labels[response > HIGH]] = True
    strong &= stats[:, cv2.CC_STAT_AREA] >= MIN_AREA
    strong[0] = False
    return skeletonize(strong[labels])


def chains(lines: np.ndarray, min_length: int) -> list[np.ndarray]:
    """The paths of a skeleton (booleans, H x W): float32 arrays N x 2 of x, y in pixels.

    At a junction a path goes on as straight as it can; what is left begins paths of its own.
    """
    padded = np.pad(lines, 1)
    stride = padded.shape[1]
    todo = bytearray(padded.astype(np.uint8).tobytes())
    around = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]
    steps = [(dy * stride + dx, dy, dx, 1 / math.hypot(dy, dx)) for dy, dx in around]

    def follow(start: int, heading: tuple[int, int]) -> list[int]:
        """The pixels from start on, without start; heading (y, x) is (0, 0) for any."""
        path, at = [start], start
        while True:
            best, best_score = 0, -1e-9
            for step, dy, dx, scale in steps:
                if todo[at + step]:
                    score = (dy * heading[0] + dx * heading[1]) * scale
                    if score > best_score:
                        best, best_score = at + step, score
            if not best:
                return path[1:]
            todo[best] = 0
            path.append(best)
            at, before = best, path[-1 - min(LOOK_BACK, len(path) - 1)]
            heading = (at // stride - before // stride, at % stride - before % stride)

    neighbors = cv2.filter2D(padded.astype(np.uint8), -1, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT)
    ends = np.flatnonzero(padded & (neighbors == 2))
    found = []
    for start in np.concatenate([ends, np.flatnonzero(padded)]).tolist():
        if not todo[start]:
            continue
        todo[start] = 0
        forward = follow(start, (0, 0))
        path = [start, *forward]
        if forward:
            away = path[min(LOOK_BACK, len(path) - 1)]
            backward = follow(start, (start // stride - away // stride, start % stride - away % stride))
            path = [*backward[::-1], *path]
        if len(path) >= min_length:
            y, x = np.divmod(np.array(path), stride)
            found.append(np.stack([x - 1, y - 1], 1).astype(np.float32))
    return found


def join(paths: list[np.ndarray], min_cosine: float = 0.8) -> list[np.ndarray]:
    """Join paths whose ends are at most MAX_GAP apart and point at each other, the nearest first."""
    if len(paths) < 2:
        return paths
    ends = np.array([end for path in paths for end in (path[0], path[-1])])
    inner = np.array([at for path in paths for at in (path[min(6, len(path) - 1)], path[max(-7, -len(path))])])
    outward = ends - inner
    outward /= np.linalg.norm(outward, axis=1, keepdims=True) + 1e-6
    gap = ends[None] - ends[:, None]
    distance = np.linalg.norm(gap, axis=-1)
    near = np.triu(distance < MAX_GAP, 1)
    i, j = np.nonzero(near)
    toward = gap[i, j] / (distance[i, j, None] + 1e-6)
    face = ((outward[i] * toward).sum(1) > min_cosine) & ((outward[j] * -toward).sum(1) > min_cosine)
    fits = (face | (distance[i, j] < 2.5)) & ((outward[i] * outward[j]).sum(1) < -min_cosine) & (i // 2 != j // 2)
    i, j = i[fits], j[fits]
    partner: dict[int, int] = {}
    for k in np.argsort(distance[i, j], kind="stable"):
        a, b = int(i[k]), int(j[k])
        if a not in partner and b not in partner:
            partner[a], partner[b] = b, a
    joined, used = [], set()
    for first in sorted(range(len(ends)), key=lambda end: end in partner):  # open ends first, then closed rings
        pieces, end = [], first
        while end // 2 not in used:
            used.add(end // 2)
            pieces.append(paths[end // 2][:: 1 if end % 2 == 0 else -1])
            end = partner.get(end ^ 1, end)
        if pieces:
            joined.append(np.concatenate(pieces))
    return joined


def smooth_path(path: np.ndarray, sigma: float, spacing: float) -> np.ndarray:
    """A path without the grid's steps, sampled at about this spacing: float32, N x 2."""
    smooth = smooth_values(path, sigma)
    at = np.linspace(0, len(smooth) - 1, max(2, round(len(smooth) / spacing)))
    low = np.minimum(at.astype(np.intp), len(smooth) - 2)
    return smooth[low] + (at - low).astype(np.float32)[:, None] * (smooth[low + 1] - smooth[low])


def smooth_values(values: np.ndarray, sigma: float) -> np.ndarray:
    """values (float32, N or N x C) along a path, averaged with a Gaussian."""
    column = values.reshape(len(values), 1, -1).astype(np.float32)
    smooth = cv2.GaussianBlur(
        column, (1, 2 * round(3 * sigma) + 1), 1e-3, sigmaY=sigma, borderType=cv2.BORDER_REPLICATE
    )
    return smooth.reshape(values.shape)


def along(response: np.ndarray, path: np.ndarray, sigma: float) -> np.ndarray:
    """The response along a path, smoothed so that pressure changes as slowly as a hand's: float32, N."""
    return smooth_values(sample(response, path), sigma)

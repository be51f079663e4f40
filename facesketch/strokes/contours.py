"""Contours: the lines of a face as continuous strokes that swell and taper."""

from __future__ import annotations

import cv2
import numpy as np
from skimage.morphology import skeletonize

from .flow import sample, unit_tangent

NEIGHBORS = [(-1, 0), (0, -1), (0, 1), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1)]


def line_response(gray: np.ndarray, flow: np.ndarray, sigma: float) -> np.ndarray:
    """How much each pixel belongs to a dark line or to the dark side of an edge: float32, H x W, from 0.

    The flow-based difference of Gaussians (Kang, Lee, Chui 2007, Eq. 5 to 8; Winnemoeller et al. 2012) with an
    isotropic difference, averaged along the flow. gray: 0 to 1. sigma: half the line's width in pixels.
    """
    difference = cv2.GaussianBlur(gray, (0, 0), 1.6 * sigma) - cv2.GaussianBlur(gray, (0, 0), sigma)
    return smooth_along(np.maximum(difference, 0), flow, 5)


def smooth_along(image: np.ndarray, flow: np.ndarray, length: int) -> np.ndarray:
    """The weighted mean of an image over length pixels of the flow, both ways (line integral convolution)."""
    height, width = image.shape
    grid = np.dstack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)))
    tangent = unit_tangent(flow)
    total, weights = image.copy(), 1.0
    for i in range(1, length + 1, 2):  # straight: the flow turns little over so few pixels
        weight = 2 * float(np.exp(-2 * (i / length) ** 2))
        for sign in (i, -i):
            x, y = cv2.split(grid + sign * tangent)
            total += weight * cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        weights += 2 * weight
    return total / weights


def ridges(response: np.ndarray, low: float, high: float) -> np.ndarray:
    """Center lines, one pixel wide, of where the response is above low and connected to where it is above high."""
    count, labels = cv2.connectedComponents((response > low).astype(np.uint8), connectivity=8)
    strong = np.zeros(count, bool)
    strong[np.unique(labels[response > high])] = True
    strong[0] = False
    return skeletonize(strong[labels])


def chains(lines: np.ndarray, min_length: int) -> list[np.ndarray]:
    """The paths of a skeleton between its ends and junctions: arrays N x 2 of x, y in pixels.

    At a junction the two paths that continue each other most nearly are joined.
    """
    todo = {(int(y), int(x)) for y, x in np.argwhere(lines)}

    def follow(start: tuple[int, int], heading: tuple[float, float] | None) -> list[tuple[int, int]]:
        path = [start]
        recent = [start]
        while True:
            y, x = path[-1]
            options = [(y + dy, x + dx) for dy, dx in NEIGHBORS if (y + dy, x + dx) in todo]
            if not options:
                return path
            if heading is None or len(options) == 1:
                chosen = options[0]
            else:
                hy, hx = heading
                chosen = max(options, key=lambda p: ((p[0] - y) * hy + (p[1] - x) * hx) / np.hypot(p[0] - y, p[1] - x))
            if heading is not None and (chosen[0] - y) * heading[0] + (chosen[1] - x) * heading[1] < 0:
                return path
            todo.discard(chosen)
            path.append(chosen)
            recent = path[-6:]
            heading = (float(recent[-1][0] - recent[0][0]), float(recent[-1][1] - recent[0][1]))

    padded = np.pad(lines.astype(np.uint8), 1)
    neighbors = cv2.filter2D(padded, -1, np.ones((3, 3), np.uint8))[1:-1, 1:-1]
    ends = [(int(y), int(x)) for y, x in np.argwhere(lines & (neighbors == 2))]
    found = []
    for start in [*ends, *sorted(todo)]:
        if start not in todo:
            continue
        todo.discard(start)
        path = follow(start, None)
        if len(path) > 1:
            (y0, x0), (y1, x1) = path[0], path[min(5, len(path) - 1)]
            back = (float(y0 - y1), float(x0 - x1))
            path = follow(start, back)[::-1][:-1] + path
        if len(path) >= min_length:
            found.append(np.array(path, np.float32)[:, ::-1])
    return found


def join(paths: list[np.ndarray], max_gap: float, min_cosine: float = 0.8) -> list[np.ndarray]:
    """Join paths whose ends are near and point at each other, the nearest first."""
    if len(paths) < 2:
        return paths
    ends = np.array([end for path in paths for end in (path[0], path[-1])])
    outward = np.array(
        [
            direction
            for path in paths
            for direction in (path[0] - path[min(6, len(path) - 1)], path[-1] - path[max(-7, -len(path))])
        ]
    )
    outward /= np.linalg.norm(outward, axis=1, keepdims=True) + 1e-6
    gap = ends[None] - ends[:, None]
    distance = np.linalg.norm(gap, axis=-1)
    toward = gap / (distance[..., None] + 1e-6)
    faces = ((outward[:, None] * toward).sum(-1) > min_cosine) & ((outward[None] * -toward).sum(-1) > min_cosine)
    faces |= distance < 2.5
    opposite = -(outward[:, None] * outward[None]).sum(-1) > min_cosine
    i, j = np.nonzero(np.triu((distance < max_gap) & faces & opposite, 1))
    order = np.argsort(distance[i, j], kind="stable")
    partner: dict[int, int] = {}
    for a, b in zip(i[order].tolist(), j[order].tolist(), strict=True):
        if a // 2 != b // 2 and a not in partner and b not in partner:
            partner[a], partner[b] = b, a
    joined, used = [], set()
    for first in sorted(range(len(ends)), key=lambda e: e in partner):
        if first // 2 in used:
            continue
        path, end = [], first
        while end // 2 not in used:
            used.add(end // 2)
            piece = paths[end // 2]
            path.append(piece if end % 2 == 0 else piece[::-1])
            exit_end = end ^ 1
            if exit_end not in partner:
                break
            end = partner[exit_end]
        joined.append(np.concatenate(path))
    return joined


def smooth_path(path: np.ndarray, sigma: float, spacing: float) -> np.ndarray:
    """A path without the grid's steps, sampled at about this spacing; its ends stay."""
    padded = np.pad(path, ((12, 12), (0, 0)), mode="reflect", reflect_type="odd") if len(path) > 12 else path
    kernel = cv2.getGaussianKernel(2 * round(3 * sigma) + 1, sigma).ravel()
    smooth = np.stack([np.convolve(padded[:, axis], kernel, mode="same") for axis in (0, 1)], 1)
    smooth = smooth[12:-12] if len(path) > 12 else path
    keep = np.linspace(0, len(smooth) - 1, max(2, round(len(smooth) / spacing)))
    return np.stack([np.interp(keep, np.arange(len(smooth)), smooth[:, axis]) for axis in (0, 1)], 1).astype(np.float32)


def along(response: np.ndarray, path: np.ndarray, sigma: float) -> np.ndarray:
    """The response along a path, smoothed so that pressure changes as slowly as a hand's."""
    near = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)]
    values = np.maximum.reduce([sample(response, path + np.array(offset, np.float32)) for offset in near])
    radius = min(round(3 * sigma), len(values) - 1)
    kernel = cv2.getGaussianKernel(2 * radius + 1, sigma).ravel()
    return np.convolve(np.pad(values, radius, mode="edge"), kernel, mode="valid")

"""Fewer points for the same curves."""

from __future__ import annotations

import numpy as np

from .stroke import Strokes


def simplify(strokes: Strokes, tolerance: float, values: np.ndarray | None = None) -> Strokes:
    """The strokes with only those points that they need to stay within a tolerance of their curves.

    The algorithm of Ramer, Douglas and Peucker, on all strokes at once. tolerance: in the units of the points. values:
    float32, M x K, numbers at each point that should stay within the tolerance too, such as the width of the mark.
    """
    if not len(strokes):
        return strokes
    points = strokes.points if values is None else np.concatenate([strokes.points, values], 1)
    keep = np.zeros(len(points), bool)
    keep[strokes.starts[:-1]] = keep[strokes.starts[1:] - 1] = True
    open_points = np.flatnonzero(~keep)
    while len(open_points):
        kept = np.flatnonzero(keep)
        chord = np.searchsorted(kept, open_points)
        distance = _distances(points[open_points], points[kept[chord - 1]], points[kept[chord]])
        firsts = np.flatnonzero(np.diff(chord, prepend=-1))
        farthest = np.repeat(np.maximum.reduceat(distance, firsts), np.diff(firsts, append=len(chord)))
        is_open = farthest > tolerance
        keep[open_points[is_open & (distance == farthest)]] = True
        open_points = open_points[is_open]
        open_points = open_points[~keep[open_points]]
    lengths = np.add.reduceat(keep, strokes.starts[:-1], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    return Strokes(strokes.points[keep], strokes.pressure[keep], starts, strokes.widths, strokes.layers)


def _distances(points: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """From each point to its line segment: float32, M."""
    along, offset = end - begin, points - begin
    t = np.einsum("ij,ij->i", offset, along) / np.maximum(np.einsum("ij,ij->i", along, along), 1e-20)
    return np.linalg.norm(offset - np.clip(t, 0, 1)[:, None] * along, axis=1)

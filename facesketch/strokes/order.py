"""Orders of strokes that keep neighbors together."""

from __future__ import annotations

import numpy as np

from .stroke import Strokes

HILBERT_BITS = 10


def middles(strokes: Strokes) -> np.ndarray:
    """The middle point of each stroke: float32, N x 2."""
    return strokes.points[(strokes.starts[:-1] + strokes.starts[1:]) // 2]


def hilbert_distance(points: np.ndarray, side: float) -> np.ndarray:
    """How far along the Hilbert curve of a square with this side each point lies: int64, N.

    The algorithm of Wikipedia's "Hilbert curve" (xy2d), on all points at once.
    """
    n = 1 << HILBERT_BITS
    x, y = np.clip(points * (n / side), 0, n - 1).astype(np.int64).T
    distance = np.zeros(len(points), np.int64)
    for bit in reversed(range(HILBERT_BITS)):
        right, low = x >> bit & 1, y >> bit & 1
        distance += (1 << 2 * bit) * ((3 * right) ^ low)
        flip = (low == 0) & (right == 1)
        x, y = np.where(flip, n - 1 - x, x), np.where(flip, n - 1 - y, y)
        x, y = np.where(low == 0, y, x), np.where(low == 0, x, y)
    return distance


class NearestEnds:
    """The ends of lines on a grid, to find the nearest and to take lines away.

    ends: 2N x 2; line i begins at 2i and ends at 2i + 1. cell: the side of the grid's cells.
    """

    def __init__(self, ends: np.ndarray, cell: float):
        self.ends = ends.tolist()
        self.cell = cell
        self.cells: dict[tuple[int, int], list[int]] = {}
        self.cell_of = [(int(x), int(y)) for x, y in np.floor(ends / cell).tolist()]
        for end, key in enumerate(self.cell_of):
            self.cells.setdefault(key, []).append(end)
        columns, rows = zip(*self.cell_of, strict=True)
        self.bounds = (min(columns), max(columns)), (min(rows), max(rows))
        self.reach = max(high - low for low, high in self.bounds) + 1

    def remove(self, line: int) -> None:
        """Take a line away."""
        for end in (2 * line, 2 * line + 1):
            key = self.cell_of[end]
            self.cells[key].remove(end)
            if not self.cells[key]:
                del self.cells[key]

    def nearest(self, x: float, y: float, limit: float = np.inf) -> int | None:
        """The end nearest to a point, at most as far away as limit; None where there is none."""
        column, row = (
            min(max(int(value // self.cell), low), high) for value, (low, high) in zip((x, y), self.bounds, strict=True)
        )
        best, best_distance = None, limit
        for ring in range(self.reach):
            if not self.cells or (ring - 1) * self.cell > best_distance:
                break
            for key in _ring(column, row, ring):
                for end in self.cells.get(key, ()):
                    distance = ((self.ends[end][0] - x) ** 2 + (self.ends[end][1] - y) ** 2) ** 0.5
                    if distance < best_distance or (distance == best_distance and best is None):
                        best, best_distance = end, distance
        return best


def _ring(column: int, row: int, radius: int) -> list[tuple[int, int]]:
    """The cells at this distance around a cell."""
    if radius == 0:
        return [(column, row)]
    across, down = range(column - radius, column + radius + 1), range(row - radius + 1, row + radius)
    sides = [(x, y) for y in down for x in (column - radius, column + radius)]
    return [(x, y) for x in across for y in (row - radius, row + radius)] + sides


def merge_lines(lines: list[np.ndarray], tolerance: float) -> list[np.ndarray]:
    """Lines whose ends lie at most tolerance apart as one line."""
    if not lines:
        return []
    ends = NearestEnds(np.concatenate([[line[0], line[-1]] for line in lines]), max(tolerance, 1e-6))
    merged, done = [], [False] * len(lines)
    for first, line in enumerate(lines):
        if done[first]:
            continue
        done[first] = True
        ends.remove(first)
        parts = [line]
        for at_end in (True, False):
            while True:
                x, y = (parts[-1][-1] if at_end else parts[0][0]).tolist()
                if (end := ends.nearest(x, y, tolerance)) is None:
                    break
                number = end // 2
                done[number] = True
                ends.remove(number)
                part = lines[number] if (end % 2 == 0) == at_end else lines[number][::-1]
                parts = [*parts, part] if at_end else [part, *parts]
        merged.append(np.concatenate(parts))
    return merged


def order_lines(lines: list[np.ndarray], start: tuple[float, float] = (0, 0)) -> list[np.ndarray]:
    """The lines in an order, and each in the direction, with short travel between them: always the nearest one next."""
    if not lines:
        return []
    points = np.concatenate([[line[0], line[-1]] for line in lines])
    extent = float(np.ptp(points, axis=0).max())
    ends = NearestEnds(points, max(extent / len(lines) ** 0.5, 1e-6))
    ordered: list[np.ndarray] = []
    x, y = start
    while (end := ends.nearest(x, y)) is not None:
        ends.remove(end // 2)
        ordered.append(lines[end // 2][:: 1 if end % 2 == 0 else -1])
        x, y = ordered[-1][-1].tolist()
    return ordered


def travel(lines: list[np.ndarray], start: tuple[float, float] = (0, 0)) -> float:
    """The distance from the start to the first line, and from each line's end to the next one."""
    if not lines:
        return 0.0
    begins = np.array([line[0] for line in lines])
    ends = np.array([start, *(line[-1] for line in lines[:-1])])
    return float(np.linalg.norm(begins - ends, axis=1).sum())

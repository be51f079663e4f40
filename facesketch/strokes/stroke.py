"""Strokes as data: what a drawing consists of, independent of its size in pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

LAYERS = ("contour", "shading", "detail", "highlight")  # in the order in which they are drawn


@dataclass(frozen=True)
class Stroke:
    """One movement of the pencil.

    points: float32, N x 2 (x to the right, y down), in units of the face crop's width, so that x is 0 to 1 and y is 0
    to 1.25. pressure: float32, N, 0 to 1, at each point. width: of the mark, in the same units as points. layer: a name
    in LAYERS.
    """

    points: np.ndarray
    pressure: np.ndarray
    width: float
    layer: str


@dataclass(frozen=True, eq=False)
class Strokes(Sequence[Stroke]):
    """Many strokes in the order in which they are drawn, stored without a Python object for each.

    points: float32, M x 2, and pressure: float32, M, of all strokes one after another. starts: int64, N + 1: stroke i
    has the points from starts[i] to starts[i + 1]. widths: float32, N. layers: uint8, N, indices into LAYERS.
    """

    points: np.ndarray
    pressure: np.ndarray
    starts: np.ndarray
    widths: np.ndarray
    layers: np.ndarray

    @classmethod
    def empty(cls) -> Strokes:
        """No strokes."""
        return cls(
            np.empty((0, 2), np.float32),
            np.empty(0, np.float32),
            np.zeros(1, np.int64),
            np.empty(0, np.float32),
            np.empty(0, np.uint8),
        )

    @classmethod
    def from_arrays(
        cls, points: np.ndarray, pressure: np.ndarray, lengths: np.ndarray, widths: np.ndarray, layer: str
    ) -> Strokes:
        """Strokes of one layer; lengths: the number of points of each."""
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        layers = np.full(len(widths), LAYERS.index(layer), np.uint8)
        return cls(points.astype(np.float32), pressure.astype(np.float32), starts, widths.astype(np.float32), layers)

    @classmethod
    def concatenate(cls, parts: Sequence[Strokes]) -> Strokes:
        """All strokes of several, in order."""
        if not parts:
            return cls.empty()
        offsets = np.cumsum([0] + [len(part.points) for part in parts])
        starts = [part.starts[:-1] + offset for part, offset in zip(parts, offsets, strict=False)]
        return cls(
            np.concatenate([part.points for part in parts]),
            np.concatenate([part.pressure for part in parts]),
            np.concatenate([*starts, offsets[-1:]]).astype(np.int64),
            np.concatenate([part.widths for part in parts]),
            np.concatenate([part.layers for part in parts]),
        )

    def __len__(self) -> int:
        return len(self.widths)

    def __getitem__(self, index: int) -> Stroke:  # type: ignore[override]
        i = range(len(self))[index]
        part = slice(self.starts[i], self.starts[i + 1])
        return Stroke(self.points[part], self.pressure[part], float(self.widths[i]), LAYERS[self.layers[i]])

    def __iter__(self) -> Iterator[Stroke]:
        return (self[i] for i in range(len(self)))

    @property
    def lengths(self) -> np.ndarray:
        """The number of points of each stroke: int64, N."""
        return np.diff(self.starts)

    def select(self, indices: np.ndarray) -> Strokes:
        """The strokes at indices (integers, or a mask of booleans), in that order."""
        chosen = np.flatnonzero(indices) if indices.dtype == bool else np.asarray(indices, np.int64)
        lengths = self.lengths[chosen]
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        rows = np.repeat(self.starts[chosen] - starts[:-1], lengths) + np.arange(starts[-1])
        return Strokes(self.points[rows], self.pressure[rows], starts, self.widths[chosen], self.layers[chosen])

    def keep(self, mask: np.ndarray) -> Strokes:
        """The strokes without the points that mask (booleans, M) excludes, each cut in two where it lost some."""
        before = np.concatenate([[False], mask[:-1]])
        before[self.starts[:-1]] = False
        stroke_of = np.repeat(np.arange(len(self)), self.lengths)
        rows = np.flatnonzero(mask)
        first = np.flatnonzero((mask & ~before)[rows])
        lengths = np.diff(np.append(first, len(rows)))
        owner = stroke_of[rows[first]]
        cut = Strokes(
            self.points[rows],
            self.pressure[rows],
            np.append(first, len(rows)).astype(np.int64),
            self.widths[owner],
            self.layers[owner],
        )
        return cut.select(lengths > 1)

    def layer(self, name: str) -> Strokes:
        """The strokes of one layer."""
        return self.select(self.layers == LAYERS.index(name))

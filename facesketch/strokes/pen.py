"""A sheet for pen plotters: black single lines of one pen, whose number makes the tone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .canvas import darkness
from .order import hilbert_distance, merge_lines, middles, order_lines, travel
from .sheet import Sheet
from .simplify import simplify
from .stroke import LAYERS, Strokes
from .svg import EDGE, UNITS_PER_MM, WIDTH_MM, document, layer_group, polylines

TOLERANCE_MM = 0.05
MIN_DARKNESS = {"contour": 0.25, "detail": 0.2}  # of a line that is drawn; lighter parts are left out
MIN_LENGTH_MM = 0.8  # shorter lines are dots
MERGE_PENS = 0.5  # ends at most this many pen widths apart meet


@dataclass(frozen=True)
class PenDrawing:
    """Lines in the order in which a plotter draws them.

    lines: float32, N x 2 each, in millimeters from the upper left corner. size_mm: width and height of the sheet.
    """

    lines: list[np.ndarray]
    pen_mm: float
    size_mm: tuple[float, float]

    @property
    def drawn_mm(self) -> float:
        """The length of all lines."""
        return float(sum(np.linalg.norm(np.diff(line, axis=0), axis=1).sum() for line in self.lines))

    @property
    def travel_mm(self) -> float:
        """How far the lifted pen moves, beginning at the upper left corner."""
        return travel(self.lines)

    def to_svg(self) -> str:
        """An SVG file with one layer, as vpype and the programs of plotters read it."""
        report = f"{len(self.lines)} lines, {self.drawn_mm:.0f} mm, and {self.travel_mm:.0f} mm with the pen lifted"
        units = np.round(np.concatenate(self.lines or [np.empty((0, 2))]) * UNITS_PER_MM).astype(np.int64)
        paths = polylines(units, [len(line) for line in self.lines])
        pen = f'fill="none" stroke="#000" stroke-width="{self.pen_mm:g}" stroke-linecap="round" stroke-linejoin="round"'
        layer = layer_group("1", "pen", pen, "\n".join(f'<path d="{data}"/>' for data in paths))
        return document(*self.size_mm, [f"<!-- {report} -->", layer])


def draw_with_pen(sheet: Sheet, pen_mm: float, width_mm: float = WIDTH_MM) -> PenDrawing:
    """The lines of a pen of this width. The white of highlights is left out.

    Contours and details are drawn where the pencil presses enough. Of the shading, so many strokes are drawn that their
    ink is that of all: strokes that lie next to each other share the error (error diffusion).
    """
    size_mm = width_mm, width_mm * sheet.aspect
    lines: list[np.ndarray] = []
    for name in LAYERS:
        strokes = sheet.strokes.layer(name)
        strokes = strokes.select(strokes.lengths > 1)
        if name == "highlight" or not len(strokes):
            continue
        if name == "shading":
            strokes = _thinned(strokes, pen_mm / width_mm, sheet.aspect)
        visible = _darkness(strokes) >= MIN_DARKNESS.get(name, 0)
        visible &= ((strokes.points >= 0) & (strokes.points <= (1, sheet.aspect))).all(axis=1)
        drawn = simplify(_runs(strokes, visible), TOLERANCE_MM / width_mm)
        lines += [stroke.points * np.float32(width_mm) for stroke in drawn if len(stroke.points) > 1]
    merged = merge_lines(lines, MERGE_PENS * pen_mm)
    kept = [line for line in merged if np.linalg.norm(np.diff(line, axis=0), axis=1).sum() >= MIN_LENGTH_MM]
    return PenDrawing(order_lines(kept), pen_mm, size_mm)


def to_pen_svg(sheet: Sheet, pen_mm: float = 0.5, width_mm: float = WIDTH_MM) -> str:
    """The text of an SVG file for plotters, in millimeters."""
    return draw_with_pen(sheet, pen_mm, width_mm).to_svg()


def _darkness(strokes: Strokes) -> np.ndarray:
    """How dark each point of a single stroke gets, 0 to 1: float32, M."""
    return darkness(strokes.pressure, grade=1, rough=0, tooth=np.zeros(1))


def _thinned(strokes: Strokes, pen: float, aspect: float) -> Strokes:
    """As many of the strokes, in pieces of the sheet that are next to each other, as have the ink of all.

    pen: the pen's width, in the units of the strokes' points.
    """
    strokes = strokes.select(np.argsort(hilbert_distance(middles(strokes), max(1, aspect)), kind="stable"))
    lengths = np.linalg.norm(np.diff(strokes.points, axis=0, append=strokes.points[-1:]), axis=1)
    lengths[strokes.starts[1:] - 1] = 0  # a stroke's last point begins no segment
    density = -np.log1p(-_darkness(strokes))  # that of strokes over each other adds up
    ink = np.add.reduceat(density * lengths, strokes.starts[:-1]) * strokes.widths * EDGE
    black = np.add.reduceat(lengths, strokes.starts[:-1]) * pen
    owed, chosen = 0.0, []
    for number, (wanted, drawn) in enumerate(zip(ink.tolist(), black.tolist(), strict=True)):
        owed += wanted
        if owed >= drawn / 2:
            owed = min(owed - drawn, drawn)
            chosen.append(number)
    return strokes.select(np.array(chosen, np.int64))


def _runs(strokes: Strokes, visible: np.ndarray) -> Strokes:
    """The runs of visible points, each as a stroke."""
    begins = visible & ~np.concatenate([[False], visible[:-1]])
    begins[strokes.starts[:-1]] = visible[strokes.starts[:-1]]
    starts = np.append(np.flatnonzero(begins[visible]), np.count_nonzero(visible))
    owner = np.repeat(np.arange(len(strokes)), strokes.lengths)[begins]
    return Strokes(
        strokes.points[visible], strokes.pressure[visible], starts, strokes.widths[owner], strokes.layers[owner]
    )

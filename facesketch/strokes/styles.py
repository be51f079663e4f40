"""The styles that a drawing can have. A new style is one entry here."""

from __future__ import annotations

from dataclasses import dataclass

Color = tuple[int, int, int]  # RGB, 0 to 255


@dataclass(frozen=True)
class StrokeStyle:
    """A way of drawing in strokes.

    label: the style that a generator with styles is asked for. paper, pencil, highlight: colors. grade: the darkest
    value, 0 to 1. rough: 0 to 1, how much of the paper's tooth shows.
    """

    name: str
    label: str = "shaded"
    paper: Color = (255, 255, 255)
    pencil: Color = (24, 24, 26)
    highlight: Color = (255, 252, 244)
    grade: float = 0.92
    rough: float = 0.6


STROKE_STYLES = {
    style.name: style
    for style in (
        StrokeStyle("graphite"),
        StrokeStyle("line", label="line"),
        StrokeStyle("charcoal", label="charcoal"),
        StrokeStyle("soft", label="soft", paper=(246, 240, 228)),
        StrokeStyle("ink", label="line", pencil=(0, 0, 0), rough=0.0),
        StrokeStyle("sanguine", paper=(226, 208, 182), pencil=(132, 48, 30)),
    )
}

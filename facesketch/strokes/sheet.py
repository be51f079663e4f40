"""Sheet: a drawing in strokes, which renders at any size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from .canvas import crisp_edges, darkness, deposit, paper_tooth
from .stroke import LAYERS, Strokes
from .styles import Style

HIGHLIGHT = LAYERS.index("highlight")
CHALK_GRADE = 0.95
STRIP_ROWS = 640  # that are rendered at a time, so that memory does not grow with the sheet


@dataclass(frozen=True, eq=False)
class Sheet:
    """Strokes on paper.

    strokes: in units of the sheet's width. aspect: height over width. seed: of the paper's tooth. tooth_size: width of
    the tile of paper tooth in the same units: as wide as a face crop.
    """

    strokes: Strokes
    style: Style
    aspect: float = 1.25
    seed: int = 0
    tooth_size: float = 1.0

    def size(self, width: int) -> tuple[int, int]:
        """Width and height in pixels of a rendering."""
        return width, max(1, round(width * self.aspect))

    def deposits(self, width: int, rows: slice | None = None) -> tuple[np.ndarray, np.ndarray]:
        """What the pencil and the white chalk deposit: two float32 arrays, H x W, as canvas.deposit returns.

        rows: of the rendering; all by default.
        """
        size = self.size(width)
        is_highlight = self.strokes.layers == HIGHLIGHT
        pencil, chalk = self.strokes.select(~is_highlight), self.strokes.select(is_highlight)
        return deposit(pencil, size, rows), deposit(chalk, size, rows)

    def render(self, width: int, transparent: bool = False) -> Image.Image:
        """The sheet as an image of this width in pixels: RGB, or RGBA with transparent paper."""
        canvas = Image.new("RGBA" if transparent else "RGB", self.size(width))
        for rows in strips(canvas.height):
            pixels = self.colorize(*self.deposits(width, rows), transparent, rows.start)
            canvas.paste(Image.fromarray(pixels), (0, rows.start))
        return canvas

    def colorize(self, pencil: np.ndarray, chalk: np.ndarray, transparent: bool = False, top: int = 0) -> np.ndarray:
        """The colors of paper with these deposits: uint8, H x W x 3, or with transparent paper x 4.

        top: the first row's place in the rendering.
        """
        style, shape, tooth_size = self.style, pencil.shape, self.tooth_size * pencil.shape[1]
        dark = darkness(pencil, style.grade, style.rough, paper_tooth(self.seed, shape, tooth_size, top))
        dark = crisp_edges(dark) if style.crisp else dark
        light = np.zeros_like(dark)
        if chalk.any():
            light = darkness(chalk, CHALK_GRADE, style.rough, paper_tooth(self.seed + 1, shape, tooth_size, top))
        marked = 1 - (1 - dark) * (1 - light)
        # Paper under pencil under chalk, each color times what is seen of it.
        paper = (1 - dark) * (1 - light)
        color = np.empty((*shape, 4 if transparent else 3), np.float32)
        scale = 1 / np.maximum(marked, 1e-6) if transparent else 1.0
        for i in range(3):
            color[..., i] = (style.pencil[i] * dark * (1 - light) + style.highlight[i] * light) * scale
            if not transparent:
                color[..., i] += style.paper[i] * paper
        if transparent:
            color[..., 3] = 255 * marked
        return np.round(np.clip(color, 0, 255)).astype(np.uint8)


def strips(height: int) -> Iterator[slice]:
    """Rows 0 to height in strips of at most STRIP_ROWS."""
    return (slice(top, min(height, top + STRIP_ROWS)) for top in range(0, height, STRIP_ROWS))

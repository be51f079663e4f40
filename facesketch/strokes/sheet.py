"""Sheet: a drawing in strokes, which renders at any size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from .canvas import darkness, deposit
from .stroke import LAYERS, Strokes
from .styles import StrokeStyle

HIGHLIGHT = LAYERS.index("highlight")


@dataclass(frozen=True, eq=False)
class Sheet:
    """Strokes on paper.

    strokes: in units of the sheet's width. aspect: height over width. seed: of the paper's tooth.
    """

    strokes: Strokes
    style: StrokeStyle
    aspect: float = 1.25
    seed: int = 0

    def size(self, width: int) -> tuple[int, int]:
        """Width and height in pixels of a rendering."""
        return width, round(width * self.aspect)

    def deposits(self, width: int) -> tuple[np.ndarray, np.ndarray]:
        """What the pencil and the white chalk deposit: two float32 arrays, H x W, as canvas.deposit returns."""
        size = self.size(width)
        is_highlight = self.strokes.layers == HIGHLIGHT
        return deposit(self.strokes.select(~is_highlight), size), deposit(self.strokes.select(is_highlight), size)

    def render(self, width: int) -> Image.Image:
        """The sheet as an RGB image of this width in pixels."""
        return Image.fromarray(self.colorize(*self.deposits(width)))

    def colorize(self, pencil: np.ndarray, chalk: np.ndarray) -> np.ndarray:
        """The colors of paper with these deposits: uint8, H x W x 3."""
        style = self.style
        dark = darkness(pencil, style.grade, style.rough, self.seed)[..., None]
        if style.crisp:
            dark = np.clip((dark - 0.3) / 0.2, 0, 1)
        color = np.float32(style.paper) * (1 - dark) + np.float32(style.pencil) * dark
        if chalk.any():
            light = darkness(chalk, 0.95, style.rough, self.seed + 1)[..., None]
            color = color * (1 - light) + np.float32(style.highlight) * light
        return np.round(color).astype(np.uint8)

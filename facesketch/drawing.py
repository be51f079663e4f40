"""Drawing: the result of a pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from .errors import OptionError
from .face.face import Face
from .messages import Message
from .strokes.save import save_drawing
from .strokes.sheet import Sheet
from .strokes.stroke import Strokes


@dataclass(frozen=True)
class Drawing:
    """image: RGB, or RGBA with a transparent background. faces: those drawn; none with align="never". warnings: what
    went less well than it could, each a sentence (str) with a code to translate it by. sheet: the strokes, which can be
    rendered at any size; None for a drawing without strokes, and over a photo.
    """

    image: Image.Image
    faces: tuple[Face, ...] = ()
    warnings: tuple[Message, ...] = ()
    sheet: Sheet | None = None

    @property
    def strokes(self) -> Strokes:
        """The strokes in the order in which they are drawn; none for a drawing without strokes."""
        return self.sheet.strokes if self.sheet else Strokes.empty()

    def render(self, width: int) -> Image.Image:
        """The same strokes at another width in pixels. Raises OptionError where there are none."""
        if self.sheet is None:
            raise OptionError("render.no_strokes")
        return self.sheet.render(width, transparent=self.image.mode == "RGBA")

    def save(self, path: str | Path, replay: bool = False, pen: float | None = None) -> None:
        """Write the drawing in the format of the path's suffix, completely or not at all.

        replay: .gif and .webp show how it is drawn, as .mp4 always does. pen: .svg has single black lines of this width
        in mm, in an order with short travel, for a pen plotter. Raises OptionError for an unknown suffix, one that
        cannot keep transparency, and one that needs strokes that the drawing lacks; and OSError.
        """
        save_drawing(self.image, self.sheet, Path(path), replay, pen)

"""Drawing: the result of a pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from .errors import OptionError
from .face.face import Face
from .image.save import save_image
from .messages import Message
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
        """The drawing at another width in pixels: the same strokes with more pixels. Raises OptionError without strokes."""
        if self.sheet is None:
            raise OptionError("render.no_strokes")
        return self.sheet.render(width, transparent=self.image.mode == "RGBA")

    def save(self, path: str | Path) -> None:
        """Write the image in the format of the path's suffix, completely or not at all.

        Raises OptionError for an unknown suffix or one that cannot keep transparency, and OSError.
        """
        save_image(self.image, Path(path))

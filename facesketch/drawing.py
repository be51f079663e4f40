"""Drawing: the result of a pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from .face.face import Face
from .image.save import save_image
from .messages import Message


@dataclass(frozen=True)
class Drawing:
    """image: RGB, or RGBA with a transparent background. faces: those drawn; none with align="never". warnings: what
    went less well than it could, each a sentence (str) with a code to translate it by.
    """

    image: Image.Image
    faces: tuple[Face, ...] = ()
    warnings: tuple[Message, ...] = ()

    def save(self, path: str | Path) -> None:
        """Write the image in the format of the path's suffix, completely or not at all.

        Raises OptionError for an unknown suffix or one that cannot keep transparency, and OSError.
        """
        save_image(self.image, Path(path))

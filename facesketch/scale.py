"""Sketcher: drawing as a step of a data pipeline, such as map_batches of Ray Data.

It takes and returns a batch as columns, a dict of NumPy arrays, and needs no other package.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from . import load
from .drawing import Drawing
from .errors import FacesketchError
from .face.face import Face
from .face.select import select_faces
from .files import atomic_write
from .image.io import read_image
from .image.save import encode
from .options import DrawOptions
from .pipeline import Target

PICTURES = ("bytes", "image")  # columns of encoded files, or of pixels: uint8, H x W or H x W x C


@dataclass
class _Picture:
    """A picture of a batch. faces: all that it shows; None with align="never"."""

    image: Image.Image | None = None
    faces: list[Face] | None = None
    drawing: Drawing | None = None
    error: str = ""


class Sketcher:
    """Draws batches of pictures. The model is loaded once, when an actor makes its Sketcher.

    model, target and device are those of facesketch.load; options are of each drawing. out: a folder that the drawings
    are written to, as PATH.png for each PATH of the column `path`. Raises what load does.
    """

    def __init__(
        self,
        model: str = "cyclegan",
        target: Target = "sketch",
        device: str = "cpu",
        options: DrawOptions | None = None,
        out: str | None = None,
    ):
        self.pipeline = load(model, target, device)
        self.options = options or DrawOptions()
        self.pipeline.validate(self.options)
        self.out = None if out is None else Path(out)

    def __call__(self, batch: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """The batch with a drawing in place of each picture.

        batch: a column `bytes` or `image`, and any others, which are kept. Adds `sketch`, PNG files, or with out the
        column `out`, paths; `faces`, how many each picture shows; `warnings`, sentences; and `error`, a sentence, or ""
        where there is a drawing. Where there is none, `sketch` and `out` are empty.
        """
        column = next(name for name in PICTURES if name in batch)
        pictures = [self._open(data) for data in batch[column]]
        self._draw([picture for picture in pictures if not picture.error])
        result: dict[str, Any] = {name: values for name, values in batch.items() if name not in PICTURES}
        if self.out is None:
            result["sketch"] = np.array([_png(picture) for picture in pictures], dtype=object)
        else:
            result["out"] = [
                self._write(picture, str(path)) for picture, path in zip(pictures, batch["path"], strict=True)
            ]
        result["faces"] = np.array([len(picture.faces or ()) for picture in pictures])
        result["warnings"] = [" ".join(map(str, each.drawing.warnings if each.drawing else ())) for each in pictures]
        result["error"] = [picture.error for picture in pictures]
        return result

    def _open(self, data: Any) -> _Picture:
        picture = _Picture()
        try:
            picture.image = read_image(Image.fromarray(data) if isinstance(data, np.ndarray) else bytes(data))
            if self.options.align != "never":
                picture.faces = select_faces(picture.image)
        except Exception as error:  # pictures make decoders and detectors raise anything
            picture.error = _sentence(error)
        return picture

    def _draw(self, pictures: Sequence[_Picture]) -> None:
        """Draw all together; if that fails, each alone, so that only those that fail have an error."""
        images = [picture.image for picture in pictures if picture.image]
        try:
            drawings = self.pipeline.draw_batch(images, self.options, [picture.faces for picture in pictures])
        except Exception as error:
            if len(pictures) == 1:
                pictures[0].error = _sentence(error)
                return
            for picture in pictures:
                self._draw([picture])
            return
        for picture, drawing in zip(pictures, drawings, strict=True):
            picture.drawing = drawing

    def _write(self, picture: _Picture, path: str) -> str:
        """Write a drawing. Its name follows from the picture's path, so a repeated batch writes the same files."""
        assert self.out is not None
        if picture.drawing is None:
            return ""
        target = self.out / os.path.normpath(f"/{path}").lstrip("/\\")
        target = target.with_name(f"{target.name}.png")
        try:
            atomic_write(target, _png(picture))
        except OSError as error:
            picture.error = _sentence(error)
            return ""
        return str(target)


def _png(picture: _Picture) -> bytes:
    return encode(picture.drawing.image, "PNG") if picture.drawing else b""


def _sentence(error: Exception) -> str:
    if isinstance(error, FacesketchError):
        return str(error)
    return f"It cannot be drawn ({type(error).__name__}: {next(iter(str(error).splitlines()), '')})."

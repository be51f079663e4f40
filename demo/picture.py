"""The one input for pictures, on every tab."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.data_classes import ImageData
from PIL import Image

import facesketch
from facesketch import Face, ImageError
from facesketch.faces.choose import Box, read_box

from .uploads import NOT_UPLOADED, uploaded

PIXELS = 32_000_000  # of a picture as it is read; a request may hold two of so many, of 4 bytes each


def opened(path: str) -> Image.Image:
    """The picture in a file, read smaller where it has more than PIXELS, which the page says. Raises ImageError."""
    return facesketch.read_image(path, PIXELS)


def boxed(image: Image.Image, text: str) -> Box | None:
    """The box in "x, y, width, height" of the picture as it was uploaded, in that which was read; None for no text.

    Raises NoFaceError.
    """
    return tuple(value / image.info.get("shrink", 1) for value in read_box(text)) if text.strip() else None


def box_of(image: Image.Image, face: Face) -> Box:
    """A face's box in the picture as it was uploaded, from that which was read."""
    return tuple(value * image.info.get("shrink", 1) for value in face.box)


class Picture(gr.Image):
    """An uploaded picture, handed over as the file that came, for read_image to check; gr.Image would open it first.

    A class, as Gradio makes components anew from their class once one is updated.
    """

    is_template = True  # on the page it is an Image

    def preprocess(self, payload: ImageData | None) -> str | None:
        """The file's path. Raises ImageError for what was not uploaded."""
        return None if payload is None else named(payload.path, payload.url)

    def example_payload(self) -> Any:
        """What the page's text on the API shows, where a link would be refused."""
        return {"path": "photo.jpg", "orig_name": "photo.jpg", "meta": {"_type": "gradio.FileData"}}

    def example_value(self) -> Any:
        """The same."""
        return self.example_payload()


def named(path: Any, url: Any) -> str:
    """The uploaded file that a request names. Raises ImageError."""
    if not isinstance(path, str) or (isinstance(url, str) and url.startswith("data:")):
        raise ImageError(NOT_UPLOADED)
    return uploaded(path)


def check(block: gr.blocks.Block, value: Any) -> None:
    """Refuse a request's value for an input before Gradio looks at it: it would fetch addresses. Raises ImageError.

    A picture's is one uploaded file, and nothing else holds files.
    """
    if isinstance(block, Picture):
        if value is not None:
            if not isinstance(value, dict):
                raise ImageError(NOT_UPLOADED)
            named(value.get("path"), value.get("url"))
    elif holds_file(value):
        raise ImageError(NOT_UPLOADED)


def holds_file(value: Any) -> bool:
    """Whether anything in a request's value names a file or an address."""
    if isinstance(value, dict):
        return bool(value.keys() & {"path", "url"}) or any(map(holds_file, value.values()))
    return isinstance(value, list | tuple) and any(map(holds_file, value))

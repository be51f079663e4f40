"""The inputs for pictures, on every tab: none opens anything but what was uploaded."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components.image_editor import EditorData
from gradio.data_classes import ImageData, ListFiles
from PIL import Image

import facesketch
from facesketch import Face, ImageError
from facesketch.faces.choose import Box, read_box

from .uploads import NOT_UPLOADED, uploaded

SHEET = ("background", "composite", "layers", "id")  # what an editor's value holds
MOST_LAYERS, MOST_PHOTOS = 8, 200
JPEG, MOST_FRAME = "data:image/jpeg;base64,", 2**20
PIXELS = 32_000_000  # of a picture as it is read; a request may hold two of so many, of 4 bytes each


def opened(path: str | bytes | Image.Image) -> Image.Image:
    """A picture, from a file, its bytes or PIL, read smaller if it has more than PIXELS, which is said.

    Raises ImageError.
    """
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

    def admit(self, value: Any) -> None:
        """Let in one uploaded file. Raises ImageError."""
        admit(value)

    def preprocess(self, payload: ImageData | None) -> str | None:
        """The file's path. Raises ImageError for what was not uploaded."""
        return None if payload is None else named(payload.path, payload.url)

    def example_payload(self) -> Any:
        """What the page's text on the API shows, where a link would be refused."""
        return {"path": "photo.jpg", "orig_name": "photo.jpg", "meta": {"_type": "gradio.FileData"}}

    def example_value(self) -> Any:
        """The same."""
        return self.example_payload()


class Sheet(gr.ImageEditor):
    """A sheet to draw on, handed over as the uploaded files that hold it, for read_image to check."""

    is_template = True

    def admit(self, value: Any) -> None:
        """Let in uploaded files, and none that came another way. Raises ImageError."""
        if value is None:
            return
        layers = value.get("layers") if isinstance(value, dict) else None
        if not isinstance(value, dict) or value.get("id") is not None or not isinstance(layers or [], list):
            raise ImageError(NOT_UPLOADED)
        for file in [value.get("background"), value.get("composite"), *(layers or [])[:MOST_LAYERS]]:
            admit(file)
        if len(layers or []) > MOST_LAYERS or holds_file({k: v for k, v in value.items() if k not in SHEET}):
            raise ImageError(NOT_UPLOADED)

    def preprocess(self, payload: EditorData | None) -> dict | None:
        """The paths of background, layers and composite. Raises ImageError."""
        if payload is None:
            return None
        one = {
            name: file and named(file.path, file.url) for name in SHEET[:2] if (file := getattr(payload, name, None))
        }
        return {**one, "layers": [named(layer.path, layer.url) for layer in payload.layers]}


class Photos(gr.File):
    """Many uploaded files, each handed over as (path, the name that it had)."""

    is_template = True

    def admit(self, value: Any) -> None:
        """Let in a list of uploaded files. Raises ImageError."""
        if value is not None and (not isinstance(value, list) or len(value) > MOST_PHOTOS):
            raise ImageError(f"Choose at most {MOST_PHOTOS} photos." if isinstance(value, list) else NOT_UPLOADED)
        for file in value or []:
            if file is None:
                raise ImageError(NOT_UPLOADED)
            admit(file)

    def preprocess(self, payload: ListFiles | None) -> list[tuple[str, str]]:
        """Path and name of each. Raises ImageError."""
        files = [(named(file.path, file.url), file.orig_name or file.path) for file in payload or []]
        return [(path, Path(name).name) for path, name in files]


class Frame(gr.Image):
    """A camera's moving picture, frame by frame, each in the request itself; handed over as its bytes."""

    is_template = True

    def admit(self, value: Any) -> None:
        """Let in what a browser makes of a frame, a JPEG in base64. Raises ImageError."""
        if value is not None:
            frame(value.get("url") if isinstance(value, dict) and value.get("path") is None else value)

    def preprocess(self, payload: ImageData | None) -> bytes | None:
        """The file's bytes. Raises ImageError."""
        return None if payload is None else frame(payload.url)


def frame(value: Any) -> bytes:
    """The bytes in a data address of a JPEG. Raises ImageError."""
    if not isinstance(value, str) or not value.startswith(JPEG) or len(value) > MOST_FRAME:
        raise ImageError(NOT_UPLOADED)
    try:
        return base64.b64decode(value[len(JPEG) :], validate=True)
    except ValueError as error:
        raise ImageError(NOT_UPLOADED) from error


def admit(value: Any) -> None:
    """Let in None, or a request's word of one uploaded file. Raises ImageError."""
    if value is not None:
        if not isinstance(value, dict):
            raise ImageError(NOT_UPLOADED)
        named(value.get("path"), value.get("url"))


def named(path: Any, url: Any) -> str:
    """The uploaded file that a request names. Raises ImageError."""
    if not isinstance(path, str) or (isinstance(url, str) and url.startswith("data:")):
        raise ImageError(NOT_UPLOADED)
    return uploaded(path)


def check(block: gr.blocks.Block, value: Any) -> None:
    """Refuse a request's value for an input before Gradio looks at it: it would fetch addresses. Raises ImageError.

    What takes pictures says itself what it lets in, and nothing else holds files.
    """
    if hasattr(block, "admit"):
        block.admit(value)
    elif holds_file(value):
        raise ImageError(NOT_UPLOADED)


def holds_file(value: Any) -> bool:
    """Whether anything in a request's value names a file or an address."""
    if isinstance(value, dict):
        return bool(value.keys() & {"path", "url"}) or any(map(holds_file, value.values()))
    return isinstance(value, list | tuple) and any(map(holds_file, value))

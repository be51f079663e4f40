"""Results: pictures written in the format of their suffix, with a mark that says who made them."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ..files import write
from ..version import __version__

FORMATS = {
    ".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".jfif": "JPEG", ".webp": "WEBP",
    ".avif": "AVIF", ".tif": "TIFF", ".tiff": "TIFF", ".bmp": "BMP", ".gif": "GIF",
}  # fmt: skip
CLEAR = {"PNG", "WEBP", "TIFF"}  # formats that keep what is transparent
MAKER, SOFTWARE = "facesketch", 305  # 305 is the tag Software of TIFF and EXIF


def suffix_known(target: Path) -> bool:
    """Whether the suffix is that of a format that is written."""
    return target.suffix.lower() in FORMATS


def kind(target: Path) -> str:
    """The format of a file's suffix; PNG where it has none."""
    return FORMATS.get(target.suffix.lower(), "PNG")


def save(picture: Image.Image, target: Path) -> None:
    """Write a picture in the format of its suffix, whole or not at all; "-" is standard output. Raises OSError."""
    data, form, maker = io.BytesIO(), kind(target), f"{MAKER} {__version__}"
    exif, text = Image.Exif(), PngInfo()
    exif[SOFTWARE] = maker
    text.add_text("Software", maker)
    marks: dict[str, dict[str, Any]] = {"PNG": {"pnginfo": text}, "GIF": {"comment": maker.encode()}, "BMP": {}}
    picture.save(data, format=form, **marks.get(form, {"exif": exif}))
    if form == "BMP":  # which has no place for a mark but behind the pixels, where nobody looks
        data.write(maker.encode())
    if target == Path("-"):
        sys.stdout.buffer.write(data.getvalue())
        sys.stdout.buffer.flush()
    else:
        write(target, data.getvalue())


def made_here(path: Path) -> bool:
    """Whether a file is a picture that save wrote."""
    try:
        with Image.open(path) as image:
            told = [image.info.get("Software"), image.info.get("comment"), image.getexif().get(SOFTWARE)]
            if image.format == "BMP":
                data = path.read_bytes()
                told.append(data[int.from_bytes(data[2:6], "little") :])  # behind the length that it tells
    except Exception:  # decoders raise whatever a damaged file brings them to
        return False
    texts = [text.decode("latin-1") if isinstance(text, bytes) else str(text) for text in told]
    return any(text.startswith(f"{MAKER} ") for text in texts)

"""Writing pictures in the format of a file's suffix, marked as made by facesketch."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ..errors import OptionError
from ..files import atomic_write
from ..version import __version__

OUTPUT_FORMATS = {
    ".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".jfif": "JPEG", ".webp": "WEBP",
    ".avif": "AVIF", ".tif": "TIFF", ".tiff": "TIFF", ".bmp": "BMP", ".gif": "GIF", ".svg": "SVG", ".mp4": "MP4",
}  # fmt: skip
STROKE_FORMATS = ("SVG", "MP4")  # of drawings in strokes alone
TRANSPARENT_FORMATS = ("PNG", "WEBP", "TIFF", "SVG")
MAKER = "facesketch"
SOFTWARE_TAG = 305  # of TIFF and EXIF


def output_format(path: Path) -> str:
    """The format of a file's suffix, PNG where it has none. Raises OptionError for a suffix of no known format."""
    if not path.suffix:
        return "PNG"
    if path.suffix.lower() not in OUTPUT_FORMATS:
        raise OptionError("save.unknown_format", path=path, formats=", ".join(OUTPUT_FORMATS))
    return OUTPUT_FORMATS[path.suffix.lower()]


def encode(picture: Image.Image, format: str, **options: Any) -> bytes:
    """A picture as the bytes of a file, with a mark that written_by_facesketch recognizes. options: of Image.save."""
    data, maker = io.BytesIO(), f"{MAKER} {__version__}"
    exif, text = Image.Exif(), PngInfo()
    exif[SOFTWARE_TAG] = maker
    text.add_text("Software", maker)
    marks: dict[str, dict[str, Any]] = {"PNG": {"pnginfo": text}, "GIF": {"comment": maker.encode()}, "BMP": {}}
    picture.save(data, format=format, **marks.get(format, {"exif": exif}), **options)
    if format == "BMP":  # which has no field for a mark: behind the pixels readers ignore it
        data.write(maker.encode())
    return data.getvalue()


def save_image(picture: Image.Image, path: Path) -> None:
    """Write a picture in the format of its suffix, completely or not at all.

    Raises OptionError for an unknown suffix, one of STROKE_FORMATS or transparency that the format cannot keep, and
    OSError.
    """
    format = output_format(path)
    if format in STROKE_FORMATS:
        raise OptionError("save.no_strokes")
    if picture.mode == "RGBA" and format not in TRANSPARENT_FORMATS:
        raise OptionError("save.no_transparency", path=path, formats=", ".join(TRANSPARENT_FORMATS))
    atomic_write(path, encode(picture, format))


def written_by_facesketch(path: Path) -> bool:
    """Whether a file is a picture or a drawing in strokes that was written by facesketch."""
    try:
        if path.suffix.lower() == ".svg":  # an editor begins its files with an XML declaration
            return path.read_bytes().startswith(f"<!-- {MAKER} ".encode())
        if path.suffix.lower() == ".mp4":  # whose metadata are in front
            return f"{MAKER} ".encode() in path.read_bytes()[:65536]
        with Image.open(path) as image:
            marks = [image.info.get("Software"), image.info.get("comment"), image.getexif().get(SOFTWARE_TAG)]
            if image.format == "BMP":
                data = path.read_bytes()
                marks.append(data[int.from_bytes(data[2:6], "little") :])  # after the length in its header
    except Exception:  # decoders raise all kinds of errors for damaged files
        return False
    texts = [mark.decode("latin-1") if isinstance(mark, bytes) else str(mark) for mark in marks]
    return any(text.startswith(f"{MAKER} ") for text in texts)

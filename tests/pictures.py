"""Pictures to read: the two public-domain portraits, and pictures as the bytes of a file."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

PORTRAITS = sorted((Path(__file__).parents[1] / "examples").glob("*.jpg"))
COLLINS, HOPPER = PORTRAITS
SIZE = (40, 24)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def encode(image: Image.Image, format: str = "PNG", **options) -> bytes:
    """A picture as the bytes of a file."""
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def pixels(image: Image.Image) -> np.ndarray:
    """A picture as signed integers, which can be subtracted."""
    return np.asarray(image).astype(int)


def max_difference(a: Image.Image, b: Image.Image) -> int:
    """The largest difference of two pictures, in levels of 255."""
    return int(np.abs(pixels(a) - pixels(b)).max())


def png_header(width: int, height: int, depth: int = 1, color: int = 0) -> bytes:
    """A PNG that declares a size and holds almost no pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def assert_sentence(error: pytest.ExceptionInfo) -> None:
    """Assert that an error is one sentence."""
    text = str(error.value)
    assert text[0].isupper() and text.endswith(".") and "\n" not in text, text


def two_portraits() -> Image.Image:
    """Both portraits side by side, Hopper's face the larger one."""
    sheet = Image.new("RGB", (1040, 600), "gray")
    sheet.paste(Image.open(HOPPER), (0, 0))
    sheet.paste(Image.open(COLLINS), (520, 80))
    return sheet

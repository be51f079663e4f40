"""Pictures as bytes, for the tests that read them."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

SIZE = (40, 24)

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def encode(image: Image.Image, format: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image).astype(int)


def png_header(width: int, height: int, depth: int = 1, colour: int = 0) -> bytes:
    """A PNG that declares a size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def assert_sentence(error: pytest.ExceptionInfo) -> None:
    text = str(error.value)
    assert text[0].isupper() and text.endswith(".") and "\n" not in text, text

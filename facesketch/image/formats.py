"""Which files are pictures."""

from __future__ import annotations

import importlib
from functools import cache
from importlib.util import find_spec

from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM")
HEIF_SUFFIXES = (".heic", ".heif", ".hif")
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


@cache
def suffixes() -> frozenset[str]:
    """The suffixes of pictures, in lower case, HEIC's too. MPO is a JPEG with more pictures behind it."""
    known = {suffix for suffix, format in Image.registered_extensions().items() if format in (*FORMATS, "MPO")}
    return frozenset(known | set(HEIF_SUFFIXES))


def is_heif(data: bytes) -> bool:
    """Whether bytes are a HEIC picture, as phones write them (ISO/IEC 14496-12, box ftyp)."""
    return data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS


def register_heif() -> bool:
    """Let PIL open HEIC through the package pillow-heif. Returns False where it is not installed."""
    if find_spec("pillow_heif") is None:
        return False
    importlib.import_module("pillow_heif").register_heif_opener()
    return True

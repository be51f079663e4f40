"""Which files are pictures, and what some formats need before they can be opened."""

from __future__ import annotations

import importlib
import zlib
from functools import cache
from importlib.util import find_spec

from PIL import Image
from PIL.PngImagePlugin import MAX_TEXT_CHUNK

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM")
HEIF_SUFFIXES = (".heic", ".heif", ".hif")
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
PNG = b"\x89PNG\r\n\x1a\n"
TEXTS = (b"tEXt", b"zTXt", b"iTXt")


class ImageError(ValueError):
    """The picture cannot be used; the message is one sentence for a person."""


@cache
def suffixes() -> frozenset[str]:
    """The suffixes of pictures, in lower case; HEIC's too, to be told of. MPO is a JPEG with more behind it."""
    known = {suffix for suffix, form in Image.registered_extensions().items() if form in (*FORMATS, "MPO")}
    return frozenset(known | set(HEIF_SUFFIXES))


def is_heif(data: bytes) -> bool:
    """Whether bytes are a picture of the kind that phones write as HEIC."""
    return data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS


def open_heif() -> bool:
    """Teach PIL to open HEIC by the package pillow-heif; False where that is not installed."""
    if find_spec("pillow_heif") is None:
        return False
    importlib.import_module("pillow_heif").register_heif_opener()
    return True


def lean(data: bytes) -> bytes:
    """A PNG without what PIL gives up at: texts of more than a mebibyte together, a profile of more; else as it is."""
    if not data.startswith(PNG):
        return data
    kept, at, room = [PNG], len(PNG), {b"text": MAX_TEXT_CHUNK, b"iCCP": MAX_TEXT_CHUNK}
    while at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        name = data[at + 4 : at + 8]
        held = _unpacked(name, data[at + 8 : end - 4]) if name in (*TEXTS, b"iCCP") else 0
        sort = b"text" if name in TEXTS else b"iCCP"
        if held <= room[sort]:
            room[sort] -= held
            kept.append(data[at:end])
        at = end
    return b"".join(kept)


def _unpacked(name: bytes, chunk: bytes) -> int:
    """How many bytes a chunk holds when it is unpacked, at the most one more than PIL takes."""
    rest = chunk.partition(b"\0")[2]
    if name == b"tEXt" or (name == b"iTXt" and not rest[:1].strip(b"\0")):
        return len(rest)
    packed = rest[1:] if name != b"iTXt" else rest[2:].split(b"\0", 2)[-1]  # after a language and a keyword
    try:
        return len(zlib.decompressobj().decompress(packed, MAX_TEXT_CHUNK + 1))
    except zlib.error:  # which PIL passes over
        return 0

"""Malicious, damaged and unusual picture files, generated: name -> bytes."""

import io
import random
import struct
import zlib

from conftest import draw_face
from PIL import Image, PngImagePlugin

FACE = draw_face(0)[0]
SIGNATURE = b"\x89PNG\r\n\x1a\n"
GIF = b"GIF89a" + struct.pack("<HHBBB", 64, 64, 0x80, 0, 0) + b"\0" * 6  # a head and two colors


def encode(image: Image.Image, format: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes, crc: int | None = None) -> bytes:
    return (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) if crc is None else crc)
    )


def png(
    width: int, height: int, depth: int = 8, color: int = 0, data: bytes = b"", *, interlace: int = 0, more=b""
) -> bytes:
    """A PNG whose header is written by hand, so that it need not match the data."""
    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace)
    return SIGNATURE + chunk(b"IHDR", head) + more + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


def tiff(entries: list[tuple[int, int, int, int]], after: int = 0) -> bytes:
    """A TIFF with one directory, at offset 8, and the offset of the next, after."""
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + body + struct.pack("<I", after)


def sizes(width: int, height: int, at: int = 8, count: int = 64) -> list[tuple[int, int, int, int]]:
    tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    return [*tags, (273, 4, 1, at), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, count)]


def bombs() -> dict[str, bytes]:
    """Decompression bombs: few bytes that declare many pixels, and text that unpacks to many bytes."""
    text = PngImagePlugin.PngInfo()
    text.add_text("much", "a" * 60_000_000, zip=True)
    rows = b"\0" * (4500 * (4500 // 8 + 2))
    return {
        "bits.png": png(4500, 4500, 1, 0, rows),
        "interlaced.png": png(4500, 4500, 1, 0, rows, interlace=1),
        "hundred.png": png(9990, 9990, 1, 0, b"\0" * 9990 * 1250),
        "hundred-colors.png": png(9990, 9990, 16, 6, b"\0" * 99),
        "beyond.png": png(60_000, 60_000, 1),
        "maximum.png": png(2**31 - 1, 2**31 - 1),
        "wide.png": png(99_000, 17, 8, 0, b"\0" * 99_001 * 17),
        "text.png": encode(FACE, "PNG", pnginfo=text),
        "beyond.tiff": tiff(sizes(60_000, 60_000)),
        "beyond.bmp": b"BM" + struct.pack("<IIIIiiHHIIiiII", 99, 0, 54, 40, 50_000, 50_000, 1, 24, 0, 0, 0, 0, 0, 0),
        "beyond.gif": b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0x80, 0, 0) + b"\0" * 6 + b",",
        "beyond.ppm": b"P6 100000 100000 255\n" + b"\0" * 64,
        "beyond.webp": b"RIFF" + struct.pack("<I", 30) + b"WEBPVP8X" + struct.pack("<I", 10) + b"\0" * 4 + b"\xff" * 6,
    }


def contradictions() -> dict[str, bytes]:
    """Headers that contradict the data after them."""
    whole = encode(FACE, "PNG")
    jpeg, at = encode(FACE, "JPEG"), encode(FACE, "JPEG").index(b"\xff\xc0")
    loop = tiff(sizes(40, 40, 140), 8)
    return {
        "crc.png": SIGNATURE + chunk(b"IHDR", whole[16:29], 1) + whole[33:],
        "no-data.png": SIGNATURE + chunk(b"IHDR", whole[16:29]) + chunk(b"IEND", b""),
        "no-palette.png": png(40, 40, 8, 3, b"\0" * 41 * 40),
        "odd-depth.png": png(40, 40, 3, 6, b"\0" * 9999),
        "odd-color.png": png(40, 40, 8, 5, b"\0" * 9999),
        "odd-filter.png": png(40, 40, 8, 0, b"\7" * 41 * 40),
        "long-chunk.png": SIGNATURE + struct.pack(">I", 2**31 - 1) + b"IHDR" + b"\0" * 99,
        "profile.png": png(40, 40, 8, 0, b"\0" * 1640, more=chunk(b"iCCP", b"a\0\0" + zlib.compress(b"no" * 99))),
        "tall.jpg": jpeg[: at + 5] + struct.pack(">HH", 9999, 9999) + jpeg[at + 9 :],
        "flat.jpg": jpeg[: at + 5] + struct.pack(">HH", 0, 0) + jpeg[at + 9 :],
        "many.jpg": jpeg[: at + 9] + b"\xff" + jpeg[at + 10 :],
        "progressive.jpg": jpeg.replace(b"\xff\xc0", b"\xff\xc2", 1),
        "exif.jpg": encode(FACE, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01" * 300),
        "exif-loop.jpg": encode(FACE, "JPEG", exif=b"Exif\0\0" + tiff([(0x8769, 4, 1, 8)], 8)),
        "icc.jpg": encode(FACE, "JPEG", icc_profile=b"\xff" * 60_000),
        "loop.tiff": loop + b"\x80" * 1700,
        "strip.tiff": tiff(sizes(400, 400, 2**31, 2**31)),
        "count.tiff": tiff([(256, 4, 2**31 - 1, 8), (257, 4, 1, 40)]),
        "planes.tiff": tiff([*sizes(40, 40, 140), (284, 3, 1, 2), (339, 3, 1, 99)]) + b"\0" * 2000,
        "frame.gif": b"GIF89a"
        + struct.pack("<HHBBB", 64, 64, 0x80, 0, 0)
        + b"\0" * 6
        + b",\xff\xff\xff\xff@\0@\0\0\2\0;",
        "code.gif": b"GIF89a"
        + struct.pack("<HHBBB", 64, 64, 0x80, 0, 0)
        + b"\0" * 6
        + b",\0\0\0\0@\0@\0\0\xff"
        + b"\7" * 99,
        "name.png": encode(FACE, "JPEG"),
        "words.jpg": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        "script.png": b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file\n",
        "zip.png": b"PK\3\4" + b"\0" * 99,
        "nothing.jpg": b"",
        "zeros.jpg": b"\0" * 4096,
    }


def rare() -> dict[str, bytes]:
    """Valid pictures of rare kinds."""
    frames = [Image.new("L", (64, 64), value) for value in range(200)]
    kinds = {
        "bits.tiff": FACE.convert("1"), "palette.gif": FACE.convert("P"), "gray-alpha.png": FACE.convert("LA"),
        "ink.jpg": FACE.convert("CMYK"), "ink.tiff": FACE.convert("CMYK"), "lab.tiff": FACE.convert("LAB"),
        "deep.png": Image.new("I;16", (64, 64), 40_000), "float.tiff": Image.new("F", (64, 64), float("nan")),
        "whole.tiff": Image.new("I", (64, 64), 2**31 - 1), "thin.png": Image.new("RGB", (16, 3000), "red"),
        "minimum.bmp": Image.new("RGB", (16, 16)), "too-small.png": Image.new("RGB", (15, 15)),
        "clear.webp": Image.new("RGBA", (64, 64)),
    }  # fmt: skip
    formats = {"jpg": "JPEG", "tiff": "TIFF", "png": "PNG", "gif": "GIF", "bmp": "BMP", "webp": "WEBP"}
    made = {name: encode(image, formats[name.split(".")[1]]) for name, image in kinds.items()}
    made["endless.gif"] = encode(frames[0], "GIF", save_all=True, append_images=frames[1:], loop=0, duration=1)
    made["endless.png"] = encode(frames[0], "PNG", save_all=True, append_images=frames[1:50], loop=0)
    return made


def broken() -> dict[str, bytes]:
    """Truncated pictures, and some with random bytes changed."""
    made, dice = {}, random.Random(0)
    for format in ("PNG", "JPEG", "WEBP", "GIF", "TIFF"):
        whole = encode(FACE, format)
        made[f"cut.{format.lower()}"] = whole[: len(whole) // 2]
        changed = bytearray(whole)
        for _ in range(12):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        made[f"changed.{format.lower()}"] = bytes(changed)
    return made


def corpus() -> dict[str, bytes]:
    """All files."""
    return {**bombs(), **contradictions(), **rare(), **broken()}

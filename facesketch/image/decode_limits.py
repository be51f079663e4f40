"""How much memory decoding a picture takes, and by how much it must be downscaled while decoding to take less."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

RGB_BYTES = 4  # that PIL stores for an RGB pixel
DOWNSCALE_FACTORS = (1, 2, 4, 8)  # that a JPEG can be decoded at, by leaving out its finer frequencies


@dataclass(frozen=True)
class JpegLayout:
    """What a JPEG's header says about memory.

    coefficient_bytes: of its DCT coefficients per pixel, less for subsampled chroma. several_scans: whether a decoder
    has to keep all of them until the last scan has been read.
    """

    coefficient_bytes: float
    several_scans: bool


def jpeg_layout(data: bytes) -> JpegLayout | None:
    """Read the frame and scan headers of a JPEG (ITU-T T.81, B.2.2 and B.2.3); None if they are not found."""
    at, sampling, progressive = 2, [(1, 1)], False
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # start of frame
            components = data[at + 9]
            factors = data[at + 11 : at + 10 + 3 * components : 3]
            sampling, progressive = [(factor >> 4, factor & 15) for factor in factors], marker % 4 == 2
        if marker == 0xDA:  # start of scan
            horizontal, vertical = (max(1, *factors) for factors in zip(*sampling, (0, 0), strict=True))
            bytes_per_pixel = 2 * sum(h * v for h, v in sampling) / (horizontal * vertical)
            return JpegLayout(bytes_per_pixel, progressive or data[at + 4] != len(sampling))
        at += 2 + length
    return None


def bytes_per_pixel(image: Image.Image, factor: int, layout: JpegLayout | None = None) -> float:
    """An upper bound on the memory for decoding an opened picture downscaled by factor, per pixel of the file.

    A JPEG in several scans keeps all its coefficients. WebP and AVIF hold two frames of an animation and one that is
    handed over, and libtiff may hold a strip that is the whole picture. The result may be copied once, to be rotated or
    to have its colors converted.
    """
    decoded = RGB_BYTES / factor**2
    if image.format in ("JPEG", "MPO"):
        kept = 6.0 if layout is None else layout.coefficient_bytes if layout.several_scans else 0.0
        return max(2 * decoded, decoded + kept)
    if image.format in ("WEBP", "AVIF"):
        return 4 * RGB_BYTES + (decoded if factor > 1 else 0)
    stored = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}.get(image.mode, RGB_BYTES)
    return decoded + stored + (RGB_BYTES if image.format == "TIFF" else 0)


def downscale_factor(image: Image.Image, max_pixels: int, layout: JpegLayout | None = None) -> int | None:
    """By how much an opened picture is downscaled to at most max_pixels, decoded in the memory of two such pictures.

    Returns one of DOWNSCALE_FACTORS, or None where none is enough.
    """
    pixels = image.width * image.height
    for factor in DOWNSCALE_FACTORS:
        fits = bytes_per_pixel(image, factor, layout) * pixels <= 2 * RGB_BYTES * max_pixels
        if pixels / factor**2 <= max_pixels and fits:
            return factor
    return None

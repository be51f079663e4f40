"""How much memory reading a picture takes, and how far it is shrunk as it is read so that it takes less."""

from __future__ import annotations

import logging

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

RGB = 4  # bytes of a pixel in PIL
SHRINKS = (1, 2, 4, 8)  # what a JPEG can be read at, by leaving out its finer frequencies
log = logging.getLogger(__name__)


def needed(image: Image.Image, shrink: int) -> float:
    """The bytes that reading an opened picture takes, for each pixel that it has on disk; at most, and not its file's.

    A JPEG in several scans keeps all its coefficients, of 2 bytes. WebP and AVIF hold two frames of an animation and
    one that is handed over, and libtiff may hold a strip that is the whole picture. What was read may be copied once,
    to be turned or to have other colours.
    """
    small = RGB / shrink**2
    if isinstance(image, JpegImageFile):
        return max(2 * small, small + (coefficients(image) if several_scans(image) else 0))
    if image.format in ("WEBP", "AVIF"):
        return 4 * RGB + (small if shrink > 1 else 0)
    held = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}.get(image.mode, RGB)
    return small + held + (RGB if image.format == "TIFF" else 0)


def coefficients(image: JpegImageFile) -> float:
    """The bytes of a JPEG's coefficients for each pixel: fewer for colours at half the side."""
    across, down = zip(*((across, down) for _, across, down, _ in image.layer), strict=True)
    return 2 * sum(x * y for x, y in zip(across, down, strict=True)) / (max(across) * max(down))


def several_scans(image: JpegImageFile) -> bool:
    """Whether an opened JPEG comes in several scans, or may: Pillow has read the head of its first, which tells."""
    head = 4 + 2 * image.layers  # the number of what is in it, two bytes on each, and three more
    if "progressive" in image.info or image.fp is None or (at := image.fp.tell()) < head:
        return True
    image.fp.seek(at - head)
    number = image.fp.read(1)[0]
    image.fp.seek(at)
    return number != image.layers


def shrink_for(image: Image.Image, most: int) -> int | None:
    """By how much an opened picture is shrunk to most pixels at most, read in the memory of two pictures of so many.

    None where it cannot be.
    """
    pixels = image.width * image.height
    for shrink in SHRINKS:
        if pixels / shrink**2 <= most and needed(image, shrink) * pixels <= 2 * RGB * most:
            return shrink
    return None


def told(image: Image.Image, size: tuple[int, int]) -> None:
    """Say that a picture of that size was read smaller."""
    log.warning(f"The picture has {size[0]} x {size[1]} pixels, and was read at {image.width} x {image.height}.")

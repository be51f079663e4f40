"""How much memory reading a picture takes, and how far it is shrunk as it is read so that it takes less."""

from __future__ import annotations

import logging

from PIL import Image

RGB = 4  # bytes of a pixel in PIL
SHRINKS = (1, 2, 4, 8)  # what a JPEG can be read at, by leaving out its finer frequencies
log = logging.getLogger(__name__)


def decoding(image: Image.Image, shrink: int) -> float:
    """The bytes that decoding an opened picture takes, for each pixel that it has on disk; at most, and not its file's.

    A JPEG in several scans keeps all its coefficients, of 2 bytes. WebP and AVIF hold two frames of an animation and
    one that is handed over, and libtiff may hold a strip that is the whole picture.
    """
    if image.format == "JPEG":
        parts = [across * down for _, across, down, _ in image.layer]
        most = max(across for _, across, _, _ in image.layer) * max(down for _, _, down, _ in image.layer)
        return RGB / shrink**2 + 2 * sum(parts) / most
    if image.format in ("WEBP", "AVIF"):
        return 4 * RGB
    held = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}.get(image.mode, RGB)
    return held + RGB if image.format == "TIFF" else held


def shrink_for(image: Image.Image, most: int) -> int | None:
    """By how much an opened picture is shrunk to most pixels at most, read in the memory of two pictures of so many.

    None where it cannot be.
    """
    pixels = image.width * image.height
    for shrink in SHRINKS:
        fits = (decoding(image, shrink) + RGB / shrink**2) * pixels <= 2 * RGB * most
        if fits and pixels / shrink**2 <= most:
            return shrink
    return None


def told(image: Image.Image, size: tuple[int, int]) -> None:
    """Say that a picture of that size was read smaller."""
    log.warning(f"The picture has {size[0]} x {size[1]} pixels, and was read at {image.width} x {image.height}.")

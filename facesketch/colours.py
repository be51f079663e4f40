"""Pictures of any mode as 8-bit RGB, in strips: a copy of a whole large one takes gigabytes."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageCms, ImageOps

from .formats import ImageError

STRIP = 128  # rows that are converted at a time
BLANK = 4.0  # contrast, of 127.5, under which a sheet shows nothing; one black pixel in four thousand gives as much


def to_srgb(image: Image.Image) -> ImageCms.ImageCmsTransform | None:
    """What brings the colours of a picture, as RGB, CMYK or L, to sRGB; None where it has no profile.

    A broken one is common and harmless: the numbers are taken as sRGB.
    """
    if not image.info.get("icc_profile"):
        return None
    mode = "L" if image.mode[0] in "IF" else image.mode if image.mode in ("RGB", "CMYK", "L") else "RGB"
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        return ImageCms.buildTransform(opened, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def opaque(image: Image.Image) -> Image.Image:
    """An image of any mode as 8-bit RGB, what is transparent laid on white; one in RGB is given back itself.

    Where that would leave the sheet blank, because all that is opaque is white too, the transparency is the drawing
    (white strokes made for a dark page): it is laid on black and turned to its negative, dark strokes on white paper.
    Raises ImageError for what is no image.
    """
    if not isinstance(image, Image.Image):
        raise ImageError(f"A picture is a PIL image here, as read_image gives it, not {type(image).__name__}.")
    return rgb(image)


def rgb(image: Image.Image, shrink: int = 1, srgb: ImageCms.ImageCmsTransform | None = None) -> Image.Image:
    """The same, shrunk, and its colours brought to sRGB."""
    clear = image.has_transparency_data
    if image.mode == "RGB" and shrink == 1 and srgb is None and not clear:
        return image
    sheet = _laid_on("white", image, shrink, srgb)
    if clear and _contrast(sheet) < BLANK:
        night = _laid_on("black", image, shrink, srgb)
        if _contrast(night) > BLANK:
            return ImageOps.invert(night)
    return sheet


def _laid_on(ground: str, image: Image.Image, shrink: int, srgb: ImageCms.ImageCmsTransform | None) -> Image.Image:
    sheet = Image.new("RGB", [-(-side // shrink) for side in image.size], ground)
    most = 65535 if image.mode != "F" else 255 if image.getextrema()[1] > 1 else 1
    for top, part in _strips(image):
        alpha = part.convert("RGBA").getchannel("A") if part.has_transparency_data else None
        part = _eight_bits(part, most)
        if srgb is not None:
            part = part if part.mode == srgb.input_mode else part.convert(srgb.input_mode)
            part = ImageCms.applyTransform(part, srgb)
        part = part if part.mode == "RGB" else part.convert("RGB")
        if alpha is not None:
            part = Image.composite(part, Image.new("RGB", part.size, ground), alpha)
        sheet.paste(part if shrink == 1 else part.reduce(shrink), (0, top // shrink))
    return sheet


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """An image in parts that are STRIP rows high."""
    for top in range(0, image.height, STRIP):
        yield top, image.crop((0, top, image.width, min(top + STRIP, image.height)))


def _eight_bits(image: Image.Image, most: int) -> Image.Image:
    """16-bit and float gray to 8-bit gray, most to 255, which PIL's convert would clip; other modes as they are."""
    if image.mode[0] not in "IF":
        return image
    values = np.nan_to_num(np.asarray(image, np.float64) * (255 / most))
    return Image.fromarray(np.clip(values, 0, 255).round().astype(np.uint8))


def _contrast(image: Image.Image) -> float:
    """The standard deviation of the brightness, 0 to 127.5."""
    counts, values = sum(np.array(part.convert("L").histogram(), float) for _, part in _strips(image)), np.arange(256)
    return float(np.sqrt(np.average((values - np.average(values, weights=counts)) ** 2, weights=counts)))

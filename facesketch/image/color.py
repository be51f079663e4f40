"""Pictures of any mode to 8-bit RGB, strip by strip: a copy of a whole large picture takes gigabytes."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageCms, ImageOps

from ..errors import ImageError

STRIP_ROWS = 128
MIN_CONTRAST = 4.0  # of 127.5: less shows nothing; one black pixel in 4,000 gives as much


def srgb_transform(image: Image.Image) -> ImageCms.ImageCmsTransform | None:
    """The transform from a picture's color profile to sRGB, for mode RGB, CMYK or L; None without a profile.

    A broken profile is common and harmless: the values are then taken as sRGB.
    """
    if not image.info.get("icc_profile"):
        return None
    mode = "L" if image.mode[0] in "IF" else image.mode if image.mode in ("RGB", "CMYK", "L") else "RGB"
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        return ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def flatten_to_rgb(image: Image.Image) -> Image.Image:
    """An image of any mode as 8-bit RGB, with transparency composited on white. An RGB image is returned as it is.

    Where that would be blank, because everything opaque is white too, the transparency is the drawing (white strokes
    made for a dark page): it is composited on black and inverted, so that strokes are dark on white paper.
    Raises ImageError for what is not an image.
    """
    if not isinstance(image, Image.Image):
        raise ImageError("image.not_pil", type=type(image).__name__)
    return convert_to_rgb(image)


def convert_to_rgb(
    image: Image.Image, factor: int = 1, to_srgb: ImageCms.ImageCmsTransform | None = None
) -> Image.Image:
    """flatten_to_rgb, with the picture downscaled by factor and its colors transformed to sRGB."""
    transparent = image.has_transparency_data
    if image.mode == "RGB" and factor == 1 and to_srgb is None and not transparent:
        return image
    on_white = _composite_on("white", image, factor, to_srgb)
    if transparent and _contrast(on_white) < MIN_CONTRAST:
        on_black = _composite_on("black", image, factor, to_srgb)
        if _contrast(on_black) > MIN_CONTRAST:
            return ImageOps.invert(on_black)
    return on_white


def _composite_on(
    background: str, image: Image.Image, factor: int, to_srgb: ImageCms.ImageCmsTransform | None
) -> Image.Image:
    canvas = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)), background)
    white = _white_level(image)
    for top, strip in _strips(image):
        alpha = strip.convert("RGBA").getchannel("A") if strip.has_transparency_data else None
        strip = _to_eight_bits(strip, white)
        if to_srgb is not None:
            strip = strip if strip.mode == to_srgb.input_mode else strip.convert(to_srgb.input_mode)
            converted = ImageCms.applyTransform(strip, to_srgb)
            strip = strip if converted is None else converted
        strip = strip if strip.mode == "RGB" else strip.convert("RGB")
        if alpha is not None:
            strip = Image.composite(strip, Image.new("RGB", strip.size, background), alpha)
        canvas.paste(strip if factor == 1 else strip.reduce(factor), (0, top // factor))
    return canvas


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """The top row and the pixels of each strip of STRIP_ROWS rows."""
    for top in range(0, image.height, STRIP_ROWS):
        yield top, image.crop((0, top, image.width, min(top + STRIP_ROWS, image.height)))


def _white_level(image: Image.Image) -> float:
    """The value of white in a picture of 16-bit or float gray, where floats may be 0 to 1 or 0 to 255."""
    if image.mode != "F":
        return 65535.0
    highest = image.getextrema()[1]
    return 255.0 if isinstance(highest, int | float) and highest > 1 else 1.0


def _to_eight_bits(image: Image.Image, white: float) -> Image.Image:
    """16-bit and float gray to 8-bit gray, white to 255, which PIL's convert would clip; other modes unchanged."""
    if image.mode[0] not in "IF":
        return image
    values = np.nan_to_num(np.asarray(image, np.float64) * (255 / white))
    return Image.fromarray(np.clip(values, 0, 255).round().astype(np.uint8))


def _contrast(image: Image.Image) -> float:
    """The standard deviation of the luma, 0 to 127.5."""
    counts, values = sum(np.array(strip.convert("L").histogram(), float) for _, strip in _strips(image)), np.arange(256)
    return float(np.sqrt(np.average((values - np.average(values, weights=counts)) ** 2, weights=counts)))

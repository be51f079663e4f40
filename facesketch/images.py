"""Untrusted bytes to an RGB picture, and pictures to tensors and back. The only place that knows 255."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as nnf
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from torch import Tensor

from .formats import FORMATS, ImageError, is_heif, lean, open_heif

MAX_BYTES = 50 * 2**20
MAX_PIXELS = 100_000_000
MIN_SIDE = 16
STRIP = 512  # rows that are converted at a time
BLANK = 4.0  # contrast, of 127.5, under which a sheet shows nothing; one black pixel in four thousand gives as much


def read_image(source: str | Path | bytes | Image.Image) -> Image.Image:
    """Turn a file, its bytes or a PIL image into an upright 8-bit RGB image.

    The EXIF turn is applied, colours are brought to sRGB, transparency is laid on paper as opaque does, 16-bit gray is
    scaled to 8 bits, and of an animation the first frame is taken. Raises ImageError for what is no picture, is broken,
    has more than 100 megapixels or 50 MiB, or a side under 16 pixels.
    """
    try:
        image = source if isinstance(source, Image.Image) else _open(source)
        if image.width * image.height > MAX_PIXELS:
            raise ImageError(
                f"The picture has {image.width} x {image.height} pixels; the most is {MAX_PIXELS // 10**6} million."
            )
        if min(image.size) < MIN_SIDE:
            raise ImageError(
                f"The picture is {image.width} x {image.height} pixels; each side must have at least {MIN_SIDE}."
            )
        image.load()
        return opaque(_to_srgb(ImageOps.exif_transpose(image)))
    except ImageError:
        raise
    except Exception as error:  # decoders raise whatever a damaged file brings them to
        raise ImageError("The picture is damaged and cannot be read.") from error


def _open(source: str | Path | bytes) -> Image.Image:
    data = lean(source if isinstance(source, bytes) else _bytes(source))
    if not data:
        raise ImageError("The file is empty.")
    if len(data) > MAX_BYTES:
        raise ImageError(f"The file is larger than {MAX_BYTES // 2**20} MiB.")
    heif = is_heif(data)
    if heif and not open_heif():
        raise ImageError("The file is a HEIC picture, which the package pillow-heif reads: pip install pillow-heif.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(data), formats=("HEIF",) if heif else FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageError(f"The picture has too many pixels; the most is {MAX_PIXELS // 10**6} million.") from error
    except UnidentifiedImageError as error:
        raise ImageError("The file is not a picture that can be read (JPEG, PNG, WebP and the like can).") from error


def _bytes(source: str | Path) -> bytes:
    """What a file holds, and one byte more than is taken at the most. Raises ImageError."""
    if not isinstance(source, str | Path):
        raise ImageError(f"A picture is a file, its bytes or a PIL image, not {type(source).__name__}.")
    try:
        with Path(source).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise ImageError(f"There is no file {source}.") from error
    except IsADirectoryError as error:
        raise ImageError(f"{source} is a folder.") from error
    except (OSError, ValueError) as error:  # a name with a null byte is a ValueError
        raise ImageError(f"The file {source} cannot be read ({getattr(error, 'strerror', error)}).") from error


def _to_srgb(image: Image.Image) -> Image.Image:
    """The colours of its profile, where it has one, brought to sRGB; what is transparent stays so."""
    profile = image.info.get("icc_profile")
    if not profile:
        return image
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    colours = _eight_bits(image)
    if colours.mode not in ("RGB", "CMYK", "L"):
        colours = colours.convert("RGB")
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        colours = ImageCms.profileToProfile(colours, opened, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image  # a broken profile is common and harmless: the numbers are taken as sRGB
    if alpha is not None:
        colours.putalpha(alpha)
    return colours


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit and float gray to 8-bit gray, which PIL's convert would clip at 255; other modes as they are."""
    if image.mode[0] not in "IF":
        return image
    most = 65535 if image.mode != "F" else 255 if image.getextrema()[1] > 1 else 1
    result = np.empty((image.height, image.width), np.uint8)
    for top in range(0, image.height, STRIP):  # the floats of a whole large picture would take gigabytes
        part = image.crop((0, top, image.width, min(top + STRIP, image.height)))
        result[top : top + STRIP] = np.clip(np.asarray(part, np.float64) * (255 / most), 0, 255).round()
    return Image.fromarray(result)


def opaque(image: Image.Image) -> Image.Image:
    """An image of any mode as 8-bit RGB, what is transparent laid on white; one in RGB is given back itself.

    Where that would leave the sheet blank, because all that is opaque is white too, the transparency is the drawing
    (white strokes made for a dark page): it is laid on black and turned to its negative, dark strokes on white paper.
    Raises ImageError for what is no image.
    """
    if not isinstance(image, Image.Image):
        raise ImageError(f"A picture is a PIL image here, as read_image gives it, not {type(image).__name__}.")
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else _eight_bits(image).convert("RGB")
    image = image.convert("RGBA")
    sheet = _laid_on("white", image)
    if _contrast(sheet) < BLANK:
        night = _laid_on("black", image)
        if _contrast(night) > BLANK:
            return ImageOps.invert(night)
    return sheet


def _laid_on(ground: str, image: Image.Image) -> Image.Image:
    sheet = Image.new("RGB", image.size, ground)
    for top in range(0, image.height, STRIP):
        part = image.crop((0, top, image.width, min(top + STRIP, image.height)))
        sheet.paste(part.convert("RGB"), (0, top), part.getchannel("A"))
    return sheet


def _contrast(image: Image.Image) -> float:
    """The standard deviation of the brightness, 0 to 127.5."""
    counts, values = np.array(image.convert("L").histogram(), np.float64), np.arange(256)
    return float(np.sqrt(np.average((values - np.average(values, weights=counts)) ** 2, weights=counts)))


def resize(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The one resize of training, evaluation and inference: bicubic, with antialiasing. size is (width, height)."""
    return image if image.size == size else image.resize(size, Image.Resampling.BICUBIC)


def to_uint8(image: Image.Image) -> Tensor:
    """RGB image to a uint8 tensor, 3 x H x W, 0 to 255."""
    return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1).contiguous()


def to_unit(pixels: Tensor) -> Tensor:
    """uint8 pixels, any shape, to float32 in [-1, 1]."""
    return pixels.float() / 127.5 - 1


def to_tensor(image: Image.Image) -> Tensor:
    """RGB image to float32, 3 x H x W, in [-1, 1]."""
    return to_unit(to_uint8(image))


def label_maps(chosen: Sequence[int], count: int, side: int) -> Tensor:
    """For each of chosen, numbers below count, a map of 1 for it and count - 1 of 0: B x count x side x side."""
    return nnf.one_hot(torch.tensor(chosen), count).float()[:, :, None, None].expand(-1, -1, side, side)


def to_image(x: Tensor) -> Image.Image:
    """float tensor, 3 x H x W, in [-1, 1] (clamped) to an RGB image."""
    pixels = ((x.detach().float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return Image.fromarray(pixels.permute(1, 2, 0).cpu().numpy())


def luma(image: Image.Image) -> np.ndarray:
    """Luma (ITU-R 601) as float32, H x W, in [0, 1]."""
    return np.asarray(image.convert("L"), np.float32) / 255


def from_luma(values: np.ndarray) -> Image.Image:
    """float32, H x W, in [0, 1] to an image of mode L."""
    return Image.fromarray((values * 255 + 0.5).astype(np.uint8))

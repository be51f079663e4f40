"""Untrusted bytes to an upright RGB picture."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

from PIL import ExifTags, Image, TiffImagePlugin, UnidentifiedImageError

from ..errors import ImageError
from ..messages import Message
from .color import convert_to_rgb, srgb_transform
from .decode_limits import downscale_factor, jpeg_layout
from .formats import FORMATS, is_heif, register_heif

MAX_BYTES = 50 * 2**20
MAX_PIXELS = 100_000_000
MIN_SIDE = 16
FRAME_BASED = ("WEBP", "AVIF")  # their images keep a decoder with frames of its own
ORIENTATIONS = {  # EXIF orientation -> what makes the picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
BITS_PER_SAMPLE, PLANAR_CONFIGURATION, SEPARATE_PLANES = 258, 284, 2  # two tags of TIFF 6.0, and a value of the latter
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def read_image(source: str | Path | bytes | Image.Image, max_pixels: int | None = None) -> Image.Image:
    """Turn a file, its bytes or a PIL image into an upright 8-bit RGB image.

    The EXIF orientation is applied, colors are converted to sRGB, transparency is composited on white as in
    flatten_to_rgb, 16-bit gray is scaled to 8 bits, and of an animation the first frame is taken. A PIL image that is
    all this already is returned as it is.

    max_pixels bounds the pixels, and the memory to that of two such pictures: a larger picture is read at a half, a
    quarter or an eighth of its sides; info["shrink"] then says which, and downscale_warning(image) describes it.
    Raises ImageError for what is not a picture, is broken, has more than 100 megapixels or 50 MiB, has a side under 16
    pixels, or does not fit in that memory.
    """
    try:
        with warnings.catch_warnings():  # those of damaged files and of many pixels are of no use to the user
            warnings.simplefilter("ignore")
            image, original_size, factor = _read(source, max_pixels)
    except ImageError:
        raise
    except Exception as error:  # decoders raise all kinds of errors for damaged files
        raise ImageError("image.damaged") from error
    if image is not source:
        image.info.clear()
    if factor > 1:
        image.info.update(shrink=factor, original_size=original_size)
    return image


def downscale_warning(image: Image.Image) -> Message | None:
    """What to say about a picture that read_image downscaled; None for any other."""
    if "original_size" not in image.info:
        return None
    width, height = image.info["original_size"]
    params = {"width": width, "height": height, "new_width": image.width, "new_height": image.height}
    return Message("image.downscaled", params)


def _read(source: str | Path | bytes | Image.Image, max_pixels: int | None) -> tuple[Image.Image, tuple[int, int], int]:
    """The picture, the size that it is stored at, and the factor that it was downscaled by."""
    if isinstance(source, Image.Image):
        return _decode(source, max_pixels, b"")
    data = source if isinstance(source, bytes) else _read_bytes(source)
    try:
        return _decode(_open(data), max_pixels, data)
    except ValueError as error:
        if isinstance(error, ImageError) or not data.startswith(PNG_SIGNATURE):
            raise
        return _decode(_open(_without_text(data)), max_pixels, b"")


def _decode(image: Image.Image, max_pixels: int | None, data: bytes) -> tuple[Image.Image, tuple[int, int], int]:
    size = image.size
    _check_size(*size)
    _check_planes(image)
    factor = 1 if max_pixels is None else downscale_factor(image, max_pixels, jpeg_layout(data))
    if factor is None:
        raise ImageError("image.exceeds_memory", width=size[0], height=size[1])
    if factor > 1:
        image.draft(None, (size[0] // factor, size[1] // factor))
    image.load()
    orientation = ORIENTATIONS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    if image.format in FRAME_BASED:
        image = image.copy()
    image = convert_to_rgb(image, factor if image.size == size else 1, srgb_transform(image))
    return image if orientation is None else image.transpose(orientation), size, factor


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ImageError("image.too_large", width=width, height=height, limit=MAX_PIXELS // 10**6)
    if min(width, height) < MIN_SIDE:
        raise ImageError("image.too_small", width=width, height=height, minimum=MIN_SIDE)


def _check_planes(image: Image.Image) -> None:
    """Refuse a TIFF with planes of more than 8 bits, which Pillow reads as if they had 8. Raises ImageError."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        bits, planar = (image.tag_v2.get(tag) for tag in (BITS_PER_SAMPLE, PLANAR_CONFIGURATION))
        if planar == SEPARATE_PLANES and isinstance(bits, tuple) and max(bits) > 8:
            raise ImageError("image.planes", bits=max(bits))


def _open(data: bytes) -> Image.Image:
    if not data:
        raise ImageError("image.empty")
    if len(data) > MAX_BYTES:
        raise ImageError("image.file_too_large", limit=MAX_BYTES // 2**20)
    heif = is_heif(data)
    if heif and not register_heif():
        raise ImageError("image.heic")
    try:
        return Image.open(io.BytesIO(data), formats=("HEIF",) if heif else FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageError("image.too_many_pixels", limit=MAX_PIXELS // 10**6) from error
    except UnidentifiedImageError as error:
        raise ImageError("image.unknown_format") from error


def _without_text(data: bytes) -> bytes:
    """A PNG without the chunks that Pillow refuses when they are long: texts and color profiles (PNG, section 5.3)."""
    kept, at = [data[: len(PNG_SIGNATURE)]], len(PNG_SIGNATURE)
    while at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")  # length, name, content, checksum
        if data[at + 4 : at + 8] not in (b"tEXt", b"zTXt", b"iTXt", b"iCCP"):
            kept.append(data[at:end])
        at = end
    return b"".join(kept)


def _read_bytes(source: str | Path) -> bytes:
    """A file's bytes, at most one more than are accepted."""
    if not isinstance(source, str | Path):
        raise ImageError("image.not_readable_type", type=type(source).__name__)
    try:
        with Path(source).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise ImageError("image.file_missing", path=source) from error
    except (OSError, ValueError) as error:  # a name with a null byte is a ValueError
        if not isinstance(error, ValueError) and Path(source).is_dir():
            raise ImageError("image.is_folder", path=source) from error
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageError("image.no_access", path=source, reason=reason) from error

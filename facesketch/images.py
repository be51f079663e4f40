"""Untrusted bytes to an RGB picture, and pictures to tensors and back. The only place that knows 255."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as nnf
from PIL import ExifTags, Image, UnidentifiedImageError
from torch import Tensor

from .budget import shrink_for, told
from .colours import rgb, to_srgb
from .formats import FORMATS, ImageError, is_heif, lean, open_heif

MAX_BYTES = 50 * 2**20
MAX_PIXELS = 100_000_000
MIN_SIDE = 16
FRAMED = ("WEBP", "AVIF")  # their pictures hold on to a decoder with frames of its own
TURN = Image.Transpose
TURNS = {  # how a picture is stored, in EXIF's numbers -> what sets it upright
    2: TURN.FLIP_LEFT_RIGHT, 3: TURN.ROTATE_180, 4: TURN.FLIP_TOP_BOTTOM, 5: TURN.TRANSPOSE,
    6: TURN.ROTATE_270, 7: TURN.TRANSVERSE, 8: TURN.ROTATE_90,
}  # fmt: skip


def read_image(source: str | Path | bytes | Image.Image, most: int | None = None) -> Image.Image:
    """Turn a file, its bytes or a PIL image into an upright 8-bit RGB image.

    The EXIF turn is applied, colours are brought to sRGB, transparency is laid on paper as opaque does, 16-bit gray is
    scaled to 8 bits, and of an animation the first frame is taken. A PIL image that is all this is given back itself.
    most bounds the pixels and the memory, to that of two such pictures: what has more is read at a half, a quarter or
    an eighth of its sides, which is logged and told by info["shrink"]. Raises ImageError for what is no picture, is
    broken, has more than 100 megapixels or 50 MiB, or a side under 16 pixels, and for what does not fit in that memory.
    """
    try:
        with warnings.catch_warnings():  # what a damaged file warns of, and of many pixels, helps nobody
            warnings.simplefilter("ignore")
            image, size, shrink = _read(source, most)
    except ImageError:
        raise
    except Exception as error:  # decoders raise whatever a damaged file brings them to
        raise ImageError("The picture is damaged and cannot be read.") from error
    if image is not source:
        image.info.clear()
    if shrink > 1:
        image.info["shrink"] = shrink
        told(image, size)
    return image


def _read(source: str | Path | bytes | Image.Image, most: int | None) -> tuple[Image.Image, tuple[int, int], int]:
    """The picture, the size that it is stored at, and by how much it was shrunk. Raises ImageError, and others."""
    image = source if isinstance(source, Image.Image) else _open(source)
    size = image.size
    _check(*size)
    shrink = 1 if most is None else shrink_for(image, most)
    if shrink is None:
        raise ImageError(f"The picture has {size[0]} x {size[1]} pixels, too many to be read here; make it smaller.")
    if shrink > 1:
        image.draft(None, (size[0] // shrink, size[1] // shrink))
    image.load()
    turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation))
    if image.format in FRAMED:
        image = image.copy()
    image = rgb(image, shrink if image.size == size else 1, to_srgb(image))
    return image if turn is None else image.transpose(turn), size, shrink


def _check(width: int, height: int) -> None:
    """Raises ImageError for a picture that is too large or too small."""
    if width * height > MAX_PIXELS:
        raise ImageError(f"The picture has {width} x {height} pixels; the most is {MAX_PIXELS // 10**6} million.")
    if min(width, height) < MIN_SIDE:
        raise ImageError(f"The picture is {width} x {height} pixels; each side must have at least {MIN_SIDE}.")


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
    except (OSError, ValueError) as error:  # a name with a null byte is a ValueError
        if not isinstance(error, ValueError) and Path(source).is_dir():
            raise ImageError(f"The path {source} is a folder.") from error
        raise ImageError(f"The file {source} cannot be read ({getattr(error, 'strerror', error)}).") from error


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

"""Answers kept as files for as long as uploads are, so that the same thing asked again is not computed again."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from gradio import processing_utils
from PIL import Image

QUICK = 1  # of PNG's levels of compression: three times as fast as the usual 6, for a tenth more bytes


def cached_image(make: Callable[[], Image.Image], name: str, *asked: object) -> str:
    """The path of a file called name that holds what make draws; asked is all that this depends on.

    An uploaded file's path stands for what it holds, as Gradio names its folder by that. Raises what make does, and
    OSError.
    """
    path = folder(*asked) / name
    if path.is_file():
        os.utime(path)  # it is swept away an hour after it was asked for last
        return str(path)
    return save(make(), path)


def folder(*asked: object) -> Path:
    """Where what was asked for lies, or will."""
    return Path(os.environ["GRADIO_TEMP_DIR"]) / "answers" / hashlib.sha256(repr(asked).encode()).hexdigest()[:32]


def save(image: Image.Image, path: Path) -> str:
    """Write a picture, whole or not at all, as JPEG or PNG by its name; its path. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{secrets.token_hex(4)}.part")
    try:
        if path.suffix == ".jpg":
            image.convert("RGB").save(part, "JPEG", quality=92)
        else:
            image.save(part, "PNG", compress_level=QUICK)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return str(path)


_theirs = processing_utils.save_pil_to_cache


def save_pil_to_cache(image: Image.Image, cache_dir: str, name: str = "image", format: str = "webp") -> str:
    """Gradio's way to keep what an endpoint answers, quicker for a PNG, and with nothing left of it on a full disk.

    Returns the file's path. Raises OSError.
    """
    if format != "png":
        return _theirs(image, cache_dir, name, format)
    whole = processing_utils.hash_bytes(repr((image.mode, image.size)).encode() + image.tobytes())
    path = Path(cache_dir, whole, f"{name}.png")
    return str(path) if path.is_file() else save(image, path)


processing_utils.save_pil_to_cache = save_pil_to_cache  # it has no setting for either


def output_name(path: str, *parts: str, suffix: str = ".png") -> str:
    """A file's name for what was made of an upload: its own, and what was done."""
    stem = "".join(c for c in Path(path).stem if c.isalnum() or c in "-_. ")[:60].strip()
    return "-".join(filter(None, [stem or "picture", *parts])) + suffix

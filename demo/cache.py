"""Results kept as files, so that what was computed once is not computed again; deleted with the uploads."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from facesketch import Face, select_faces
from facesketch.face.face import Box
from facesketch.face.select import parse_box

PNG_LEVEL = 1  # of zlib: three times as fast as the default 6, for a tenth more bytes
MAX_PLACES = 256  # pictures whose faces are remembered
_faces: dict[tuple[str, str], list[Face]] = {}


def cached_image(make: Callable[[], Image.Image], name: str, *key: object) -> str:
    """The path of a file of this name with what make() draws; key is everything that the picture depends on.

    An uploaded file's path stands for its contents, since Gradio names its folder by their hash. Raises what make does,
    and OSError.
    """
    path = result_folder(*key) / name
    if path.is_file():
        for kept in path.parent.iterdir():  # with what was made of it: deleted an hour after it was last asked for
            with contextlib.suppress(FileNotFoundError):  # a file that is being written gets its name now
                os.utime(kept)
        return str(path)
    return save_image(make(), path)


def result_folder(*key: object) -> Path:
    """The folder for what depends on key alone."""
    return Path(os.environ["GRADIO_TEMP_DIR"]) / "results" / hashlib.sha256(repr(key).encode()).hexdigest()[:32]


def save_image(image: Image.Image, path: Path) -> str:
    """Write a picture as PNG, or as JPEG if the name says so, as save_file does. Returns the path. Raises OSError."""
    data = io.BytesIO()
    if path.suffix == ".jpg":
        image.convert("RGB").save(data, "JPEG", quality=92)
    else:
        image.save(data, "PNG", compress_level=PNG_LEVEL)
    return save_file(data.getvalue(), path)


def save_file(data: bytes, path: Path) -> str:
    """Write a file, completely or not at all; it need not outlive a power failure. Returns the path. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return str(path)


def store_image(image: Image.Image, name: str = "image.png") -> str:
    """Write a picture into a folder named by its pixels. Returns the path. Raises OSError."""
    path = result_folder(image.mode, image.size, hashlib.sha256(image.tobytes()).hexdigest()) / name
    return str(path) if path.is_file() else save_image(image, path)


def cached_faces(image: Image.Image, path: str, box: str = "") -> list[Face]:
    """The faces of an uploaded picture, or the one in a box, detected once. Raises NoFaceError."""
    if (path, box) not in _faces:
        _faces[path, box] = list(select_faces(image, box_in_picture(image, box)))
        while len(_faces) > MAX_PLACES:
            _faces.pop(next(iter(_faces)), None)
    return _faces[path, box]


def box_in_picture(image: Image.Image, text: str) -> Box | None:
    """A box "x, y, width, height" of the picture as uploaded, in the picture as read, which may be smaller.

    None for an empty text. Raises NoFaceError.
    """
    if not text.strip():
        return None
    x, y, width, height = (value / image.info.get("shrink", 1) for value in parse_box(text))
    return x, y, width, height


def box_in_upload(image: Image.Image, face: Face) -> Box:
    """A face's box in the picture as uploaded."""
    x, y, width, height = (value * image.info.get("shrink", 1) for value in face.box)
    return x, y, width, height


def output_name(path: str, *parts: str, suffix: str = ".png") -> str:
    """A file name for what was made of an upload: the upload's own name and what was done."""
    stem = "".join(c for c in Path(path).stem if c.isalnum() or c in "-_. ")[:60].strip()
    return "-".join(filter(None, [stem or "picture", *parts])) + suffix

"""One file of all data folders, small enough to be sent to a machine that is there for minutes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from facesketch import ImageError, read_image
from facesketch.files import atomic_write
from facesketch.image.pixels import resize

from .pairs import PLURAL, DataError, as_paths, find_pairs

DATA, INCLUDED = "data", "include"  # folders of a pack: one for each data folder, and files as they are
EFFORT = 6  # of WebP's encoder, the greatest: slow, for the smallest files
MATTE_QUALITY = 90  # of WebP: edges are right to a thousandth, at half of PNG's bytes


@dataclass(frozen=True)
class Packed:
    """What was written: images, other files, bytes."""

    images: int
    others: int
    size: int


def pack(folders: Sequence[Path], out: Path, width: int, quality: int, include: Sequence[Path] = ()) -> Packed:
    """Write the images of all pairs in folders into a ZIP file, as data/NAME/..., and files as include/NAME.

    Images become WebP, at most width pixels wide, photos and sketches of a quality from 0 to 100. The JSON files of a
    folder, such as split.json, come along, so that the unpacked folders have the same pairs and parts. The same input
    gives the same bytes. Raises DataError if there are no pairs, an image cannot be read, or names are not unique.
    """
    folders = as_paths(folders)
    root_of = {folder: f"{DATA}/{folder.resolve().name}" for folder in folders}
    names = [*root_of.values(), *(path.name for path in include)]
    if double := next((name for name in names if names.count(name) > 1), ""):
        raise DataError(f"Two folders or files to pack are called {Path(double).name}; rename one.")
    buffer, images, jsons = io.BytesIO(), 0, 0
    with ZipFile(buffer, "w") as archive:
        for pair in find_pairs(folders):
            roles = ("photo", "matte") if pair.side_by_side else PLURAL
            for role in roles:
                path: Path | None = getattr(pair, role)
                if path:
                    folder = next(folder for folder in folders if path.is_relative_to(folder))
                    name = f"{root_of[folder]}/{path.relative_to(folder).with_suffix('.webp').as_posix()}"
                    limit = 2 * width if pair.side_by_side else width
                    _add(archive, name, _webp(path, limit, MATTE_QUALITY if role == "matte" else quality))
                    images += 1
        for folder in folders:
            for path in sorted(folder.glob("*.json")):
                _add(archive, f"{root_of[folder]}/{path.name}", path.read_bytes(), ZIP_DEFLATED)
                jsons += 1
        for path in include:
            _add(archive, f"{INCLUDED}/{path.name}", path.read_bytes(), ZIP_DEFLATED)
    atomic_write(out, buffer.getvalue())
    return Packed(images, jsons + len(include), out.stat().st_size)


def _add(archive: ZipFile, name: str, content: bytes, compression: int = ZIP_STORED) -> None:
    info = ZipInfo(name)  # of a fixed date
    info.external_attr = 0o644 << 16
    archive.writestr(info, content, compression)


def _webp(path: Path, width: int, quality: int) -> bytes:
    """An image as WebP, at most width pixels wide. Raises DataError."""
    try:
        image = read_image(path)
    except ImageError as error:
        raise DataError(f"{path}: {error}") from error
    if image.width > width:
        image = resize(image, (width, round(image.height * width / image.width)))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=quality, method=EFFORT)
    return buffer.getvalue()

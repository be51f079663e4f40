"""Align the user's own pairs to the template that the models are trained on."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from facesketch import NoFaceError
from facesketch.face.align import align_pair
from facesketch.files import atomic_write

from .pairs import DataError, Folders, Item, find_pairs, read_pair


def align(folders: Folders, out: Path, log: Callable[[str], object] = print) -> tuple[int, int]:
    """Write each pair as 200 x 250 pixels to out/photos/ID.png and out/sketches/ID.png; returns (written, failed).

    A pair that cannot be read, or has no face, is logged and skipped. Raises DataError if there are no pairs, if photos
    and sketches do not belong together, or if out is not empty.
    """
    pairs = [pair for pair in find_pairs(folders) if pair.sketch]
    if not all(pair.paired for pair in pairs):
        raise DataError("Photos and sketches cannot be aligned to each other: no file names match.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataError(f"{out} exists already; give a new folder.")
    failed = 0
    for pair in pairs:
        try:
            photo, sketch = align_pair(*read_pair(Item(pair)))
            assert sketch
        except (DataError, NoFaceError) as error:
            log(f"{pair.id}: {error}")
            failed += 1
            continue
        atomic_write(out / "photos" / f"{pair.id}.png", _png(photo))
        atomic_write(out / "sketches" / f"{pair.id}.png", _png(sketch))
    return len(pairs) - failed, failed


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()

"""One's own pairs brought into the frame that the models know."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from facesketch import NoFaceError
from facesketch.faces.crop import align_pair
from facesketch.files import write

from .pairs import DataError, Folders, Item, pairs, read_pair


def align(data: Folders, out: Path, say: Callable[[str], None] = print) -> tuple[int, int]:
    """Write each pair of data as 200 x 250 pixels, photos/ID.png and sketches/ID.png in out; returns done and failed.

    A pair in which no face is found, or that cannot be read, is told in a line and left out. Raises DataError where
    there are no pairs, where photos and sketches do not belong together, and where out holds something already.
    """
    found = pairs(data)
    if not all(pair.paired for pair in found):
        raise DataError("What is no pair cannot be laid on each other: no names are equal.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataError(f"{out} is there already; pairs are brought into a new folder.")
    failed = 0
    for pair in found:
        try:
            framed = align_pair(*read_pair(Item(pair)))
        except (DataError, NoFaceError) as error:
            say(f"{pair.id}: {error}")
            failed += 1
            continue
        for side, picture in zip(("photos", "sketches"), framed, strict=True):
            write(out / side / f"{pair.id}.png", _png(picture))
    return len(found) - failed, failed


def _png(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()

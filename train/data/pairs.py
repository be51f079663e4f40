"""Folders of photos and sketches to pairs, and pairs to pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from facesketch.images import ImageError, read_image, resize

NO_DATA = (
    "No photo-sketch pairs in {folder}: facesketch trains on the CUHK Face Sketch database (CUFS), free for research "
    "from the Multimedia Laboratory of the Chinese University of Hong Kong; put its photos in {folder}/photos and its "
    "sketches, under the same names, in {folder}/sketches (or unpack the download there as it comes)."
)
IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"}
CUFS_NAME = re.compile(r"([fm])(\d?)-(\d+)-(\d+)(?:-sz\d+)?", re.IGNORECASE)
ROLE = re.compile(r"(photo|sketch|matte)(?:es|s)?", re.IGNORECASE)
PLURAL = {"photo": "photos", "sketch": "sketches", "matte": "mattes"}
Folders = str | Path | Sequence[str | Path]  # one folder of data, or several that are taken together


class DataError(ValueError):
    """The data folder cannot be trained on; the message is one sentence for a person."""


@dataclass(frozen=True)
class Pair:
    """A photo and its sketch. id names it in split.json: the path without photos/ or sketches/ and without suffix.

    matte: a picture that is white where the photo shows its person, where the data has one.
    """

    id: str
    person: str
    photo: Path
    sketch: Path
    matte: Path | None = None


@dataclass(frozen=True)
class Item:
    """A pair under one of the square's 8 flips and quarter turns: 0 as it is, 1 to 3 turned, 4 to 7 mirrored first.

    side: of the square that its pictures are resized to before, in pixels; 0: they keep their own size.
    """

    pair: Pair
    turn: int = 0
    side: int = 0


def style_of(pair: Pair, styles: Sequence[str]) -> str:
    """Which of styles a pair is drawn in: the one that its outermost folder is called by, else the first."""
    folder = pair.id.partition("/")[0]
    return folder if folder in styles else styles[0]


def folders(data: Folders) -> list[Path]:
    """One folder or several, as a list."""
    return [Path(data)] if isinstance(data, str | Path) else [Path(folder) for folder in data]


def find(data: Folders) -> dict[str, dict[str, tuple[str, Path]]]:
    """The photos, sketches and mattes of folders: role (of PLURAL) -> key for pairing -> id and path.

    A folder that is itself called mattes holds mattes. Raises DataError where two files claim one place.
    """
    found: dict[str, dict[str, tuple[str, Path]]] = {role: {} for role in PLURAL}
    for folder in folders(data):
        named = ROLE.fullmatch(folder.name)
        for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
            if path.name.startswith(".") or path.suffix.lower() not in IMAGE_SUFFIXES or not path.is_file():
                continue
            role, key, name = _place(path.relative_to(folder))
            role = role or (named[1].lower() if named else None)
            if role is None:
                continue
            if key in found[role]:
                raise DataError(f"Two {PLURAL[role]} would be {name}: {found[role][key][1]} and {path}.")
            found[role][key] = (name, path)
    return found


def pairs(data: Folders) -> list[Pair]:
    """Find the pairs of a folder, or of several together, sorted by id.

    Accepted: photos/ and sketches/ with equal names, nested or not, and the CUFS download as it comes (photo
    f-005-01.jpg, sketch F2-005-01-sz1.jpg); mattes/ beside them, or in a folder of its own. Raises DataError where
    there is none, or two files claim one place.
    """
    photos, sketches, mattes = find(data).values()
    both = sorted(photos.keys() & sketches.keys())
    if not both:
        raise DataError(NO_DATA.format(folder=folders(data)[0]))
    return [
        Pair(photos[k][0], _person(photos[k][0]), photos[k][1], sketches[k][1], mattes.get(k, ("", None))[1])
        for k in both
    ]


def _place(path: Path) -> tuple[str | None, str, str]:
    """A relative path's role (of PLURAL, or None), its key for pairing, and its id."""
    folders = path.parts[:-1]
    role = next((match[1].lower() for part in reversed(folders) if (match := ROLE.search(part))), None)
    parent = [part for part in (ROLE.sub("", part).strip(" _-") for part in folders) if part]
    stem, name = path.stem, CUFS_NAME.fullmatch(path.stem)
    if name:  # sketches of the training part carry a 2 that their photos do not
        stem = f"{name[1]}{name[2].replace('2', '')}-{name[3]}-{name[4]}".lower()
    if name and role is None:
        role = "sketch" if "-sz" in path.stem.lower() else "photo"
    return role, "/".join([*parent, stem]).lower(), "/".join([*parent, stem])


def _person(name: str) -> str:
    """CUFS names end in the number of the shot: the person is what stands before it."""
    return name.rsplit("-", 1)[0] if CUFS_NAME.fullmatch(name.rsplit("/", 1)[-1]) else name


def read_pair(item: Item) -> tuple[Image.Image, Image.Image]:
    """Photo and sketch (gray, as RGB) at the item's size, in its turn. Raises DataError naming a broken file."""
    return read_side(item, "photo"), read_side(item, "sketch")


def read_side(item: Item, side: str) -> Image.Image:
    """The photo, sketch or matte of an item, as in read_pair. Raises DataError, also where it has no such picture."""
    path = getattr(item.pair, side)
    if path is None:
        raise DataError(f"{item.pair.id} has no {side}.")
    try:
        image = read_image(path)
    except ImageError as error:
        raise DataError(f"{path}: {error}") from error
    image = image if side == "photo" else image.convert("L").convert("RGB")
    image = resize(image, (item.side,) * 2) if item.side else image
    image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if item.turn >= 4 else image
    return image.rotate(90 * (item.turn % 4), expand=True)

"""Folders of photos and sketches to pairs, and pairs to pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from facesketch.files import below
from facesketch.images import ImageError, read_image, resize

from .names import ROLE, SIDE, parse_path, part_of, person

NO_DATA = (
    "No photo-sketch pairs in {folder}: facesketch trains on the CUHK Face Sketch database (CUFS), free for research "
    "from the Multimedia Laboratory of the Chinese University of Hong Kong; put its photos in {folder}/photos and its "
    "sketches, under the same names, in {folder}/sketches (or unpack the download there as it comes)."
)
IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"}
PLURAL = {"photo": "photos", "sketch": "sketches", "matte": "mattes"}
Folders = str | Path | Sequence[str | Path]  # one folder of data, or several that are taken together


class DataError(ValueError):
    """The data folder cannot be trained on; the message is one sentence for a person."""


@dataclass(frozen=True)
class Pair:
    """A photo and its sketch. id names it in split.json: the path without photos/ or sketches/ and without suffix.

    matte: a picture that is white where the photo shows its person, where the data has one. halves: photo and sketch
    are one file, the photo its left half. paired: the sketch is of this photo, and not just the next in the order.
    """

    id: str
    person: str
    photo: Path
    sketch: Path
    matte: Path | None = None
    halves: bool = False
    paired: bool = True


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
        for path in sorted(below(folder)) if folder.is_dir() else []:
            if path.suffix.lower() not in IMAGE_SUFFIXES or not path.is_file():
                continue
            role, key, name = parse_path(path.relative_to(folder))
            role = role or (named[1].lower() if named else None)
            if role is None:
                continue
            if key in found[role]:
                raise DataError(f"Two {PLURAL[role]} would be {name}: {found[role][key][1]} and {path}.")
            found[role][key] = (name, path)
    return found


def pairs(data: Folders) -> list[Pair]:
    """Find the pairs of a folder, or of several together, sorted by id.

    Accepted: photos/ and sketches/ with equal names, nested or not, and the CUFS and FS2K downloads as they come (photo
    f-005-01.jpg, sketch F2-005-01-sz1.jpg; photo1/image0001.jpg, sketch1/sketch0001.jpg); A/ and B/, trainA/ and
    trainB/, where no names are equal in the order of their names; pictures of a photo beside its sketch. mattes/ lies
    beside them, or in a folder of its own. Raises DataError where there is none, or two files claim one place.
    """
    photos, sketches, mattes = find(data).values()
    both = sorted(photos.keys() & sketches.keys())
    if not both:
        return _in_order(photos, sketches) or _halves(data) or _nothing(data, photos, sketches)
    return [
        Pair(photos[k][0], person(photos[k][0]), photos[k][1], sketches[k][1], mattes.get(k, ("", None))[1])
        for k in both
    ]


def _in_order(photos: dict, sketches: dict) -> list[Pair]:
    """The pictures of A/ and B/ folders, whose names are not equal, side by side in the order of their names."""
    if not all(SIDE.fullmatch(path.parent.name) for side in (photos, sketches) for _, path in side.values()):
        return []
    found = []
    for part in ("train", "test", ""):
        sides = [[side[k] for k in sorted(side) if part_of(side[k][0]) == part] for side in (photos, sketches)]
        found += [Pair(p[0], p[0], p[1], s[1], paired=False) for p, s in zip(*sides, strict=False)]
    return sorted(found, key=lambda pair: pair.id)


def _halves(data: Folders) -> list[Pair]:
    """The pictures at least half again as wide as high, each a photo on the left and its sketch on the right."""
    found = []
    for folder in folders(data):
        for path in sorted(below(folder)) if folder.is_dir() else []:
            role, _, name = parse_path(path.relative_to(folder))
            if role is None and path.suffix.lower() in IMAGE_SUFFIXES and _is_wide(path):
                found.append(Pair(name, person(name), path, path, halves=True))
    return sorted(found, key=lambda pair: pair.id)


def _is_wide(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            return image.width >= 1.5 * image.height
    except OSError:
        return False


def _nothing(data: Folders, photos: dict, sketches: dict) -> list[Pair]:
    """Raises DataError that says what there is."""
    said = NO_DATA.format(folder=folders(data)[0])
    if photos and sketches:
        names = (min(path.name for _, path in side.values()) for side in (photos, sketches))
        said = (
            f"No photo-sketch pairs in {folders(data)[0]}: {len(photos)} photos, named like {next(names)}, and "
            f"{len(sketches)} sketches, named like {next(names)}, have no name in common."
        )
    raise DataError(said)


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
    if item.pair.halves:
        middle = image.width // 2
        image = image.crop((0, 0, middle, image.height) if side == "photo" else (middle, 0, *image.size))
    image = image if side == "photo" else image.convert("L").convert("RGB")
    return turned(resize(image, (item.side,) * 2) if item.side else image, item.turn)


def turned(image: Image.Image, turn: int) -> Image.Image:
    """A picture in one of its eight turns, 0 to 7: as it is, by 90, 180 and 270 degrees, and mirrored before that."""
    image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if turn >= 4 else image
    return image.rotate(90 * (turn % 4), expand=True)

"""Find the pairs in data folders, and read their images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from facesketch import ImageError, read_image
from facesketch.files import walk_files
from facesketch.image.pixels import resize
from facesketch.strokes.styles import STYLES

from .names import DOMAIN, ROLE, parse_path, part_of, person

NO_DATA = (
    "No photo-sketch pairs in {folder}: put photos in {folder}/photos and sketches, under the same names, in "
    "{folder}/sketches. The CUHK Face Sketch database (CUFS), free for research from the Multimedia Laboratory of the "
    "Chinese University of Hong Kong, can be unpacked there as it is."
)
IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"}
PLURAL = {"photo": "photos", "sketch": "sketches", "matte": "mattes"}  # role -> folder
SIDE_BY_SIDE = 1.5  # width / height of an image from which it is a photo and its sketch side by side
Folders = str | Path | Sequence[str | Path]  # one data folder, or several that are taken together
Images = dict[str, tuple[str, Path]]  # key for pairing -> id and path


class DataError(ValueError):
    """The data cannot be used; the message is one sentence for the user."""


@dataclass(frozen=True)
class Pair:
    """A photo and its sketch, its matte or both."""

    id: str  # path without photos/ or sketches/ and without suffix, as split.json names it
    person: str
    photo: Path
    sketch: Path | None
    matte: Path | None = None  # image that is white where the photo shows the person
    side_by_side: bool = False  # photo and sketch are the left and right half of one file
    paired: bool = True  # whether the sketch shows the photo's person; else it is the next one in order


@dataclass(frozen=True)
class Item:
    """A pair in one of the 8 orientations of the square: 0 upright, 1 to 3 rotated, 4 to 7 mirrored first."""

    pair: Pair
    orientation: int = 0
    size: int = 0  # side of the square that images are resized to before they are rotated, in pixels; 0: native size


def style_of(pair: Pair, styles: Sequence[str]) -> str:
    """The style that a pair is drawn in, one of styles: the one whose data are in the pair's folder, else the first."""
    folder = pair.id.rpartition("/")[0].partition("/")[0]
    learned = {style.dataset_folder: style.label for style in STYLES.values() if style.dataset_folder}
    return learned[folder] if learned.get(folder) in styles else styles[0]


def as_paths(folders: Folders) -> list[Path]:
    """One folder or several, as a list without those inside another of them, whose images that one has already."""
    paths = [Path(folders)] if isinstance(folders, str | Path) else [Path(folder) for folder in folders]
    resolved = {path.resolve() for path in paths}
    return [path for path in paths if not resolved & set(path.resolve().parents)]


def find_images(folders: Folders) -> dict[str, Images]:
    """The images of folders by role (a key of PLURAL).

    A folder that is itself called mattes contains mattes. Raises DataError if two files have one role and id.
    """
    found: dict[str, Images] = {role: {} for role in PLURAL}
    for folder in as_paths(folders):
        role_of_folder = ROLE.fullmatch(folder.name)
        for path in sorted(walk_files(folder)) if folder.is_dir() else []:
            if path.suffix.lower() not in IMAGE_SUFFIXES or not path.is_file():
                continue
            role, key, pair_id = parse_path(path.relative_to(folder))
            role = role or (role_of_folder[1].lower() if role_of_folder else None)
            if role is None:
                continue
            if key in found[role]:
                raise DataError(f"Two {PLURAL[role]} have the id {pair_id}: {found[role][key][1]} and {path}.")
            found[role][key] = (pair_id, path)
    return found


def find_pairs(folders: Folders) -> list[Pair]:
    """The pairs of one data folder, or of several together, sorted by id: photos that have a sketch or a matte.

    Accepted: photos/ and sketches/ with equal file names, nested or not; the CUFS and FS2K downloads as they are (photo
    f-005-01.jpg, sketch F2-005-01-sz1.jpg; photo1/image0001.jpg, sketch1/sketch0001.jpg); A/ and B/, trainA/ and
    trainB/, in the order of their names if no file names match; images of a photo next to its sketch. mattes/ is next
    to photos/, or a data folder of its own; photos with a matte need no sketch. Raises DataError if there are no pairs,
    or two files have one role and id.
    """
    photos, sketches, mattes = find_images(folders).values()
    if not photos.keys() & sketches.keys():
        found = _pairs_in_order(photos, sketches) or _pairs_side_by_side(folders)
        if found:
            return found
    keys = sorted(photos.keys() & (sketches.keys() | mattes.keys()))
    if not keys:
        raise DataError(_no_pairs(folders, photos, sketches))
    nothing = ("", None)
    return [
        Pair(pair_id, person(pair_id), photo, sketches.get(k, nothing)[1], mattes.get(k, nothing)[1])
        for k, (pair_id, photo) in ((k, photos[k]) for k in keys)
    ]


def _pairs_in_order(photos: Images, sketches: Images) -> list[Pair]:
    """The images of A/ and B/ folders, whose names differ, matched in the order of their names."""
    if not all(DOMAIN.fullmatch(path.parent.name) for images in (photos, sketches) for _, path in images.values()):
        return []
    found = []
    for part in ("train", "test", ""):
        sides = [[images[k] for k in sorted(images) if part_of(images[k][0]) == part] for images in (photos, sketches)]
        found += [Pair(p[0], p[0], p[1], s[1], paired=False) for p, s in zip(*sides, strict=False)]
    return sorted(found, key=lambda pair: pair.id)


def _pairs_side_by_side(folders: Folders) -> list[Pair]:
    """The wide images, each a photo on the left and its sketch on the right."""
    found = []
    for folder in as_paths(folders):
        for path in sorted(walk_files(folder)) if folder.is_dir() else []:
            role, _, pair_id = parse_path(path.relative_to(folder))
            if role is None and path.suffix.lower() in IMAGE_SUFFIXES and _is_wide(path):
                found.append(Pair(pair_id, person(pair_id), path, path, side_by_side=True))
    return sorted(found, key=lambda pair: pair.id)


def _is_wide(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            return image.width >= SIDE_BY_SIDE * image.height
    except OSError:
        return False


def _no_pairs(folders: Folders, photos: Images, sketches: Images) -> str:
    """The sentence that says what was found instead of pairs."""
    folder = as_paths(folders)[0]
    if not (photos and sketches):
        return NO_DATA.format(folder=folder)
    photo, sketch = (min(path.name for _, path in images.values()) for images in (photos, sketches))
    return (
        f"No photo-sketch pairs in {folder}: {len(photos)} photos, named like {photo}, and {len(sketches)} sketches, "
        f"named like {sketch}, have no name in common."
    )


def read_pair(item: Item) -> tuple[Image.Image, Image.Image]:
    """Photo and sketch of an item as RGB, the sketch gray. Raises DataError that names an unreadable file."""
    return read_item(item, "photo"), read_item(item, "sketch")


def read_item(item: Item, role: str) -> Image.Image:
    """The photo, sketch or matte of an item, as in read_pair. Raises DataError, also if the pair has no such image."""
    path: Path | None = getattr(item.pair, role)
    if path is None:
        raise DataError(f"{item.pair.id} has no {role}.")
    try:
        image = read_image(path)
    except ImageError as error:
        raise DataError(f"{path}: {error}") from error
    if item.pair.side_by_side:
        middle = image.width // 2
        image = image.crop((0, 0, middle, image.height) if role == "photo" else (middle, 0, *image.size))
    image = image if role == "photo" else image.convert("L").convert("RGB")
    return orient(resize(image, (item.size,) * 2) if item.size else image, item.orientation)


def orient(image: Image.Image, orientation: int) -> Image.Image:
    """An image in one of its 8 orientations: rotated by 0, 90, 180 or 270 degrees, and from 4 on mirrored first."""
    image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if orientation >= 4 else image
    return image.rotate(90 * (orientation % 4), expand=True)

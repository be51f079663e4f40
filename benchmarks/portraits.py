"""What models draw of photos that people have: clean paper, the person, the artist's texture, and how long it takes.

`python -m benchmarks.portraits --data DIR [--sheets DIR]`: each embedded model, in each of its styles, draws the test
photos in DIR (photos/, sketches/ and mattes/, in the template's frame), raw and as a user gets it, and that goes back
to a photo, where the model knows the way. First stands how well the matte in use covers the data's: the intersection
over union at one half. The table has the mean ink on the ground (255 less the value, where the matte is under 0.05),
identity (rank-1 among the photos, and the distance to the own one), Scoot against the artist, whose paper is made
white, and the median milliseconds; and the same of the thirds of the faces by the lightness of their skin. A style that
the data has a folder of has its Scoot from that folder alone. --sheets writes the pictures beside their photos, to be
looked at.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from facesketch.faces.geometry import TEMPLATE
from facesketch.faces.matte import person
from facesketch.images import from_luma, resize
from PIL import Image
from skimage.color import rgb2lab
from tqdm import tqdm

import facesketch
from facesketch import NoFaceError, Translator
from facesketch.metrics import gray, iou, scoot
from train.data.pairs import Folders, Item, Pair, pairs, read_side
from train.data.split import read_split
from train.results import identity

USED = "as a user gets it"
WAYS = {"raw": {"align": "never", "detail": False, "ground": "keep"}, USED: {}}
CHEEKS = ((62, 145, 85, 165), (115, 145, 138, 165))  # boxes of the template
THIRDS = ("darkest", "middle", "lightest")
COLUMNS = {"ink": "ink on the ground", "identity": "identity", "distance": "own distance", "scoot": "Scoot", "ms": "ms"}
TILE, ACROSS, DOWN = (200, 250), 6, 4  # of a sheet: a picture's pixels, faces in a row, rows


@dataclass(frozen=True)
class Portrait:
    """A test photo, its artist's drawing on white paper, its matte (H x W floats, 0 to 1) and its skin's lightness."""

    id: str
    photo: Image.Image
    sketch: Image.Image
    matte: np.ndarray
    lightness: float


def portraits(data: Folders) -> list[Portrait]:
    """The test part's, or where there is no split.json all. Raises DataError, also where one has no matte."""
    found = pairs(data)
    parts = read_split(found, data)
    return [_portrait(pair) for pair in (parts["test"] if parts else found)]


def _portrait(pair: Pair) -> Portrait:
    photo, sketch, matte = (read_side(Item(pair), side) for side in ("photo", "sketch", "matte"))
    inside = gray(resize(matte, photo.size)) / 255
    return Portrait(pair.id, photo, white_paper(sketch), inside, skin(photo, inside))


def white_paper(scan: Image.Image) -> Image.Image:
    """A scan whose paper, the 85th percentile of its values, is brought to white."""
    values = gray(scan)
    return Image.fromarray(np.clip(values * (255 / max(1, np.percentile(values, 85))), 0, 255).round().astype(np.uint8))


def skin(photo: Image.Image, matte: np.ndarray) -> float:
    """The median CIELAB lightness, 0 to 100, of the person's cheeks in a photo in the template's frame."""
    lightness, cheeks = rgb2lab(np.asarray(photo))[..., 0], np.zeros(matte.shape, bool)
    for box in CHEEKS:
        left, top, right, bottom = (round(value * photo.width / TEMPLATE[0]) for value in box)
        cheeks[top:bottom, left:right] = True
    shown = cheeks & (matte > 0.5)
    return float(np.median(lightness[shown if shown.any() else cheeks]))


def ink(drawing: Image.Image, matte: np.ndarray) -> float:
    """255 less the drawing's mean value where the matte is under 0.05; nan where that is nowhere."""
    ground = matte < 0.05
    return float(255 - gray(drawing)[ground].mean()) if ground.any() else float("nan")


def draw(model: Translator, photo: Image.Image, way: str, style: str | None) -> tuple[Image.Image, bool]:
    """The drawing, and whether the face was found; where it was not, the photo is taken as the crop that it is."""
    options = WAYS[way] | ({"style": style} if style else {})
    try:
        return model.translate(photo, **options), True
    except NoFaceError:
        return model.translate(photo, **options, align="never"), False


def measure(
    model: Translator, faces: list[Portrait], way: str, style: str | None, gallery: identity.Gallery | None
) -> tuple[list[dict], list[Image.Image]]:
    """A row for each face, and the drawings, as large as the photos."""
    folders = {face.id.partition("/")[0] for face in faces}
    rows, drawings = [], []
    for face in tqdm(faces, desc=f"{way} {style or ''}", leave=False):
        began = time.perf_counter()
        drawing, found = draw(model, face.photo, way, style)
        row = {"id": face.id, "ms": 1000 * (time.perf_counter() - began), "found": found}
        drawing = resize(drawing, face.photo.size)
        row["ink"] = ink(drawing, face.matte)
        if style not in folders or face.id.startswith(f"{style}/"):
            row["scoot"] = scoot(drawing, resize(face.sketch, drawing.size))
        rows.append(row | (gallery.find(drawing, face.id) if gallery else {}))
        drawings.append(drawing)
    return rows, drawings


def back(
    model: Translator, drawings: list[Image.Image], rows: list[dict], gallery: identity.Gallery | None
) -> tuple[list[dict], list[Image.Image]]:
    """As measure, of the photos that the model makes of drawings whose rows it is given."""
    answers, photos = [], []
    for row, drawing in zip(rows, tqdm(drawings, desc="and back", leave=False), strict=True):
        began = time.perf_counter()
        photos.append(model.translate(drawing, "sketch_to_photo", align="never"))
        answer = {"id": row["id"], "ms": 1000 * (time.perf_counter() - began), "found": row["found"]}
        answers.append(answer | (gallery.find(photos[-1], row["id"]) if gallery else {}))
    return answers, photos


def thirds(faces: list[Portrait]) -> dict[str, set[str]]:
    """The ids of the faces with the darkest, middle and lightest skin."""
    ids = [face.id for face in sorted(faces, key=lambda face: face.lightness)]
    return {name: set(part) for name, part in zip(THIRDS, np.array_split(ids, 3), strict=True)}


def lines(name: str, rows: list[dict], parts: dict[str, set[str]]) -> Iterator[str]:
    """The table's line for all rows, and one for each part of them."""
    for part, ids in {"": None, **parts}.items():
        some = [row for row in rows if ids is None or row["id"] in ids]
        cells = []
        for column in COLUMNS:
            values = [row[column] for row in some if column in row]
            mean = np.median if column == "ms" else np.nanmean
            cells.append(f"{mean(values):.{1 if column in ('ink', 'ms') else 3}f}" if values else "")
        found = f"{sum(row['found'] for row in some)} of {len(some)}"
        yield f"| {part + ' third' if part else name} | {found} | {' | '.join(cells)} |"


def sheets(name: str, faces: list[Portrait], drawings: list[Image.Image], folder: Path) -> None:
    """Write the photos and their drawings side by side into folder, some faces a page."""
    folder.mkdir(parents=True, exist_ok=True)
    (width, height), most = TILE, ACROSS * DOWN
    for first in range(0, len(faces), most):
        page = Image.new("RGB", (2 * width * ACROSS, height * DOWN), "white")
        shown = zip(faces[first : first + most], drawings[first : first + most], strict=True)
        for i, (face, drawing) in enumerate(shown):
            left, top = 2 * width * (i % ACROSS), height * (i // ACROSS)
            page.paste(resize(face.photo, TILE), (left, top))
            page.paste(resize(drawing, TILE), (left + width, top))
        page.save(folder / f"{name.replace(', ', '-').replace(' ', '-')}-{first // most + 1}.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of photos/, sketches/, mattes/")
    parser.add_argument("--models", nargs="*", default=facesketch.available(), help="names, folders or Hub repo ids")
    parser.add_argument("--sheets", type=Path, help="where to write the drawings, to be looked at")
    arguments = parser.parse_args()
    faces = portraits(arguments.data)
    overlaps = [iou(from_luma(person(face.photo)), from_luma(face.matte)) for face in faces]
    print(f"The matte, IoU: {np.mean(overlaps):.4f}, median {np.median(overlaps):.4f}\n")
    if not identity.available():
        print(identity.MISSING)
    gallery = identity.Gallery((face.id, face.photo) for face in faces) if identity.available() else None
    print(f"| | faces found | {' | '.join(COLUMNS.values())} |\n{'|---' * (2 + len(COLUMNS))}|")
    for name in arguments.models:
        model = facesketch.load(name)
        for style in (model.styles or [None]) if "photo_to_sketch" in model.directions else ():
            drawn = {way: measure(model, faces, way, style, gallery) for way in WAYS}
            if "sketch_to_photo" in model.directions:
                rows, drawings = drawn[USED]
                drawn["and back"] = back(model, drawings, rows, gallery)
            for way, (rows, pictures) in drawn.items():
                label = ", ".join(filter(None, (Path(name).name, style, way)))
                print(*lines(label, rows, thirds(faces)), sep="\n", flush=True)
                if arguments.sheets:
                    sheets(label, faces, pictures, arguments.sheets)


if __name__ == "__main__":
    main()

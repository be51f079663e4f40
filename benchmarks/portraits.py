"""How drawings of people's own photos turn out: clean background, likeness, the artist's texture, and time.

`python -m benchmarks.portraits --data DIR [--sheets DIR]`: each embedded model, in each of its styles, draws the test
photos in DIR (photos/, sketches/ and mattes/ of aligned faces), raw and with the default options; the default drawings
are then converted back to photos by models that can. The first line is the matte's mean IoU with the data's at
threshold 1/2. The table has the mean ink on the background (255 minus the value where the matte is under 0.05), the
rank-1 identification rate among the photos and the embedding distance to the own photo, Scoot against the artist's
sketch with its paper made white, and the median milliseconds; then the same for thirds of the faces by the lightness
of their skin. A style that has a folder in the data gets its Scoot from that folder alone. --sheets writes the drawings
next to their photos.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from PIL import Image
from skimage.color import rgb2lab
from tqdm import tqdm

import facesketch
from facesketch import DrawOptions, Model, NoFaceError, Pipeline
from facesketch.face.matte import predict_matte
from facesketch.face.template import TEMPLATE_SIZE
from facesketch.image.pixels import from_luma, resize
from facesketch.metrics import gray, iou, scoot
from facesketch.options import RAW_OUTPUT
from facesketch.strokes.styles import STYLES
from train.data.pairs import Folders, Item, Pair, find_pairs, read_item
from train.data.split import read_split_json
from train.results import identity

DEFAULT, BACK = "default", "back to photo"
OPTIONS = {"raw": RAW_OUTPUT, DEFAULT: DrawOptions()}
CHEEKS = ((62, 145, 85, 165), (115, 145, 138, 165))  # left, top, right, bottom in the template
BACKGROUND_MATTE = 0.05  # below it a pixel counts as background
PAPER_PERCENTILE = 85  # of a scan's values, which is its paper
THIRDS = ("darkest", "middle", "lightest")
COLUMNS = {"ink": "background ink", "rank1": "rank-1", "distance": "embedding distance", "scoot": "Scoot", "ms": "ms"}
TILE, ACROSS, DOWN = (200, 250), 6, 4  # of a sheet: a picture's size in pixels, faces in a row, rows


@dataclass(frozen=True)
class Portrait:
    """A test photo, its sketch on white paper, its matte (H x W, 0 to 1) and the lightness of its skin (0 to 100)."""

    id: str
    photo: Image.Image
    sketch: Image.Image
    matte: np.ndarray
    lightness: float


@dataclass
class Row:
    """What was measured of one picture."""

    id: str
    face_found: bool
    values: dict[str, float] = field(default_factory=dict)  # by column


@dataclass(frozen=True)
class Results:
    """A row and a picture for each face."""

    rows: list[Row]
    pictures: list[Image.Image]


def read_portraits(data: Folders) -> list[Portrait]:
    """The test part, or without a split.json all pairs. Raises DataError, also where one has no matte."""
    pairs = find_pairs(data)
    parts = read_split_json(pairs, data)
    return [_portrait(pair) for pair in (parts.test if parts else pairs)]


def _portrait(pair: Pair) -> Portrait:
    photo, sketch, matte = (read_item(Item(pair), role) for role in ("photo", "sketch", "matte"))
    inside = gray(resize(matte, photo.size)) / 255
    return Portrait(pair.id, photo, white_paper(sketch), inside, skin_lightness(photo, inside))


def white_paper(scan: Image.Image) -> Image.Image:
    """A scan whose paper is white."""
    values = gray(scan)
    scale = 255 / max(1, np.percentile(values, PAPER_PERCENTILE))
    return Image.fromarray(np.clip(values * scale, 0, 255).round().astype(np.uint8))


def skin_lightness(photo: Image.Image, matte: np.ndarray) -> float:
    """The median CIELAB lightness, 0 to 100, of the cheeks in an aligned photo."""
    lightness, cheeks = rgb2lab(np.asarray(photo))[..., 0], np.zeros(matte.shape, bool)
    for box in CHEEKS:
        left, top, right, bottom = (round(value * photo.width / TEMPLATE_SIZE[0]) for value in box)
        cheeks[top:bottom, left:right] = True
    visible = cheeks & (matte > 0.5)
    return float(np.median(lightness[visible if visible.any() else cheeks]))


def background_ink(drawing: Image.Image, matte: np.ndarray) -> float:
    """255 minus the drawing's mean value on the background; nan where there is none."""
    background = matte < BACKGROUND_MATTE
    return float(255 - gray(drawing)[background].mean()) if background.any() else float("nan")


def draw(pipeline: Pipeline, photo: Image.Image, options: DrawOptions) -> tuple[Image.Image, bool]:
    """The drawing, and whether the face was found; if not, the photo is drawn as the crop that it is."""
    try:
        return pipeline(photo, options).image, True
    except NoFaceError:
        return pipeline(photo, replace(options, align="never")).image, False


def measure(
    model: Model, faces: Sequence[Portrait], name: str, style: str | None, gallery: identity.Gallery | None
) -> Results:
    """Draw all faces with the options called name, at the photos' size."""
    pipeline, options = Pipeline(model), replace(OPTIONS[name], style=style)
    folder = STYLES[style].dataset_folder if style in STYLES else None
    in_folder = {face.id for face in faces if folder and face.id.startswith(f"{folder}/")}
    results = Results([], [])
    for face in tqdm(faces, desc=f"{name} {style or ''}", leave=False):
        start = time.perf_counter()
        drawing, found = draw(pipeline, face.photo, options)
        row = Row(face.id, found, {"ms": 1000 * (time.perf_counter() - start)})
        drawing = resize(drawing, face.photo.size)
        row.values["ink"] = background_ink(drawing, face.matte)
        if not in_folder or face.id in in_folder:
            row.values["scoot"] = scoot(drawing, resize(face.sketch, drawing.size))
        row.values |= gallery.identify(drawing, face.id) if gallery else {}
        results.rows.append(row)
        results.pictures.append(drawing)
    return results


def convert_back(model: Model, drawn: Results, gallery: identity.Gallery | None) -> Results:
    """The photos that the model makes of drawings, measured likewise."""
    pipeline, results = Pipeline(model, target="photo"), Results([], [])
    for row, drawing in zip(drawn.rows, tqdm(drawn.pictures, desc=BACK, leave=False), strict=True):
        start = time.perf_counter()
        photo = pipeline(drawing, DrawOptions(align="never")).image
        values = {"ms": 1000 * (time.perf_counter() - start)}
        results.rows.append(Row(row.id, row.face_found, values | (gallery.identify(photo, row.id) if gallery else {})))
        results.pictures.append(photo)
    return results


def thirds(faces: Sequence[Portrait]) -> dict[str, set[str]]:
    """The ids of the faces with the darkest, middle and lightest skin."""
    ids = [face.id for face in sorted(faces, key=lambda face: face.lightness)]
    return {name: set(part.tolist()) for name, part in zip(THIRDS, np.array_split(ids, 3), strict=True)}


def table_lines(name: str, rows: Sequence[Row], parts: Mapping[str, set[str]]) -> Iterator[str]:
    """The table's line for all rows, and one for each part of them."""
    for label, chosen in (
        (name, list(rows)),
        *((f"{part} third", [row for row in rows if row.id in ids]) for part, ids in parts.items()),
    ):
        cells = []
        for column in COLUMNS:
            values = [row.values[column] for row in chosen if column in row.values]
            mean = np.median if column == "ms" else np.nanmean
            cells.append(f"{mean(values):.{1 if column in ('ink', 'ms') else 3}f}" if values else "")
        found = f"{sum(row.face_found for row in chosen)} of {len(chosen)}"
        yield f"| {label} | {found} | {' | '.join(cells)} |"


def write_sheets(name: str, faces: Sequence[Portrait], drawings: Sequence[Image.Image], folder: Path) -> None:
    """Write photos and drawings side by side into folder, ACROSS x DOWN faces a page."""
    folder.mkdir(parents=True, exist_ok=True)
    (width, height), per_page = TILE, ACROSS * DOWN
    for first in range(0, len(faces), per_page):
        page = Image.new("RGB", (2 * width * ACROSS, height * DOWN), "white")
        tiles = zip(faces[first : first + per_page], drawings[first : first + per_page], strict=True)
        for i, (face, drawing) in enumerate(tiles):
            left, top = 2 * width * (i % ACROSS), height * (i // ACROSS)
            page.paste(resize(face.photo, TILE), (left, top))
            page.paste(resize(drawing, TILE), (left + width, top))
        page.save(folder / f"{name.replace(', ', '-').replace(' ', '-')}-{first // per_page + 1}.png")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of photos/, sketches/, mattes/")
    parser.add_argument("--models", nargs="*", default=facesketch.available_models(), help="names, folders, Hub repos")
    parser.add_argument("--sheets", type=Path, help="where to write the drawings")
    arguments = parser.parse_args()
    faces = read_portraits(arguments.data)
    overlaps = [iou(from_luma(predict_matte(face.photo)), from_luma(face.matte)) for face in faces]
    print(f"The matte, IoU: {np.mean(overlaps):.4f}, median {np.median(overlaps):.4f}\n")
    if not identity.is_available():
        print(identity.MISSING)
    gallery = identity.Gallery((face.id, face.photo) for face in faces) if identity.is_available() else None
    print(f"| | faces found | {' | '.join(COLUMNS.values())} |\n{'|---' * (2 + len(COLUMNS))}|")
    for name in arguments.models:
        model = facesketch.load_model(name)
        directions = model.config.directions
        for style in (model.config.styles or (None,)) if "photo_to_sketch" in directions else ():
            results = {options: measure(model, faces, options, style, gallery) for options in OPTIONS}
            if "sketch_to_photo" in directions:
                results[BACK] = convert_back(model, results[DEFAULT], gallery)
            for options, result in results.items():
                label = ", ".join(filter(None, (Path(name).name, style, options)))
                print(*table_lines(label, result.rows, thirds(faces)), sep="\n", flush=True)
                if arguments.sheets:
                    write_sheets(label, faces, result.pictures, arguments.sheets)


if __name__ == "__main__":
    main()

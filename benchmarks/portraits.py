"""How drawings of people's own photos turn out: likeness, the artists' texture, clean background, and time.

`python -m benchmarks.portraits --data DIR [--models NAME ...] [--styles NAME ...] [--finishes NAME ...] [--size WIDTH]
[--sheets DIR]`: each model, in each of its styles, draws the test photos in DIR (photos/, sketches/ and mattes/ of
aligned faces) raw, and with each finish at 512 pixels; the drawings with the first finish are then converted back to
photos by models that can. All is measured at the photos' size and in their frame, which is why align is "never".

Columns: the mean ink on the background (255 minus the value where the matte is under 0.05); the rank-1 identification
rate among the photos and the embedding distance to the own photo; Scoot against the artist's sketch with its paper made
white, in a style that has a folder in the data against those of that folder alone; the correlation with the gray photo
inside the person; the texture distance (fine / middle / coarse) to all artists and to those of the style's folder; and
the median milliseconds. Below each line, the same for thirds of the faces by the lightness of their skin. Where a model
has several styles, a line below the table says how much their drawings correlate, the mean of all pairs of styles.

Before the table: the matte's mean IoU with the data's at threshold 1/2, and the number of faces found. Its first lines
are the texture distance of one half of the artists to the other, with their sketches' correlation with the photo, and
that of the gray photos. --sheets writes the drawings next to their photos.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import Image
from skimage.color import rgb2lab
from tqdm import tqdm

import facesketch
from facesketch import DrawOptions, Model, OptionError, Pipeline, find_faces
from facesketch.face.matte import predict_matte
from facesketch.face.template import TEMPLATE_SIZE
from facesketch.image.pixels import from_luma, resize
from facesketch.metrics import TextureDistance, correlation, gray, iou, scoot, texture_distance
from facesketch.options import MAX_CROP_WIDTH, MIN_CROP_WIDTH, RAW_OUTPUT, SPECS
from facesketch.strokes.styles import STYLES
from train.data.pairs import Folders, Item, Pair, find_pairs, read_item
from train.data.split import read_split_json
from train.results import identity

RAW, BACK = "raw", "back to photo"
FINISHES = tuple(name for name in SPECS["finish"].choices if name != RAW_OUTPUT.finish)
SIZE = 512  # pixels, the drawings' width
CHEEKS = ((62, 145, 85, 165), (115, 145, 138, 165))  # left, top, right, bottom in the template
BACKGROUND_MATTE = 0.05  # below it a pixel counts as background
PAPER_PERCENTILE = 85  # of a scan's values, which is its paper
THIRDS = ("darkest", "middle", "lightest")
COLUMNS = {
    "ink": "background ink",
    "rank1": "rank-1",
    "distance": "embedding distance",
    "scoot": "Scoot",
    "correlation": "correlation with the photo",
}
TEXTURES = {"all": "texture distance to all artists", "own": "to the style's artists"}
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
    values: dict[str, float] = field(default_factory=dict)  # by column, and "ms"


@dataclass
class Results:
    """A row and a picture for each face, and the texture distances of all pictures, by the keys of TEXTURES."""

    rows: list[Row] = field(default_factory=list)
    pictures: list[Image.Image] = field(default_factory=list)
    textures: dict[str, TextureDistance] = field(default_factory=dict)


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


def artists_of(style: str | None, faces: Sequence[Portrait]) -> list[Portrait]:
    """The faces whose sketch is in the style's folder of the data; none where it has no folder there."""
    folder = STYLES[style].dataset_folder if style in STYLES else None
    return [face for face in faces if folder and face.id.startswith(f"{folder}/")]


def texture_to_artists(
    pictures: Sequence[Image.Image], faces: Sequence[Portrait], artists: Sequence[Portrait]
) -> TextureDistance:
    """The texture distance of pictures of faces to the sketches by artists, inside the persons."""
    sketches = [artist.sketch for artist in artists]
    return texture_distance(pictures, sketches, [face.matte for face in faces], [artist.matte for artist in artists])


def measure(
    model: Model, faces: Sequence[Portrait], options: DrawOptions, gallery: identity.Gallery | None, name: str = ""
) -> Results:
    """Draw all faces, and measure the drawings at the photos' size. Raises OptionError for a style the model lacks.

    The photo is enlarged to options.size first, unless that is "auto", and drawn without another alignment.
    """
    pipeline, options, results = Pipeline(model), replace(options, align="never"), Results()
    own = artists_of(options.style, faces)
    own_ids = {artist.id for artist in own}
    for face in tqdm(faces, desc=name, leave=False):
        width = face.photo.width if isinstance(options.size, str) else options.size
        photo = resize(face.photo, (width, round(width * face.photo.height / face.photo.width)))
        start = time.perf_counter()
        drawing = pipeline(photo, options).image
        row = Row(face.id, {"ms": 1000 * (time.perf_counter() - start)})
        drawing = resize(drawing, face.photo.size)
        row.values["ink"] = background_ink(drawing, face.matte)
        row.values["correlation"] = correlation(drawing, face.photo, face.matte)
        if not own or face.id in own_ids:
            row.values["scoot"] = scoot(drawing, resize(face.sketch, drawing.size))
        row.values |= gallery.identify(drawing, face.id) if gallery else {}
        results.rows.append(row)
        results.pictures.append(drawing)
    results.textures["all"] = texture_to_artists(results.pictures, faces, faces)
    if own:
        results.textures["own"] = texture_to_artists(results.pictures, faces, own)
    return results


def convert_back(model: Model, drawn: Results, gallery: identity.Gallery | None) -> Results:
    """The photos that the model makes of drawings, measured likewise."""
    pipeline, results = Pipeline(model, target="photo"), Results()
    for row, drawing in zip(drawn.rows, tqdm(drawn.pictures, desc=BACK, leave=False), strict=True):
        start = time.perf_counter()
        photo = pipeline(drawing, DrawOptions(align="never")).image
        values = {"ms": 1000 * (time.perf_counter() - start)}
        results.rows.append(Row(row.id, values | (gallery.identify(photo, row.id) if gallery else {})))
        results.pictures.append(photo)
    return results


def references(faces: Sequence[Portrait]) -> dict[str, Results]:
    """What drawings are compared with: one half of the artists against the other, and the photos in gray."""
    half, other = faces[::2], faces[1::2]
    sketches, photos = [face.sketch for face in half], [face.photo for face in faces]
    artists = Results(
        [Row(face.id, {"correlation": correlation(face.sketch, face.photo, face.matte)}) for face in half],
        sketches,
        {"all": texture_to_artists(sketches, half, other)} if other else {},
    )
    gray_photos = Results(
        [Row(face.id, {"scoot": scoot(face.photo, face.sketch), "correlation": 1.0}) for face in faces],
        photos,
        {"all": texture_to_artists(photos, faces, faces)},
    )
    return {"artists, half against half": artists, "the photo, gray": gray_photos}


def correlation_of_styles(drawn: Sequence[Results], faces: Sequence[Portrait]) -> float:
    """The mean correlation of two styles' drawings of a face, inside the person: of all faces and pairs of styles."""
    return float(
        np.nanmean(
            [
                correlation(a, b, face.matte)
                for first, second in combinations(drawn, 2)
                for a, b, face in zip(first.pictures, second.pictures, faces, strict=True)
            ]
        )
    )


def thirds(faces: Sequence[Portrait]) -> dict[str, set[str]]:
    """The ids of the faces with the darkest, middle and lightest skin."""
    ids = [face.id for face in sorted(faces, key=lambda face: face.lightness)]
    return {name: set(part.tolist()) for name, part in zip(THIRDS, np.array_split(ids, 3), strict=True)}


def table_head() -> str:
    """The two lines above the table's rows."""
    columns = ["", *COLUMNS.values(), *TEXTURES.values(), "ms"]
    return f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|"


def table_lines(name: str, results: Results, parts: Mapping[str, set[str]]) -> Iterator[str]:
    """The table's line for all rows, and one for each part of them, which has no texture distances."""
    for label, chosen in (
        (name, results.rows),
        *((f"{part} third", [row for row in results.rows if row.id in ids]) for part, ids in parts.items()),
    ):
        cells = []
        for column in (*COLUMNS, *TEXTURES, "ms"):
            values = [row.values[column] for row in chosen if column in row.values]
            if column in TEXTURES:
                cells.append(str(results.textures[column]) if column in results.textures and label == name else "")
            elif not values or np.isnan(values).all():
                cells.append("")
            else:
                mean = np.median(values) if column == "ms" else np.nanmean(values)
                cells.append(f"{mean:.{1 if column in ('ink', 'ms') else 3}f}")
        yield f"| {label} | {' | '.join(cells)} |"


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
    parser.add_argument(
        "--styles", nargs="+", help="by default each model's own; those that a model lacks are left out"
    )
    parser.add_argument("--finishes", nargs="*", choices=FINISHES, default=FINISHES, help="by default all")
    parser.add_argument(
        "--size", type=int, default=SIZE, help=f"the drawings' width, {MIN_CROP_WIDTH} to {MAX_CROP_WIDTH} pixels"
    )
    parser.add_argument("--no-raw", action="store_true", help="leave out the generators' raw output")
    parser.add_argument("--sheets", type=Path, help="where to write the drawings")
    arguments = parser.parse_args()
    variants = {} if arguments.no_raw else {RAW: RAW_OUTPUT}
    variants |= {finish: DrawOptions(finish=finish, size=arguments.size) for finish in arguments.finishes}
    faces = read_portraits(arguments.data)
    parts = thirds(faces)
    overlaps = [iou(from_luma(predict_matte(face.photo)), from_luma(face.matte)) for face in faces]
    print(f"The matte, IoU: {np.mean(overlaps):.4f}, median {np.median(overlaps):.4f}")
    print(f"Faces found: {sum(bool(find_faces(face.photo)) for face in faces)} of {len(faces)}\n")
    if not identity.is_available():
        print(identity.MISSING)
    gallery = identity.Gallery((face.id, face.photo) for face in faces) if identity.is_available() else None
    print(table_head())
    for label, result in references(faces).items():
        print(*table_lines(label, result, {}), flush=True)
    similarities = []
    for name in arguments.models:
        model = facesketch.load_model(name)
        if "photo_to_sketch" not in model.config.directions:
            continue
        for variant, options in variants.items():
            drawn = []
            for style in arguments.styles or model.config.styles or (None,):
                label = ", ".join(filter(None, (Path(name).name, style, variant)))
                try:
                    results = {label: measure(model, faces, replace(options, style=style), gallery, label)}
                except OptionError:
                    continue
                drawn.append(results[label])
                if variant in arguments.finishes[:1] and "sketch_to_photo" in model.config.directions:
                    results[f"{label}, {BACK}"] = convert_back(model, drawn[-1], gallery)
                for each, result in results.items():
                    print(*table_lines(each, result, parts), sep="\n", flush=True)
                    if arguments.sheets:
                        write_sheets(each, faces, result.pictures, arguments.sheets)
            if len(drawn) > 1:
                similarities.append(f"{Path(name).name}, {variant}: {correlation_of_styles(drawn, faces):.3f}")
    if similarities:
        print("\nCorrelation of two styles' drawings of a face:", *similarities, sep="\n")


if __name__ == "__main__":
    main()

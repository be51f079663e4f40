"""How alike the photos are that a model makes of drawings: of our own and of artists'.

`python -m benchmarks.photos_from_sketches --data DIR [--model NAME] [--drawn-by NAME] [--styles NAME ...] [--sheet F]`:
the test photos in DIR (photos/, mattes/ and, if there are any, sketches/ of aligned faces) are drawn in strokes at 512
pixels in each style, and the drawings and the artists' sketches converted to photos.

Columns: the rank-1 identification rate of these photos among the originals, and the embedding distance to the own
original; the standard deviation of the cheeks' lightness and of their hue (CIELAB) over all people, relative to that of
the originals; and the median milliseconds. --sheet writes original, drawing and photo of the first people.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from skimage.color import rgb2lab
from tqdm import tqdm

import facesketch
from facesketch import DrawOptions, Model, Pipeline
from facesketch.face.template import TEMPLATE_SIZE
from facesketch.image.compositing import composite_on_plain_background
from facesketch.image.pixels import luma, resize
from train.data.pairs import Item, find_pairs, read_item
from train.data.split import read_split_json
from train.results import identity

from .portraits import CHEEKS, SIZE, white_paper

SHOWN, TILE = 12, (200, 250)  # people on the sheet, and the size of a picture


@dataclass(frozen=True)
class Person:
    """A test photo on white with what it is drawn from, and an artist's sketch of it if there is one."""

    id: str
    photo: Image.Image
    sketch: Image.Image | None


def read_people(data: Path) -> list[Person]:
    """The test part of a data folder, or without a split.json everybody. Raises DataError."""
    pairs = find_pairs(data)
    parts = read_split_json(pairs, data)
    people = []
    for pair in parts.test if parts else pairs:
        photo = read_item(Item(pair), "photo").convert("RGB")
        if pair.matte:
            photo = composite_on_plain_background(photo, luma(resize(read_item(Item(pair), "matte"), photo.size)))
        people.append(Person(pair.id, photo, white_paper(read_item(Item(pair), "sketch")) if pair.sketch else None))
    return people


def draw(model: Model, people: Sequence[Person], style: str) -> list[Image.Image]:
    """Everybody in strokes."""
    pipeline, options = Pipeline(model), DrawOptions(align="never", style=style)
    photos = (resize(p.photo, (SIZE, round(SIZE * p.photo.height / p.photo.width))) for p in people)
    return [pipeline(photo, options).image for photo in tqdm(photos, total=len(people), desc=style, leave=False)]


def cheek_color(photo: Image.Image) -> np.ndarray:
    """The median lightness and the hue, in radians, of both cheeks in an aligned photo."""
    lab, scale = rgb2lab(np.asarray(photo.convert("RGB"))), photo.width / TEMPLATE_SIZE[0]
    boxes = ([round(value * scale) for value in box] for box in CHEEKS)
    cheeks = np.concatenate([lab[t:b, u:v].reshape(-1, 3) for u, t, v, b in boxes])
    lightness, a, b = np.median(cheeks, axis=0)
    return np.array([lightness, np.arctan2(b, a)])


def row(name: str, pipeline: Pipeline, people: Sequence[Person], sheets: Sequence[Image.Image]) -> list[Image.Image]:
    """Print the table's row of the photos made from sheets, one for each of the people, and return them."""
    photos, milliseconds = [], []
    for sheet in tqdm(sheets, desc=name, leave=False):
        start = time.perf_counter()
        photos.append(pipeline(sheet, DrawOptions(align="never")).image)
        milliseconds.append(1000 * (time.perf_counter() - start))
    cells = [name]
    if identity.is_available():
        gallery = identity.Gallery((person.id, person.photo) for person in people)
        found = [gallery.identify(photo, person.id) for photo, person in zip(photos, people, strict=True)]
        cells += [f"{np.mean([each[key] for each in found]):.3f}" for key in ("rank1", "distance")]
    else:
        cells += ["", ""]
    made, original = (np.std([cheek_color(p) for p in each], axis=0) for each in (photos, [p.photo for p in people]))
    cells += [f"{ratio:.2f}" for ratio in made / original]
    print(f"| {' | '.join(cells)} | {np.median(milliseconds):.0f} |", flush=True)
    return photos


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="pix2pix", help="of sketch to photo: a name, a folder or a Hub repo")
    parser.add_argument("--drawn-by", default="pix2pix", help="the model that draws")
    parser.add_argument("--styles", nargs="*", default=["graphite", "line"])
    parser.add_argument("--sheet", type=Path)
    args = parser.parse_args()
    people = read_people(args.data)
    pipeline, artist = Pipeline(facesketch.load_model(args.model), "photo"), facesketch.load_model(args.drawn_by)
    print(f"{len(people)} people" + ("" if identity.is_available() else f"; {identity.MISSING}"))
    print("| drawn in | rank-1 | embedding distance | spread of skin's lightness | of its hue | ms |")
    print("|---|---|---|---|---|---|")
    rows = [[person.photo for person in people]]
    for style in args.styles:
        sheets = draw(artist, people, style)
        rows += [sheets, row(style, pipeline, people, sheets)]
    drawn = [person for person in people if person.sketch]
    if drawn:
        sketches = [person.sketch for person in drawn if person.sketch]
        rows += [sketches, row("artists' sketches", pipeline, drawn, sketches)]
    if args.sheet:
        step = max(1, len(people) // SHOWN)
        page = Image.new("RGB", (TILE[0] * SHOWN, TILE[1] * len(rows)), "white")
        for y, images in enumerate(rows):
            for x, image in enumerate(images[::step][:SHOWN]):
                page.paste(resize(image.convert("RGB"), TILE), (x * TILE[0], y * TILE[1]))
        page.save(args.sheet)


if __name__ == "__main__":
    main()

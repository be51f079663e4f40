"""The texture distance to artists of published methods' and of our models' raw output, as the literature draws.

`python -m benchmarks.texture --data CUFS [--pictures DIR ...] [--models NAME ...]`: the test sketches in CUFS, at
their native size and as they were scanned, without mattes, against the photos in gray, the raw output of each model,
and the pictures in each DIR (under the sketches' file names). With them, the correlation with the gray photo. The first
line is one half of the artists against the other.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

import facesketch
from facesketch import Pipeline, read_image
from facesketch.image.pixels import resize
from facesketch.metrics import correlation, texture_distance
from facesketch.options import RAW_OUTPUT
from train.data.pairs import Item, find_pairs, read_pair
from train.data.split import read_split_json


def line(
    name: str, pictures: Sequence[Image.Image], photos: Sequence[Image.Image], sketches: Sequence[Image.Image]
) -> str:
    """A row of the table: pictures of the photos' persons, compared with sketches."""
    likeness = np.mean([correlation(picture, photo) for picture, photo in zip(pictures, photos, strict=True)])
    return f"| {name} | {len(pictures)} | {texture_distance(pictures, sketches)} | {likeness:.3f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of photos/ and sketches/")
    parser.add_argument("--pictures", type=Path, nargs="*", default=[], help="folders of other methods' drawings")
    parser.add_argument("--models", nargs="*", default=facesketch.available_models(), help="names, folders, Hub repos")
    arguments = parser.parse_args()
    pairs = find_pairs(arguments.data)
    parts = read_split_json(pairs, arguments.data)
    pairs = [pair for pair in (parts.test if parts else pairs) if pair.sketch]
    photos, sketches = zip(*(read_pair(Item(pair)) for pair in pairs), strict=True)
    print("| | pictures | fine / middle / coarse | correlation with the photo |\n|---|---|---|---|")
    print(line("artists, half against half", sketches[::2], photos[::2], sketches[1::2]))
    print(line("the photo, gray", photos, photos, sketches), flush=True)
    for folder in arguments.pictures:
        names = [pair.sketch.stem for pair in pairs if pair.sketch]
        found = [(path, i) for i, name in enumerate(names) for path in folder.glob(f"{name}.*")]
        pictures = [resize(read_image(path), sketches[i].size) for path, i in found]
        if pictures:
            print(line(folder.name, pictures, [photos[i] for _, i in found], sketches), flush=True)
    for name in arguments.models:
        model = facesketch.load_model(name)
        if "photo_to_sketch" in model.config.directions:
            pipeline = Pipeline(model)
            drawings = [resize(pipeline(photo, RAW_OUTPUT).image, photo.size) for photo in photos]
            print(line(f"{Path(name).name}, raw", drawings, photos, sketches), flush=True)


if __name__ == "__main__":
    main()

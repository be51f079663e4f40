"""What a model is compared with: trivial baselines, and the images of published methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from facesketch import ImageError, read_image

from ..data.pairs import DataError, Item
from .evaluate import DrawFunction, measure, source_and_target
from .identity import Gallery
from .scores import Difference, Measurement, paired_difference


@dataclass(frozen=True)
class Comparison:
    """Measurements of several methods by name, and how far the first is ahead of published methods."""

    rows: dict[str, list[Measurement]]
    differences: dict[str, Difference]


def compare(
    draws: Mapping[str, DrawFunction],
    items: Sequence[Item],
    direction: str,
    folder: Path | None,
    gallery: Gallery | None,
    inside_person: bool = False,
) -> Comparison:
    """Measure every draw function, and the methods whose images are in folder; inside_person as in measure.

    If a method has only some of the images, the first is measured once more on these alone.
    """
    measured = partial(measure, items=items, direction=direction, gallery=gallery, inside_person=inside_person)
    rows = {name: measured(draw) for name, draw in draws.items()}
    if folder is None:
        return Comparison(rows, {})
    ours = rows[next(iter(rows))]
    published = {
        f"baselines/{name}" if name in draws else name: measured(draw)
        for name, draw in published_methods(folder, items).items()
    }
    return Comparison(rows | on_their_images(ours, published) | published, paired_difference(ours, published))


def trivial_baselines(training: Sequence[Item], direction: str) -> dict[str, DrawFunction]:
    """The source itself, and the mean of the training targets."""
    targets = [source_and_target(item, direction)[1] for item in training]
    size = targets[0].size
    mean = np.mean([np.asarray(target.resize(size), dtype=np.float32) for target in targets], axis=0)
    mean_image = Image.fromarray(mean.round().astype(np.uint8))
    source_name, target_name = direction.split("_to_")
    return {
        f"the {source_name} itself": lambda item, source: source,
        f"mean training {target_name}": lambda item, source: mean_image.resize(source.size),
    }


def published_methods(folder: Path, items: Sequence[Item]) -> dict[str, DrawFunction]:
    """One draw function for each folder of PNGs, which are named after the photos. A folder may have only some.

    Raises DataError if there is no folder, or one has no image of the items.
    """
    folders = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    if not folders:
        raise DataError(f"{folder} contains no folders of images.")
    for path in folders:
        if not any(_image_path(path, item).is_file() for item in items):
            raise DataError(f"{path} contains no image of a measured pair, such as {_image_path(path, items[0]).name}.")
    return {path.name: _draw_from(path) for path in folders}


def _image_path(folder: Path, item: Item) -> Path:
    return folder / f"{item.pair.photo.stem}.png"


def _draw_from(folder: Path) -> DrawFunction:
    def draw(item: Item, source: Image.Image) -> Image.Image | None:
        path = _image_path(folder, item)
        if not path.is_file():
            return None
        try:
            return read_image(path)
        except ImageError as error:
            raise DataError(f"{path}: {error}") from error

    return draw


def on_their_images(
    rows: Sequence[Measurement], others: Mapping[str, Sequence[Measurement]]
) -> dict[str, list[Measurement]]:
    """The rows of the images that methods with only some of them have, named after these methods."""
    methods: dict[frozenset[str], list[str]] = {}
    for name, theirs in others.items():
        if len(theirs) < len(rows):
            methods.setdefault(frozenset(row.id for row in theirs), []).append(name)
    return {
        f"ours, on the {len(ids)} of {', '.join(names)}": [row for row in rows if row.id in ids]
        for ids, names in methods.items()
    }

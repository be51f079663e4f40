"""What a model's answers stand beside: answers that need no model, and published methods' pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from facesketch.images import ImageError, read_image

from ..data.pairs import DataError, Item
from .evaluate import Draw, measure, oriented, paired_difference
from .identity import Gallery


def compare(
    draws: dict[str, Draw], items: list[Item], direction: str, folder: Path | None, gallery: Gallery | None
) -> tuple[dict[str, list[dict]], dict[str, dict]]:
    """The rows of every draw function, and of the methods in folder; and how far the first is ahead of those methods.

    Where some have only some of the pictures, the first has rows of those alone as well.
    """
    rows = {who: measure(draw, items, direction, gallery=gallery) for who, draw in draws.items()}
    if folder is None:
        return rows, {}
    mine = rows[next(iter(rows))]
    methods = {
        f"peers/{who}" if who in draws else who: measure(draw, items, direction, gallery=gallery)
        for who, draw in peers(folder, items).items()
    }
    return rows | shared(mine, methods) | methods, paired_difference(mine, methods)


def trivial(train: list[Item], direction: str) -> dict[str, Draw]:
    """The answers that need no model: the source itself, and the mean of the training targets."""
    targets = [oriented(item, direction)[1] for item in train]
    size = targets[0].size
    mean = np.mean([np.asarray(target.resize(size), dtype=np.float32) for target in targets], axis=0)
    picture = Image.fromarray(mean.round().astype(np.uint8))
    source_name, target_name = direction.split("_to_")
    return {
        f"the {source_name} itself": lambda item, source: source,
        f"mean training {target_name}": lambda item, source: picture.resize(source.size),
    }


def peers(folder: Path, items: list[Item]) -> dict[str, Draw]:
    """One draw function for each folder of pictures; a picture has the name of the photo that it belongs to.

    A folder may hold only some of the items'. Raises DataError where there is no folder, or one has none of them.
    """
    folders = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    if not folders:
        raise DataError(f"{folder} holds no folders of pictures.")
    for path in folders:
        if not any(_picture(path, item).is_file() for item in items):
            raise DataError(f"{path} holds no picture that is measured, such as {_picture(path, items[0]).name}.")
    return {path.name: _from_folder(path) for path in folders}


def _picture(folder: Path, item: Item) -> Path:
    return folder / f"{item.pair.photo.stem}.png"


def _from_folder(folder: Path) -> Draw:
    def draw(item: Item, source: Image.Image) -> Image.Image | None:
        path = _picture(folder, item)
        if not path.is_file():
            return None
        try:
            return read_image(path)
        except ImageError as error:
            raise DataError(f"{path}: {error}") from error

    return draw


def shared(rows: list[dict], others: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """The rows of the pictures that others with only some of them have, under a name that says whose they are."""
    having: dict[frozenset, list[str]] = {}
    for who, theirs in others.items():
        if len(theirs) < len(rows):
            having.setdefault(frozenset(row["id"] for row in theirs), []).append(who)
    return {
        f"ours, on the {len(ids)} of {', '.join(names)}": [row for row in rows if row["id"] in ids]
        for ids, names in having.items()
    }

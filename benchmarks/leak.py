"""How much of a score under the deck's protocol is memorization.

`python -m benchmarks.leak RUN/export --data DIR` measures a model that was trained under the deck's protocol on its
validation part three times: on the photos as they are; on the same photos in an orientation that was in the training
part, with the drawing turned back; and as the mean of the drawings of all eight orientations, turned back. A network
that had learned to draw, and not memorized images, would do about as well each time.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

import facesketch
from train.data.pairs import Item, orient, read_item
from train.data.split import split_of_model
from train.results.evaluate import DrawFunction, draw_with, measure
from train.results.scores import as_markdown, summarize

DIRECTION = "photo_to_sketch"
N_ORIENTATIONS = 8


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """The inverse of orient(..., orientation)."""
    image = image.rotate(-90 * (orientation % 4), expand=True)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if orientation >= 4 else image


def draw_in_orientations(draw: DrawFunction, item: Item, orientations: Sequence[int]) -> Image.Image | None:
    """The mean of the drawings of an item's photo in other orientations, each turned back to the item's."""
    drawings = []
    for orientation in orientations:
        turned = replace(item, orientation=orientation)
        drawing = draw(turned, read_item(turned, "photo"))
        assert drawing
        drawings.append(np.asarray(upright(drawing.convert("L"), orientation), np.float32))
    if not drawings:
        return None
    return orient(Image.fromarray(np.mean(drawings, 0).round().astype(np.uint8)), item.orientation)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, required=True, help="the pairs that it was trained on")
    options = parser.parse_args()
    model = facesketch.load_model(options.model)
    if model.config.origin.data.get("split") != "deck":
        parser.error(f"{options.model} was not trained under the deck's protocol.")
    split = split_of_model(model, options.data)
    trained: dict[str, list[int]] = {}
    for item in split.train:
        trained.setdefault(item.pair.id, []).append(item.orientation)
    draw = draw_with(model, DIRECTION)
    draws: dict[str, DrawFunction] = {
        "as they are": draw,
        "in an orientation of the training part": lambda item, _: draw_in_orientations(
            draw, item, trained.get(item.pair.id, [])[:1]
        ),
        "mean of all eight orientations": lambda item, _: draw_in_orientations(draw, item, range(N_ORIENTATIONS)),
    }
    rows = {name: measure(each, split.val, DIRECTION, quick=True) for name, each in draws.items()}
    print(as_markdown({name: summarize(each) for name, each in rows.items()}))


if __name__ == "__main__":
    main()

"""How much of a score under the deck's split is memory.

`python -m benchmarks.leak RUN/export --data DIR` measures a model of the deck's protocol on the validation part three
times: on the photos as they lie there; on the same photos in a turn that training had, the drawing turned back; and as
the mean of the drawings of all eight turns, turned back. A network that had learnt to draw, not pictures by heart,
would do about as well each time.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

import facesketch
from train.config import Config
from train.data.pairs import Item, pairs, read_side, turned
from train.data.split import split
from train.results.evaluate import Draw, measure, summary, table, with_model

DIRECTION = "photo_to_sketch"


def upright(image: Image.Image, turn: int) -> Image.Image:
    """What turned(..., turn) made image from."""
    image = image.rotate(-90 * (turn % 4), expand=True)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if turn >= 4 else image


def in_turns(draw: Draw, item: Item, turns: list[int]) -> Image.Image | None:
    """The mean of the drawings of an item's photo in these turns, each turned back to how the item lies."""
    sisters = [replace(item, turn=turn) for turn in turns]
    drawings = [upright(draw(sister, read_side(sister, "photo")).convert("L"), sister.turn) for sister in sisters]
    if not drawings:
        return None
    mean = np.mean([np.asarray(drawing, np.float32) for drawing in drawings], 0)
    return turned(Image.fromarray(mean.round().astype(np.uint8)), item.turn)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, required=True, help="the pairs that it was trained on")
    options = parser.parse_args()
    model = facesketch.load(options.model)
    config = Config.of(model.about)
    if config.split != "deck":
        parser.error(f"{options.model} was not trained under the deck's split.")
    parts = split(pairs(options.data), options.data, config)
    learnt: dict[str, list[int]] = {}
    for item in parts["train"]:
        learnt.setdefault(item.pair.id, []).append(item.turn)
    draw = with_model(model, DIRECTION)
    ways: dict[str, Draw] = {
        "as it lies": draw,
        "in a turn that training had": lambda item, _: in_turns(draw, item, learnt.get(item.pair.id, [])[:1]),
        "the mean of all eight turns": lambda item, _: in_turns(draw, item, list(range(8))),
    }
    print(table({way: summary(measure(draws, parts["val"], DIRECTION, quick=True)) for way, draws in ways.items()}))


if __name__ == "__main__":
    main()

"""How close mattes are to those of the data, and how long they take.

`python -m benchmarks.mattes --data DIR [--model DIR]`: the model's mattes of the test photos in DIR (photos/ and
mattes/ of aligned faces, split.json) as the pipeline uses them, refined at the photos' resolution. Columns:
intersection over union at threshold 1/2, its mean and its lowest value, the share of photos where it is under 0.95, the
mean absolute error, the median milliseconds of CPU time for a crop of 256 x 320 on one core, and the number of
parameters. Below, the photos with the lowest values.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

import cv2
import torch

from facesketch import Model, load_model
from facesketch.face.matte import load_matte_model, predict_matte
from facesketch.image.pixels import from_luma, resize
from facesketch.metrics import iou, mae
from train.data.pairs import DataError, Folders, Item, Pair, find_pairs, read_item
from train.data.split import read_split_json

CROP = (256, 320)  # pixels, of the crops that are timed
GOOD = 0.95  # intersection over union
SHOWN = 8  # photos with the lowest values


@dataclass(frozen=True)
class MatteRow:
    """A photo's intersection over union, mean absolute error and milliseconds."""

    id: str
    iou: float
    error: float
    ms: float


def read_test_part(data: Folders) -> list[Pair]:
    """The test part, or without a split.json all photos, those that have a matte. Raises DataError."""
    pairs = find_pairs(data)
    parts = read_split_json(pairs, data)
    found = [pair for pair in (parts.test if parts else pairs) if pair.matte]
    if not found:
        raise DataError("The data have no mattes to measure on.")
    return found


def measure(model: Model, pairs: Sequence[Pair]) -> list[MatteRow]:
    """A row for each photo. Raises DataError."""
    rows = []
    for pair in pairs:
        photo, expected = read_item(Item(pair), "photo"), read_item(Item(pair), "matte")
        found = resize(from_luma(predict_matte(photo, model=model)), expected.size)
        crop = resize(photo, CROP)
        start = time.process_time()
        predict_matte(crop, model=model)
        ms = 1000 * (time.process_time() - start)
        rows.append(MatteRow(pair.id, iou(found, expected), mae(found, expected), ms))
    return rows


def table(name: str, model: Model, rows: Sequence[MatteRow]) -> str:
    """The table of one model in Markdown."""
    values, parameters = [row.iou for row in rows], sum(p.numel() for p in model.parameters())
    return (
        f"| model | photos | IoU | lowest | under {GOOD} | mean error | ms a crop | parameters |\n{'|---' * 8}|\n"
        f"| {name} | {len(rows)} | {mean(values):.3f} | {min(values):.3f} | "
        f"{100 * mean(value < GOOD for value in values):.0f} % | {mean(row.error for row in rows):.3f} | "
        f"{median(row.ms for row in rows):.1f} | {parameters / 1e6:.2f} M |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of photos/ and mattes/")
    parser.add_argument("--model", default="", help="folder of weights, such as a run's export/; default weights/matte")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    model = load_model(arguments.model) if arguments.model else load_matte_model()
    rows = measure(model, read_test_part(arguments.data))
    print(table(arguments.model or "weights/matte", model, rows))
    worst = sorted(rows, key=lambda row: row.iou)[:SHOWN]
    print("\nLowest:", ", ".join(f"{row.id} {row.iou:.3f}" for row in worst))


if __name__ == "__main__":
    main()

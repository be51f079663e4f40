"""A Translator on pairs it never saw: SSIM and MAE with intervals, beside trivial answers and other methods."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.stats import bootstrap

from facesketch import metrics
from facesketch.images import ImageError, read_image, resize
from facesketch.translator import Translator

from .card import interval
from .data import DataError, Item, read_pair

METRICS: dict[str, Callable[[Image.Image, Image.Image], float]] = {"ssim": metrics.ssim, "mae": metrics.mae}
Draw = Callable[[Item, Image.Image], Image.Image]


def oriented(item: Item, direction: str) -> tuple[Image.Image, Image.Image]:
    """An item's source and target picture for a direction, at native size."""
    photo, sketch = read_pair(item)
    return (photo, sketch) if direction == "photo_to_sketch" else (sketch, photo)


def measure(draw: Draw, items: Iterable[Item], direction: str) -> list[dict]:
    """Per item its id and every metric of draw(item, source) against the target, at the target's own size, in gray."""
    rows = []
    for item in items:
        source, target = oriented(item, direction)
        answer = resize(draw(item, source), target.size)
        rows.append({"id": item.pair.id, **{name: metric(answer, target) for name, metric in METRICS.items()}})
    return rows


def with_model(translator: Translator, direction: str) -> Draw:
    """A draw function that asks a Translator, taking each source as the face crop it is."""
    return lambda item, source: translator.translate(source, direction, align="never")


def summary(rows: list[dict]) -> dict:
    """The mean of each metric with its 95 % bootstrap interval (percentile, 10,000 resamples of the pictures)."""
    result: dict = {"pictures": len(rows)}
    for name in METRICS:
        values = np.array([row[name] for row in rows])
        result[name] = round(float(values.mean()), 4)
        if len(values) > 1:
            interval = bootstrap((values,), np.mean, n_resamples=9999, method="percentile", rng=0).confidence_interval
            result[f"{name}_95"] = [round(float(interval.low), 4), round(float(interval.high), 4)]
    return result


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


def peers(folder: Path) -> dict[str, Draw]:
    """One draw function for each folder of pictures; a picture has the name of the test photo it answers."""
    folders = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    if not folders:
        raise DataError(f"{folder} holds no folders of pictures.")
    return {path.name: _from_folder(path) for path in folders}


def _from_folder(folder: Path) -> Draw:
    def draw(item: Item, source: Image.Image) -> Image.Image:
        path = folder / f"{item.pair.photo.stem}.png"
        try:
            return read_image(path)
        except ImageError as error:
            raise DataError(f"{path}: {error}") from error

    return draw


def table(results: dict[str, dict]) -> str:
    """Results (name -> summary) as a Markdown table, best SSIM first."""
    lines = ["| | pictures | SSIM | 95 % | MAE |", "|---|---|---|---|---|"]
    for name, result in sorted(results.items(), key=lambda entry: -entry[1]["ssim"]):
        lines.append(
            f"| {name} | {result['pictures']} | {result['ssim']:.4f} | {interval(result)} | {result['mae']:.4f} |"
        )
    return "\n".join(lines)

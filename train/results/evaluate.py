"""A Translator on pairs it never saw: SSIM, FSIM, Scoot and MAE, beside trivial answers and other methods."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from scipy.stats import bootstrap

from facesketch import metrics
from facesketch.images import ImageError, read_image, resize
from facesketch.look import RAW
from facesketch.translator import Translator

from ..data.pairs import DataError, Item, read_side, style_of
from .card import HEADS, interval

Metric = Callable[[Image.Image, Image.Image], float]
Draw = Callable[[Item, Image.Image], Image.Image]


def fsim(a: Image.Image, b: Image.Image) -> float:
    """Feature similarity of the gray pictures, 0 to 1 (Zhang et al. 2011, Eq. 5), as the package piq computes it.

    Its phase congruency sees edges and strokes where SSIM sees tone, so it does not reward blur as SSIM does.
    """
    import piq  # it needs torchvision

    first, second = (torch.from_numpy(metrics.gray(image))[None, None] for image in (a, b))
    return float(piq.fsim(first, second, data_range=255.0, chromatic=False))


QUICK: dict[str, Metric] = {"ssim": metrics.ssim, "mae": metrics.mae}
METRICS: dict[str, Metric] = {"ssim": metrics.ssim, "fsim": fsim, "scoot": metrics.scoot, "mae": metrics.mae}
if find_spec("piq") is None:
    del METRICS["fsim"]  # a machine that only trains can do without
MATTES: dict[str, Metric] = {"iou": metrics.iou, "mae": metrics.mae}
BETTER = {"iou": 1, "ssim": 1, "fsim": 1, "scoot": 1, "mae": -1}  # as in tables: whether more is better, or less


def oriented(item: Item, direction: str) -> tuple[Image.Image, Image.Image]:
    """An item's source and target picture for a direction, at native size."""
    source, target = direction.split("_to_")
    return read_side(item, source), read_side(item, target)


def measure(draw: Draw, items: Iterable[Item], direction: str, quick: bool = False) -> list[dict]:
    """Per item its id, the milliseconds that draw(item, source) took, and each metric of what it drew.

    That is compared with the target, at the target's own size, in gray. quick leaves out what takes long.
    """
    by = MATTES if direction == "photo_to_matte" else QUICK if quick else METRICS
    rows = []
    for item in items:
        source, target = oriented(item, direction)
        began = time.perf_counter()
        drawn = draw(item, source)
        ms = round(1000 * (time.perf_counter() - began), 2)
        answer = resize(drawn, target.size)
        rows.append({"id": item.pair.id, "ms": ms, **{name: metric(answer, target) for name, metric in by.items()}})
    return rows


def with_model(translator: Translator, direction: str) -> Draw:
    """A draw function that asks a Translator, in an item's own style, taking each source as the face crop it is."""

    def draw(item: Item, source: Image.Image) -> Image.Image:
        style = style_of(item.pair, translator.styles) if translator.styles else None
        return translator.translate(source, direction, align="never", style=style, **RAW)

    return draw


def summary(rows: list[dict], timed: bool = False) -> dict:
    """The mean of each metric with its 95 % bootstrap interval; if timed, the median milliseconds of a picture too."""
    result: dict = {"pictures": len(rows)}
    for name in (name for name in BETTER if name in rows[0]):
        result |= _mean(name, [row[name] for row in rows])
    return result | ({"ms": round(float(np.median([row["ms"] for row in rows])), 1)} if timed else {})


def _mean(name: str, values: list[float]) -> dict:
    """The mean under name and, of several, its 95 % interval under name_95 (percentile, 9,999 resamples)."""
    result: dict = {name: round(float(np.mean(values)), 4)}
    if len(values) > 1:
        interval = bootstrap((values,), np.mean, n_resamples=9999, method="percentile", rng=0).confidence_interval
        result[f"{name}_95"] = [round(float(interval.low), 4), round(float(interval.high), 4)]
    return result


def ahead(rows: list[dict], others: dict[str, list[dict]]) -> dict[str, dict]:
    """By each metric how far rows are ahead of the best of others, picture by picture on the same pictures.

    metric -> {"of": the best one's name, metric: the mean difference, metric_95: its interval}; above zero is better.
    """
    result = {}
    for name in (name for name in BETTER if name in rows[0]):
        sign = BETTER[name]
        best = max(others, key=lambda who: sign * np.mean([row[name] for row in others[who]]))
        values = [sign * (mine[name] - theirs[name]) for mine, theirs in zip(rows, others[best], strict=True)]
        result[name] = {"of": best, **_mean(name, values)}
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
    """Results (name -> summary) as a Markdown table, the best by its first metric first."""
    names = [name for name in BETTER if any(name in result for result in results.values())]
    lines = [
        "| | pictures |" + "".join(f" {HEADS[name]} | 95 % |" for name in names) + " ms |",
        "|---" * (3 + 2 * len(names)) + "|",
    ]
    for who, result in sorted(results.items(), key=lambda entry: -entry[1][names[0]]):
        cells = "".join(f" {result[name]:.4f} | {interval(result, name)} |" for name in names)
        lines.append(f"| {who} | {result['pictures']} |{cells} {result.get('ms', '')} |")
    return "\n".join(lines)


def sentences(differences: dict[str, dict]) -> str:
    """What ahead found, a line for each metric."""
    return "\n".join(
        f"{HEADS[name]}: {found[name]:+.4f} (95 % {interval(found, name)}) "
        f"against {found['of']}, the best of the others."
        for name, found in differences.items()
    )

"""A Translator on pairs it never saw: SSIM, FSIM, Scoot and MAE, beside trivial answers and other methods."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from importlib.util import find_spec

import numpy as np
import torch
from PIL import Image
from scipy.stats import bootstrap

from facesketch import metrics
from facesketch.images import resize
from facesketch.look import RAW
from facesketch.translator import Translator

from ..data.pairs import Item, Pair, read_side, style_of
from .card import METRIC_LABELS, interval, number
from .identity import Gallery, available

Metric = Callable[[Image.Image, Image.Image], float]
Draw = Callable[[Item, Image.Image], Image.Image | None]


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
LOWER_IS_BETTER = ("mae", "distance")  # of which less is better


def oriented(item: Item, direction: str) -> tuple[Image.Image, Image.Image]:
    """An item's source and target picture for a direction, at native size."""
    source, target = direction.split("_to_")
    return read_side(item, source), read_side(item, target)


def measure(
    draw: Draw, items: Iterable[Item], direction: str, quick: bool = False, gallery: Gallery | None = None
) -> list[dict]:
    """Per item its id, the milliseconds that draw(item, source) took, and each metric of what it drew.

    That is compared with the target, at the target's own size, in gray; and its person looked for in the gallery. quick
    leaves out what takes long. An item that draw answers with None is left out.
    """
    by = MATTES if direction == "photo_to_matte" else QUICK if quick else METRICS
    rows = []
    for item in items:
        source, target = oriented(item, direction)
        began = time.perf_counter()
        drawn = draw(item, source)
        ms = round(1000 * (time.perf_counter() - began), 2)
        if drawn is None:
            continue
        answer = resize(drawn, target.size)
        row = {"id": item.pair.id, "ms": ms, **{name: metric(answer, target) for name, metric in by.items()}}
        rows.append(row | (gallery.find(answer, item.pair.id) if gallery else {}))
    return rows


def gallery(found: list[Pair], judged: list[Item], direction: str) -> Gallery | None:
    """The photos that answers are looked for among: the judged items'; on the way back, all that lie beside those.

    The training persons are among the latter, since a network that remembers them would answer with one of them. None
    without the packages, for mattes, and for pictures that lie on their sides, as the deck's do. Raises DataError for a
    broken one.
    """
    if not available() or direction == "photo_to_matte" or any(item.turn for item in judged):
        return None
    pairs = [item.pair for item in judged]
    if direction == "sketch_to_photo":
        beside = {pair.photo.parent for pair in pairs}
        pairs = [pair for pair in found if pair.photo.parent in beside]
    return Gallery((pair.id, read_side(Item(pair), "photo")) for pair in pairs)


def with_model(translator: Translator, direction: str) -> Draw:
    """A draw function that asks a Translator, in an item's own style, taking each source as the face crop it is."""

    def draw(item: Item, source: Image.Image) -> Image.Image:
        style = style_of(item.pair, translator.styles) if translator.styles else None
        return translator.translate(source, direction, align="never", style=style, **RAW)

    return draw


def summary(rows: list[dict], timed: bool = False) -> dict:
    """The mean of each metric with its 95 % bootstrap interval; if timed, the median milliseconds of a picture too."""
    result: dict = {"pictures": len(rows)}
    for name in (name for name in METRIC_LABELS if name in rows[0]):
        result |= _mean(name, [row[name] for row in rows])
    result |= {"among": rows[0]["among"]} if "among" in rows[0] else {}
    return result | ({"ms": round(float(np.median([row["ms"] for row in rows])), 1)} if timed else {})


def _mean(name: str, values: list[float]) -> dict:
    """The mean under name and, of several, its 95 % interval under name_95 (percentile, 9,999 resamples)."""
    result: dict = {name: round(float(np.mean(values)), 4)}
    if len(values) > 1:
        interval = bootstrap((values,), np.mean, n_resamples=9999, method="percentile", rng=0).confidence_interval
        result[f"{name}_95"] = [round(float(interval.low), 4), round(float(interval.high), 4)]
    return result


def paired_difference(rows: list[dict], others: dict[str, list[dict]]) -> dict[str, dict]:
    """By each metric how far rows are ahead of the best of others, picture by picture on the pictures that both have.

    metric -> {"of": the best one's name, metric: the mean difference, metric_95: its interval}; above zero is better.
    The best is the one that rows are the least ahead of.
    """
    result = {}
    for name in (name for name in METRIC_LABELS if name in rows[0]):
        leads = {who: _lead(rows, theirs, name) for who, theirs in others.items()}
        best = min(leads, key=lambda who: np.mean(leads[who]))
        result[name] = {"of": best, **_mean(name, leads[best])}
    return result


def _lead(rows: list[dict], theirs: list[dict], name: str) -> list[float]:
    """By one metric how far rows are ahead, on each picture of theirs."""
    ids = {row["id"] for row in theirs}
    mine = [row for row in rows if row["id"] in ids]
    sign = -1 if name in LOWER_IS_BETTER else 1
    return [sign * (my[name] - their[name]) for my, their in zip(mine, theirs, strict=True)]


def table(results: dict[str, dict]) -> str:
    """Results (name -> summary) as a Markdown table, the best by its first metric first."""
    names = [name for name in METRIC_LABELS if any(name in result for result in results.values())]
    lines = [
        "| | pictures |" + "".join(f" {METRIC_LABELS[name]} | 95 % |" for name in names) + " ms |",
        "|---" * (3 + 2 * len(names)) + "|",
    ]
    for who, result in sorted(results.items(), key=lambda entry: -entry[1][names[0]]):
        cells = "".join(f" {number(result, name)} | {interval(result, name)} |" for name in names)
        lines.append(f"| {who} | {result['pictures']} |{cells} {result.get('ms', '')} |")
    among = next((result["among"] for result in results.values() if "among" in result), None)
    return "\n".join(lines + ([f"\nIdentity is rank-1 among {among} photos."] if among else []))


def sentences(differences: dict[str, dict]) -> str:
    """What ahead found, a line for each metric."""
    return "\n".join(
        f"{METRIC_LABELS[name]}: {found[name]:+.4f} (95 % {interval(found, name)}) "
        f"against {found['of']}, the best of the others."
        for name, found in differences.items()
    )

"""Measure generated images against their targets: SSIM, FSIM, Scoot, MAE, rank-1 identification; IoU of mattes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec

import torch
from PIL import Image

from facesketch import Model, Pipeline, metrics
from facesketch.face.matte import predict_matte
from facesketch.image.compositing import composite_on_plain_background, composite_on_studio_background
from facesketch.image.pixels import luma, resize
from facesketch.models.config import ModelConfig, Provenance
from facesketch.options import RAW_OUTPUT
from facesketch.pipeline import Target

from ..data.overlap import leave_out, overlap
from ..data.pairs import DataError, Item, Pair, read_item, style_of
from ..data.split import Split
from .identity import Gallery, is_available
from .scores import Measurement

Metric = Callable[[Image.Image, Image.Image], float]
DrawFunction = Callable[[Item, Image.Image], Image.Image | None]  # item, its source image -> image, None: has none
TARGETS: dict[str, Target] = {"photo_to_sketch": "sketch", "sketch_to_photo": "photo", "photo_to_matte": "matte"}


def fsim(a: Image.Image, b: Image.Image) -> float:
    """Feature similarity of gray images, 0 to 1 (Zhang et al. 2011, Eq. 5), as computed by piq.

    Phase congruency responds to edges and strokes where SSIM responds to tone, so FSIM rewards blur less.
    """
    import piq  # here, since it needs torchvision

    first, second = (torch.from_numpy(metrics.gray(image))[None, None] for image in (a, b))
    return float(piq.fsim(first, second, data_range=255.0, chromatic=False))


QUICK_METRICS: dict[str, Metric] = {"ssim": metrics.ssim, "mae": metrics.mae}
METRICS: dict[str, Metric] = {"ssim": metrics.ssim, "fsim": fsim, "scoot": metrics.scoot, "mae": metrics.mae}
if find_spec("piq") is None:
    del METRICS["fsim"]  # training works without it
MATTE_METRICS: dict[str, Metric] = {"iou": metrics.iou, "mae": metrics.mae}


@dataclass(frozen=True)
class MeasuredPart:
    """The part of a split that a model is measured on. notes: sentences for the user."""

    name: str
    items: Sequence[Item]
    notes: list[str]


def part_to_measure(config: ModelConfig, split: Split) -> MeasuredPart:
    """The test part, or the validation part if that is empty, without the persons that a model was trained on.

    Under the deck's protocol a person can be in both parts, so there the validation part is left as it is, if the data
    are those of the training. Raises DataError if nobody is left.
    """
    recorded, given = config.origin.persons, [*split.train, *split.val]
    everybody = frozenset(recorded.train.split()) | frozenset(recorded.val.split())
    is_same_data = len(overlap(split, given, everybody)) == len(split.persons(given)) == len(everybody)
    silent = [name for name in config.directions if not config.provenance.get(name, Provenance()).persons.trained_on]
    notes = [f"The model does not say which persons {name} was trained on." for name in silent]
    if config.origin.data.get("split") == "deck" and is_same_data:
        notes += ["Under the deck's protocol the model was trained on other orientations of these pictures."]
    else:
        left_out = leave_out(split, config.trained_on)
        split = left_out.split
        measured = replace(left_out, val=frozenset()) if split.test else left_out
        notes += [str(measured)] if str(measured) else []
    name, items = ("test", split.test) if split.test else ("val", split.val)
    if not items:
        raise DataError("The data leave no pairs to measure on.")
    return MeasuredPart(name, items, notes)


def source_and_target(item: Item, direction: str) -> tuple[Image.Image, Image.Image]:
    """The images of an item in a direction, at native size."""
    source, target = direction.split("_to_")
    return read_item(item, source), read_item(item, target)


def measure(
    draw: DrawFunction,
    items: Iterable[Item],
    direction: str,
    quick: bool = False,
    gallery: Gallery | None = None,
    clock: Callable[[], float] = time.perf_counter,
    inside_person: bool = False,
) -> list[Measurement]:
    """Compare what draw makes of every item with the target, in gray, at the target's size.

    quick leaves out slow metrics and the pictures by which texture is compared; gallery is searched for the item's
    person; clock gives seconds; inside_person makes output and target white where the item's matte is 0. Items of which
    draw has no image are left out. Raises DataError for an item without a matte that needs one.
    """
    by_name = MATTE_METRICS if direction == "photo_to_matte" else QUICK_METRICS if quick else METRICS
    rows = []
    for item in items:
        source, target = source_and_target(item, direction)
        start = clock()
        drawn = draw(item, source)
        ms = round(1000 * (clock() - start), 2)
        if drawn is None:
            continue
        drawn = resize(drawn, target.size)
        if inside_person:
            matte = luma(resize(read_item(item, "matte"), target.size))
            drawn, target = (composite_on_plain_background(image, matte) for image in (drawn, target))
        values = {name: metric(drawn, target) for name, metric in by_name.items()}
        if gallery:
            values |= gallery.identify(drawn, item.pair.id)
        row = Measurement(item.pair.id, values, ms, len(gallery.names) if gallery else 0)
        if direction == "photo_to_sketch" and not quick:
            row = replace(row, drawing=drawn.convert("L"), sketch=target.convert("L"))
        rows.append(row)
    return rows


def make_gallery(pairs: Iterable[Pair], evaluated: Sequence[Item], direction: str) -> Gallery | None:
    """The photos among which a drawing's person is searched: those of the evaluated items.

    For generated photos, all photos in the same folders, including those of training persons: a network that memorized
    them would be taken for one of them. None without the packages, for mattes, and for rotated images, as the deck's
    protocol has. Raises DataError for an unreadable photo.
    """
    if not is_available() or direction == "photo_to_matte" or any(item.orientation for item in evaluated):
        return None
    chosen = [item.pair for item in evaluated]
    if direction == "sketch_to_photo":
        folders = {pair.photo.parent for pair in chosen}
        chosen = [pair for pair in pairs if pair.photo.parent in folders]
    return Gallery((pair.id, read_item(Item(pair), "photo")) for pair in chosen)


def draw_with(model: Model, direction: str) -> DrawFunction:
    """A function that returns the raw output of a model, in each item's own style; sources are face crops already.

    A photo by a model that makes them on white is put on the background of CUHK's photos, by its own matte.
    """
    pipeline = Pipeline(model, TARGETS[direction])
    styles = model.config.styles if direction == "photo_to_sketch" else ()
    training = model.config.provenance.get(direction, Provenance()).training
    on_white = direction == "sketch_to_photo" and training.get("data", {}).get("white_background", False)

    def draw(item: Item, source: Image.Image) -> Image.Image:
        style = style_of(item.pair, styles) if styles else None
        image = pipeline(source, replace(RAW_OUTPUT, style=style)).image
        return composite_on_studio_background(image, predict_matte(image)) if on_white else image

    return draw

"""Sketches that a model draws of the training photos, by several processes where there are many cores."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import cv2
import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from facesketch import DrawOptions, Model, Pipeline, find_faces
from facesketch.image.compositing import composite_on_plain_background
from facesketch.image.pixels import luma, resize
from facesketch.strokes.sheet import Sheet
from facesketch.strokes.styles import STYLES

from ..config import Config
from .abstraction import abstracted, schematic
from .batches import channels, relit_photo
from .pairs import Pair

MIN_STRENGTH, MAX_STRENGTH = 0.3, 0.9  # of drawings in strokes: below, too few lines to tell a face from
RENDER_WIDTH = 320  # pixels of drawings in strokes, before they are squeezed to the network's square
PHOTOS_PER_PROCESS = 24  # at least: a process spends seconds on imports, as long as these take to draw


class DrawnSketches(Dataset[Tensor]):
    """A model's drawings of photos, as at inference: uint8, variants x S x S for each photo, 0 if it has no matte.

    config.data.synthetic_finish detail: in each of the model's styles in turn. strokes: in each of STYLES in turn, with
    a strength and a seed for each photo that follow from the run's seed and the photo's place. With
    config.data.abstraction every photo has two more drawings, as people draw: abstracted ones, or one of them
    schematic.
    """

    def __init__(self, pairs: Sequence[Pair], config: Config, model: Model):
        self.pairs, self.config, self.model, self.size = pairs, config, model, config.model.size

    def __len__(self) -> int:
        return len(self.pairs)

    @cached_property
    def pipeline(self) -> Pipeline:
        return Pipeline(self.model)

    def __getitem__(self, number: int) -> Tensor:
        pair, count = self.pairs[number], 3 if self.config.data.abstraction else 1
        if not pair.matte:
            return torch.zeros(count, self.size, self.size, dtype=torch.uint8)
        photo, matte = relit_photo(pair, self.config.model.darkest_skin)
        photo, options = composite_on_plain_background(photo, matte), self._options(number)
        if options.finish == "detail":
            drawing = self.pipeline(resize(photo, (self.size, self.size)), options).image.convert("L")
            return channels([drawing] * count, self.size)
        height = round(self.size * photo.height / photo.width)  # not squeezed: strokes are as wide in all directions
        photo = resize(photo, (self.size, height))
        sheet = self.pipeline(photo, options).sheet
        assert sheet is not None
        sheets = [sheet]
        if count > 1:
            rng = np.random.default_rng([self.config.seed, number])
            faces = find_faces(photo)
            human = schematic(luma(photo), cv2.resize(matte, photo.size), faces[0], rng) if faces else None
            sheets += [abstracted(sheet, rng), human or abstracted(sheet, rng)]
        return channels([_render(each) for each in sheets], self.size)

    def _options(self, number: int) -> DrawOptions:
        """How the photo of a number is drawn."""
        options = DrawOptions(align="never", finish="detail")
        if self.config.data.synthetic_finish == "detail":
            styles = self.model.config.styles or (None,)
            return replace(options, style=styles[number % len(styles)])
        chance = random.Random(f"{self.config.seed} {number}")
        strength, seed = chance.uniform(MIN_STRENGTH, MAX_STRENGTH), chance.randrange(2**32)
        style = list(STYLES)[number % len(STYLES)]
        if self.config.data.abstraction and number % 2:  # the styles in which most drawings are made
            style = ("graphite", "line")[number // 2 % 2]
        return replace(options, finish="strokes", style=style, strength=strength, seed=seed)


def draw_all(sketches: DrawnSketches, processes: int) -> Tensor:
    """All drawings, uint8, N x variants x S x S, the same for any number of processes; 1: in this one."""
    loader = DataLoader(
        sketches,
        batch_size=None,
        num_workers=processes if processes > 1 else 0,
        multiprocessing_context="spawn" if processes > 1 else None,  # a fork would copy the locks of PyTorch's threads
        worker_init_fn=_use_one_thread,
        generator=torch.Generator(),  # unused, but without it the loader would advance the run's random numbers
    )
    return torch.stack([drawn.clone() for drawn in loader])  # a clone, since a worker's result occupies a file handle


def number_of_processes(photos: int, sharing: int = 1) -> int:
    """How many processes draw a number of photos, if as many runs as sharing do so here: 1 on one or two cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores // sharing, photos // PHOTOS_PER_PROCESS)) if cores > 2 else 1


def _use_one_thread(_: int) -> None:
    """OpenCV's threads of all processes together would be many times the cores; PyTorch's are limited by the loader."""
    cv2.setNumThreads(1)


def _render(sheet: Sheet) -> Image.Image:
    return sheet.render(RENDER_WIDTH).convert("L")

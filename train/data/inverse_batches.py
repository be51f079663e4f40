"""Batches for a generator from sketch to photo that is trained alone."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle, islice

import cv2
import numpy as np
import torch
from PIL import Image
from torch import Tensor

from facesketch import DrawOptions, Model, Pipeline, find_faces
from facesketch.image.compositing import composite_on_plain_background, composite_on_studio_background
from facesketch.image.pixels import luma, resize
from facesketch.strokes.sheet import Sheet
from facesketch.strokes.styles import STYLES

from ..config import Config
from .abstraction import abstracted, schematic
from .augment import augment_geometry, color_jitter, degrade, directional_light
from .batch import Batch
from .batches import Batches, gray
from .pairs import Item, Pair, read_item, style_of
from .scans import fill_border_from_nearest, whiten_scan


def make_batches(
    items: Sequence[Item],
    config: Config,
    device: torch.device,
    paired: bool,
    rank: int = 0,
    world_size: int = 1,
    unpaired: Sequence[Item] = (),
) -> Batches:
    """The batches of a run in its direction; arguments as of Batches."""
    kind = InverseBatches if config.model.direction == "sketch_to_photo" else Batches
    return kind(items, config, device, paired, rank, world_size, unpaired)


MIN_STRENGTH, MAX_STRENGTH = 0.3, 0.9  # of drawings in strokes: below, too few lines to tell a face from
RENDER_WIDTH = 320  # pixels of drawings in strokes, before they are squeezed to the network's square
PAPER_LIGHT = 0.5  # strength of directional_light on a photographed sketch


class InverseBatches(Batches):
    """Batches whose source is a sketch and whose target is its photo, relit on one background if it has a matte.

    Every outermost folder of the data is drawn from equally often, so that a large one does not crowd out the others.
    After draw_sketches, config.data.synthetic_ratio of the sketches of photos with mattes are a model's drawings, and
    all of those of photos that no artist drew.
    """

    def __init__(
        self,
        items: Sequence[Item],
        config: Config,
        device: torch.device,
        paired: bool = True,
        rank: int = 0,
        world_size: int = 1,
        unpaired: Sequence[Item] = (),
    ):
        by_folder = defaultdict(list)
        for item in items:
            by_folder[item.pair.id.rpartition("/")[0].partition("/")[0]].append(item)
        largest = max(map(len, by_folder.values()))
        balanced = [item for folder in by_folder.values() for item in islice(cycle(folder), largest)]
        self.all_styles = config.model.styles
        unconditional = replace(config, model=replace(config.model, styles=()))
        super().__init__(balanced, unconditional, device, paired, rank, world_size, unpaired)
        self.drawn: Tensor | None = None  # a model's drawings of each pair's photo, uint8, N x variants x S x S

    def _read(self, pair: Pair) -> tuple[Tensor, Tensor]:
        sketch = read_item(Item(pair), "sketch") if pair.sketch else Image.new("RGB", (self.size, self.size), "white")
        if self.all_styles and style_of(pair, self.all_styles) != self.all_styles[0]:
            sketch = whiten_scan(sketch)
        if pair.matte:
            on_white = self.config.data.white_background
            composite = composite_on_plain_background if on_white else composite_on_studio_background
            photo = composite(*self._relit_photo(pair))
        else:
            photo = fill_border_from_nearest(read_item(Item(pair), "photo"))
        return self._channels([sketch.getchannel(0)]), self._channels([photo])

    def draw_sketches(self, model: Model) -> None:
        """Draw every photo that has a matte once with a model, as at inference, with config.data.synthetic_finish.

        detail: in each of the model's styles in turn. strokes: in each of STYLES in turn, with a strength and a seed
        for each photo that follow from the run's seed and the photo's place. With config.data.abstraction every photo
        has two more drawings, as people draw: abstracted ones, or one of them schematic.
        """
        draw = Pipeline(model)
        drawn = [self._draw(draw, number, pair) for number, pair in enumerate(self.row_of)]
        self.drawn = torch.stack(drawn).to(self.sources.device)

    def _draw(self, draw: Pipeline, number: int, pair: Pair) -> Tensor:
        """The drawings of one photo: uint8, variants x S x S."""
        count = 3 if self.config.data.abstraction else 1
        if not pair.matte:
            return torch.zeros(count, self.size, self.size, dtype=torch.uint8)
        photo, matte = self._relit_photo(pair)
        photo, options = composite_on_plain_background(photo, matte), self._options(number, draw.model)
        if options.finish == "detail":
            return self._channels([draw(resize(photo, (self.size, self.size)), options).image.convert("L")] * count)
        height = round(self.size * photo.height / photo.width)  # not squeezed: strokes are as wide in all directions
        photo = resize(photo, (self.size, height))
        sheet = draw(photo, options).sheet
        assert sheet is not None
        sheets = [sheet]
        if count > 1:
            rng = np.random.default_rng([self.config.seed, number])
            faces = find_faces(photo)
            human = schematic(luma(photo), cv2.resize(matte, photo.size), faces[0], rng) if faces else None
            sheets += [abstracted(sheet, rng), human or abstracted(sheet, rng)]
        return self._channels([self._render(each) for each in sheets])

    @staticmethod
    def _render(sheet: Sheet) -> Image.Image:
        return sheet.render(RENDER_WIDTH).convert("L")

    def _options(self, number: int, model: Model) -> DrawOptions:
        """How the photo of a number is drawn."""
        options = DrawOptions(align="never", finish="detail")
        if self.config.data.synthetic_finish == "detail":
            styles = model.config.styles or (None,)
            return replace(options, style=styles[number % len(styles)])
        chance = random.Random(f"{self.config.seed} {number}")
        strength, seed = chance.uniform(MIN_STRENGTH, MAX_STRENGTH), chance.randrange(2**32)
        style = list(STYLES)[number % len(STYLES)]
        if self.config.data.abstraction and number % 2:  # the styles in which most drawings are made
            style = ("graphite", "line")[number // 2 % 2]
        return replace(options, finish="strokes", style=style, strength=strength, seed=seed)

    def global_batch(self, step: int, steps: int) -> Batch:
        data, items = self.config.data, self.items_at(step)
        sketch, photo = self._images(self.sources, items), self._images(self.targets, items)
        if self.drawn is not None:
            has_matte = torch.tensor([item.pair.matte is not None for item in items])
            has_sketch = torch.tensor([item.pair.sketch is not None for item in items])
            synthetic = ((torch.rand(len(items)) < data.synthetic_ratio) | ~has_sketch) & has_matte
            drawn = self._images(self.drawn, items)
            if drawn.shape[1] > 1:
                abstract = torch.rand(len(items)) < data.abstraction
                variant = torch.where(abstract, torch.randint(1, drawn.shape[1], (len(items),)), 0)
                drawn = drawn[torch.arange(len(items)), variant.to(drawn.device)][:, None]
            sketch = torch.where(synthetic.view(-1, 1, 1, 1).to(sketch.device), drawn, sketch)
        moved = augment_geometry(torch.cat([sketch, photo], 1), data.augmentation, self.size)
        sketch, photo = moved.split([1, 3], 1)
        sketch = gray(color_jitter(gray(sketch), data.augmentation.color_jitter))
        if data.augmentation.paper_light:
            lit = torch.rand(len(items), 1, 1, 1).to(sketch.device) < data.augmentation.paper_light
            sketch = torch.where(lit, gray(directional_light(sketch, PAPER_LIGHT)), sketch)
        return Batch(gray(degrade(sketch, data.augmentation.degrade)), photo)

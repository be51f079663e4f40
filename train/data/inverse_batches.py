"""Batches for a generator from sketch to photo that is trained alone."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle, islice

import torch
from PIL import Image
from torch import Tensor

from facesketch import DrawOptions, Model, Pipeline
from facesketch.image.compositing import composite_on_plain_background, composite_on_studio_background
from facesketch.image.pixels import resize
from facesketch.strokes.styles import STYLES

from ..config import Config
from .augment import augment_geometry, color_jitter
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


class InverseBatches(Batches):
    """Batches whose source is a sketch and whose target is its photo, relit on one background if it has a matte.

    Every outermost folder of the data is drawn from equally often, so that a large one does not crowd out the others.
    After draw_sketches, config.data.synthetic_ratio of the sketches of photos with mattes are a model's drawings.
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
        self.drawn: Tensor | None = None  # a model's drawing of each pair's photo, uint8, as targets

    def _read(self, pair: Pair) -> tuple[Tensor, Tensor]:
        sketch = read_item(Item(pair), "sketch")
        if self.all_styles and style_of(pair, self.all_styles) != self.all_styles[0]:
            sketch = whiten_scan(sketch)
        if pair.matte:
            photo = composite_on_studio_background(*self._relit_photo(pair))
        else:
            photo = fill_border_from_nearest(read_item(Item(pair), "photo"))
        return self._channels([sketch.getchannel(0)]), self._channels([photo])

    def draw_sketches(self, model: Model) -> None:
        """Draw every photo that has a matte once with a model, as at inference, with config.data.synthetic_finish.

        detail: in each of the model's styles in turn. strokes: in each of STYLES in turn, with a strength and a seed
        for each photo that follow from the run's seed and the photo's place.
        """
        draw = Pipeline(model)
        drawn = []
        for number, pair in enumerate(self.row_of):
            sketch = Image.new("L", (self.size, self.size))
            if pair.matte:
                photo, options = composite_on_plain_background(*self._relit_photo(pair)), self._options(number, model)
                height = self.size
                if options.finish == "strokes":  # not squeezed: strokes are as wide in all directions
                    height = round(self.size * photo.height / photo.width)
                sketch = draw(resize(photo, (self.size, height)), options).image.convert("L")
            drawn.append(self._channels([sketch]))
        self.drawn = torch.stack(drawn).to(self.sources.device)

    def _options(self, number: int, model: Model) -> DrawOptions:
        """How the photo of a number is drawn."""
        options = DrawOptions(align="never", finish="detail")
        if self.config.data.synthetic_finish == "detail":
            styles = model.config.styles or (None,)
            return replace(options, style=styles[number % len(styles)])
        chance = random.Random(f"{self.config.seed} {number}")
        strength, seed = chance.uniform(MIN_STRENGTH, MAX_STRENGTH), chance.randrange(2**32)
        style = list(STYLES)[number % len(STYLES)]
        return replace(options, finish="strokes", style=style, strength=strength, seed=seed)

    def global_batch(self, step: int, steps: int) -> Batch:
        data, items = self.config.data, self.items_at(step)
        sketch, photo = self._images(self.sources, items), self._images(self.targets, items)
        if self.drawn is not None:
            has_matte = torch.tensor([item.pair.matte is not None for item in items])
            synthetic = (torch.rand(len(items)) < data.synthetic_ratio) & has_matte
            sketch = torch.where(synthetic.view(-1, 1, 1, 1).to(sketch.device), self._images(self.drawn, items), sketch)
        moved = augment_geometry(torch.cat([sketch, photo], 1), data.augmentation, self.size)
        sketch, photo = moved.split([1, 3], 1)
        return Batch(gray(color_jitter(gray(sketch), data.augmentation.color_jitter)), photo)

"""Batches for a generator from sketch to photo that is trained alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle, islice

import torch
from PIL import Image
from torch import Tensor

from facesketch import Model
from facesketch.image.compositing import composite_on_plain_background, composite_on_studio_background

from ..config import Config
from .augment import augment_geometry, color_jitter, degrade, directional_light
from .batch import Batch
from .batches import Batches, channels, gray, relit_photo
from .drawn_sketches import DrawnSketches, draw_all, number_of_processes
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


PAPER_LIGHT = 0.5  # strength of directional_light on a photographed sketch
UNPAIRED_RATIO = 0.25  # share of the batches with artists' sketches of other persons


class InverseBatches(Batches):
    """Batches whose source is a sketch and whose target is its photo, relit on one background if it has a matte.

    Every outermost folder of the data is drawn from equally often, so that a large one does not crowd out the others.
    After draw_sketches, config.data.synthetic_ratio of the sketches of photos with mattes are a model's drawings, and
    all of those of photos that no artist drew. Unless paired, photos without mattes are left out, all sketches are a
    model's drawings, and some batches have artists' sketches of other persons as well.
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
        with_matte = [item for item in items if item.pair.matte]
        for item in items if paired else with_matte or items:
            by_folder[item.pair.id.rpartition("/")[0].partition("/")[0]].append(item)
        largest = max(map(len, by_folder.values()))
        balanced = [item for folder in by_folder.values() for item in islice(cycle(folder), largest)]
        self.all_styles = config.model.styles
        unconditional = replace(config, model=replace(config.model, styles=()))
        super().__init__(balanced, unconditional, device, paired, rank, world_size, unpaired)
        self.with_sketch = [item for item in self.items if item.pair.sketch]
        self.drawn: Tensor | None = None  # a model's drawings of each pair's photo, uint8, N x variants x S x S

    def _read(self, pair: Pair) -> tuple[Tensor, Tensor]:
        sketch = read_item(Item(pair), "sketch") if pair.sketch else Image.new("RGB", (self.size, self.size), "white")
        if self.all_styles and style_of(pair, self.all_styles) != self.all_styles[0]:
            sketch = whiten_scan(sketch)
        if pair.matte:
            on_white = self.config.data.white_background
            composite = composite_on_plain_background if on_white else composite_on_studio_background
            photo = composite(*relit_photo(pair, darkest_skin=0.0))  # in their own tone, also if drawings lift it
        else:
            photo = fill_border_from_nearest(read_item(Item(pair), "photo"))
        return channels([sketch.getchannel(0)], self.size), channels([photo], self.size)

    def draw_sketches(self, model: Model, processes: int = 0) -> None:
        """Draw every photo that has a matte once with a model; see DrawnSketches.

        processes: how many draw at the same time; 0: as number_of_processes says.
        """
        pairs = list(self.row_of)
        processes = processes or number_of_processes(len(pairs), self.world_size)
        self.drawn = draw_all(DrawnSketches(pairs, self.config, model), processes).to(self.sources.device)

    def global_batch(self, step: int, steps: int) -> Batch:
        data, items = self.config.data, self.items_at(step)
        sketch, photo = self._images(self.sources, items), self._images(self.targets, items)
        if self.drawn is not None:
            has_matte = torch.tensor([item.pair.matte is not None for item in items])
            has_sketch = torch.tensor([item.pair.sketch is not None for item in items])
            share = data.synthetic_ratio if self.paired else 1.0
            synthetic = ((torch.rand(len(items)) < share) | ~has_sketch) & has_matte
            drawn = self._images(self.drawn, items)
            if drawn.shape[1] > 1:
                abstract = torch.rand(len(items)) < data.abstraction
                variant = torch.where(abstract, torch.randint(1, drawn.shape[1], (len(items),)), 0)
                drawn = drawn[torch.arange(len(items)), variant.to(drawn.device)][:, None]
            sketch = torch.where(synthetic.view(-1, 1, 1, 1).to(sketch.device), drawn, sketch)
        moved = augment_geometry(torch.cat([sketch, photo], 1), data.augmentation, self.size)
        sketch, photo = moved.split([1, 3], 1)
        batch = Batch(self._photographed(sketch), photo)
        if self.paired or not self.with_sketch or torch.rand(()) > UNPAIRED_RATIO:
            return batch
        chosen = [self.with_sketch[k] for k in torch.randint(len(self.with_sketch), (len(items),)).tolist()]
        others = augment_geometry(self._images(self.sources, chosen), data.augmentation, self.size)
        return replace(batch, unpaired=self._photographed(others))

    def _photographed(self, sketch: Tensor) -> Tensor:
        """Sketches, B x 1 x S x S, with other tones, in uneven light and degraded, as the augmentation says: gray."""
        augmentation = self.config.data.augmentation
        sketch = gray(color_jitter(gray(sketch), augmentation.color_jitter))
        if augmentation.paper_light:
            lit = torch.rand(len(sketch), 1, 1, 1).to(sketch.device) < augmentation.paper_light
            sketch = torch.where(lit, gray(directional_light(sketch, PAPER_LIGHT)), sketch)
        return gray(degrade(sketch, augmentation.degrade))

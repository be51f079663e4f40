"""Sketches and their photos, for the way back alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import cycle, islice
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from facesketch.faces.matte import plain
from facesketch.images import resize
from facesketch.translator import Translator

from ..config import Config
from .augment import augment, color_jitter
from .batches import Batches, gray
from .pairs import Item, Pair, read_side, style_of
from .scans import stretch_over_wedges, whiten

# The ground of CUHK's photos, the mean of the training part's: no sketch tells what lay behind.
STUDIO_BACKGROUND = (121, 201, 228)


def make_batches(items: list[Item], config: Config, *more: Any, **how: Any) -> Batches:
    """What a run of config learns from; arguments as Batches takes them."""
    return (InverseBatches if config.target == "photo" else Batches)(items, config, *more, **how)


class InverseBatches(Batches):
    """As Batches, with x a sketch and y its photo; where that has a matte, in even light on the studio's ground.

    Each outermost folder of the data is given out as often, so that many photos of one kind do not make those of
    another rare. Once a model drew, that share config.drawn of the sketches, of photos with mattes, is its drawings.
    """

    def __init__(self, items: list[Item], config: Config, *more: Any, **how: Any):
        folders = defaultdict(list)
        for item in items:
            folders[item.pair.id.rpartition("/")[0].partition("/")[0]].append(item)
        most = max(map(len, folders.values()))
        self.names = config.styles.split()
        level = [item for each in folders.values() for item in islice(cycle(each), most)]
        super().__init__(level, replace(config, styles=""), *more, **how)
        self.drawn: Tensor | None = None

    def _read(self, pair: Pair) -> tuple[Tensor, Tensor]:
        sketch = read_side(Item(pair), "sketch")
        if self.names and style_of(pair, self.names) != self.names[0]:
            sketch = whiten(sketch)
        photo = (
            composite(*self._lit(pair), STUDIO_BACKGROUND)
            if pair.matte
            else stretch_over_wedges(read_side(Item(pair), "photo"))
        )
        return self._planes([sketch.getchannel(0)]), self._planes([photo])

    def draw(self, model: Translator) -> None:
        """Have a model draw every photo that has a matte, as it draws in use, in each of its styles in turn."""
        styles, side = model.styles or (None,), (self.config.size,) * 2
        planes = []
        for number, pair in enumerate(self.row):
            drawn = Image.new("L", side)
            if pair.matte:
                photo = resize(plain(*self._lit(pair)), side)
                drawn = model.translate(photo, align="never", style=styles[number % len(styles)]).getchannel(0)
            planes.append(self._planes([drawn]))
        self.drawn = torch.stack(planes).to(self.x.device)

    def global_batch(self, step: int, steps: int) -> tuple[Tensor, ...]:
        c, items = self.config, self._draw(step, 0)
        x, y = self._pixels(self.x, items), self._pixels(self.y, items)
        if self.drawn is not None:
            own = (torch.rand(len(items)) < c.drawn) & torch.tensor([item.pair.matte is not None for item in items])
            x = torch.where(own.view(-1, 1, 1, 1).to(x.device), self._pixels(self.drawn, items), x)
        x, y = augment(torch.cat([x, y], 1), c, c.size).split([1, 3], 1)
        return gray(color_jitter(gray(x), c.photometric)), y


def composite(photo: Image.Image, matte: np.ndarray, tone: tuple[int, int, int]) -> Image.Image:
    """A photo's person before a ground of one tone; matte: H x W, 0 to 1."""
    kept = matte[..., None].clip(0, 1)
    return Image.fromarray(np.rint(kept * np.asarray(photo) + (1 - kept) * np.array(tone)).astype(np.uint8))

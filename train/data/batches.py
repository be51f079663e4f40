"""Pairs to augmented batches on the device."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as nnf
from PIL import Image, ImageOps
from torch import Tensor

from facesketch.faces.light import even, fill
from facesketch.faces.matte import plain
from facesketch.images import label_maps, luma, resize, to_uint8, to_unit

from ..config import Config
from .augment import augment, color_jitter, degrade, side_light
from .background import background_mask, remove_person, replace_background
from .pairs import Item, Pair, read_side, style_of
from .scans import paint_wedges, stretch_over_wedges, whiten


class Batches:
    """A part of the data as two uint8 tensors on the device (targets in one channel), given out in augmented batches.

    What a step draws follows from the seed and the step's number alone, so a run goes on after a stop as if there had
    been none. share is (i, n) where this process takes the i-th of n equal parts of every batch: each process makes the
    whole batch, which is cheap, so that n of them train on what one alone would.
    """

    def __init__(
        self,
        items: list[Item],
        config: Config,
        device: torch.device,
        paired: bool,
        rank_and_size: tuple[int, int] = (0, 1),
        wild: Sequence[Item] = (),
    ):
        self.config, self.paired, self.rank_and_size = config, paired, rank_and_size
        self.styles = config.styles.split()
        first = [item for item in items if not self.styles or style_of(item.pair, self.styles) == self.styles[0]]
        self.items = first or items
        others = [item for item in items if item not in first] if first else []
        self.styled = Batches(others, replace(config, inverse=False), device, paired, rank_and_size) if others else None
        items = self.items
        self.row = {pair: i for i, pair in enumerate(dict.fromkeys(item.pair for item in items))}
        sides = zip(*(self._read(pair) for pair in self.row), strict=True)
        self.x, self.y = (torch.stack(side).to(device) for side in sides)
        if self.styled:
            self.scenes = self.styled.scenes
        else:
            self.scenes = self._scenes() if paired and config.grounds and config.mattes else None
        self.wild = torch.stack([self._as_given(item) for item in wild]).to(device) if wild else None
        self.per_epoch = max(1, len(items) // config.batch)

    def _read(self, pair: Pair) -> tuple[Tensor, Tensor]:
        """A photo and its target in one channel; more channels are what a paired method needs beside them.

        Targets lose their wedges. What is only given keeps them, since pictures in use have them too.
        """
        c, photo, target = self.config, read_side(Item(pair), "photo"), read_side(Item(pair), self.config.target)
        if self.styles and style_of(pair, self.styles) != self.styles[0]:
            target = whiten(target)
        clean, painted = (stretch_over_wedges(photo), paint_wedges(target)) if c.clean else (photo, target)
        x, y = [photo if self.paired else clean], [painted]
        if self.paired and c.grounds:
            known = c.mattes and pair.matte
            x.append(ImageOps.invert(read_side(Item(pair), "matte").convert("L")) if known else background_mask(photo))
        if c.inverse:
            x, y = [*x, clean], [*y, target]
        return self._planes(x), self._planes([each.getchannel(0) for each in y])

    def _as_given(self, item: Item) -> Tensor:
        """A photo as a model in use is given it: on plain ground, its light even; uint8, 3 x S x S."""
        return self._planes([plain(*self._lit(item.pair))])

    def _lit(self, pair: Pair) -> tuple[Image.Image, np.ndarray]:
        """A photo, RGB, in even light, and its matte: H x W, 0 to 1."""
        photo = read_side(Item(pair), "photo").convert("RGB")
        matte = luma(resize(read_side(Item(pair), "matte"), photo.size))
        return even(photo, fill(photo, matte, self.config.skin)), matte

    def _scenes(self) -> Tensor | None:
        """What is behind the persons of all photos that have mattes, uint8, N x 3 x S x S: grounds for others."""
        sides = ((read_side(Item(pair), "photo"), read_side(Item(pair), "matte")) for pair in self.row if pair.matte)
        found = [self._planes([remove_person(photo, matte)]) for photo, matte in sides]
        return torch.stack(found).to(self.x.device) if found else None

    def _behind(self, count: int) -> Tensor | None:
        """As many scenes at random, each a random part of one under a random mirroring: B x 3 x S x S in [-1, 1]."""
        if self.scenes is None:
            return None
        chosen, size = torch.randint(len(self.scenes), (count,)), self.config.size
        parts = []
        for whole, (share, down, across) in zip(
            self.scenes[chosen.to(self.scenes.device)], torch.rand(count, 3).tolist(), strict=True
        ):
            side = int(size * (0.4 + 0.6 * share))
            top, left = int((size - side) * down), int((size - side) * across)
            part = whole[:, top : top + side, left : left + side].flip(
                [[], [-1], [-2], [-2, -1]][int(4 * down * 0.999)]
            )
            parts.append(nnf.interpolate(to_unit(part)[None], (size, size), mode="bilinear")[0])
        return torch.stack(parts)

    def _planes(self, images: list[Image.Image]) -> Tensor:
        """Pictures of mode RGB or L at the frame's size, their channels one after the other."""
        size = (self.config.size,) * 2
        planes = (to_uint8(resize(image.convert("RGB"), size))[: len(image.getbands())] for image in images)
        return torch.cat(list(planes))

    def __call__(self, step: int, steps: int) -> tuple[Tensor, ...]:
        """x, y of step (from 0) of steps: float32, B x 3 x S x S in [-1, 1], S the crop's or the frame's side.

        B is the batch over the number of shares. Where the inverse is learned too, its source and target follow; with
        styles x has a map for each beside the photo, and x, y of as many items in the other styles follow. Last are as
        many wild photos, where there are any.
        """
        i, n = self.rank_and_size
        return tuple(z.chunk(n)[i] for z in self.global_batch(step, steps))

    def global_batch(self, step: int, steps: int) -> tuple[Tensor, ...]:
        """The same of all shares."""
        c, ix = self.config, self._draw(step, 0)
        x, y = self._pixels(self.x, ix), self._pixels(self.y, ix if self.paired else self._draw(step, 1))
        side = c.crop if step < c.crop_until * steps else c.size
        if self.paired:
            x, y = augment(torch.cat([x, y], 1), c, side).tensor_split([x.shape[1]], dim=1)
        else:
            x, y = augment(x, c, side), augment(y, c, side)
        given, behind = x[:, :3], None
        if self.paired and c.grounds:
            behind = self._behind(len(x))
            given = replace_background(given, x[:, 3:4], c.grounds, behind)
        if c.empty and behind is not None:
            alone = (torch.rand(len(x), 1, 1, 1) < c.empty).to(x.device)
            given, y = torch.where(alone, behind, given), torch.where(alone, -1.0, y)
        if self.paired:
            given = degrade(color_jitter(side_light(given, c.light), c.photometric), c.damage)
        pictures = [torch.cat([given, self._maps(ix)], 1) if self.styles else given, gray(y[:, :1])]
        if c.inverse:
            pictures += [gray(color_jitter(gray(y[:, 1:]), c.photometric)), x[:, -3:]]
        if self.wild is not None:
            chosen = self.wild[torch.randint(len(self.wild), (c.batch,)).to(self.wild.device)]
            pictures.append(color_jitter(augment(to_unit(chosen), c, side), c.photometric))
        return (*pictures, *(self.styled.global_batch(step, steps) if self.styled else ()))

    def _maps(self, items: list[Item]) -> Tensor:
        """Which style each item is drawn in, as label_maps gives it."""
        chosen = [self.styles.index(style_of(item.pair, self.styles)) for item in items]
        return label_maps(chosen, len(self.styles), self.config.size).to(self.x.device)

    def _draw(self, step: int, side: int) -> list[Item]:
        epoch, i = divmod(step, self.per_epoch)
        order = list(range(len(self.items)))
        random.Random(f"{self.config.seed} {side} {epoch}").shuffle(order)
        batch = self.config.batch
        return [self.items[k] for k in order[i * batch : (i + 1) * batch]]

    def _pixels(self, side: Tensor, items: list[Item]) -> Tensor:
        turned = []
        for item in items:
            image = side[self.row[item.pair]]
            image = image.flip(-1) if item.turn >= 4 else image
            turned.append(torch.rot90(image, item.turn % 4, (-2, -1)))
        return to_unit(torch.stack(turned))


def gray(z: Tensor) -> Tensor:
    """The mean of the channels, in three: B x 3 x H x W."""
    return z.mean(1, keepdim=True).expand(-1, 3, -1, -1)

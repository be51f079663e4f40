"""Pairs -> augmented batches on the device."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import compress

import numpy as np
import torch
import torch.nn.functional as nnf
from PIL import Image, ImageOps
from torch import Tensor

from facesketch.face.relighting import apply_relighting, estimate_relighting
from facesketch.image.compositing import composite_on_studio_background
from facesketch.image.pixels import luma, normalize, resize, style_maps, to_uint8

from ..config import Config
from .augment import augment_geometry, color_jitter, degrade, directional_light
from .background import add_other_person, background_mask, camouflage, remove_person, replace_background
from .batch import Batch
from .pairs import Item, Pair, read_item, style_of
from .scans import fill_border_from_nearest, fill_border_with_paper, whiten_scan

MIN_CROP = 0.4  # side of the random crop of a photo's background that replaces another's, relative to the whole


class Batches:
    """Items as uint8 tensors on the device, from which each step draws an augmented batch.

    A step's batch follows from the seed and the step's number alone, so a resumed run continues as if it had never
    stopped. Each of world_size processes makes the whole batch, which is cheap, and keeps its part, so that together
    they train on what a single process would.
    """

    def __init__(
        self,
        items: Sequence[Item],
        config: Config,
        device: torch.device,
        paired: bool,
        rank: int = 0,
        world_size: int = 1,
        unpaired: Sequence[Item] = (),
    ):
        self.config, self.paired, self.rank, self.world_size = config, paired, rank, world_size
        self.size, self.styles = config.model.size, config.model.styles
        in_first = [not self.styles or style_of(item.pair, self.styles) == self.styles[0] for item in items]
        self.items = list(compress(items, in_first)) or list(items)
        others = [item for item, is_first in zip(items, in_first, strict=True) if not is_first] if any(in_first) else []
        no_inverse = replace(config, model=replace(config.model, inverse=False))
        self.other_styles = Batches(others, no_inverse, device, paired, rank, world_size) if others else None
        self.row_of = {pair: row for row, pair in enumerate(dict.fromkeys(item.pair for item in self.items))}
        images = [self._read(pair) for pair in self.row_of]
        self.sources, self.targets = (torch.stack(side).to(device) for side in zip(*images, strict=True))
        self.backgrounds: Tensor | None = self.other_styles.backgrounds if self.other_styles else self._backgrounds()
        self.unpaired = (
            torch.stack([self._at_inference(item.pair) for item in unpaired]).to(device) if unpaired else None
        )
        self.per_epoch = max(1, len(self.items) // config.batch_size)

    def __call__(self, step: int, steps: int) -> Batch:
        """This process's part of the batch of a step, counted from 0, of a run of steps."""
        return self.global_batch(step, steps).map(lambda z: z.chunk(self.world_size)[self.rank])

    def global_batch(self, step: int, steps: int) -> Batch:
        """The batch of a step for all processes: config.batch_size images, cropped at the beginning of a run."""
        config, data, augmentation = self.config, self.config.data, self.config.data.augmentation
        items = self.items_at(step)
        x = self._images(self.sources, items)
        y = self._images(self.targets, items if self.paired else self.items_at(step, stream=1))
        side = data.crop_size if step < data.crop_until * steps else self.size
        if self.paired:
            moved = augment_geometry(torch.cat([x, y], 1), augmentation, side)
            x, y = moved.tensor_split([x.shape[1]], dim=1)
        else:
            x, y = augment_geometry(x, augmentation, side), augment_geometry(y, augmentation, side)
        source, target, backgrounds = x[:, :3], y, None
        if self.paired and augmentation.replace_background:
            backgrounds, mask = self._random_backgrounds(len(x)), x[:, 3:4]
            behind = backgrounds
            if backgrounds is not None and augmentation.other_person:
                behind = add_other_person(backgrounds, source, mask, augmentation.other_person)
            source = replace_background(source, mask, augmentation.replace_background, behind)
            source = camouflage(source, mask, augmentation.camouflage)
        if augmentation.remove_person and backgrounds is not None:
            empty = (torch.rand(len(x), 1, 1, 1) < augmentation.remove_person).to(x.device)
            source, target = torch.where(empty, backgrounds, source), torch.where(empty, -1.0, target)
        if self.paired:
            lit = color_jitter(directional_light(source, augmentation.lighting), augmentation.color_jitter)
            source = degrade(lit, augmentation.degrade)
        batch = Batch(source, gray(target[:, :1]), self._style_channels(items, side))
        if config.model.inverse:
            sketch = gray(color_jitter(gray(target[:, 1:]), augmentation.color_jitter))
            batch = replace(batch, inverse=Batch(sketch, x[:, -3:]))
        if self.unpaired is not None:
            chosen = self.unpaired[torch.randint(len(self.unpaired), (config.batch_size,)).to(self.unpaired.device)]
            photos = augment_geometry(normalize(chosen), augmentation, side)
            batch = replace(batch, unpaired=color_jitter(photos, augmentation.color_jitter))
        if self.other_styles:
            batch = replace(batch, other_styles=self.other_styles.global_batch(step, steps))
        return batch

    def items_at(self, step: int, stream: int = 0) -> list[Item]:
        """The items of a step's batch: each once an epoch. stream 1 is an independent order, of unpaired targets."""
        epoch, i = divmod(step, self.per_epoch)
        order = _shuffled_indices(len(self.items), f"{self.config.seed} {stream} {epoch}")
        size = self.config.batch_size
        return [self.items[k] for k in order[i * size : (i + 1) * size]]

    def _read(self, pair: Pair) -> tuple[Tensor, Tensor]:
        """The source and target channels of a pair, uint8: a photo and a gray target, then what else is learned from.

        Source: photo, its background mask (if backgrounds are replaced), the photo as the inverse's target. Target: the
        sketch or matte, the sketch as the inverse's source. Scan borders are removed from what a generator is to make,
        and left in what it is given, since photos at inference have such borders too.
        """
        model, data = self.config.model, self.config.data
        role = model.direction.partition("_to_")[2]
        photo, target = read_item(Item(pair), "photo"), read_item(Item(pair), role)
        if self.styles and style_of(pair, self.styles) != self.styles[0]:
            target = whiten_scan(target)
        clean_photo, clean_target = photo, target
        if data.inpaint_scan_borders:
            clean_photo, clean_target = fill_border_from_nearest(photo), fill_border_with_paper(target)
        sources, targets = [photo if self.paired else clean_photo], [clean_target]
        if self.paired and data.augmentation.replace_background:
            if data.mattes and pair.matte:
                sources.append(ImageOps.invert(read_item(Item(pair), "matte").convert("L")))
            else:
                sources.append(background_mask(photo))
        if model.inverse:
            sources, targets = [*sources, clean_photo], [*targets, target]
        gray_targets = [image.getchannel(0) for image in targets]
        return channels(sources, self.size), channels(gray_targets, self.size)

    def _at_inference(self, pair: Pair) -> Tensor:
        """A photo as a generator sees it at inference: relit, on the studio's background; uint8, 3 x S x S."""
        return channels([composite_on_studio_background(*relit_photo(pair, self.config.model.darkest_skin))], self.size)

    def _backgrounds(self) -> Tensor | None:
        """The backgrounds of all photos that have mattes, uint8, N x 3 x S x S; None if not needed or absent."""
        data = self.config.data
        if not (self.paired and data.augmentation.replace_background and data.mattes):
            return None
        items = [Item(pair) for pair in self.row_of if pair.matte]
        removed = (remove_person(read_item(item, "photo"), read_item(item, "matte")) for item in items)
        backgrounds = [channels([background], self.size) for background in removed]
        return torch.stack(backgrounds).to(self.sources.device) if backgrounds else None

    def _random_backgrounds(self, count: int) -> Tensor | None:
        """Random crops of random backgrounds, mirrored at random: count x 3 x S x S in [-1, 1]."""
        if self.backgrounds is None:
            return None
        chosen = torch.randint(len(self.backgrounds), (count,))
        backgrounds = []
        for background, (share, down, across) in zip(
            self.backgrounds[chosen.to(self.backgrounds.device)], torch.rand(count, 3).tolist(), strict=True
        ):
            side = int(self.size * (MIN_CROP + (1 - MIN_CROP) * share))
            top, left = int((self.size - side) * down), int((self.size - side) * across)
            flips: list[int] = [[], [-1], [-2], [-2, -1]][int(4 * down * 0.999)]
            crop = background[:, top : top + side, left : left + side].flip(flips)
            backgrounds.append(nnf.interpolate(normalize(crop)[None], (self.size, self.size), mode="bilinear")[0])
        return torch.stack(backgrounds)

    def _style_channels(self, items: list[Item], side: int) -> Tensor | None:
        if not self.styles:
            return None
        numbers = [self.styles.index(style_of(item.pair, self.styles)) for item in items]
        return style_maps(numbers, len(self.styles), side).to(self.sources.device)

    def _images(self, images: Tensor, items: list[Item]) -> Tensor:
        """The images of items in their orientations: B x C x S x S in [-1, 1]."""
        oriented = []
        for item in items:
            image = images[self.row_of[item.pair]]
            image = image.flip(-1) if item.orientation >= 4 else image
            oriented.append(torch.rot90(image, item.orientation % 4, (-2, -1)))
        return normalize(torch.stack(oriented))


@lru_cache(maxsize=8)  # the epochs of a run's batches, of its validation's, and of streams
def _shuffled_indices(count: int, seed: str) -> tuple[int, ...]:
    """0 to count - 1 in random order."""
    order = list(range(count))
    random.Random(seed).shuffle(order)
    return tuple(order)


def relit_photo(pair: Pair, darkest_skin: float) -> tuple[Image.Image, np.ndarray]:
    """A photo in even light, RGB, and its matte: H x W in [0, 1]; darkest_skin as of ModelSettings."""
    photo = read_item(Item(pair), "photo").convert("RGB")
    matte = luma(resize(read_item(Item(pair), "matte"), photo.size))
    return apply_relighting(photo, estimate_relighting(photo, matte, darkest_skin)), matte


def channels(images: Sequence[Image.Image], size: int) -> Tensor:
    """RGB or L images, resized to S x S, as consecutive channels: uint8, C x S x S."""
    return torch.cat([to_uint8(resize(i.convert("RGB"), (size, size)))[: len(i.getbands())] for i in images])


def gray(z: Tensor) -> Tensor:
    """The mean of the channels, three times: B x 3 x H x W."""
    return z.mean(1, keepdim=True).expand(-1, 3, -1, -1)

"""Folders of photos and sketches to pairs, and pairs to augmented batches on the device."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from facesketch.images import ImageError, read_image, resize, to_uint8, to_unit

from .augment import augment, relight
from .config import Config
from .ground import ground, replace_ground
from .scans import paint_wedges, stretch_over_wedges

NO_DATA = (
    "No photo-sketch pairs in {folder}: facesketch trains on the CUHK Face Sketch database (CUFS), free for research "
    "from the Multimedia Laboratory of the Chinese University of Hong Kong; put its photos in {folder}/photos and its "
    "sketches, under the same names, in {folder}/sketches (or unpack the download there as it comes)."
)
IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"}
CUFS_NAME = re.compile(r"([fm])(\d?)-(\d+)-(\d+)(?:-sz\d+)?", re.IGNORECASE)
ROLE = re.compile(r"(photo|sketch)(?:es|s)?", re.IGNORECASE)


class DataError(ValueError):
    """The data folder cannot be trained on; the message is one sentence for a person."""


@dataclass(frozen=True)
class Pair:
    """A photo and its sketch. id names it in split.json: the path without photos/ or sketches/ and without suffix."""

    id: str
    person: str
    photo: Path
    sketch: Path


@dataclass(frozen=True)
class Item:
    """A pair under one of the square's 8 flips and quarter turns: 0 as it is, 1 to 3 turned, 4 to 7 mirrored first."""

    pair: Pair
    turn: int = 0


def find(folder: str | Path) -> dict[str, dict[str, tuple[str, Path]]]:
    """The photos and sketches of a folder: role ("photo", "sketch") -> key for pairing -> id and path.

    Raises DataError where two files claim one place.
    """
    folder = Path(folder)
    found: dict[str, dict[str, tuple[str, Path]]] = {"photo": {}, "sketch": {}}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if path.name.startswith(".") or path.suffix.lower() not in IMAGE_SUFFIXES or not path.is_file():
            continue
        role, key, name = _place(path.relative_to(folder))
        if role is None:
            continue
        if key in found[role]:
            plural = {"photo": "photos", "sketch": "sketches"}[role]
            raise DataError(f"Two {plural} would be {name}: {found[role][key][1]} and {path}.")
        found[role][key] = (name, path)
    return found


def pairs(folder: str | Path) -> list[Pair]:
    """Find the pairs of a folder, sorted by id.

    Accepted: photos/ and sketches/ with equal names, nested or not, and the CUFS download as it comes (photo
    f-005-01.jpg, sketch F2-005-01-sz1.jpg). Raises DataError where there is none, or two files claim one place.
    """
    photos, sketches = find(folder).values()
    both = sorted(photos.keys() & sketches.keys())
    if not both:
        raise DataError(NO_DATA.format(folder=folder))
    return [Pair(photos[k][0], _person(photos[k][0]), photos[k][1], sketches[k][1]) for k in both]


def _place(path: Path) -> tuple[str | None, str, str]:
    """A relative path's role (photo, sketch or None), its key for pairing, and its id."""
    folders = path.parts[:-1]
    role = next((match[1].lower() for part in reversed(folders) if (match := ROLE.search(part))), None)
    parent = [part for part in (ROLE.sub("", part).strip(" _-") for part in folders) if part]
    stem, name = path.stem, CUFS_NAME.fullmatch(path.stem)
    if name:  # sketches of the training part carry a 2 that their photos do not
        stem = f"{name[1]}{name[2].replace('2', '')}-{name[3]}-{name[4]}".lower()
    if name and role is None:
        role = "sketch" if "-sz" in path.stem.lower() else "photo"
    return role, "/".join([*parent, stem]).lower(), "/".join([*parent, stem])


def _person(name: str) -> str:
    """CUFS names end in the number of the shot: the person is what stands before it."""
    return name.rsplit("-", 1)[0] if CUFS_NAME.fullmatch(name.rsplit("/", 1)[-1]) else name


def read_pair(item: Item) -> tuple[Image.Image, Image.Image]:
    """Photo and sketch (gray, as RGB) at native size, in the item's turn. Raises DataError naming a broken file."""
    images = []
    for path in (item.pair.photo, item.pair.sketch):
        try:
            images.append(read_image(path))
        except ImageError as error:
            raise DataError(f"{path}: {error}") from error
    images[1] = images[1].convert("L").convert("RGB")
    if item.turn >= 4:
        images = [image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for image in images]
    return tuple(image.rotate(90 * (item.turn % 4), expand=True) for image in images)


class Batches:
    """A part of the data as two uint8 tensors on the device (sketches in one channel), given out in augmented batches.

    What a step draws follows from the seed and the step's number alone, so a run goes on after a stop as if there had
    been none. share is (i, n) where this process takes the i-th of n equal parts of every batch: each process makes the
    whole batch, which is cheap, so that n of them train on what one alone would.
    """

    def __init__(
        self, items: list[Item], config: Config, device: torch.device, paired: bool, share: tuple[int, int] = (0, 1)
    ):
        self.config, self.paired, self.items, self.share = config, paired, items, share
        self.row = {pair: i for i, pair in enumerate(dict.fromkeys(item.pair for item in items))}
        sides = zip(*(self._read(pair) for pair in self.row), strict=True)
        self.x, self.y = (torch.stack(side).to(device) for side in sides)
        self.per_epoch = max(1, len(items) // config.batch)

    def _read(self, pair: Pair) -> tuple[Tensor, Tensor]:
        """A photo and its sketch in one channel; more channels are what a paired method needs beside them.

        Targets lose their wedges. What is only given keeps them, since pictures in use have them too.
        """
        c, (photo, sketch) = self.config, read_pair(Item(pair))
        clean, painted = (stretch_over_wedges(photo), paint_wedges(sketch)) if c.clean else (photo, sketch)
        x, y = [photo if self.paired else clean], [painted]
        if self.paired and c.grounds:
            x.append(ground(photo))
        if c.inverse:
            x, y = [*x, clean], [*y, sketch]
        return self._planes(x), self._planes([each.getchannel(0) for each in y])

    def _planes(self, images: list[Image.Image]) -> Tensor:
        """Pictures of mode RGB or L at the frame's size, their channels one after the other."""
        size = (self.config.size,) * 2
        planes = (to_uint8(resize(image.convert("RGB"), size))[: len(image.getbands())] for image in images)
        return torch.cat(list(planes))

    def __call__(self, step: int, steps: int) -> tuple[Tensor, ...]:
        """x, y of step (from 0) of steps: float32, B x 3 x S x S in [-1, 1], S the crop's or the frame's side.

        B is the batch over the number of shares. Where the inverse is learned too, its source and target follow.
        """
        i, n = self.share
        return tuple(z.chunk(n)[i] for z in self.whole(step, steps))

    def whole(self, step: int, steps: int) -> tuple[Tensor, ...]:
        """The same of all shares."""
        c, ix = self.config, self._draw(step, 0)
        x, y = self._pixels(self.x, ix), self._pixels(self.y, ix if self.paired else self._draw(step, 1))
        side = c.crop if step < c.crop_until * steps else c.size
        if self.paired:
            x, y = augment(torch.cat([x, y], 1), c, side).tensor_split([x.shape[1]], dim=1)
        else:
            x, y = augment(x, c, side), augment(y, c, side)
        given = replace_ground(x[:, :3], x[:, 3:4], c.grounds) if self.paired and c.grounds else x[:, :3]
        pictures = [relight(given, c.photometric) if self.paired else given, _gray(y[:, :1])]
        if c.inverse:
            pictures += [_gray(relight(_gray(y[:, 1:]), c.photometric)), x[:, -3:]]
        return tuple(pictures)

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


def _gray(z: Tensor) -> Tensor:
    """The mean of the channels, in three: B x 3 x H x W."""
    return z.mean(1, keepdim=True).expand(-1, 3, -1, -1)

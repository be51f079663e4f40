"""A Translator holds trained generators and what is known of them, and turns one picture into another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save
from torch import Tensor, nn

from .colours import opaque
from .detail import STROKES, carry
from .faces.choose import choose
from .faces.crop import align as bring
from .faces.crop import bounded, own_width, shown
from .faces.face import Face
from .faces.light import KNOWN, even, fill
from .faces.matte import find, plain
from .faces.paste import lay, paste_on, sheet
from .fast import answer, quick
from .files import write
from .hub.checked import CONFIG, DTYPE, WEIGHTS, WeightsError, read_about, read_state
from .hub.fetch import fetch, forget
from .images import label_maps, resize, to_image, to_tensor
from .look import ChoiceError, Look
from .models import GENERATORS

DIRECTIONS = ("photo_to_sketch", "sketch_to_photo", "photo_to_matte")
MOST_STYLES = 16


class Translator(nn.Module):
    """One generator for each direction it knows, with the description that its config.json holds.

    about: a dict of plain data with at least network (a name in GENERATORS), width, size (the side in pixels of the
    square the generators work on) and directions (a list of names in DIRECTIONS); styles, where it draws in several, a
    list of their names; skin, the median luma of the darkest skin that it knows. Raises WeightsError where it does not
    describe a model.
    """

    def __init__(self, about: dict):
        super().__init__()
        try:
            self.about, self.size, self.directions = dict(about), int(about["size"]), tuple(about["directions"])
            network, width = GENERATORS[about["network"]], int(about["width"])
            if not (0 < width <= 512 and 64 <= self.size <= 2048 and self.directions) or self.size % network.multiple:
                raise ValueError
            if not set(self.directions) <= set(DIRECTIONS):
                raise ValueError
            self.skin = min(255.0, max(0.0, float(about.get("skin", KNOWN))))
            self.styles = tuple(str(style) for style in about.get("styles", ())[:MOST_STYLES])
            labels = {"photo_to_sketch": {"labels": len(self.styles)}} if self.styles else {}
            for direction in self.directions:
                self.add_module(direction, network(width, **labels.get(direction, {})))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise WeightsError(f"{CONFIG} does not describe a facesketch model.") from error
        self.folder: Path | None = None  # where it was loaded from; a Hub snapshot's is named by its commit
        self.eval()

    def translate(
        self,
        image: Image.Image,
        direction: str = "photo_to_sketch",
        align: str = "auto",
        *,
        faces: Sequence[Face] | None = None,
        frame: str = "crop",
        size: int | str = "auto",
        detail: bool = True,
        ground: str = "paper",
        strokes: float = STROKES,
        style: str | None = None,
    ) -> Image.Image:
        """Draw an image in the other medium.

        align "auto" brings a face to the 200 x 250 frame the models know, and what comes back is by frame: "crop" that
        frame of the first face; "paper" and "photo" the whole picture with every face drawn, on a white sheet or over
        the picture. faces are find_faces' or face_in_box's; None takes the largest ("crop") or all. align "never" takes
        the whole picture as that frame and answers at its size.

        size is the width that a face is drawn at, 256 to 1024 pixels: "auto" is the one that it has in the picture, and
        without detail the generator's. detail carries the photo's edges into a sketch, with strokes, 0 to 1, of the
        model's hand. ground "paper" leaves white what is not the person, "clear" transparent, as RGBA, and "keep" draws
        it. With the ground kept and without detail it is the generator's raw answer. A sketch is always gray; style is
        one of this model's, None its first. Raises NoFaceError ("auto" only), and ChoiceError, a ValueError, for a
        direction or a style that this model lacks and for what is none of these choices.
        """
        how = Look(direction, align, frame, size, detail, ground, strokes, style)
        if direction not in self.directions:
            raise ChoiceError(f"This model has no direction {direction}; it has {', '.join(self.directions)}.")
        if style is not None and style not in self.styles:
            raise ChoiceError(f"This model has no style {style}; it has {', '.join(self.styles) or 'one unnamed'}.")
        given, image = image, opaque(image)
        if align == "never":
            full = image if how.raw else bounded(image, size)
            crop = resize(full, (self.size, self.size)) if how.traced else full
            whole, matte = self._draw(crop, full.convert("L") if how.traced else full, how)
            return resize(lay(whole, matte, how.clear), image.size)
        faces = choose(image) if faces is None else faces
        drawn = [self._face(image, face, how) for face in (faces if frame != "crop" else faces[:1])]
        if frame == "crop":
            return lay(drawn[0][0], drawn[0][1], how.clear)
        page = sheet(image.size, how.clear) if frame == "paper" else image.copy() if image is given else image
        matrices: list[np.ndarray] = []
        for sketch, matte, matrix in drawn:
            paste_on(page, sketch, matrix, matrices, matte)
            matrices.append(matrix)
        return page

    def _face(self, image: Image.Image, face: Face, how: Look) -> tuple[Image.Image, np.ndarray | None, np.ndarray]:
        """A face of an image in the other medium, how much of each pixel is kept (None: all), and its crop's matrix."""
        drawing = how.direction == "sketch_to_photo"
        width = self.size if isinstance(how.size, str) else how.size
        width = own_width(face, image.size, drawing) if how.own else width
        crop, matrix = bring(image, face, self.size if how.traced else width, drawing)
        full, matrix = bring(image, face, width, mode="L") if how.traced else (crop, matrix)
        return *self._draw(crop, full, how, shown(image.size, matrix, full.size)), matrix

    def _draw(
        self, crop: Image.Image, full: Image.Image, how: Look, seen: np.ndarray | float = 1.0
    ) -> tuple[Image.Image, np.ndarray | None]:
        """A crop in the other medium, as large as full, and how much of each pixel is kept (None: all).

        full is the crop at the size that is drawn, in gray where it is traced. seen: how far that is picture.
        """
        if not how.traced:  # there are no edges to carry, and the photo tells who is person
            small = self._answer(crop, how)
            made = resize(small, full.size)
            matte = None if how.raw or how.ground == "keep" else find(small, made)
            return made, None if matte is None else matte * seen
        if (matte := find(crop, full)) is not None:
            light = fill(crop, matte, self.skin)
            crop, full = even(crop, light), even(full, light)
            matte = None if how.ground == "keep" else matte * seen
        if matte is not None:
            crop, full = plain(crop, matte), plain(full, matte)
        drawn = self._answer(crop, how)
        return carry(drawn, full, how.strokes) if how.detail else resize(drawn, full.size), matte

    def _answer(self, crop: Image.Image, how: Look) -> Image.Image:
        """What the generator makes of a crop, size x size pixels; a sketch is of mode L."""
        given, wanted = how.direction.split("_to_")
        x = to_tensor(resize(crop if given == "photo" else crop.convert("L"), (self.size, self.size)))
        if self.styles and wanted == "sketch":
            style = self.styles.index(how.style or self.styles[0])
            x = torch.cat([x, label_maps([style], len(self.styles), self.size)[0]])
        network = getattr(self, how.direction)
        x = x.unsqueeze(0).to(next(network.parameters()).device)
        y = to_image(self.ask(network, x, how.raw)[0])
        return y if wanted == "photo" else y.convert("L")

    def ask(self, network: nn.Module, x: Tensor, raw: bool) -> Tensor:
        """What a network answers x, a batch: raw, as is measured, in float32, else in what is fastest here."""
        return answer(network if raw else quick(network, x[:1]), x)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write config.json (with the SHA-256 of the weights) and model.safetensors (half precision) into folder.

        Raises OSError.
        """
        folder = Path(folder)
        state = {name: value.detach().cpu().to(DTYPE).contiguous() for name, value in self.state_dict().items()}
        data = save(state, metadata={"format": "pt"})
        about = {**self.about, "sha256": hashlib.sha256(data).hexdigest()}
        write(folder / WEIGHTS, data)
        write(folder / CONFIG, (json.dumps(about, indent=2) + "\n").encode())

    @classmethod
    def from_pretrained(cls, source: str | Path, revision: str | None = None) -> Translator:
        """Load a folder, or a Hub repo "user/name" (at a branch, tag or commit), in the layout of save_pretrained.

        The weights' hash, keys, shapes, dtypes and values are checked before use. Raises WeightsError with one
        sentence.
        """
        folder = Path(source)
        if folder.is_dir():
            return cls._from_folder(folder, folder.name)
        folder = fetch(str(source), revision)
        try:
            return cls._from_folder(folder, str(source))
        except WeightsError:
            forget(folder)
            raise

    @classmethod
    def _from_folder(cls, folder: Path, name: str) -> Translator:
        about = read_about(folder, name)
        try:
            with torch.device("meta"):  # no memory is taken on the word of a description
                model = cls(about)
        except WeightsError as error:
            raise WeightsError(f"{name}: {error}") from error
        model.load_state_dict(read_state(folder, name, about, model.state_dict()), strict=True, assign=True)
        model.folder = folder
        return model

"""A Translator holds trained generators and what is known of them, and turns one picture into another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import save
from torch import nn

from .faces.choose import choose
from .faces.crop import align as bring
from .faces.face import Face
from .faces.paste import paste
from .files import write
from .hub.checked import CONFIG, DTYPE, WEIGHTS, WeightsError, read_about, read_state
from .hub.fetch import fetch, forget
from .images import opaque, resize, to_image, to_tensor
from .models import GENERATORS

DIRECTIONS = ("photo_to_sketch", "sketch_to_photo")
FRAMES = ("crop", "paper", "photo")


class Translator(nn.Module):
    """One generator for each direction it knows, with the description that its config.json holds.

    about: a dict of plain data with at least network (a name in GENERATORS), width, size (the side in pixels of the
    square the generators work on) and directions (a list of names in DIRECTIONS). Raises WeightsError where it does
    not describe a model.
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
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise WeightsError(f"{CONFIG} does not describe a facesketch model.") from error
        for direction in self.directions:
            self.add_module(direction, network(width))
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
    ) -> Image.Image:
        """Draw an image in the other medium.

        align "auto" brings a face to the 200 x 250 frame the models know, and what comes back is by frame: "crop" that
        frame, size x size * 5 / 4 pixels, of the first face; "paper" and "photo" the whole picture with every face
        drawn, on a white sheet or over the picture. faces are find_faces' or face_in_box's; None takes the largest
        ("crop") or all. align "never" takes the whole picture as that frame and answers at its size. A sketch is always
        gray. Raises NoFaceError ("auto" only), and ValueError for a direction this model lacks.
        """
        if direction not in self.directions:
            raise ValueError(f"This model has no direction {direction}; it has {', '.join(self.directions)}.")
        if align not in ("auto", "never"):
            raise ValueError(f'align is "auto" or "never", not "{align}".')
        if frame not in FRAMES:
            raise ValueError(f'frame is one of {", ".join(FRAMES)}, not "{frame}".')
        image = opaque(image)
        if align == "never":
            return self._draw(image, direction)
        faces = choose(image) if faces is None else faces
        drawn, matrices = image if frame == "photo" else Image.new("RGB", image.size, "white"), []
        for face in faces if frame != "crop" else faces[:1]:
            crop, matrix = bring(image, face, self.size, drawing=direction == "sketch_to_photo")
            crop = self._draw(crop, direction)
            if frame == "crop":
                return crop
            drawn = paste(drawn, crop, matrix, matrices)
            matrices.append(matrix)
        return drawn

    @torch.inference_mode()
    def _draw(self, crop: Image.Image, direction: str) -> Image.Image:
        """A face crop in the other medium, at its size."""
        sketch = direction == "photo_to_sketch"
        x = to_tensor(resize(crop.convert("RGB" if sketch else "L").convert("RGB"), (self.size, self.size)))
        y = to_image(getattr(self, direction)(x.unsqueeze(0).to(next(self.parameters()).device))[0])
        return resize(y.convert("L").convert("RGB") if sketch else y, crop.size)

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

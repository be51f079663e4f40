"""Which faces of a picture are drawn, and the pictures of them that the models are given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from .detector import Face, NoFaceError, find_faces
from .geometry import TEMPLATE, align
from .images import resize

SMALLEST = 24  # pixels, the width of a face that can be drawn
UNSURE = 0.4  # the detector's score of a face where a person says that there is one
MEAN_FACE = ((0.29, 0.41), (0.71, 0.41), (0.5, 0.6), (0.33, 0.78), (0.67, 0.78))  # the points in an upright box
Box = tuple[float, float, float, float]


def choose(image: Image.Image, box: Box | None = None) -> list[Face]:
    """The faces of an RGB image that can be drawn, the largest first, or the one that box (x, y, width, height) is on.

    Raises NoFaceError where there is none, or where each is under 24 pixels wide.
    """
    faces = [face_in_box(image, box)] if box is not None else find_faces(image)
    if not faces:
        raise NoFaceError("No face was found.")
    large = [face for face in faces if face.box[2] >= SMALLEST]
    if not large:
        raise NoFaceError(f"The face is only {faces[0].box[2]:.0f} pixels wide; it must have at least {SMALLEST}.")
    return large


def read_box(text: str) -> Box:
    """The box in "x, y, width, height". Raises NoFaceError."""
    try:
        x, y, width, height = (float(part) for part in text.split(","))
        if not np.isfinite([x, y, width, height]).all():
            raise ValueError
    except ValueError as error:
        raise NoFaceError(f'A box is "x, y, width, height" in pixels, not "{text}".') from error
    return x, y, width, height


def face_in_box(image: Image.Image, box: Box) -> Face:
    """The face that a box around it, drawn by hand, means: what the detector finds there, else an average one.

    box is x, y, width, height in pixels, from the brow to the chin. Raises NoFaceError where it lies outside.
    """
    x, y, w, h = box
    if w <= 0 or h <= 0 or x >= image.width or y >= image.height or x + w <= 0 or y + h <= 0:
        raise NoFaceError("The box lies outside the picture.")
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


def crop_face(image: Image.Image, size: int = 256) -> tuple[Image.Image, list[Face]]:
    """The largest face in the template frame, size x size * 5 / 4 pixels, and all faces. Raises NoFaceError."""
    faces = choose(image)
    return align(image, faces[0], size)[0], faces


def align_pair(photo: Image.Image, sketch: Image.Image | None) -> tuple[Image.Image, Image.Image | None]:
    """A photo and a drawing of it in the 200 x 250 frame, to be compared pixel by pixel.

    Of one size, or of one shape with the face at one place, they are taken to lie on each other already and move
    together, or not at all where they have the frame's size; else each is aligned by its own face. Raises NoFaceError.
    """
    together = sketch is not None and sketch.size == photo.size
    if together and photo.size == TEMPLATE:
        return photo, sketch
    face = choose(photo)[0]
    frame = align(photo, face, TEMPLATE[0])[0]
    if sketch is None:
        return frame, None
    if not together:
        own = choose(sketch)[0]
        across, down = photo.width / sketch.width, photo.height / sketch.height
        box = tuple(value * scale for value, scale in zip(own.box, (across, down) * 2, strict=True))
        if abs(across / down - 1) > 0.02 or overlap(box, face.box) < 0.8:
            return frame, align(sketch, own, TEMPLATE[0], drawing=True)[0]
        sketch = resize(sketch, photo.size)
    return frame, align(sketch, face, TEMPLATE[0])[0]

"""The pictures of faces that the models are given: in the template's frame."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ..images import opaque, resize
from .choose import choose, overlap
from .face import Face
from .geometry import TEMPLATE, fit, framed, inverse, move, scaling
from .paper import level
from .warp import GROUND, blend, grid, warp


def align(image: Image.Image, face: Face, size: int = 256, drawing: bool = False) -> tuple[Image.Image, np.ndarray]:
    """The crop that holds the face as the template does, size x size * 5 / 4 pixels, and its matrix.

    What lies outside the picture is the ground of the training photos, and the picture fades into it. The paper of a
    drawing is brought to white. A picture in the frame already is only resized.
    """
    image, shape = opaque(image), (size, size * TEMPLATE[1] // TEMPLATE[0])
    matrix = fit(face.points, size)
    if framed(image.size, matrix, size):
        whole = image.resize(shape, Image.Resampling.BICUBIC)
        return whole, scaling(shape[0] / image.width, shape[1] / image.height)
    pixels = warp(image, matrix, shape, None)
    if drawing:
        pixels = level(pixels)
    corners = move(np.array([[0, 0], [shape[0], 0], [0, shape[1]], shape], float), inverse(matrix))
    if corners.min() < 0 or (corners > np.array(image.size) - 1).any():
        there = move(grid(0, 0, *shape), inverse(matrix))
        inside = np.minimum(there, np.array(image.size) - 1 - there).min(-1) * np.hypot(*matrix[:, 0])
        pixels = blend(np.full_like(pixels, GROUND), pixels, np.clip(inside * (32 / size), 0, 1)[..., None])
    return Image.fromarray(pixels), matrix


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

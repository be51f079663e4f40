"""The pictures of faces that the models are given: in the template's frame."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ..colours import opaque
from ..detail import LEAST, MOST
from ..images import resize
from .choose import choose, overlap
from .face import Face
from .geometry import TEMPLATE, fit, framed, inverse, move, scaling
from .paper import level
from .warp import fade, smooth, warp

FADE = 0.1  # of the crop's width, how far a drawing fades toward where the photo ends


def align(
    image: Image.Image, face: Face, size: int = 256, drawing: bool = False, mode: str = "RGB"
) -> tuple[Image.Image, np.ndarray]:
    """The crop that holds the face as the template does, size x size * 5 / 4 pixels, and its matrix.

    What lies outside the picture is the ground of the training photos, and the picture fades into it. The paper of a
    drawing, which is RGB, is brought to white. A picture in the frame already is only resized. mode is "RGB" or "L",
    luma alone in a third of the time.
    """
    image, shape = opaque(image), (size, size * TEMPLATE[1] // TEMPLATE[0])
    matrix = fit(face.points, size)
    if framed(image.size, matrix, size, drawing):
        whole = image if image.mode == mode else image.convert(mode)
        return whole.resize(shape, Image.Resampling.BICUBIC), scaling(shape[0] / image.width, shape[1] / image.height)
    pixels = warp(image, matrix, shape, None, mode)
    if drawing:
        pixels = level(pixels)
    corners = move(np.array([[0, 0], [shape[0], 0], [0, shape[1]], shape], float), inverse(matrix))
    if corners.min() < 0 or (corners > np.array(image.size) - 1).any():
        reach = size / 32 / np.hypot(*matrix[:, 0])
        pixels = fade(pixels, np.minimum.reduce(sides(image.size, matrix, shape, reach)) / np.float32(reach))
    return Image.fromarray(pixels), matrix


def own_width(face: Face, picture: tuple[int, int] | None = None, drawing: bool = False) -> int:
    """The pixels that the width of a face's crop has in its picture, or the nearest that are drawn, LEAST to MOST.

    picture: its width and height; one that is in the frame already has its own.
    """
    width = 1 / np.hypot(*fit(face.points, 1)[:, 0])
    if picture and framed(picture, fit(face.points, TEMPLATE[0]), TEMPLATE[0], drawing):
        width = picture[0]
    return int(np.clip(round(width), LEAST, MOST))


def bounded(image: Image.Image, size: int | str = "auto") -> Image.Image:
    """A picture that is a crop already, its sides brought between those that are drawn; size, a width, is the most."""
    most = MOST if isinstance(size, str) else size
    return resize(image, (min(max(image.width, LEAST), most), min(max(image.height, LEAST), most * 5 // 4)))


def shown(picture: tuple[int, int], matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """How far a crop of that size shows the picture: float32, height x width, 1 within and 0 outside.

    Along a side of the picture that cuts the crop it fades inward, as a drawing ends that does not fill its sheet.
    """
    cut = sides(picture, matrix, size, -1)
    if not cut:
        return np.ones(size[::-1], np.float32)
    return smooth((np.minimum.reduce(cut) + 0.5) * np.float32(np.hypot(*matrix[:, 0]) / (FADE * size[0])))


def sides(picture: tuple[int, int], matrix: np.ndarray, size: tuple[int, int], reach: float) -> list[np.ndarray]:
    """How far inside a side of its picture a crop's pixels lie, in the picture's pixels: float32, height x width.

    One for each of the four sides to which some pixel comes nearer than reach; below 0 is beyond it.
    """
    found = []
    for most, (a, b, c) in zip(picture, inverse(matrix), strict=True):
        for x, y, start in ((a, b, c), (-a, -b, most - 1 - c)):
            if start + min(0, x * (size[0] - 1)) + min(0, y * (size[1] - 1)) < reach:
                rows = np.float32(y) * np.arange(size[1], dtype=np.float32) + np.float32(start)
                found.append(rows[:, None] + np.float32(x) * np.arange(size[0], dtype=np.float32))
    return found


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
        x, y, width, height = own.box
        box = (x * across, y * down, width * across, height * down)
        if abs(across / down - 1) > 0.02 or overlap(box, face.box) < 0.8:
            return frame, align(sketch, own, TEMPLATE[0], drawing=True)[0]
        sketch = resize(sketch, photo.size)
    return frame, align(sketch, face, TEMPLATE[0])[0]

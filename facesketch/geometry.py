"""Geometry of one face: to the frame that the models know, 200 x 250 with eyes at (75, 125) and (125, 125), and back.

Points are in pixels with the centre of the first pixel at (0, 0); a matrix is 2 x 3 and takes picture to crop pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from .detector import Face

TEMPLATE = (200, 250)
EYES = ((75.0, 125.0), (125.0, 125.0))
GROUND = (255, 255, 255)  # two of three photos that the models train on stand before white, and every drawing does
NEAR = (1.5, 0.02, 2.0)  # shift in pixels of the template, stretch, turn in degrees: so near is in the frame already
NEAREST = (3.5, 0.1, 4.0)  # the same for a picture of 200 x 250 pixels; what the detector is off on such, and no less
FEATHER = 0.12  # of the crop's width, how far a pasted sketch fades in from its edge


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The 2 x 3 matrix of the turn, scale and shift that takes two points (rows x, y) to two others."""
    (a, b), (c, d) = (complex(*p) for p in source), (complex(*p) for p in target)
    turn = (d - c) / (b - a)
    shift = c - turn * a
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def compose(second: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The 2 x 3 matrix that does what first and then second does."""
    return second[:, :2] @ first + [[0, 0, second[0, 2]], [0, 0, second[1, 2]]]


def scaling(x: float, y: float | None = None) -> np.ndarray:
    """The matrix of a resize by x and y: pixel corners, not centres, keep their place."""
    y = x if y is None else y
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2]])


def move(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """N x 2 points under a matrix."""
    return points @ matrix[:, :2].T + matrix[:, 2]


def inverse(matrix: np.ndarray) -> np.ndarray:
    """The matrix of the way back."""
    return cv2.invertAffineTransform(matrix)


def warp(image: Image.Image, matrix: np.ndarray, size: tuple[int, int], ground: tuple | None = GROUND) -> np.ndarray:
    """The picture under matrix, height x width x 3 uint8; None as ground stretches its border outward.

    Only the part that is seen is touched, and it is averaged first where it shrinks, so nothing is aliased.
    """
    corners = move(np.array([[0, 0], [size[0], 0], [0, size[1]], size], float), inverse(matrix))
    shrink = max(1, int(1 / np.hypot(*matrix[:, 0])))
    x0, y0 = np.clip(np.floor(corners.min(0)) - 4 * shrink, 0, np.array(image.size) - 1).astype(int)
    x1, y1 = np.clip(np.ceil(corners.max(0)) + 4 * shrink, [x0 + 1, y0 + 1], image.size).astype(int)
    part = image.crop((x0, y0, x1, y1)).convert("RGB").reduce(shrink)
    from_part = compose(np.array([[1.0, 0, x0], [0, 1, y0]]), scaling(shrink))
    border = {"borderMode": cv2.BORDER_REPLICATE} if ground is None else {"borderValue": ground}
    return cv2.warpAffine(np.asarray(part), compose(matrix, from_part), size, flags=cv2.INTER_CUBIC, **border)


def fit(points: Sequence[tuple[float, float]], size: int) -> np.ndarray:
    """The matrix that lays the eyes' middle and line on the template at size pixels of width.

    points are a Face's five. The unit is the eyes' distance, or 0.85 of the eyes' to the mouth's middle where that is
    more: it is in a turned head, whose eyes seem near each other.
    """
    right, left, _, *mouth = np.asarray(points, float)
    middle, axis = (right + left) / 2, left - right
    unit = max(np.hypot(*axis), 0.85 * np.hypot(*(np.mean(mouth, 0) - middle)))
    half = axis / (np.hypot(*axis) or 1) * unit / 2
    return similarity(np.array([middle - half, middle + half]), move(np.array(EYES), scaling(size / TEMPLATE[0])))


def framed(picture: tuple[int, int], matrix: np.ndarray, size: int) -> bool:
    """Whether the fitted matrix says that a picture of this width and height is in the template's frame already."""
    if abs(picture[0] * TEMPLATE[1] - picture[1] * TEMPLATE[0]) > max(picture):
        return False
    back = compose(matrix, inverse(scaling(size / picture[0])))  # crop pixels to crop pixels
    middle = np.array([[(size - 1) / 2, (size * 5 / 4 - 1) / 2]])
    shift = np.hypot(*(move(middle, back) - middle)[0]) * TEMPLATE[0] / size
    turn = complex(*back[:, 0])
    off = (shift, abs(abs(turn) - 1), abs(np.degrees(np.angle(turn))))
    return all(o < most for o, most in zip(off, NEAREST if picture == TEMPLATE else NEAR, strict=True))


def align(image: Image.Image, face: Face, size: int = 256, drawing: bool = False) -> tuple[Image.Image, np.ndarray]:
    """The crop that holds the face as the template does, size x size * 5 / 4 pixels, and its matrix.

    What lies outside the picture is the ground of the training photos, and the picture fades into it. The paper of a
    drawing is brought to white. A picture in the frame already is only resized.
    """
    shape = (size, size * TEMPLATE[1] // TEMPLATE[0])
    matrix = fit(face.points, size)
    if framed(image.size, matrix, size):
        whole = image.convert("RGB").resize(shape, Image.Resampling.BICUBIC)
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


def grid(x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    """The pixels of a rectangle, rows x columns x 2."""
    return np.stack(np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)), -1).astype(np.float32)


def blend(below: np.ndarray, above: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """uint8 pixels between below (weight 0) and above (weight 1)."""
    return np.rint(below + (above.astype(np.float32) - below) * weight).astype(np.uint8)


def paste(
    image: Image.Image, sketch: Image.Image, matrix: np.ndarray, beside: Sequence[np.ndarray] = ()
) -> Image.Image:
    """Lay a sketch of a crop over the picture (or a white sheet of its size) where the crop came from.

    matrix is what align gave. The edge is feathered; faces that were drawn before, whose matrices stand in beside, keep
    what is nearer to their middle than to this one's.
    """
    width, height = sketch.size
    back = inverse(matrix)
    corners = move(np.array([[0, 0], [width, 0], [0, height], [width, height]], float), back)
    x0, y0 = np.clip(np.floor(corners.min(0)), 0, image.size).astype(int)
    x1, y1 = np.clip(np.ceil(corners.max(0)) + 1, 0, image.size).astype(int)
    result = image.convert("RGB")
    if x1 <= x0 or y1 <= y0:
        return result
    to_part = compose(np.array([[1.0, 0, -x0], [0, 1, -y0]]), back)
    above = warp(sketch, to_part, (int(x1 - x0), int(y1 - y0)), None)
    there = grid(x0, y0, x1, y1)
    here = move(there, matrix)
    edge = np.minimum(here, [width - 1, height - 1] - here).min(-1) / (FEATHER * width)
    weight = smooth(edge)
    for other in beside:
        weight = weight * smooth(0.5 + (off_middle(move(there, other), width) - off_middle(here, width)) / FEATHER)
    part = np.asarray(result.crop((x0, y0, x1, y1)))
    result.paste(Image.fromarray(blend(part, above, weight[..., None])), (int(x0), int(y0)))
    return result


def smooth(x: np.ndarray) -> np.ndarray:
    """0 up to 0, 1 from 1, and no kink between."""
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


def off_middle(points: np.ndarray, width: int) -> np.ndarray:
    """The distance of crop points from the middle of the crop, in widths of the crop."""
    return np.linalg.norm(points / width - [0.5, 0.625], axis=-1)


def level(pixels: np.ndarray) -> np.ndarray:
    """A photographed drawing in gray, its paper brought to white however the light falls on it; uint8 in and out.

    The light is a quadratic surface under logarithms, fitted to the brightness of 10 x 10 fields, and again to those
    that are not much darker than the fit before, so that hair and shading do not count as dim paper.
    """
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    fields = [[np.percentile(f, 90) for f in np.array_split(row, 10, 1)] for row in np.array_split(gray, 10)]
    bright = np.log(np.maximum(fields, 8)).ravel()
    known = surface(10, 10)
    paper = bright > np.percentile(bright, 40)
    for _ in range(4):
        light = np.linalg.lstsq(known[paper], bright[paper], rcond=None)[0]
        nearer = bright > known @ light - 0.08
        if nearer.sum() < 20:
            break
        paper = nearer
    light = np.exp(surface(*gray.shape) @ light).reshape(gray.shape)
    white = np.clip(gray * (255 / np.clip(light, 8, 255)), 0, 255).astype(np.uint8)
    return cv2.cvtColor(white, cv2.COLOR_GRAY2RGB)


def surface(rows: int, columns: int) -> np.ndarray:
    """The six terms of a quadratic surface at the middles of rows x columns fields, rows * columns x 6."""
    y, x = np.meshgrid((np.arange(rows) + 0.5) / rows, (np.arange(columns) + 0.5) / columns, indexing="ij")
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1).reshape(-1, 6)

"""Aligned face crops: the face of a picture in the template's frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from ..image.affine import invert, scaling, transform_points
from ..image.color import flatten_to_rgb
from ..image.pixels import resize
from ..image.warp import blend_to_white, smoothstep, warp
from ..options import MAX_PHOTO_WIDTH, MIN_CROP_WIDTH
from .face import Face
from .paper import whiten_paper
from .select import iou, select_faces
from .template import TEMPLATE_SIZE, crop_size, is_aligned, template_transform

EDGE_FADE = 0.1  # of the crop's width, over which a drawing fades out before the photo's edge
EDGE_BLEND = 1 / 32  # of the crop's width, over which a photo is blended into the white outside it
MAX_ASPECT_DIFFERENCE, MIN_IOU = (
    0.02,
    0.8,
)  # relative aspect and IoU up to which photo and sketch are registered already


@dataclass(frozen=True)
class AlignedCrop:
    """A face crop and the 2 x 3 transform from picture to crop pixels."""

    image: Image.Image
    transform: np.ndarray


def align_face(
    image: Image.Image, face: Face, width: int = 256, is_drawing: bool = False, mode: str = "RGB"
) -> AlignedCrop:
    """A crop with the face where the template has it, width x width * 5 / 4 pixels.

    Outside the picture it is white, like the background of most training photos, with a soft transition. The paper of a
    drawing is whitened. A picture that is aligned already is only resized. mode is "RGB", or "L" for luma alone in a
    third of the time (not for drawings).
    """
    image, size = flatten_to_rgb(image), crop_size(width)
    transform = template_transform(face.landmarks, width)
    if is_aligned(image.size, transform, width, is_drawing):
        whole = image if image.mode == mode else image.convert(mode)
        resized = whole.resize(size, Image.Resampling.BICUBIC)
        return AlignedCrop(resized, scaling(size[0] / image.width, size[1] / image.height))
    pixels = warp(image, transform, size, None, mode)
    if is_drawing:
        pixels = whiten_paper(pixels)
    corners = transform_points(np.array([[0, 0], [size[0], 0], [0, size[1]], size], float), invert(transform))
    if corners.min() < 0 or (corners > np.array(image.size) - 1).any():
        reach = width * EDGE_BLEND / np.hypot(*transform[:, 0])
        distance = np.minimum.reduce(edge_distances(image.size, transform, size, reach))
        pixels = blend_to_white(pixels, distance / np.float32(reach))
    return AlignedCrop(Image.fromarray(pixels), transform)


def native_crop_width(face: Face, image_size: tuple[int, int], is_drawing: bool = False) -> int:
    """The width in pixels that a face's crop has in a picture of this size, within MIN_CROP_WIDTH and MAX_PHOTO_WIDTH.

    In a picture that is aligned already it is the picture's own.
    """
    width = 1 / np.hypot(*template_transform(face.landmarks, 1)[:, 0])
    transform = template_transform(face.landmarks, TEMPLATE_SIZE[0])
    if is_aligned(image_size, transform, TEMPLATE_SIZE[0], is_drawing):
        width = image_size[0]
    return int(np.clip(round(width), MIN_CROP_WIDTH, MAX_PHOTO_WIDTH))


def clamp_size(image: Image.Image, max_width: int = MAX_PHOTO_WIDTH) -> Image.Image:
    """A picture that is a crop already, resized so that each side lies within what can be drawn."""
    width = min(max(image.width, MIN_CROP_WIDTH), max_width)
    return resize(image, (width, min(max(image.height, MIN_CROP_WIDTH), max_width * 5 // 4)))


def coverage_mask(image_size: tuple[int, int], transform: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """How much of each pixel of a crop of this size the picture covers: float32, height x width, 1 inside, 0 outside.

    Where the picture's edge cuts the crop, it fades to 0 inside the edge.
    """
    distances = edge_distances(image_size, transform, size, -1)
    if not distances:
        return np.ones(size[::-1], np.float32)
    scale = np.float32(np.hypot(*transform[:, 0]) / (EDGE_FADE * size[0]))
    return smoothstep((np.minimum.reduce(distances) + 0.5) * scale)


def edge_distances(
    image_size: tuple[int, int], transform: np.ndarray, size: tuple[int, int], reach: float
) -> list[np.ndarray]:
    """The distance of a crop's pixels from a side of its picture, in the picture's pixels: float32, height x width.

    One for each of the four sides to which some pixel comes nearer than reach; negative outside.
    """
    found = []
    for length, (a, b, c) in zip(image_size, invert(transform), strict=True):
        for x, y, start in ((a, b, c), (-a, -b, length - 1 - c)):
            if start + min(0, x * (size[0] - 1)) + min(0, y * (size[1] - 1)) < reach:
                rows = np.float32(y) * np.arange(size[1], dtype=np.float32) + np.float32(start)
                found.append(rows[:, None] + np.float32(x) * np.arange(size[0], dtype=np.float32))
    return found


def crop_face(image: Image.Image, width: int = 256) -> tuple[Image.Image, list[Face]]:
    """The aligned crop of the largest face, and all faces. Raises NoFaceError."""
    faces = select_faces(image)
    return align_face(image, faces[0], width).image, faces


def align_pair(photo: Image.Image, sketch: Image.Image | None) -> tuple[Image.Image, Image.Image | None]:
    """A photo and a sketch of it as crops of 200 x 250 pixels, to be compared pixel by pixel.

    If both have one size, or one shape with the face in the same place, they are taken as registered and get the same
    transform, or none if they have the template's size; else each is aligned by its own face. Raises NoFaceError.
    """
    same_size = sketch is not None and sketch.size == photo.size
    if same_size and photo.size == TEMPLATE_SIZE:
        return photo, sketch
    face = select_faces(photo)[0]
    crop = align_face(photo, face, TEMPLATE_SIZE[0]).image
    if sketch is None:
        return crop, None
    if not same_size:
        sketched = select_faces(sketch)[0]
        scale_x, scale_y = photo.width / sketch.width, photo.height / sketch.height
        x, y, width, height = sketched.box
        box = (x * scale_x, y * scale_y, width * scale_x, height * scale_y)
        if abs(scale_x / scale_y - 1) > MAX_ASPECT_DIFFERENCE or iou(box, face.box) < MIN_IOU:
            return crop, align_face(sketch, sketched, TEMPLATE_SIZE[0], is_drawing=True).image
        sketch = resize(sketch, photo.size)
    return crop, align_face(sketch, face, TEMPLATE_SIZE[0]).image

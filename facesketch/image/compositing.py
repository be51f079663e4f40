"""Drawn face crops on white or transparent paper, or back in their picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from .affine import compose, invert, transform_points
from .color import flatten_to_rgb
from .pixels import from_luma
from .warp import WHITE, blend_to_white, pixel_grid, smoothstep, warp

STUDIO_BACKGROUND = (121, 201, 228)  # mean RGB behind the people in CUHK's training photos
FEATHER = 0.12  # of the crop's width, over which a pasted drawing fades in from its edge
STRIP_ROWS = 128  # that are pasted at a time, so that memory does not grow with the picture
FACE_CENTER = (0.5, 0.625)  # of a crop, in crop widths


def composite_on_plain_background(picture: Image.Image, matte: np.ndarray) -> Image.Image:
    """An RGB or L picture whose background is white, as in every sketch.

    matte: H x W in [0, 1], 1 on the person; it may be larger than the picture.
    """
    if matte.shape != picture.size[::-1]:
        matte = cv2.resize(matte, picture.size, interpolation=cv2.INTER_AREA)
    return Image.fromarray(blend_to_white(np.asarray(picture), matte))


def composite_on_studio_background(photo: Image.Image, matte: np.ndarray) -> Image.Image:
    """An RGB photo with the background of the training photos, as generators get it.

    matte: H x W in [0, 1], 1 on the person; it may be larger than the photo.
    """
    alpha = cv2.resize(matte, photo.size, interpolation=cv2.INTER_AREA)[..., None].clip(0, 1)
    return Image.fromarray(np.rint(alpha * np.asarray(photo) + (1 - alpha) * STUDIO_BACKGROUND).astype(np.uint8))


def apply_matte(drawing: Image.Image, matte: np.ndarray | None, transparent: bool = False) -> Image.Image:
    """A drawn crop whose background is white (RGB) or transparent (RGBA). A matte of None keeps everything."""
    if matte is None:
        return drawing.convert("RGBA" if transparent else "RGB")
    if not transparent:
        return composite_on_plain_background(drawing, matte).convert("RGB")
    result = drawing.convert("RGB")
    result.putalpha(from_luma(matte))
    return result


def blank_canvas(size: tuple[int, int], transparent: bool = False) -> Image.Image:
    """An empty canvas to paste on: white RGB, or transparent RGBA."""
    return Image.new("RGBA", size, (*WHITE, 0)) if transparent else Image.new("RGB", size, WHITE)


def paste(
    image: Image.Image,
    drawing: Image.Image,
    transform: np.ndarray,
    other_transforms: Sequence[np.ndarray] = (),
    matte: np.ndarray | None = None,
) -> Image.Image:
    """A copy of the picture, or of a canvas of its size, with a drawn crop pasted where the crop came from. RGB.

    transform: picture to crop pixels, as align_face gives it. matte: H x W of the drawing in [0, 1], the opacity. The
    edge is feathered. Faces that were pasted before, with other_transforms, keep the pixels that are nearer to their
    center than to this one's.
    """
    canvas = flatten_to_rgb(image)
    canvas = canvas.copy() if canvas is image else canvas
    paste_inplace(canvas, drawing, transform, other_transforms, matte)
    return canvas


def paste_inplace(
    canvas: Image.Image,
    drawing: Image.Image,
    transform: np.ndarray,
    other_transforms: Sequence[np.ndarray] = (),
    matte: np.ndarray | None = None,
) -> None:
    """paste, on the canvas itself: RGB, or RGBA that stays transparent where nothing is pasted."""
    width, height = drawing.size
    to_picture = invert(transform)
    corners = transform_points(np.array([[0, 0], [width, 0], [0, height], [width, height]], float), to_picture)
    x0, y0 = np.clip(np.floor(corners.min(0)), 0, canvas.size).astype(int).tolist()
    x1, y1 = np.clip(np.ceil(corners.max(0)) + 1, 0, canvas.size).astype(int).tolist()
    if x1 <= x0 or y1 <= y0:
        return
    layer = drawing.convert("RGB")
    opacity = blend_weights(drawing.size, transform, other_transforms)
    layer.putalpha(from_luma(opacity if matte is None else opacity * matte))
    for top in range(y0, y1, STRIP_ROWS):
        box = (x0, top, x1, min(y1, top + STRIP_ROWS))
        to_strip = compose(np.array([[1.0, 0, -x0], [0, 1, -top]]), to_picture)
        above = Image.fromarray(warp(layer, to_strip, (x1 - x0, box[3] - top), None, "RGBA"))
        canvas.paste(Image.alpha_composite(canvas.crop(box).convert("RGBA"), above).convert(canvas.mode), box)


def blend_weights(
    size: tuple[int, int], transform: np.ndarray, other_transforms: Sequence[np.ndarray] = ()
) -> np.ndarray:
    """The opacity of each pixel of a crop: float32, height x width, 0 at the crop's edge and at other faces."""
    points = pixel_grid(*size)
    edge_distance = np.minimum(points, np.array(size, np.float32) - 1 - points).min(-1)
    weights = smoothstep(edge_distance / (FEATHER * size[0]))
    for other in other_transforms:
        in_other = transform_points(points, compose(other, invert(transform)))
        lead = distance_to_face(in_other, size[0]) - distance_to_face(points, size[0])
        weights *= smoothstep(0.5 + lead / FEATHER)
    return weights


def distance_to_face(points: np.ndarray, crop_width: int) -> np.ndarray:
    """The distance of crop points (... x 2) from the face's center, in crop widths."""
    return np.linalg.norm(points / crop_width - FACE_CENTER, axis=-1)

"""What a model draws of the public-domain portraits in examples/, which anyone may publish."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from PIL import Image

from facesketch import Model, Pipeline, read_image
from facesketch.face.align import crop_face
from facesketch.options import RAW_OUTPUT

from .evaluate import TARGETS

PORTRAITS = sorted((Path(__file__).parents[2] / "examples").glob("*.jpg"))


@cache
def _face_crop(photo: Path) -> Image.Image:
    """The aligned crop of the largest face."""
    return crop_face(read_image(photo))[0]


def portrait_sheet(model: Model, photos: Sequence[Path]) -> Image.Image:
    """In one row, for each photo: its face, the model's output, and, if it has two directions, what that becomes."""
    tiles = []
    for photo in photos:
        image = _face_crop(photo)
        tiles.append(image)
        for direction in model.config.directions:
            image = Pipeline(model, TARGETS[direction])(image, RAW_OUTPUT).image
            tiles.append(image)
    width, height = tiles[0].size
    sheet = Image.new("RGB", (width * len(tiles), height), "white")
    for i, tile in enumerate(tiles):
        sheet.paste(tile, (i * width, 0))
    return sheet

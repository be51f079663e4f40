"""What a model draws of the public-domain portraits in examples/: a picture of it that anyone may publish."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PIL import Image

from facesketch import Translator, read_image
from facesketch.faces.crop import crop_face
from facesketch.look import RAW

PORTRAITS = sorted((Path(__file__).parents[2] / "examples").glob("*.jpg"))


@cache
def _face(photo: Path) -> Image.Image:
    """The crop of a photo's largest face."""
    return crop_face(read_image(photo))[0]


def sheet(model: Translator, photos: list[Path]) -> Image.Image:
    """Side by side each photo's face, its sketch by the model, and the way back where there is one."""
    rows = []
    for photo in photos:
        row = [_face(photo)]
        for direction in model.directions:
            row.append(model.translate(row[-1], direction, align="never", **RAW))
        rows.append(row)
    width, height = rows[0][0].size
    picture = Image.new("RGB", (width * len(rows) * len(rows[0]), height), "white")
    for i, tile in enumerate(tile for row in rows for tile in row):
        picture.paste(tile, (i * width, 0))
    return picture

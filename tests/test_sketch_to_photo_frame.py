"""Sketch to photo for a sketch that facesketch drew: it is in the template's frame already and stays at its size."""

from pathlib import Path

import numpy as np
import pytest
from hub_models import small_model
from PIL import Image

from facesketch import DrawOptions, Pipeline, align_face, find_faces, load, read_image

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.jpg"))


@pytest.mark.parametrize("size", [256, 512])
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_drawn_sketch_is_not_realigned_and_its_photo_has_its_size(path, size):
    sketch = load("pix2pix")(read_image(path), DrawOptions(size=size)).image
    face = find_faces(sketch)[0]
    crop = align_face(sketch, face, 256, is_drawing=True).image
    whole = sketch.convert("RGB").resize((256, 320), Image.Resampling.BICUBIC)
    assert np.array_equal(np.asarray(crop), np.asarray(whole))  # neither shifted nor rotated
    inverse = Pipeline(small_model(directions=("sketch_to_photo",)), to="photo")
    assert inverse(sketch, faces=[face]).image.size == sketch.size

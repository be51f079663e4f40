"""The way back from a sketch that facesketch drew: in the frame already, and so left there, at its own size."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from test_translator import make

from facesketch import find_faces, load, read_image
from facesketch.faces.crop import align

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.jpg"))


@pytest.mark.parametrize("size", [256, 512])
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_own_sketch_is_left_in_its_frame_and_comes_back_at_its_size(path, size):
    sketch = load("pix2pix").translate(read_image(path), size=size)
    face = find_faces(sketch)[0]
    crop, _ = align(sketch, face, 256, drawing=True)
    whole = sketch.convert("RGB").resize((256, 320), Image.Resampling.BICUBIC)
    assert np.array_equal(np.asarray(crop), np.asarray(whole))  # no strip of white, and no turn
    assert make().translate(sketch, "sketch_to_photo", faces=[face]).size == sketch.size

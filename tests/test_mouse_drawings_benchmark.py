"""The faces drawn with a mouse, and how their photos are judged."""

import json

import numpy as np
from PIL import Image

from benchmarks.mouse_drawings import DRAWINGS, has_face, has_skin, ink_in_skin, render
from facesketch import align_face, find_faces, read_image

FACE = "examples/eileen_collins.jpg"


def test_twenty_drawings_are_strokes_on_a_sheet_of_the_template_proportions():
    paths = sorted(DRAWINGS.glob("*.json"))
    assert len(paths) == 20
    for path in paths:
        drawing = json.loads(path.read_text())
        assert drawing["height"] * 4 == drawing["width"] * 5
        assert all(stroke["width"] > 0 and len(stroke["points"]) > 1 for stroke in drawing["strokes"])
        sheet = render(path)
        assert sheet.size == (drawing["width"], drawing["height"])
        assert 0.01 < (np.asarray(sheet.convert("L")) < 128).mean() < 0.3


def test_a_photo_passes_and_a_drawing_or_a_blank_sheet_does_not():
    photo = read_image(FACE)
    crop = align_face(photo, find_faces(photo)[0], 256).image
    assert has_face(crop) and has_skin(crop)
    drawing = render(DRAWINGS / "06.json")
    assert not has_skin(drawing)
    assert not has_face(Image.new("RGB", (256, 320), "white"))
    assert abs(ink_in_skin(drawing, crop)) < 8 and ink_in_skin(drawing, drawing) > 20

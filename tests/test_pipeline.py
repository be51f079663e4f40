"""The chain of translate on a public-domain portrait: raw, at its resolution, on clean paper, over the photo."""

from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import draw_face
from test_translator import make

import facesketch
from facesketch import align, find_faces, read_image
from facesketch.faces.crop import own_width, shown
from facesketch.faces.geometry import inverse
from facesketch.faces.matte import person
from facesketch.faces.warp import warp
from facesketch.images import from_luma, luma, resize, to_image, to_tensor
from facesketch.look import GROUNDS, RAW

HOPPER = Path(__file__).parent.parent / "examples" / "grace_hopper.jpg"


def test_the_raw_answer_is_the_generators():
    """What is measured against artists: the picture squeezed, drawn, brought to gray, and stretched, and no more."""
    model, photo = make("unet"), read_image(HOPPER)
    x = to_tensor(resize(photo, (256, 256)))
    with torch.inference_mode():
        y = to_image(model.photo_to_sketch(x[None])[0])
    expected = resize(y.convert("L").convert("RGB"), photo.size)
    assert model.translate(photo, align="never", **RAW).tobytes() == expected.tobytes()
    crop = align(photo, find_faces(photo)[0])[0]
    assert model.translate(photo, **RAW).tobytes() == model.translate(crop, align="never", **RAW).tobytes()


def test_a_matte_is_always_raw():
    model, photo = make("matte", width=8, directions=["photo_to_matte"]), draw_face(0)[0]
    asked = [model.translate(photo, "photo_to_matte", align="never", **how) for how in ({}, RAW)]
    assert asked[0].tobytes() == asked[1].tobytes()


def test_a_face_is_drawn_at_the_width_that_it_has_in_the_photo():
    model, photo = make(), read_image(HOPPER)
    face = find_faces(photo)[0]
    width = own_width(face)
    assert 300 < width < 350 and model.translate(photo, faces=[face]).size == (width, width * 5 // 4)
    large = photo.resize((photo.width * 4, photo.height * 4))
    assert model.translate(large).size == (1024, 1280)
    assert model.translate(photo, faces=[face], size=512).size == (512, 640)
    assert model.translate(photo, "sketch_to_photo", faces=[face]).size == (width, width * 5 // 4)
    assert model.translate(photo, "sketch_to_photo", faces=[face], detail=False).size == (256, 320)


@pytest.mark.parametrize("name", facesketch.available())
def test_a_sketch_lies_on_clean_paper_and_the_person_stays(name):
    model, photo = facesketch.load(name), read_image(HOPPER)
    crop, _ = align(photo, find_faces(photo)[0], 320)
    ground = person(crop) < 0.05
    drawn, kept, clear = (model.translate(crop, align="never", ground=ground_) for ground_ in GROUNDS)
    assert ground.mean() > 0.1 and np.asarray(drawn)[ground].mean() >= 250 > np.asarray(kept)[ground].mean()
    assert clear.mode == "RGBA" and np.asarray(clear)[ground][:, 3].max() < 15
    middle = (slice(150, 260), slice(110, 210))
    assert np.abs(np.asarray(drawn, int)[middle] - np.asarray(kept, int)[middle]).mean() < 30
    assert np.asarray(drawn.convert("L"))[middle].min() < 120


def test_over_the_photo_the_drawing_ends_at_the_outline():
    model, photo = make(), read_image(HOPPER)
    over = np.asarray(model.translate(photo, frame="photo"))
    changed = (over != np.asarray(photo)).any(-1)
    crop, matrix = align(photo, find_faces(photo)[0], 320)
    ground = warp(from_luma((person(crop) < 0.02).astype(np.float32)), inverse(matrix), photo.size, (0, 0, 0))[..., 0]
    assert changed.mean() > 0.2 and changed[ground == 255].mean() < 0.02
    sheet = model.translate(photo, frame="paper", ground="clear")
    assert sheet.mode == "RGBA" and sheet.size == photo.size and sheet.getpixel((5, 5))[3] == 0


def test_where_the_photo_ends_the_paper_has_no_edge():
    """A shot that is cropped at the brow: above the cut is paper, and the drawing fades toward it."""
    photo = read_image(HOPPER)
    brow = int(np.mean(find_faces(photo)[0].points[:2], 0)[1]) - 45
    cut = photo.crop((0, brow, photo.width, photo.height))
    face = find_faces(cut)[0]
    seen = shown(cut.size, align(cut, face)[1], (256, 320))
    drawn = luma(facesketch.load("cyclegan").translate(cut, faces=[face], size=256))
    assert (seen == 0).mean() > 0.2 and (drawn[seen == 0] == 1).all()
    steps = np.abs(np.diff(drawn[:, 70:186].mean(1)))
    assert steps[seen[1:, 128] < 0.5].max() < 0.06 < np.ptp(drawn[:, 70:186])


def test_strokes_and_choices_are_checked():
    model, photo = make(), draw_face(0)[0]
    smooth, full = (np.asarray(model.translate(photo, align="never", strokes=s), float) for s in (0, 1))
    assert np.abs(np.diff(full, axis=1)).mean() > np.abs(np.diff(smooth, axis=1)).mean()
    for wrong in ({"size": 100}, {"size": 2000}, {"size": "large"}, {"ground": "sky"}, {"strokes": 2}, {"frame": "no"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            model.translate(photo, align="never", **wrong)

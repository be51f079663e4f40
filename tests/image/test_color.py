"""Pictures of any mode, as a file and as a PIL image: what is drawn is what a person sees of them."""

import io

import numpy as np
import pytest
import torch
from conftest import draw_face
from PIL import Image, ImageDraw

from facesketch import Translator, align, choose, face_in_box, find_faces, paste, read_image
from facesketch.colours import opaque
from train.results.portraits import PORTRAITS

MODES = ("RGB", "L", "1", "P", "RGBA", "LA", "PA", "CMYK", "YCbCr", "HSV", "LAB", "I", "F", "I;16", "RGBX", "RGBa")


def cut_out() -> Image.Image:
    """A portrait whose ground is transparent; under the transparency hides another picture."""
    portrait = read_image(PORTRAITS[1])
    alpha = Image.new("L", portrait.size)
    ImageDraw.Draw(alpha).ellipse((60, 0, 460, 590), fill=255)
    noise = np.random.default_rng(0).integers(0, 256, (portrait.height, portrait.width, 3), np.uint8)
    image = Image.composite(portrait, Image.fromarray(noise), alpha)
    image.putalpha(alpha)
    return image


def strokes(colour: tuple[int, int, int]) -> tuple[Image.Image, Image.Image]:
    """Strokes of one colour on nothing, and the drawing they were made from, dark on white."""
    drawing = draw_face(0)[1].point(lambda value: 255 if value > 200 else value)
    image = Image.new("RGBA", drawing.size, colour)
    image.putalpha(drawing.point(lambda value: 255 - value))
    return image, drawing.convert("RGB")


def saved(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return read_image(buffer.getvalue())


def off(a: Image.Image, b: Image.Image) -> int:
    return int(np.abs(np.asarray(a, int) - np.asarray(b, int)).max())


def model() -> Translator:
    torch.manual_seed(0)
    return Translator({"network": "autoencoder", "width": 4, "size": 256, "directions": ["photo_to_sketch"]})


def test_an_rgb_picture_is_given_back_itself():
    photo = draw_face(0)[0]
    assert opaque(photo) is photo


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_becomes_rgb(mode):
    photo = draw_face(0)[0]
    gray = np.asarray(photo.convert("L"))
    deep = {"I": gray.astype(np.int32) * 257, "I;16": gray.astype(np.uint16) * 257, "F": np.float32(gray / 255)}
    image = Image.fromarray(deep[mode]) if mode in deep else photo.convert(mode)
    assert image.mode == mode
    result = opaque(image)
    assert result.mode == "RGB" and result.size == photo.size
    fields = [picture.convert("L").resize((10, 12), Image.Resampling.BOX) for picture in (result, photo)]
    assert off(*fields) < 16  # fields, since few colours are dithered


def test_translate_sees_what_a_person_sees():
    """A PIL image with alpha, in gray or CMYK is drawn as its file is."""
    image, translator = cut_out(), model()
    modes = [image, image.convert("LA"), image.convert("RGB").convert("P"), image.convert("L"), image.convert("CMYK")]
    modes[2].info["transparency"] = 0
    for picture in modes:
        expected = translator.translate(saved(picture) if picture.mode != "CMYK" else picture.convert("RGB"))
        assert translator.translate(picture).tobytes() == expected.tobytes()
    whole = translator.translate(image, align="never")
    assert whole.tobytes() == translator.translate(saved(image), align="never").tobytes()


def test_every_stage_sees_what_a_person_sees():
    image, seen = cut_out(), saved(cut_out())
    faces = find_faces(seen)
    assert len(faces) == 1 and find_faces(image) == choose(image) == faces
    assert face_in_box(image, faces[0].box) == faces[0]
    crop, matrix = align(image, faces[0])
    assert off(crop, align(seen, faces[0])[0]) == 0
    assert off(paste(image, crop, matrix), paste(seen, crop, matrix)) == 0
    assert image.mode == "RGBA" and off(image, cut_out()) == 0  # it was not drawn on


@pytest.mark.parametrize("colour", [(255, 255, 255), (244, 244, 240)])
def test_white_strokes_on_nothing_are_dark_strokes_on_paper(colour):
    image, drawing = strokes(colour)
    for result in (saved(image), opaque(image), opaque(image.convert("LA"))):
        assert off(result, drawing) < 16


@pytest.mark.parametrize("colour", [(0, 0, 0), (90, 30, 20), (200, 200, 0)])
def test_strokes_that_are_seen_on_white_stay_as_they_are(colour):
    image = strokes(colour)[0]
    white = Image.new("RGBA", image.size, "white")
    assert off(saved(image), Image.alpha_composite(white, image).convert("RGB")) <= 1


def test_a_drawing_on_white_paper_that_was_cut_out_stays_as_it_is():
    paper = draw_face(0)[1].point(lambda value: 255 if value > 60 else value).convert("RGBA")
    alpha = Image.new("L", paper.size)
    ImageDraw.Draw(alpha).ellipse((5, 5, 195, 245), fill=255)
    paper.putalpha(alpha)
    result = saved(paper)
    assert result.getpixel((100, 12)) == (255, 255, 255) == result.getpixel((0, 0)) and np.asarray(result).min() < 60


def test_nothing_at_all_is_white_paper():
    assert opaque(Image.new("RGBA", (40, 40))).getextrema() == ((255, 255),) * 3

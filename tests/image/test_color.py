"""Colors: any mode to RGB, transparency, color profiles and 16-bit gray."""

import numpy as np
import pytest
from conftest import draw_face
from hub_models import small_model
from pictures import HOPPER, SIZE, SRGB, encode, max_difference, pixels
from PIL import Image, ImageCms, ImageDraw

from facesketch import (
    DrawOptions,
    ImageError,
    Pipeline,
    align_face,
    face_in_box,
    find_faces,
    paste,
    read_image,
    select_faces,
)
from facesketch.image.color import flatten_to_rgb

MODES = ("RGB", "L", "1", "P", "RGBA", "LA", "PA", "CMYK", "YCbCr", "HSV", "LAB", "I", "F", "I;16", "RGBX", "RGBa")
RED_IS_BLUE = SRGB.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")


def cut_out() -> Image.Image:
    """A portrait on a transparent background, whose invisible pixels are noise."""
    portrait = read_image(HOPPER)
    alpha = Image.new("L", portrait.size)
    ImageDraw.Draw(alpha).ellipse((60, 0, 460, 590), fill=255)
    noise = np.random.default_rng(0).integers(0, 256, (portrait.height, portrait.width, 3), np.uint8)
    image = Image.composite(portrait, Image.fromarray(noise), alpha)
    image.putalpha(alpha)
    return image


def strokes(color: tuple[int, int, int]) -> tuple[Image.Image, Image.Image]:
    """Strokes of one color on transparency, and the drawing that they were made from, dark on white."""
    drawing = draw_face(0)[1].point(lambda value: 255 if value > 200 else value)
    image = Image.new("RGBA", drawing.size, color)
    image.putalpha(drawing.point(lambda value: 255 - value))
    return image, drawing.convert("RGB")


def saved(image: Image.Image) -> Image.Image:
    """The image written to a PNG file and read again."""
    return read_image(encode(image))


def test_rgb_image_is_returned_itself():
    photo = draw_face(0)[0]
    assert flatten_to_rgb(photo) is photo


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_becomes_rgb(mode):
    photo = draw_face(0)[0]
    gray = np.asarray(photo.convert("L"))
    deep = {"I": gray.astype(np.int32) * 257, "I;16": gray.astype(np.uint16) * 257, "F": np.float32(gray / 255)}
    image = Image.fromarray(deep[mode]) if mode in deep else photo.convert(mode)
    assert image.mode == mode
    result = flatten_to_rgb(image)
    assert result.mode == "RGB" and result.size == photo.size
    blocks = [picture.convert("L").resize((10, 12), Image.Resampling.BOX) for picture in (result, photo)]
    assert max_difference(*blocks) < 16  # in blocks, as pictures of few colors are dithered


def test_pipeline_draws_what_a_person_sees():
    """A PIL image with alpha, in gray or CMYK is drawn like its file."""
    image, pipeline = cut_out(), Pipeline(small_model())
    modes = [image, image.convert("LA"), image.convert("RGB").convert("P"), image.convert("L"), image.convert("CMYK")]
    modes[2].info["transparency"] = 0
    for picture in modes:
        expected = pipeline(saved(picture) if picture.mode != "CMYK" else picture.convert("RGB")).image
        assert pipeline(picture).image.tobytes() == expected.tobytes()
    whole = DrawOptions(align="never")
    assert pipeline(image, whole).image.tobytes() == pipeline(saved(image), whole).image.tobytes()


def test_every_function_sees_what_a_person_sees():
    image, seen = cut_out(), saved(cut_out())
    faces = find_faces(seen)
    assert len(faces) == 1 and find_faces(image) == select_faces(image) == faces
    assert face_in_box(image, faces[0].box) == faces[0]
    aligned = align_face(image, faces[0])
    assert max_difference(aligned.image, align_face(seen, faces[0]).image) == 0
    pasted = (paste(picture, aligned.image, aligned.transform) for picture in (image, seen))
    assert max_difference(*pasted) == 0
    assert image.mode == "RGBA" and max_difference(image, cut_out()) == 0  # it is unchanged


@pytest.mark.parametrize("color", [(255, 255, 255), (244, 244, 240)])
def test_white_strokes_on_transparency_become_dark_strokes_on_white(color):
    image, drawing = strokes(color)
    for result in (saved(image), flatten_to_rgb(image), flatten_to_rgb(image.convert("LA"))):
        assert max_difference(result, drawing) < 16


@pytest.mark.parametrize("color", [(0, 0, 0), (90, 30, 20), (200, 200, 0)])
def test_strokes_visible_on_white_stay(color):
    image = strokes(color)[0]
    white = Image.new("RGBA", image.size, "white")
    assert max_difference(saved(image), Image.alpha_composite(white, image).convert("RGB")) <= 1


def test_cut_out_drawing_on_white_paper_stays():
    paper = draw_face(0)[1].point(lambda value: 255 if value > 60 else value).convert("RGBA")
    alpha = Image.new("L", paper.size)
    ImageDraw.Draw(alpha).ellipse((5, 5, 195, 245), fill=255)
    paper.putalpha(alpha)
    result = saved(paper)
    assert result.getpixel((100, 12)) == (255, 255, 255) == result.getpixel((0, 0)) and np.asarray(result).min() < 60


def test_fully_transparent_picture_is_white():
    assert flatten_to_rgb(Image.new("RGBA", (40, 40))).getextrema() == ((255, 255),) * 3


LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


@pytest.mark.parametrize(  # with names, because profiles contain the time, and all test processes need the same names
    "profile", [b"", b"broken", SRGB[:200], LAB], ids=["empty", "broken", "cut", "Lab"]
)
def test_broken_color_profile_is_ignored(profile):
    photo = draw_face(0)[0]
    assert (pixels(read_image(encode(photo, icc_profile=profile))) == pixels(photo)).all()


def test_srgb_profile_changes_nothing():
    photo = draw_face(0)[0]
    assert np.abs(pixels(read_image(encode(photo, icc_profile=SRGB))) - pixels(photo)).max() <= 1


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_colors_are_converted_to_srgb(mode):
    """The profile declares red as blue."""
    image = Image.new("RGB", SIZE, (255, 0, 0)).convert(mode)
    result = pixels(read_image(encode(image, icc_profile=RED_IS_BLUE)))
    assert np.abs(result[12, 20] - (0, 0, 255)).max() <= 3


def test_transparency_is_composited_with_any_profile():
    image = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    result = read_image(encode(image, icc_profile=SRGB))
    assert result.mode == "RGB" and (pixels(result) == 255).all()


def test_16_bit_gray_is_scaled_alike_in_every_strip():
    values = np.add.outer(np.arange(1100), np.arange(40)).astype(np.uint16) * 57
    assert np.abs(pixels(read_image(Image.fromarray(values)))[..., 0] - values / 257).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("given", [np.zeros((9, 9, 3), np.uint8), "photo.jpg", None], ids=type)
def test_what_is_not_an_image_is_refused(given):
    with pytest.raises(ImageError) as error:
        flatten_to_rgb(given)
    assert error.value.message.code == "image.not_pil"

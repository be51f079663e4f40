"""From a sheet of paper to a photo: what is refused, what is warned of, and the choice of a skin tone."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

import facesketch
from facesketch import DrawOptions, NoFaceError, Pipeline

SHEET = DrawOptions(align="never")


@pytest.fixture(scope="module")
def to_photo():
    return Pipeline(facesketch.load_model("pix2pix"), "photo")


@pytest.fixture(scope="module")
def drawing():
    """A face of plain lines on the template's places."""
    sheet = Image.new("RGB", (400, 500), "white")
    pen = ImageDraw.Draw(sheet)
    pen.ellipse((100, 120, 300, 400), outline="black", width=4)
    pen.arc((90, 90, 310, 330), 180, 360, fill="black", width=14)
    for x in (150, 250):
        pen.ellipse((x - 22, 240, x + 22, 262), outline="black", width=4)
        pen.ellipse((x - 8, 243, x + 8, 259), fill="black")
        pen.line((x - 26, 222, x + 26, 220), fill="black", width=5)
    pen.line((200, 270, 188, 312, 210, 314), fill="black", width=4)
    pen.arc((165, 325, 235, 362), 10, 170, fill="black", width=5)
    return sheet


@pytest.mark.parametrize("color", ["white", "gray", (250, 240, 210)])
def test_a_blank_sheet_is_refused_in_a_sentence(to_photo, color):
    with pytest.raises(NoFaceError, match="The sheet is blank"):
        to_photo(Image.new("RGB", (400, 500), color), SHEET)


def test_a_drawing_without_a_face_is_drawn_with_a_warning(to_photo, drawing):
    house = Image.new("RGB", (400, 500), "white")
    pen = ImageDraw.Draw(house)
    pen.rectangle((100, 250, 300, 450), outline="black", width=5)
    pen.line((80, 250, 200, 130, 320, 250), fill="black", width=5)
    assert [warning.code for warning in to_photo(house, SHEET).warnings][:1] == ["warning.drawing_unusual"]
    assert "warning.drawing_unusual" not in [warning.code for warning in to_photo(drawing, SHEET).warnings]


def test_a_picture_without_a_face_is_refused(to_photo):
    with pytest.raises(NoFaceError, match="No face was found"):
        to_photo(Image.new("RGB", (400, 500), "white"))


def test_the_skin_gets_the_tone_that_was_chosen(to_photo, drawing):
    cheeks = [
        np.asarray(to_photo(drawing, DrawOptions(align="never", skin_tone=tone)).image)[300:330, 130:160].mean()
        for tone in ("light", "tan", "dark")
    ]
    assert cheeks[0] > cheeks[1] + 20 > cheeks[2] + 40

"""Boxes of a picture that was downscaled while reading are in pixels of the upload."""

from conftest import draw_face
from pictures import encode
from PIL import Image

from demo.picture import box_of, boxed
from facesketch import Face, read_image

FACE = draw_face(0, (400, 500))[0]


def test_a_box_is_one_of_the_picture_that_was_uploaded():
    image = read_image(encode(FACE, "PNG"), 130_000)
    assert boxed(image, "100, 120, 80, 90") == (50, 60, 40, 45) and boxed(image, " ") is None
    assert box_of(image, Face((50, 60, 40, 45), (), 1.0)) == (100, 120, 80, 90)
    assert boxed(Image.new("RGB", (40, 40)), "1, 2, 3, 4") == (1, 2, 3, 4)

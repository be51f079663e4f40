"""A box that a visitor drew stays on its face when the picture is read smaller."""

from conftest import draw_face
from pictures import encode
from PIL import Image

from demo.cache import box_in_picture, box_in_upload
from facesketch import Face, read_image


def test_a_box_is_in_pixels_of_the_uploaded_picture():
    image = read_image(encode(draw_face(0, (400, 500))[0], "PNG"), 130_000)
    assert box_in_picture(image, "100, 120, 80, 90") == (50, 60, 40, 45) and box_in_picture(image, " ") is None
    assert box_in_upload(image, Face((50, 60, 40, 45), (), 1.0)) == (100, 120, 80, 90)
    assert box_in_picture(Image.new("RGB", (40, 40)), "1, 2, 3, 4") == (1, 2, 3, 4)

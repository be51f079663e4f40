"""A picture of more pixels than are asked for is read smaller, and its boxes stay where they were drawn."""

import pytest
from conftest import draw_face
from pictures import encode
from PIL import Image

from demo.cache import box_in_picture, box_in_upload
from facesketch import Face, ImageError, read_image

FACE = draw_face(0, (400, 500))[0]


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "BMP"])
def test_more_pixels_are_read_at_half_the_sides(format, caplog):
    image = read_image(encode(FACE, format), 130_000)
    assert image.size == (200, 250) and image.mode == "RGB" and image.info["shrink"] == 2
    assert "400 x 500 pixels, and was read at 200 x 250" in caplog.text
    whole = read_image(encode(FACE, format), 400_000)
    assert whole.size == FACE.size and "shrink" not in whole.info


def test_what_takes_more_memory_than_two_such_pictures_is_refused():
    with pytest.raises(ImageError, match="400 x 500 pixels, too many to be read here"):
        read_image(encode(FACE, "WEBP"), 130_000)


def test_a_box_is_one_of_the_picture_that_was_uploaded():
    image = read_image(encode(FACE, "PNG"), 130_000)
    assert box_in_picture(image, "100, 120, 80, 90") == (50, 60, 40, 45) and box_in_picture(image, " ") is None
    assert box_in_upload(image, Face((50, 60, 40, 45), (), 1.0)) == (100, 120, 80, 90)
    assert box_in_picture(Image.new("RGB", (40, 40)), "1, 2, 3, 4") == (1, 2, 3, 4)

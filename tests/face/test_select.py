"""What is said of a face that can be drawn, but not well."""

from pathlib import Path

import pytest
from PIL import Image

from facesketch import NoFaceError, choose, read_image
from facesketch.faces.choose import read_box

HOPPER = read_image(Path(__file__).parents[2] / "examples" / "grace_hopper.jpg")  # its face from 180, 122 to 355, 333


@pytest.mark.parametrize(
    ("box", "cut"),
    [
        ((0, 0, 512, 600), False),
        ((0, 110, 512, 600), False),
        ((0, 0, 512, 345), False),
        ((0, 171, 512, 600), True),
        ((0, 195, 512, 600), True),
        ((0, 0, 512, 290), True),
        ((250, 0, 512, 600), True),
    ],
    ids=["whole", "from the brow", "to the chin", "cut above the eyes", "in the eyes", "in the mouth", "half"],
)
def test_a_face_that_the_picture_cuts_is_told(box, cut):
    said = choose(HOPPER.crop(box))[0].warnings
    assert any("ends within the face" in warning for warning in said) == cut


def test_a_box_with_nobody_in_it_is_told():
    wall = Image.new("RGB", (400, 400), "gray")
    assert "No face was found in the box" in choose(wall, (100, 100, 150, 180))[0].warnings[0]
    assert not choose(HOPPER, (180, 122, 175, 211))[0].warnings


@pytest.mark.parametrize("text", ["10,10,-5,20", "10,10,5,0", "1,1,-0.5,-3"])
def test_a_box_of_no_size_is_told_so(text):
    with pytest.raises(NoFaceError, match="more than 0 pixels wide and high"):
        read_box(text)
    with pytest.raises(NoFaceError, match="more than 0 pixels wide and high"):
        choose(HOPPER, tuple(map(float, text.split(","))))

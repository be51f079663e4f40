"""Drawn crops on their sheet: along the person's outline, clear where nobody is, and fading where the photo ends."""

import numpy as np
import pytest
from PIL import Image

from facesketch.faces.crop import bounded, shown
from facesketch.faces.geometry import scaling
from facesketch.faces.paste import STRIP, lay, paste, paste_on, sheet

HERE = np.array([[1.0, 0, -50], [0, 1, -40]])
BLACK = Image.new("RGB", (200, 250))


def disc() -> np.ndarray:
    """A matte of the crop's size: 1 in a circle in its middle."""
    y, x = np.mgrid[:250, :200]
    return (np.hypot(x - 100, y - 125) < 60).astype(np.float32)


def test_a_drawing_over_the_photo_ends_at_the_persons_outline():
    photo = Image.new("RGB", (300, 330), "red")
    pasted = np.asarray(paste(photo, BLACK, HERE, matte=disc()))
    y, x = np.mgrid[:330, :300]
    far = np.hypot(x - 150, y - 165)
    assert (pasted[far < 57] == 0).all() and (pasted[far > 63] == (255, 0, 0)).all()
    assert photo.getpixel((150, 165)) == (255, 0, 0)  # the picture that was given stays


def test_a_clear_sheet_is_clear_but_for_the_persons():
    other = np.array([[1.0, 0, -250], [0, 1, -40]])
    page = sheet((500, 330), True)
    paste_on(page, BLACK, HERE, matte=disc())
    paste_on(page, BLACK, other, [HERE], disc())
    alpha = np.asarray(page.getchannel("A"))
    assert page.mode == "RGBA" and alpha[165, 150] == alpha[165, 350] == 255
    assert alpha[:30].max() == 0 and alpha[165, 250] == 0


def test_strips_leave_no_seam():
    """A crop enlarged over several strips is as even as the crop."""
    enlarged = scaling(1 / 8)
    gray = Image.new("RGB", (200, 250), (90, 90, 90))
    pasted = np.asarray(paste(sheet((1600, 2000)), gray, enlarged))
    assert 3 * STRIP < 2000 and (pasted[400:-400, 400:-400] == 90).all()


def test_lay_by_hand():
    matte = np.array([[1, 0.5, 0]], np.float32)
    sketch = Image.new("L", (3, 1), 100)
    assert [lay(sketch, matte).getpixel((x, 0))[0] for x in range(3)] == [100, 177, 255]
    assert [lay(sketch, matte, True).getpixel((x, 0)) for x in (0, 2)] == [(100,) * 3 + (255,), (100,) * 3 + (0,)]
    assert lay(sketch, None).mode == "RGB" and lay(sketch, None, True).getextrema()[3] == (255, 255)


def test_a_drawing_fades_where_the_photo_ends_inside_its_crop():
    """The crop's upper fifth lies above the photo."""
    above = np.array([[1.0, 0, 0], [0, 1, 50]])
    seen = shown((200, 400), above, (200, 250))
    assert (seen[:50] == 0).all() and (seen[75:] == 1).all() and (np.diff(seen[:, 100]) >= 0).all()
    assert np.diff(seen[:, 100]).max() < 0.15  # no line along the cut
    for whole in (scaling(1.28), scaling(0.5)):  # a picture that is a crop already is seen to its rim
        size = tuple(np.rint(np.array([200, 250]) * whole[0, 0]).astype(int))
        assert (shown((200, 250), whole, size) == 1).all()


@pytest.mark.parametrize(
    ("given", "size", "drawn"),
    [
        ((200, 250), "auto", (256, 256)),
        ((512, 640), "auto", (512, 640)),
        ((6000, 7500), "auto", (1024, 1280)),
        ((6000, 7500), 512, (512, 640)),
        ((16, 5000), "auto", (256, 1280)),
    ],
)
def test_a_picture_that_is_a_crop_is_drawn_at_a_bounded_size(given, size, drawn):
    assert bounded(Image.new("RGB", given), size).size == drawn

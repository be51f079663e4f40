"""Compositing drawn crops: along the person's outline, on transparent canvas, several faces, and without seams."""

import numpy as np
from PIL import Image

from facesketch import paste
from facesketch.image.affine import scaling
from facesketch.image.compositing import (
    STRIP_ROWS,
    STUDIO_BACKGROUND,
    apply_matte,
    blank_canvas,
    composite_on_plain_background,
    composite_on_studio_background,
    paste_inplace,
)

HERE = np.array([[1.0, 0, -50], [0, 1, -40]])
BLACK = Image.new("RGB", (200, 250))


def disc() -> np.ndarray:
    """A matte of the crop's size: 1 in a circle in the middle."""
    y, x = np.mgrid[:250, :200]
    return (np.hypot(x - 100, y - 125) < 60).astype(np.float32)


def test_drawing_over_the_photo_ends_at_the_outline():
    photo = Image.new("RGB", (300, 330), "red")
    pasted = np.asarray(paste(photo, BLACK, HERE, matte=disc()))
    y, x = np.mgrid[:330, :300]
    far = np.hypot(x - 150, y - 165)
    assert (pasted[far < 57] == 0).all() and (pasted[far > 63] == (255, 0, 0)).all()
    assert photo.getpixel((150, 165)) == (255, 0, 0)  # the picture itself is unchanged


def test_transparent_canvas_is_opaque_only_on_the_persons():
    other = np.array([[1.0, 0, -250], [0, 1, -40]])
    canvas = blank_canvas((500, 330), True)
    paste_inplace(canvas, BLACK, HERE, matte=disc())
    paste_inplace(canvas, BLACK, other, [HERE], disc())
    alpha = np.asarray(canvas.getchannel("A"))
    assert canvas.mode == "RGBA" and alpha[165, 150] == alpha[165, 350] == 255
    assert alpha[:30].max() == 0 and alpha[165, 250] == 0


def test_strips_leave_no_seams():
    """An even crop, enlarged over several strips, stays even."""
    enlarged = scaling(1 / 8)
    gray = Image.new("RGB", (200, 250), (90, 90, 90))
    pasted = np.asarray(paste(blank_canvas((1600, 2000)), gray, enlarged))
    assert 3 * STRIP_ROWS < 2000 and (pasted[400:-400, 400:-400] == 90).all()


def test_apply_matte_by_hand():
    matte = np.array([[1, 0.5, 0]], np.float32)
    sketch = Image.new("L", (3, 1), 100)
    assert [apply_matte(sketch, matte).getpixel((x, 0))[0] for x in range(3)] == [100, 177, 255]
    assert [apply_matte(sketch, matte, True).getpixel((x, 0)) for x in (0, 2)] == [
        (100,) * 3 + (255,),
        (100,) * 3 + (0,),
    ]
    assert apply_matte(sketch, None).mode == "RGB" and apply_matte(sketch, None, True).getextrema()[3] == (255, 255)


def test_second_face_leaves_the_first_its_part():
    white, black = Image.new("RGB", (200, 250), "white"), Image.new("RGB", (200, 250), "black")
    first, second = np.array([[1.0, 0, -50], [0, 1, -50]]), np.array([[1.0, 0, -150], [0, 1, -50]])
    sheet = paste(paste(Image.new("RGB", (400, 350), "red"), white, first), black, second, [first])
    row = np.asarray(sheet)[175]
    assert (row[160] == 255).all() and (row[240] == 0).all() and 0 < row[200, 0] < 255


def test_background_becomes_white_and_the_person_stays():
    picture = Image.new("RGB", (4, 2), (200, 100, 50))
    matte = np.array([[1, 1, 0.5, 0]] * 2, np.float32)
    assert [composite_on_plain_background(picture, matte).getpixel((x, 0)) for x in (0, 2, 3)] == [
        (200, 100, 50), (227, 177, 152), (255, 255, 255)
    ]  # fmt: skip


def test_background_of_the_studio_is_the_training_photos():
    photo, matte = Image.new("RGB", (4, 2), (201, 101, 28)), np.array([[1, 1, 0.5, 0]] * 2, np.float32)
    for larger in (matte, matte.repeat(4, 0).repeat(4, 1)):
        drawn = composite_on_studio_background(photo, larger)
        assert [drawn.getpixel((x, 0)) for x in (0, 2, 3)] == [(201, 101, 28), (161, 151, 128), STUDIO_BACKGROUND]


def test_larger_matte_is_resized_to_the_picture():
    picture, matte = Image.new("L", (4, 2), 100), np.repeat(np.array([[1, 1, 0, 0]] * 2, np.float32), 8, 1)
    assert [composite_on_plain_background(picture, matte).getpixel((x, 0)) for x in (0, 3)] == [100, 255]

"""A drawing carried to the photo's resolution: its edges, the model's tone and strokes, a grain."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from facesketch.detail import CONTRAST, LEAST, MOST, carry, hatching, linear, structure
from facesketch.images import from_luma, luma


def half(size: tuple[int, int], dark: float = 0.2, light: float = 0.9) -> Image.Image:
    """A picture that is dark on the left and light on the right."""
    values = np.full(size[::-1], light, np.float32)
    values[:, : size[0] // 2] = dark
    return from_luma(values)


def rise(picture: Image.Image) -> int:
    """Columns that the middle row needs from a fifth to four fifths of its range."""
    row = luma(picture)[picture.height // 2]
    low, high = row.min() + 0.2 * np.ptp(row), row.min() + 0.8 * np.ptp(row)
    return int(((row > low) & (row < high)).sum())


@pytest.mark.parametrize("size", [(LEAST, 320), (325, 406), (MOST, 1280), (600, 256)])
def test_the_answer_has_the_photos_size_and_is_always_the_same(size):
    photo = half(size).convert("RGB")
    answer = carry(half((256, 256)), photo)
    assert answer.size == size and answer.mode == "L"
    assert answer.tobytes() == carry(half((256, 256)), photo).tobytes()


def test_edges_are_the_photos_where_an_enlarged_drawing_is_soft():
    photo, drawing = half((1024, 1280)), half((256, 256)).filter(ImageFilter.GaussianBlur(2))
    assert rise(carry(drawing, photo, 0)) <= 2 < 12 < rise(drawing.resize(photo.size, Image.Resampling.BICUBIC))


def test_tone_is_the_drawings():
    """Skin that is dark in the photo and light in the drawing is light; half as bright, it is half as bright."""
    photo = half((512, 640), 0.3, 0.8)
    for tones in ((0.9, 0.95), (0.45, 0.5)):
        answer = luma(carry(half((256, 256), *tones), photo, 0))
        assert [answer[:, 100].mean(), answer[:, 400].mean()] == pytest.approx(tones, abs=0.02)


def test_a_linear_function_of_the_guide_is_found_and_a_least_slope_held():
    guide = np.random.default_rng(1).random((64, 64)).astype(np.float32)
    slope, level = linear(guide, 0.3 * guide + 0.2, 4, 1e-6)
    assert np.allclose(slope, 0.3, atol=1e-3) and np.allclose(level, 0.2, atol=1e-3)
    slope, level = linear(guide, 0.5 - 0.3 * guide, 4, 1e-6, CONTRAST)
    assert np.allclose(slope, CONTRAST)
    assert (slope * guide + level).mean() == pytest.approx((0.5 - 0.3 * guide).mean(), abs=0.01)  # tone stays


def test_what_a_model_smears_is_drawn_as_the_photo_has_it():
    """Teeth: stripes in the photo, one gray in the drawing."""
    stripes = np.where(np.arange(256) // 4 % 2, 0.9, 0.3).astype(np.float32)[None].repeat(256, 0)
    answer = luma(carry(Image.new("L", (256, 256), 128), from_luma(stripes), 0))
    seen = answer[128, 2:-2] - answer[128, 2:-2].mean()
    assert np.corrcoef(seen, stripes[128, 2:-2])[0, 1] > 0.95 and np.ptp(seen) > 0.25


def test_strokes_stay_where_the_photo_has_structure_and_blotches_in_skin_go():
    photo = np.full((256, 256), 0.7, np.float32)
    hair = np.random.default_rng(2).random((256, 128)).astype(np.float32)
    photo[:, 128:] = hair
    found = structure(photo)
    assert found[:, :110].max() < 0.05 and found[:, 146:].min() > 0.8
    drawing = np.full((256, 256), 0.8, np.float32)
    drawing[::8] = 0.2
    with_strokes, without = (luma(carry(from_luma(drawing), from_luma(photo), s)) for s in (1, 0))
    put_back = np.abs(with_strokes - without)
    assert put_back[:, 150:].mean() > 3 * put_back[:, :100].mean()


def test_grain_lies_on_tone_and_on_no_paper():
    assert hatching().mean() == pytest.approx(0, abs=1e-4) and hatching().std() == pytest.approx(1, abs=1e-3)
    gray, white = (Image.new("L", (512, 640), value) for value in (128, 255))
    assert luma(carry(gray.resize((256, 256)), gray, 1)).std() > 0.03
    assert luma(carry(gray.resize((256, 256)), gray, 0)).std() == 0
    assert carry(white.resize((256, 256)), white, 1).getextrema() == (255, 255)

"""Detail transfer: the photo's edges, the drawing's tone and strokes, and a pencil's grain."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from facesketch.image.detail_transfer import (
    MIN_CONTRAST,
    edge_weight,
    guided_filter_coefficients,
    pencil_grain,
    transfer_detail,
)
from facesketch.image.pixels import from_luma, luma
from facesketch.options import MAX_CROP_WIDTH, MIN_CROP_WIDTH


def half(size: tuple[int, int], dark: float = 0.2, light: float = 0.9) -> Image.Image:
    """A picture that is dark on the left and light on the right."""
    values = np.full(size[::-1], light, np.float32)
    values[:, : size[0] // 2] = dark
    return from_luma(values)


def edge_width(picture: Image.Image) -> int:
    """The columns over which the middle row rises from a fifth to four fifths of its range."""
    row = luma(picture)[picture.height // 2]
    low, high = row.min() + 0.2 * np.ptp(row), row.min() + 0.8 * np.ptp(row)
    return int(((row > low) & (row < high)).sum())


@pytest.mark.parametrize("size", [(MIN_CROP_WIDTH, 320), (325, 406), (MAX_CROP_WIDTH, 1280), (600, 256)])
def test_result_has_the_photos_size_and_is_deterministic(size):
    photo = half(size).convert("RGB")
    result = transfer_detail(half((256, 256)), photo)
    assert result.size == size and result.mode == "L"
    assert result.tobytes() == transfer_detail(half((256, 256)), photo).tobytes()


def test_edges_are_as_sharp_as_the_photos():
    photo, drawing = half((1024, 1280)), half((256, 256)).filter(ImageFilter.GaussianBlur(2))
    assert (
        edge_width(transfer_detail(drawing, photo, 0))
        <= 2
        < 12
        < edge_width(drawing.resize(photo.size, Image.Resampling.BICUBIC))
    )


def test_tone_is_the_drawings():
    """Skin that is dark in the photo and light in the drawing is light; half as bright, it is half as bright."""
    photo = half((512, 640), 0.3, 0.8)
    for tones in ((0.9, 0.95), (0.45, 0.5)):
        result = luma(transfer_detail(half((256, 256), *tones), photo, 0))
        assert [result[:, 100].mean(), result[:, 400].mean()] == pytest.approx(tones, abs=0.02)


def test_guided_filter_coefficients():
    guide = np.random.default_rng(1).random((64, 64)).astype(np.float32)
    slope, offset = guided_filter_coefficients(guide, 0.3 * guide + 0.2, 4, 1e-6)
    assert np.allclose(slope, 0.3, atol=1e-3) and np.allclose(offset, 0.2, atol=1e-3)
    slope, offset = guided_filter_coefficients(guide, 0.5 - 0.3 * guide, 4, 1e-6, MIN_CONTRAST)
    assert np.allclose(slope, MIN_CONTRAST)
    assert (slope * guide + offset).mean() == pytest.approx((0.5 - 0.3 * guide).mean(), abs=0.01)  # tone stays


def test_detail_that_a_model_smears_comes_from_the_photo():
    """Such as teeth: stripes in the photo, one gray in the drawing."""
    stripes = np.where(np.arange(256) // 4 % 2, 0.9, 0.3).astype(np.float32)[None].repeat(256, 0)
    result = luma(transfer_detail(Image.new("L", (256, 256), 128), from_luma(stripes), 0))
    seen = result[128, 2:-2] - result[128, 2:-2].mean()
    assert np.corrcoef(seen, stripes[128, 2:-2])[0, 1] > 0.95 and np.ptp(seen) > 0.25


def test_strokes_stay_at_texture_and_go_on_smooth_skin():
    photo = np.full((256, 256), 0.7, np.float32)
    hair = np.random.default_rng(2).random((256, 128)).astype(np.float32)
    photo[:, 128:] = hair
    found = edge_weight(photo)
    assert found[:, :110].max() < 0.05 and found[:, 146:].min() > 0.8
    drawing = np.full((256, 256), 0.8, np.float32)
    drawing[::8] = 0.2
    with_strokes, without = (luma(transfer_detail(from_luma(drawing), from_luma(photo), s)) for s in (1, 0))
    strokes = np.abs(with_strokes - without)
    assert strokes[:, 150:].mean() > 3 * strokes[:, :100].mean()


def test_grain_is_on_gray_tones_and_not_on_bare_paper():
    assert pencil_grain().mean() == pytest.approx(0, abs=1e-4) and pencil_grain().std() == pytest.approx(1, abs=1e-3)
    gray, white = (Image.new("L", (512, 640), value) for value in (128, 255))
    assert luma(transfer_detail(gray.resize((256, 256)), gray, 1)).std() > 0.03
    assert luma(transfer_detail(gray.resize((256, 256)), gray, 0)).std() == 0
    assert transfer_detail(white.resize((256, 256)), white, 1).getextrema() == (255, 255)


def test_seed_varies_the_grain_alone():
    photo = half((512, 640), 0.3, 0.8)
    drawing = half((256, 256), 0.3, 0.8)
    first, again, other = (transfer_detail(drawing, photo, 0.4, seed).tobytes() for seed in (1, 1, 2))
    assert first == again != other
    assert transfer_detail(drawing, photo, 0.4).tobytes() == transfer_detail(drawing, photo, 0.4, 0).tobytes()
    assert transfer_detail(drawing, photo, 0, 1).tobytes() == transfer_detail(drawing, photo, 0, 2).tobytes()

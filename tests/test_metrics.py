"""The numbers that results are told in."""

import numpy as np
import pytest
from conftest import draw_face
from PIL import Image
from skimage.metrics import structural_similarity

from facesketch import metrics


def by_skimage(a: Image.Image, b: Image.Image):
    a, b = (np.asarray(image.convert("L")) for image in (a, b))
    return structural_similarity(
        a, b, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True
    )


@pytest.mark.parametrize("number", range(3))
def test_ssim_is_scikit_images(number):
    photo, sketch = draw_face(number)
    for a, b in (
        (photo, sketch),
        (sketch, draw_face(number + 10)[1]),
        (photo.resize((64, 80)), sketch.resize((64, 80))),
    ):
        value, map_ = by_skimage(a, b)
        assert metrics.ssim(a, b) == pytest.approx(value, abs=1e-9)
        mean, ours = metrics.ssim_map(a, b)
        assert mean == pytest.approx(value, abs=1e-9)
        assert ours.shape == (a.height, a.width)
        np.testing.assert_allclose(ours, map_, atol=1e-9)


def test_identical_pictures():
    for picture in draw_face(0):
        assert metrics.ssim(picture, picture) == pytest.approx(1, abs=1e-12)
        assert metrics.mae(picture, picture) == 0


def test_compared_in_gray():
    photo, sketch = draw_face(0)
    gray = photo.convert("L")
    assert metrics.ssim(photo, sketch) == metrics.ssim(gray, sketch.convert("RGB"))
    assert metrics.mae(photo, gray) == 0


def test_mae_by_hand():
    a = Image.fromarray(np.array([[0, 255], [100, 20]], np.uint8))
    b = Image.fromarray(np.array([[255, 255], [49, 20]], np.uint8))
    assert metrics.mae(a, b) == pytest.approx((255 + 0 + 51 + 0) / 4 / 255)  # 0.3
    assert metrics.mae(b, a) == metrics.mae(a, b)
    assert metrics.mae(Image.new("L", (4, 4), 0), Image.new("L", (4, 4), 255)) == 1


def test_gray_is_luma():
    image = Image.new("RGB", (2, 3), (255, 0, 0))
    value = metrics.gray(image)
    assert value.shape == (3, 2) and value.dtype == np.float64
    assert value[0, 0] == pytest.approx(0.299 * 255, abs=1)


@pytest.mark.parametrize("function", [metrics.ssim, metrics.ssim_map, metrics.mae])
def test_sizes_that_differ(function):
    with pytest.raises(ValueError, match="30 x 20 and 20 x 30"):
        function(Image.new("L", (30, 20)), Image.new("L", (20, 30)))


@pytest.mark.parametrize("size", [(10, 40), (40, 10)])
def test_too_small_for_the_window(size):
    with pytest.raises(ValueError):
        metrics.ssim(Image.new("L", size), Image.new("L", size))
    assert metrics.ssim(Image.new("L", (11, 11)), Image.new("L", (11, 11))) == 1

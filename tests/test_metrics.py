"""Metrics, compared with scikit-image's and with values by hand."""

import os
from pathlib import Path

import numpy as np
import pytest
from conftest import draw_face
from PIL import Image, ImageChops, ImageDraw, ImageFilter
from skimage.feature import graycomatrix, graycoprops
from skimage.metrics import structural_similarity

from facesketch import metrics


def by_skimage(a: Image.Image, b: Image.Image):
    a, b = (np.asarray(image.convert("L")) for image in (a, b))
    return structural_similarity(
        a, b, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True
    )


@pytest.mark.parametrize("number", range(3))
def test_ssim_equals_scikit_images(number):
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


def test_pictures_are_compared_in_gray():
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


@pytest.mark.parametrize("function", [metrics.ssim, metrics.ssim_map, metrics.mae, metrics.iou, metrics.scoot])
def test_different_sizes_are_refused(function):
    with pytest.raises(ValueError, match="30 x 20 and 20 x 30"):
        function(Image.new("L", (30, 20)), Image.new("L", (20, 30)))


@pytest.mark.parametrize("size", [(10, 40), (40, 10)])
def test_picture_smaller_than_the_window_is_refused(size):
    with pytest.raises(ValueError):
        metrics.ssim(Image.new("L", size), Image.new("L", size))
    assert metrics.ssim(Image.new("L", (11, 11)), Image.new("L", (11, 11))) == 1


def corner(*four: int) -> Image.Image:
    """8 x 8 white pixels, except the first of the sixteen blocks of 2 x 2, whose pixels are given row by row."""
    pixels = np.full((8, 8), 255, np.uint8)
    pixels[:2, :2] = np.reshape(four, (2, 2))
    return Image.fromarray(pixels)


@pytest.mark.parametrize(
    ("four", "contrast", "energy"),
    [
        ((255, 255, 255, 215), 0, 1),  # the lightest level reaches down to 213, 5/6 of 255
        ((255, 255, 255, 212), 1 / 2, 14 / 36),  # one level under it; pairs 5-4: 1, 4-5: 2, 5-5: 3 of 6
        ((255, 255, 0, 255), 25 / 2, 1 / 2),  # pairs 0-5: 3, 5-5: 3
        ((0, 255, 255, 255), 25 / 2, 14 / 36),  # pairs 0-5: 1, 5-0: 2, 5-5: 3
        ((255, 255, 100, 255), 9 / 2, 1 / 2),  # 100 belongs to the third level
        ((255, 0, 255, 0), 100 / 6, 12 / 36),  # pairs 5-0: 3, 0-5: 1, 5-5: 1, 0-0: 1
        ((0, 0, 0, 0), 0, 1),  # all plain blocks have the same texture
    ],
)
def test_scoot_by_hand(four, contrast, energy):
    """One block has this contrast and energy; in a plain block they are 0 and 1."""
    expected = 1 / (1 + np.hypot(contrast, 1 - energy))
    assert metrics.scoot(corner(*four), Image.new("L", (8, 8), 255)) == pytest.approx(expected)


def test_scoot_uses_scikit_images_co_occurrence():
    """Contrast and energy of one block, from scikit-image's co-occurrence over the same four neighbors."""
    block = draw_face(0)[1].crop((50, 62, 100, 125))
    levels = np.minimum(np.asarray(block, np.uint8).astype(int) * 6 // 255, 5).astype(np.uint8)
    shares = graycomatrix(levels, [1], [0, -np.pi / 4, -np.pi / 2, -3 * np.pi / 4], 6).sum(axis=3, keepdims=True)
    contrast, asm = (graycoprops(shares, name)[0, 0] for name in ("contrast", "ASM"))
    sheet = Image.new("L", (200, 250), "white")
    sheet.paste(block, (50, 62))
    expected = 1 / (1 + np.hypot(contrast, 1 - asm))
    assert contrast > 0.1 and metrics.scoot(sheet, Image.new("L", sheet.size, "white")) == pytest.approx(expected)


def test_scoot_of_a_blurred_sketch_is_lower_than_of_a_shifted_one():
    """SSIM orders them the other way."""
    sketch = draw_face(0)[1]
    pen = ImageDraw.Draw(sketch)
    for x in range(20, 180, 4):
        pen.line((x, 30, x + 12, 90), fill=60)
    soft, softer, shifted = (*map(blurred(sketch), (1, 2)), ImageChops.offset(sketch, 2, 0))
    assert metrics.scoot(sketch, sketch) == 1
    assert metrics.scoot(sketch, soft) == metrics.scoot(soft, sketch)
    assert 0 < metrics.scoot(sketch, softer) < metrics.scoot(sketch, soft) < metrics.scoot(sketch, shifted) < 1
    assert metrics.ssim(sketch, shifted) < metrics.ssim(sketch, soft)


def blurred(image: Image.Image):
    return lambda radius: image.filter(ImageFilter.GaussianBlur(radius))


def test_picture_smaller_than_the_blocks_is_refused():
    with pytest.raises(ValueError, match="at least 8"):
        metrics.scoot(Image.new("L", (7, 40)), Image.new("L", (7, 40)))


def test_iou_by_hand():
    a, b = (Image.fromarray(np.array([row], np.uint8)) for row in ([255, 255, 0, 0], [0, 200, 128, 127]))
    assert metrics.iou(a, b) == metrics.iou(b, a) == pytest.approx(1 / 3)
    assert metrics.iou(a, a) == 1
    black = Image.new("L", (4, 1))
    assert metrics.iou(black, black) == 1 and metrics.iou(a, black) == 0


def test_correlation_by_hand():
    """Of the values inside the person only; of the whole without a matte."""
    a, b = (Image.fromarray(np.array([row], np.uint8)) for row in ([0, 1, 2, 90], [0, 2, 1, 0]))
    matte = np.array([[1, 1, 0.95, 0.9]])
    assert metrics.correlation(a, b, matte) == pytest.approx(1 / 2)
    assert metrics.correlation(a, b) == pytest.approx(np.corrcoef([0, 1, 2, 90], [0, 2, 1, 0])[0, 1])
    assert metrics.correlation(a, a) == pytest.approx(1)
    assert metrics.correlation(a, ImageChops.invert(a)) == pytest.approx(-1)
    assert np.isnan(metrics.correlation(a, Image.new("L", (4, 1))))
    assert np.isnan(metrics.correlation(a, a, np.zeros((1, 4))))


def hatched(number: int, spacing: float = 4.0) -> Image.Image:
    """A drawn face with pencil strokes all over, spacing pixels apart."""
    sketch = draw_face(number)[1]
    pen = ImageDraw.Draw(sketch)
    for x in np.arange(-40 + number % 4, 200, spacing):
        pen.line((x, 0, x + 50, 250), fill=90)
    return sketch


def noisy(image: Image.Image, deviation: float) -> Image.Image:
    grain = np.random.default_rng(0).normal(0, deviation, (image.height, image.width))
    return Image.fromarray(np.clip(metrics.gray(image) + grain, 0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def artists() -> list[Image.Image]:
    return [hatched(number) for number in range(12)]


def levels(distance: metrics.TextureDistance) -> np.ndarray:
    return np.array([distance.fine, distance.middle, distance.coarse])


def test_texture_distance_of_a_set_to_itself_and_of_one_half_to_the_other_is_near_zero(artists):
    assert levels(metrics.texture_distance(artists, artists)).max() < 0.1
    assert levels(metrics.texture_distance(artists[::2], artists[1::2])).max() < 0.15


def test_texture_distance_rises_with_blur_and_with_noise(artists):
    for change, amounts in ((lambda image, radius: blurred(image)(radius), (0, 0.6, 1.2, 3)), (noisy, (0, 15, 40, 80))):
        fine = [
            metrics.texture_distance([change(image, amount) for image in artists], artists).fine for amount in amounts
        ]
        assert fine == sorted(fine) and fine[-1] > 2 * fine[0]


def test_texture_distance_is_in_order_of_the_strokes_spacing(artists):
    fine = [
        metrics.texture_distance([hatched(number, spacing) for number in range(12)], artists).fine
        for spacing in (4, 6, 10, 40)
    ]
    assert fine == sorted(fine)


def test_texture_distance_is_that_of_strokes_and_not_of_tones(artists):
    """A shifted, a mirrored or a lighter set stays near; a blank sheet is far."""
    start = levels(metrics.texture_distance(artists, artists))
    lighter = [image.convert("L").point(lambda value: min(255, value // 2 + 100)) for image in artists]
    darker_paper = [image.point(lambda value: value // 2 + 20) for image in lighter]
    unit = levels(metrics.texture_distance(darker_paper, lighter))
    shifted = levels(metrics.texture_distance([ImageChops.offset(image, 3, 5) for image in artists], artists))
    blank = levels(metrics.texture_distance([Image.new("L", (200, 250), "white")] * 12, artists))
    assert (shifted < 2 * start + 0.05).all() and (blank > 5 * start).all()
    assert (unit < blank).all()


def test_texture_distance_is_measured_inside_the_person(artists):
    """What is drawn on the background does not count."""
    matte = np.zeros((250, 200))
    matte[60:200, 40:160] = 1
    mattes = [matte] * 12
    scribbled = [image.convert("L") for image in artists]
    for image in scribbled:
        image.paste(noisy(Image.new("L", (200, 40), 128), 80), (0, 0))
    inside = metrics.texture_distance(scribbled, artists, mattes, mattes)
    assert levels(inside) == pytest.approx(levels(metrics.texture_distance(artists, artists, mattes, mattes)), abs=1e-3)
    assert metrics.texture_distance(scribbled, artists).fine > 1.5 * inside.fine


def test_texture_distance_is_the_same_with_the_same_seed(artists):
    first, again, other = (metrics.texture_distance(artists[:4], artists, seed=seed) for seed in (1, 1, 2))
    assert first == again != other
    assert levels(first) == pytest.approx(levels(other), abs=0.1)


def test_texture_distance_refuses_what_it_cannot_compare(artists):
    small = [Image.new("L", (35, 40))]
    with pytest.raises(ValueError, match="at least 36"):
        metrics.texture_distance(small, artists)
    with pytest.raises(ValueError, match="differ in size"):
        metrics.texture_distance(artists[:1], artists, [np.ones((10, 10))])
    for nobody in ([], artists[:1]):
        with pytest.raises(ValueError, match="shows a person"):
            metrics.texture_distance(nobody, artists, [np.zeros((250, 200))] * len(nobody))


FS2K = os.environ.get("FACESKETCH_FS2K")


@pytest.mark.skipif(not FS2K, reason="FACESKETCH_FS2K does not name FS2K's folder")
def test_one_half_of_the_artists_is_near_the_other_and_the_photo_is_far():
    from benchmarks import portraits

    artists, photos = portraits.references(portraits.read_portraits(Path(FS2K))).values()
    assert levels(artists.textures["all"]).max() < 0.05
    assert levels(photos.textures["all"]).min() > 0.2

"""The canvas: what strokes deposit adds up, at any size and angle, and darkens the paper."""

import cv2
import numpy as np
import pytest

from facesketch.strokes.canvas import FULL_WIDTH, WIDTH_STEP, darkness, deposit, deposit_of_darkness, paper_tooth
from facesketch.strokes.stroke import Strokes

SIZE = (200, 240)
WIDTHS = (0.5, 1, 1.7, 3, 5, 9, 14, 20)
ANGLES = (0, 17, 45, 63, 90, 120)


def line(start, end, width: float, pressure: float = 1.0, points: int = 40) -> Strokes:
    """One straight stroke; everything in pixels of SIZE, where a pixel's center is at + 0.5."""
    curve = np.linspace(start, end, points) / SIZE[0]
    return Strokes.from_arrays(
        curve, np.full(points, pressure), np.array([points]), np.array([width / SIZE[0]]), "shading"
    )


def at_angle(angle: float, width: float, length: float = 120) -> tuple[Strokes, np.ndarray]:
    """A stroke through the middle, and points on its central half."""
    way = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    center = np.array([100.5, 120.5])
    t = np.linspace(-0.25, 0.25, 61)[:, None]
    return line(center - way * length / 2, center + way * length / 2, width), center + t * length * way


def between_pixels(image: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Values at points of the sheet, interpolated."""
    x, y = (points - 0.5).astype(np.float32).T
    return cv2.remap(image, x, y, cv2.INTER_CUBIC).ravel()


def scribble(count: int = 60, seed: int = 0, height: float = 1.2) -> Strokes:
    """Strokes of all widths, straight and long, also across the edges."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(2, 6, count)
    points = rng.uniform(-0.05, 1.05, (int(lengths.sum()), 2)) * [1, height]
    return Strokes.from_arrays(
        points, rng.random(len(points)), lengths, 10 ** rng.uniform(-2.6, -1.2, count), "shading"
    )


@pytest.mark.parametrize("angle", ANGLES)
@pytest.mark.parametrize("width", [width for width in WIDTHS if width >= 3])
def test_single_stroke_deposits_1_on_its_center_line(width, angle):
    strokes, middle = at_angle(angle, width)
    found = between_pixels(deposit(strokes, SIZE), middle)
    assert np.abs(found - 1).max() < 0.1 and abs(found.mean() - 1) < 0.05 and deposit(strokes, SIZE).max() < 1.03


@pytest.mark.parametrize("width", [width for width in WIDTHS if width < 3])
def test_thin_stroke_deposits_1_on_its_center_line_or_is_lighter_instead_of_thinner(width):
    visible = min(1.0, width / 1.06)  # 1.06 pixels is as thin as a Gaussian of MIN_SIGMA gets
    for angle in (0, 90):
        strokes, middle = at_angle(angle, width)
        found = between_pixels(deposit(strokes, SIZE), middle)
        assert visible / WIDTH_STEP**0.5 * 0.93 < found.min() <= found.max() < min(1.03, visible * WIDTH_STEP**0.5)


@pytest.mark.parametrize("width", WIDTHS)
def test_graphite_of_a_stroke_is_proportional_to_its_width_at_any_angle(width):
    """Also below a pixel. Widths are rounded to classes, WIDTH_STEP apart."""
    length, profile = 120, np.sqrt(2 * np.pi) * width / FULL_WIDTH  # the integral of a Gaussian that has this width
    sums = [deposit(at_angle(angle, width)[0], SIZE).sum(dtype=float) / length for angle in ANGLES]
    assert profile / WIDTH_STEP**0.51 < min(sums) <= max(sums) < profile * WIDTH_STEP**0.51
    assert max(sums) < 1.01 * min(sums)


@pytest.mark.parametrize("pressure", [0.1, 0.5, 1.0])
def test_deposit_is_proportional_to_the_pressure(pressure):
    light, full = (deposit(line((40, 40), (150, 180), 4, p), SIZE) for p in (pressure, 1.0))
    assert np.allclose(light, pressure * full, atol=1e-5)


def test_how_often_a_stroke_is_sampled_does_not_matter():
    few, many = (deposit(line((40, 40), (150, 180), 4, points=n), SIZE) for n in (2, 200))
    assert np.abs(few - many).max() < 0.04


def test_deposits_add_up():
    first, second = scribble(30, 1), scribble(30, 2)
    both = deposit(Strokes.concatenate([first, second]), SIZE)
    assert np.allclose(both, deposit(first, SIZE) + deposit(second, SIZE), atol=1e-5)
    assert deposit(Strokes.empty(), SIZE).max() == 0


@pytest.mark.parametrize("rows", [1, 7, 64, 239])
def test_strips_of_rows_are_the_rows_of_the_whole(rows):
    strokes = scribble()
    whole = deposit(strokes, SIZE)
    parts = [deposit(strokes, SIZE, slice(top, min(SIZE[1], top + rows))) for top in range(0, SIZE[1], rows)]
    assert [len(part) for part in parts[:-1]] == [rows] * (len(parts) - 1)
    assert np.array_equal(np.concatenate(parts), whole)


def test_stroke_may_leave_the_sheet():
    strokes = line((-50, 100), (300, 100), 5)
    row = deposit(strokes, SIZE)[99:101].mean(0)
    assert row[10:-10].min() > 0.9
    assert deposit(line((-90, -90), (-20, -90), 5), SIZE).max() == 0


@pytest.mark.parametrize("rough", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("tooth", [-1.0, 0.0, 1.0])
def test_more_deposit_is_darker(rough, tooth):
    deposited = np.linspace(0, 6, 400, dtype=np.float32)
    dark = darkness(deposited, 0.9, rough, np.full_like(deposited, tooth))
    assert dark[0] == 0 and (np.diff(dark) >= 0).all() and dark.max() < 0.9 and dark[-1] > 0.85


def test_paper_shows_in_light_strokes_and_not_in_strong_ones():
    tooth = paper_tooth(0, (100, 100), 100)
    spread = [darkness(np.full((100, 100), each, np.float32), 0.9, 0.8, tooth).std() for each in (0.3, 3.0)]
    assert spread[0] > 0.03 > 0.01 > spread[1]
    assert darkness(np.full((4, 4), 0.3, np.float32), 0.9, 0.0, tooth[:4, :4]).std() < 1e-6


@pytest.mark.parametrize("grade", [0.7, 0.92, 1.0])
def test_deposit_of_darkness_is_the_inverse(grade):
    dark = np.linspace(0, 0.96 * grade, 100, dtype=np.float32)
    assert np.allclose(darkness(deposit_of_darkness(dark, grade), grade, 0, np.zeros_like(dark)), dark, atol=1e-5)
    assert np.isfinite(deposit_of_darkness(np.array([1.0, 2.0]), grade)).all()  # darker than the pencil gets


@pytest.mark.parametrize("tile", [32, 200, 1024, 1500])
def test_paper_tooth_repeats_and_is_even_on_average(tile):
    tooth = paper_tooth(3, (tile, 2 * tile), tile)
    assert np.array_equal(tooth[:, :tile], tooth[:, tile:])
    assert abs(tooth.mean()) < 0.03 and tooth.std() > 0.05 and tooth.min() >= -1.2 and tooth.max() <= 1.2
    assert np.array_equal(paper_tooth(3, (20, 40), tile, top=tile + 5), tooth[5:25, :40])
    assert not np.array_equal(paper_tooth(4, (tile, tile), tile), tooth[:, :tile])


def test_paper_tooth_has_no_seam():
    tooth = paper_tooth(0, (1024, 1026), 1024)
    seam, inside = (np.abs(tooth[:, i + 1] - tooth[:, i]).mean() for i in (1023, 500))
    assert seam < 1.2 * inside

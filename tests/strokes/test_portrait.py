"""A portrait's strokes: they follow the generator's tone, stay on the person and differ from style to style."""

import cv2
import numpy as np
import pytest

from facesketch.strokes.flow import sample
from facesketch.strokes.portrait import PLAN_WIDTH, plan_strokes
from facesketch.strokes.sheet import Sheet
from facesketch.strokes.styles import STYLES

GRAPHITE = STYLES["graphite"]
WIDTH = 256  # pixels at which drawings are compared


def plan(portrait, style=GRAPHITE, **changes) -> Sheet:
    return plan_strokes(portrait.tone, portrait.guide, portrait.matte, style, **changes)


def gray(sheet: Sheet, width: int = WIDTH) -> np.ndarray:
    """The drawing in gray, 0 (the darkest) to 1 (paper)."""
    return np.asarray(sheet.render(width).convert("L"), np.float32) / 255


def blurred(values: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(values, (0, 0), WIDTH / 64)


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def arrays(sheet: Sheet) -> list[bytes]:
    strokes = sheet.strokes
    return [each.tobytes() for each in (strokes.points, strokes.pressure, strokes.starts, strokes.widths)]


@pytest.fixture(scope="module")
def sheets(portrait) -> dict[str, Sheet]:
    """The portrait in every style."""
    return {name: plan(portrait, style) for name, style in STYLES.items()}


@pytest.fixture(scope="module")
def drawings(sheets) -> dict[str, np.ndarray]:
    return {name: gray(sheet) for name, sheet in sheets.items()}


def test_pipeline_draws_the_planned_strokes(portrait, sheets):
    drawing = portrait.drawing
    assert arrays(drawing.sheet) == arrays(sheets["graphite"])
    assert drawing.image.tobytes() == drawing.sheet.render(drawing.image.width).tobytes()
    assert drawing.strokes is drawing.sheet.strokes and drawing.image.size == (512, 640)


def test_seed_decides_the_strokes_and_hardly_the_tone(portrait, sheets, drawings):
    assert arrays(plan(portrait, seed=0)) == arrays(sheets["graphite"])
    other = plan(portrait, seed=1)
    assert arrays(other) != arrays(sheets["graphite"])
    first, second = drawings["graphite"], gray(other)
    assert np.abs(first - second).mean() > 0.005
    assert abs(first.mean() - second.mean()) < 0.01
    assert correlation(blurred(first), blurred(second)) > 0.97


@pytest.mark.parametrize("style", STYLES)
def test_strokes_are_on_the_person(style, portrait, sheets, drawings):
    sheet = sheets[style]
    person = (cv2.resize(portrait.matte, (PLAN_WIDTH, PLAN_WIDTH * 5 // 4)) > 0.02).astype(np.uint8)
    near = cv2.dilate(person, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (17, 17)))
    points = sheet.strokes.points * np.float32(PLAN_WIDTH) - np.float32(0.5)
    outside = (points < -6).any(1) | (points > np.array([PLAN_WIDTH, PLAN_WIDTH * 5 // 4]) + 5).any(1)
    assert not outside.any() and sample(near, points).all()
    image = np.asarray(sheet.render(WIDTH))
    for corner in (image[:12, :12], image[:12, -12:]):
        assert (corner == STYLES[style].paper).all()


@pytest.mark.parametrize("style", STYLES)
def test_strokes_are_in_range_and_not_too_many(style, sheets):
    strokes = sheets[style].strokes
    assert 300 < len(strokes) <= 40_000 and strokes.lengths.min() >= 2
    assert np.isfinite(strokes.points).all() and np.isfinite(strokes.pressure).all()
    assert strokes.pressure.min() >= 0 and strokes.pressure.max() <= 1.3 and strokes.widths.min() > 0
    assert len(strokes.layer("contour")) > 20 and len(strokes.layer("shading")) > 20
    assert (len(strokes.layer("highlight")) > 0) == (STYLES[style].highlights > 0)


@pytest.mark.parametrize("style", STYLES)
def test_tone_follows_the_generator(style, portrait, drawings):
    """Inside the person, above the clothes, which fade out."""
    size = (WIDTH, WIDTH * 5 // 4)
    tone, matte = (cv2.resize(values, size, interpolation=cv2.INTER_AREA) for values in (portrait.tone, portrait.matte))
    target = np.where(matte > 0.5, tone, 1)[:WIDTH]
    assert correlation(blurred(drawings[style])[:WIDTH], blurred(target.astype(np.float32))) > 0.85


@pytest.mark.parametrize("style", STYLES)
def test_strength_is_how_much_is_drawn(style, portrait, sheets, drawings):
    few, full = (plan(portrait, STYLES[style], strength=strength) for strength in (0, 1))
    assert 10 < len(few.strokes) < 0.6 * len(full.strokes)
    assert gray(few).mean() > drawings[style].mean() > gray(full).mean()


def test_each_style_is_another_drawing(sheets, drawings):
    names = list(STYLES)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            assert arrays(sheets[first]) != arrays(sheets[second])
            assert correlation(drawings[first], drawings[second]) < 0.97, (first, second)


def test_without_a_matte_everything_is_drawn(portrait):
    sheet = plan_strokes(portrait.tone, portrait.guide, None, GRAPHITE)
    assert len(sheet.strokes) > 500 and sheet.strokes.points.max() < 1.265


@pytest.mark.parametrize("shape", [(64, 64), (30, 300), (640, 200)])
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_even_pictures_of_any_shape(shape, value):
    """White paper stays white, and black gets dark everywhere."""
    even = np.full(shape, value, np.float32)
    sheet = plan_strokes(np.full((256, 256), value, np.float32), even, None, GRAPHITE)
    assert sheet.aspect == pytest.approx(shape[0] / shape[1], rel=0.02)
    drawn = gray(sheet)
    assert (drawn.min() == 1) if value == 1 else (0 < drawn.mean() < 0.95)

"""Several portraits on one sheet: each is where its face was, and none is drawn over another."""

import numpy as np
import pytest
from sheets import head

from facesketch.image.affine import transform_points
from facesketch.strokes.arrange import arrange
from facesketch.strokes.portrait import PLAN_WIDTH
from facesketch.strokes.sheet import Sheet
from facesketch.strokes.stroke import Strokes
from facesketch.strokes.styles import STYLES

PICTURE = (600, 400)


def crop_at(x: float, y: float, width: float, degrees: float = 0) -> np.ndarray:
    """The transform from a picture's pixels to those of a crop whose upper left corner is at x, y."""
    scale, angle = PLAN_WIDTH / width, np.radians(degrees)
    rotation = scale * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    corner = np.array([x - 0.5, y - 0.5])  # edges of pixels are half a pixel from their centers
    return np.concatenate([rotation, (-0.5 - rotation @ corner)[:, None]], 1)


def in_crop(strokes: Strokes, transform: np.ndarray) -> np.ndarray:
    """The points of strokes on a sheet of the picture, in units of a crop's width."""
    return (transform_points(strokes.points * np.float64(PICTURE[0]) - 0.5, transform) + 0.5) / PLAN_WIDTH


def distance_to_center(points: np.ndarray) -> np.ndarray:
    return np.hypot(points[:, 0] - 0.5, points[:, 1] - 0.625)


@pytest.mark.parametrize("degrees", [0, 20])
def test_one_portrait_is_moved_to_its_place(degrees):
    sheet, transform = head(), crop_at(150, 60, 200, degrees)
    arranged = arrange([(sheet, transform)], PICTURE)
    assert arranged.aspect == pytest.approx(400 / 600) and arranged.style is sheet.style
    assert np.abs(in_crop(arranged.strokes, transform) - sheet.strokes.points).max() < 1e-4
    assert np.allclose(arranged.strokes.widths, sheet.strokes.widths * 200 / 600, rtol=1e-4)
    assert np.array_equal(arranged.strokes.pressure, sheet.strokes.pressure)
    assert arranged.tooth_size == pytest.approx(200 / 600)


def test_a_crop_that_is_the_whole_picture_stays_as_it_is():
    sheet = head()
    arranged = arrange([(sheet, crop_at(0, 0, 400))], (400, 500))
    assert np.allclose(arranged.strokes.points, sheet.strokes.points, atol=1e-5)
    first, second = (np.asarray(each.render(200), float) for each in (sheet, arranged))
    assert np.abs(first - second).mean() < 0.1


def test_two_portraits_are_each_in_their_own_crop():
    sheets = head(seed=0), head(seed=1)
    places = crop_at(20, 50, 220), crop_at(330, 30, 250)
    arranged = arrange(list(zip(sheets, places, strict=True)), PICTURE)
    count = len(sheets[0].strokes)
    assert len(arranged.strokes) == count + len(sheets[1].strokes)
    numbers = np.arange(len(arranged.strokes))
    for strokes, sheet, place in zip(
        (arranged.strokes.select(numbers < count), arranged.strokes.select(numbers >= count)),
        sheets,
        places,
        strict=True,
    ):
        assert np.abs(in_crop(strokes, place) - sheet.strokes.points).max() < 1e-4


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_no_stroke_is_drawn_over_the_other_face(order):
    """Two crops that overlap: a large head, and a smaller one in front of its shoulder."""
    placed = [(head(seed=0), crop_at(60, 10, 280)), (head(seed=1), crop_at(170, 150, 200))]
    alone = [arrange([each], PICTURE).strokes for each in placed]
    overlapping = (distance_to_center(in_crop(alone[0], placed[1][1])) < 0.3).sum()
    assert overlapping > 100
    placed = [placed[i] for i in order]
    arranged = arrange(placed, PICTURE)
    assert 0.5 * sum(map(len, alone)) < len(arranged.strokes)
    # In the middle between both centers each point belongs to the nearer face: no point of one is near the other.
    apart = np.array([np.array(transform_points(np.array([[0.5, 0.625]]) * PLAN_WIDTH - 0.5, inverse(place))[0])
                      for _, place in placed])  # fmt: skip
    radius = np.linalg.norm(apart[0] - apart[1]) / 2
    points = arranged.strokes.points.astype(float) * PICTURE[0] - 0.5
    for i, (_, place) in enumerate(placed):
        near = np.linalg.norm(points - apart[i], axis=1) < 0.98 * radius
        own = own_points(alone[order[i]], points[near])
        assert near.sum() > 500 and own.all(), place


def inverse(transform: np.ndarray) -> np.ndarray:
    linear = np.linalg.inv(transform[:, :2])
    return np.concatenate([linear, (-linear @ transform[:, 2])[:, None]], 1)


def own_points(strokes: Strokes, points: np.ndarray) -> np.ndarray:
    """Whether each point is one of these strokes'."""
    known = {tuple(point) for point in np.round(strokes.points.astype(float) * PICTURE[0] - 0.5, 3).tolist()}
    return np.array([tuple(point) in known for point in np.round(points, 3).tolist()])


def test_sheets_without_strokes():
    empty = Sheet(Strokes.empty(), STYLES["graphite"])
    arranged = arrange([(empty, crop_at(0, 0, 200)), (empty, crop_at(100, 0, 200))], PICTURE)
    assert len(arranged.strokes) == 0 and arranged.render(60).size == (60, 40)

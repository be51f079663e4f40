"""Strokes: many strokes in flat arrays behave like a sequence of single ones."""

from itertools import groupby

import numpy as np
import pytest

from facesketch.strokes.stroke import LAYERS, Stroke, Strokes


def random_strokes(count: int, layer: str = "shading", seed: int = 0) -> Strokes:
    """Strokes of 2 to 8 random points."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(2, 9, count)
    total = int(lengths.sum())
    return Strokes.from_arrays(rng.random((total, 2)), rng.random(total), lengths, rng.random(count), layer)


def all_layers() -> Strokes:
    return Strokes.concatenate([random_strokes(5, layer, seed) for seed, layer in enumerate(LAYERS)])


def equal(first: Stroke, second: Stroke) -> bool:
    same = np.array_equal(first.points, second.points) and np.array_equal(first.pressure, second.pressure)
    return same and first.width == second.width and first.layer == second.layer


def all_equal(first, second) -> bool:
    return len(first) == len(second) and all(map(equal, first, second))


def test_iteration_gives_the_arrays():
    strokes = all_layers()
    each = list(strokes)
    assert len(each) == len(strokes) == 20
    assert np.array_equal(np.concatenate([stroke.points for stroke in each]), strokes.points)
    assert np.array_equal(np.concatenate([stroke.pressure for stroke in each]), strokes.pressure)
    assert [len(stroke.points) for stroke in each] == strokes.lengths.tolist()
    assert [stroke.width for stroke in each] == strokes.widths.tolist()
    assert [stroke.layer for stroke in each] == [name for name in LAYERS for _ in range(5)]


def test_from_arrays_stores_the_documented_types():
    strokes = random_strokes(3)
    types = {name: getattr(strokes, name).dtype for name in ("points", "pressure", "starts", "widths", "layers")}
    assert types == {
        "points": np.float32, "pressure": np.float32, "starts": np.int64, "widths": np.float32, "layers": np.uint8,
    }  # fmt: skip


def test_indices_count_from_either_end():
    strokes = all_layers()
    assert equal(strokes[-1], strokes[len(strokes) - 1])
    for index in (len(strokes), -len(strokes) - 1):
        with pytest.raises(IndexError):
            strokes[index]


def test_concatenation_is_one_after_another():
    first, second = random_strokes(4), random_strokes(3, "contour", 1)
    assert all_equal(Strokes.concatenate([first, Strokes.empty(), second]), [*first, *second])
    assert list(Strokes.concatenate([])) == list(Strokes.empty()) == list(Strokes.concatenate([Strokes.empty()])) == []


def test_selection_by_numbers_and_by_a_mask():
    strokes = all_layers()
    assert all_equal(strokes.select(np.array([7, 2, 2])), [strokes[7], strokes[2], strokes[2]])
    mask = np.arange(len(strokes)) % 3 == 0
    assert all_equal(strokes.select(mask), [stroke for stroke, chosen in zip(strokes, mask, strict=True) if chosen])
    for nothing in (np.zeros(len(strokes), bool), np.array([], int), np.array([])):
        assert len(strokes.select(nothing)) == 0


def test_layers():
    strokes = all_layers()
    for number, name in enumerate(LAYERS):
        assert all_equal(strokes.layer(name), list(strokes)[5 * number : 5 * number + 5])
    assert len(random_strokes(3).layer("contour")) == 0


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8, 1.0])
def test_keep_cuts_strokes_where_they_lost_points(share):
    strokes = all_layers()
    mask = np.random.default_rng(1).random(len(strokes.points)) < share
    expected = []
    for stroke, inside in zip(strokes, np.split(mask, strokes.starts[1:-1]), strict=True):
        for kept, run in groupby(range(len(inside)), lambda i, inside=inside: inside[i]):
            rows = list(run)
            if kept and len(rows) > 1:  # a single point is no stroke
                expected.append(Stroke(stroke.points[rows], stroke.pressure[rows], stroke.width, stroke.layer))
    assert all_equal(strokes.keep(mask), expected)


def test_keep_of_no_strokes():
    assert len(Strokes.empty().keep(np.zeros(0, bool))) == 0

"""Direction fields: they have no sign, can be averaged, and strokes stay on them."""

import numpy as np
import pytest

from facesketch.strokes.flow import blend, constant_field, edge_tangent_flow, sample, trace, unit_tangent

SIDE, CENTER = 128, 63.5


def radius_of(points: np.ndarray) -> np.ndarray:
    return np.hypot(points[..., 0] - CENTER, points[..., 1] - CENTER)


def grid() -> np.ndarray:
    """The pixels of a square picture: SIDE x SIDE x 2."""
    return np.dstack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)))


def rings() -> np.ndarray:
    """Concentric rings in gray."""
    return (0.5 + 0.5 * np.cos(radius_of(grid()) / 2)).astype(np.float32)


def circular_field() -> np.ndarray:
    """Directions around the center."""
    x, y = (grid() - CENTER).transpose(2, 0, 1)
    doubled = 2 * (np.arctan2(y, x) + np.pi / 2)
    return np.dstack([np.cos(doubled), np.sin(doubled)]).astype(np.float32)


def cosine(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """How nearly directions agree, 0 to 1, whatever their sign."""
    return np.abs((first * second).sum(-1))


def test_flow_runs_along_rings():
    field, contrast = edge_tangent_flow(rings(), 2.0)
    assert field.shape == (SIDE, SIDE, 2) and contrast.shape == (SIDE, SIDE)
    ring = (radius_of(grid()) > 15) & (radius_of(grid()) < 55)
    assert cosine(unit_tangent(field), unit_tangent(circular_field()))[ring].min() > 0.98
    coherence = np.linalg.norm(field, axis=-1)
    assert coherence.max() <= 1 and coherence[ring].mean() > 0.9 and contrast[ring].min() > 0.01


def test_even_paper_has_no_direction():
    field, contrast = edge_tangent_flow(np.full((40, 30), 0.7, np.float32), 2.0)
    assert np.linalg.norm(field, axis=-1).max() < 0.01 and contrast.max() < 1e-3


@pytest.mark.parametrize("field", [circular_field(), edge_tangent_flow(rings(), 2.0)[0]], ids=["exact", "of rings"])
def test_traces_stay_on_the_circle(field):
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    seeds = (CENTER + 40 * np.stack([np.cos(angles), np.sin(angles)], 1)).astype(np.float32)
    points, valid = trace(field, np.ones((SIDE, SIDE), bool), seeds, 30, 1.0)
    assert points.shape == (24, 61, 2) and valid.all()
    assert np.abs(radius_of(points) - 40).max() < 2.5
    assert np.abs(np.linalg.norm(np.diff(points, axis=1), axis=-1) - 1).max() < 0.01
    assert np.linalg.norm(points[:, -1] - points[:, 0], axis=-1).min() > 50  # an arc of 60, not back and forth


@pytest.mark.parametrize("angle", [0, 30, 90, 135, -90])
def test_angles_are_counterclockwise_from_the_right(angle):
    expected = np.array([np.cos(np.radians(angle)), -np.sin(np.radians(angle))])  # y is down
    assert cosine(unit_tangent(constant_field(angle, (4, 3))), expected).min() > 1 - 1e-6


@pytest.mark.parametrize(("first", "second", "middle"), [(80, 100, 90), (80, -80, 90), (10, -10, 0), (10, 170, 0)])
def test_blend_of_two_directions_lies_between_them(first, second, middle):
    fields = [constant_field(angle, (5, 4)) for angle in (first, second, middle)]
    weight = np.full((4, 5), 0.5, np.float32)
    assert cosine(*(unit_tangent(field) for field in (blend(*fields[:2], weight), fields[2]))).min() > 1 - 1e-6
    assert np.allclose(blend(*fields[:2], np.ones((4, 5), np.float32)), fields[0])
    assert np.allclose(blend(*fields[:2], np.zeros((4, 5), np.float32)), fields[1])


@pytest.mark.parametrize("way", [0, 1])
def test_upright_traces_go_straight_where_the_direction_changes_its_sign(way):
    """At 90 and -90 degrees, which are one direction, in rows or columns by turns."""
    tilt = np.where(np.indices((SIDE, SIDE))[way] % 2, 0.01, -0.01)
    field = np.dstack([-np.cos(tilt), np.sin(tilt)]).astype(np.float32)
    tangent = unit_tangent(field)
    assert tangent[..., 1].min() < -0.9 and tangent[..., 1].max() > 0.9  # the sign does change
    seeds = np.array([[20, 64], [21, 64], [90.4, 64.3]], np.float32)
    points, valid = trace(field, np.ones((SIDE, SIDE), bool), seeds, 40, 1.0)
    assert valid.all() and np.abs(points[..., 0] - seeds[:, None, 0]).max() < 0.5
    assert (np.abs(np.diff(points[..., 1], axis=1)) > 0.99).all()
    assert (np.abs(points[:, -1, 1] - points[:, 0, 1]) > 79).all()


def test_traces_end_at_sharp_turns_and_outside():
    field = constant_field(0, (SIDE, SIDE))
    field[:, 80:] = constant_field(90, (SIDE - 80, SIDE))
    inside = np.ones((SIDE, SIDE), bool)
    inside[:, :50] = False
    points, valid = trace(field, inside, np.array([[64, 64]], np.float32), 60, 1.0)
    kept = points[0][valid[0]]
    assert valid[0, 60] and np.abs(np.diff(valid[0].astype(int))).sum() == 2  # one run around the seed
    assert 49 < kept[:, 0].min() < 51.5 and 78 < kept[:, 0].max() < 81 and np.allclose(kept[:, 1], 64)


@pytest.mark.parametrize("angle", [0, 45, 90])
def test_traces_end_at_the_edge_of_the_sheet(angle):
    points, valid = trace(constant_field(angle, (80, 60)), np.ones((60, 80), bool), np.array([[40, 30]]), 60, 2.0)
    kept = points[0][valid[0]]
    assert (kept.min(0) > -2).all() and (kept.max(0) < (81, 61)).all() and np.ptp(kept, axis=0).max() > 54


def test_no_seeds_give_no_traces():
    points, valid = trace(circular_field(), np.ones((SIDE, SIDE), bool), np.empty((0, 2), np.float32), 5, 1.0)
    assert points.shape == (0, 11, 2) and valid.shape == (0, 11)


def test_sample_takes_the_nearest_pixel_also_outside():
    image = np.arange(12, dtype=np.float32).reshape(3, 4)
    points = np.array([[0, 0], [1.4, 0.4], [1.6, 1.6], [-5, 1], [9, 9]], np.float32)
    assert sample(image, points).tolist() == [0, 1, 10, 4, 11]
    assert sample(np.dstack([image, image + 1]), points[:1]).tolist() == [[0, 1]]

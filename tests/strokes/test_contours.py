"""Contours: lines of a picture become long strokes, and nothing else does."""

import cv2
import numpy as np
import pytest

from facesketch.strokes.contours import HIGH, LOW, along, chains, join, line_response, ridges, smooth_along, smooth_path
from facesketch.strokes.flow import constant_field, edge_tangent_flow, unit_tangent

SIDE = 160


def white() -> np.ndarray:
    return np.full((SIDE, SIDE), 0.95, np.float32)


def drawn(draw) -> np.ndarray:
    """White paper with what draw(image) draws on it in black, slightly blurred as in a photo."""
    image = white()
    draw(image)
    return cv2.GaussianBlur(image, (0, 0), 0.8)


def paths_in(gray: np.ndarray, sigma: float = 1.5) -> list[np.ndarray]:
    """The joined paths of a picture's lines."""
    flow, _ = edge_tangent_flow(gray, 2.0)
    return join(chains(ridges(10 * line_response(gray, unit_tangent(flow), sigma)), 8))


@pytest.mark.parametrize("thickness", [3, -1], ids=["ring", "disk"])
def test_dark_circle_is_one_closed_contour(thickness):
    """On the line, or on the dark side of the edge."""
    [path] = paths_in(drawn(lambda image: cv2.circle(image, (80, 80), 50, 0.1, thickness)))
    radius = np.hypot(*(path - 80).T)
    assert np.abs(radius - 50).max() < 4.5
    length = np.linalg.norm(np.diff(path, axis=0), axis=1).sum()
    assert 0.9 < length / (2 * np.pi * 50) < 1.15
    assert np.linalg.norm(path[-1] - path[0]) < 4


def test_gap_in_a_line_is_closed():
    def line_with_a_gap(image: np.ndarray) -> None:
        cv2.line(image, (15, 60), (75, 60), 0.1, 3)
        cv2.line(image, (80, 60), (145, 60), 0.1, 3)

    [path] = paths_in(drawn(line_with_a_gap))
    assert np.ptp(path[:, 0]) > 115 and np.abs(path[:, 1] - 60).max() < 3
    assert (np.diff(path[:, 0]) > 0).all() or (np.diff(path[:, 0]) < 0).all()


@pytest.mark.parametrize("seed", range(3))
def test_noise_has_no_contours(seed):
    noise = np.random.default_rng(seed).normal(0, 0.03, (SIDE, SIDE))
    assert paths_in((0.8 + noise).astype(np.float32)) == []
    assert paths_in(white()) == []


def test_ridges_are_thin_and_connected_to_a_strong_part():
    response = np.zeros((40, 60), np.float32)
    response[10:13, 5:50] = (LOW + HIGH) / 2
    response[10:13, 20:25] = 2 * HIGH
    response[30:33, 5:50] = (LOW + HIGH) / 2  # weak everywhere
    lines = ridges(response)
    assert lines[11, 8:46].all() and lines.sum(0).max() == 1 and not lines[20:].any()


def straight(start: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    """A path of one point per pixel."""
    count = int(max(abs(end[0] - start[0]), abs(end[1] - start[1]))) + 1
    return np.linspace(start, end, count).astype(np.float32)


@pytest.mark.parametrize("turned", [False, True])
def test_join_of_two_lines_with_a_gap(turned):
    first, second = straight((10, 50), (60, 50)), straight((66, 50), (120, 51))
    [path] = join([first, second[::-1] if turned else second])
    both = np.concatenate([first, second])
    assert np.array_equal(path, both) or np.array_equal(path[::-1], both)


@pytest.mark.parametrize(
    "second",
    [straight((75, 50), (120, 50)), straight((62, 53), (110, 100)), straight((62, 54), (10, 54))],
    ids=["far", "turning away", "back"],
)
def test_join_leaves_other_lines_apart(second):
    first = straight((10, 50), (60, 50))
    found = join([first, second])
    assert sorted(map(len, found)) == sorted(map(len, [first, second]))
    assert join([]) == [] and len(join([first])) == 1


def test_join_prefers_the_nearest_and_closes_loops():
    first, near, far = straight((10, 50), (60, 50)), straight((63, 50), (90, 50)), straight((66, 51), (90, 60))
    found = join([first, far, near])
    assert sorted(map(len, found)) == sorted([len(first) + len(near), len(far)])
    angle = np.linspace(0, np.pi, 60)
    upper = np.stack([50 + 30 * np.cos(angle), 50 + 30 * np.sin(angle)], 1).astype(np.float32)
    [loop] = join([upper, (100 - upper).astype(np.float32)])
    assert len(loop) == 120


def test_lines_go_straight_on_where_they_cross():
    skeleton = np.zeros((60, 60), bool)
    skeleton[30, 5:55] = True
    skeleton[5:55, 28] = True
    found = join(chains(skeleton, 8))
    assert len(found) == 2
    extents = sorted(np.ptp(path, axis=0).tolist() for path in found)
    assert extents[0][0] <= 2 and extents[0][1] >= 48 and extents[1][0] >= 48 and extents[1][1] <= 2


def test_short_chains_are_left_out():
    skeleton = np.zeros((20, 20), bool)
    skeleton[4, 2:8] = skeleton[12, 2:18] = True
    assert [len(path) for path in chains(skeleton, 8)] == [16]
    assert [len(path) for path in chains(skeleton, 2)] == [6, 16]
    assert chains(np.zeros((20, 20), bool), 2) == []


def test_smooth_path_loses_the_grids_steps():
    steps = np.array([(x, round(0.3 * x)) for x in range(100)], np.float32)
    path = smooth_path(steps, 2.0, 2.5)
    assert np.abs(path[[0, -1]] - steps[[0, -1]]).max() < 2.5
    assert 35 < len(path) < 45 and np.abs(path[:, 1] - 0.3 * path[:, 0]).max() < 0.6
    turns = np.abs(np.diff(np.arctan2(*np.diff(path, axis=0).T[::-1])))
    assert turns.max() < 0.2
    assert len(smooth_path(steps[:3], 2.0, 2.5)) == 2


def test_pressure_along_a_path_is_smooth():
    response = np.full((50, 120), 0.4, np.float32)
    path = straight((10, 25), (110, 25))
    assert np.allclose(along(response, path, 4.0), 0.4)
    response[:, 60:] = 0.8
    pressure = along(response, path, 4.0)
    assert len(pressure) == len(path) and (np.diff(pressure) > -1e-6).all() and np.diff(pressure).max() < 0.06
    assert len(along(response, path[:3], 4.0)) == 3


def test_averaging_along_the_flow_keeps_lines_and_evens_out_noise():
    noise = np.random.default_rng(0).normal(0, 0.1, (SIDE, SIDE)).astype(np.float32)
    image = 0.5 + noise
    image[70:73] = 1
    smooth = smooth_along(image, unit_tangent(constant_field(0, (SIDE, SIDE))), (2.0, 4.0))
    assert smooth[71].min() > 0.99 and smooth[:60].std() < 0.6 * image[:60].std()
    assert np.allclose(
        smooth_along(white(), unit_tangent(constant_field(30, (SIDE, SIDE))), (2.0, 4.0)), 0.95, atol=1e-5
    )

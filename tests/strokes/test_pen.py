"""Lines for pen plotters: every line once, in a short order, inside the sheet, as dense as the pencil's tone."""

import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest
from sheets import bundle, head

from facesketch.strokes.order import hilbert_distance, merge_lines, order_lines, travel
from facesketch.strokes.pen import draw_with_pen, to_pen_svg
from facesketch.strokes.sheet import Sheet
from facesketch.strokes.stroke import Strokes
from facesketch.strokes.styles import STYLES

SVG = "{http://www.w3.org/2000/svg}"


def random_lines(count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [begin + np.cumsum(rng.normal(0, 1, (5, 2)), 0) for begin in rng.uniform(0, 150, (count, 2))]


def as_set(lines: list[np.ndarray]) -> set[bytes]:
    """The lines whatever their order and direction."""
    return {min(line.tobytes(), line[::-1].tobytes()) for line in lines}


def hatches(pressure: float, count: int = 400) -> Sheet:
    """Strokes of one pressure all over the sheet."""
    rng = np.random.default_rng(1)
    curves = [at + np.linspace(0, 0.1, 6)[:, None] * [1, 0.3] for at in rng.uniform([0, 0], [0.9, 1.2], (count, 2))]
    strokes = bundle(curves, np.full(count, pressure), 0.003, "shading")
    return Sheet(replace(strokes, pressure=np.full_like(strokes.pressure, pressure)), STYLES["graphite"])


def test_ordering_keeps_every_line_and_shortens_the_travel():
    lines = random_lines(500)
    ordered = order_lines(lines)
    assert len(ordered) == 500 and as_set(ordered) == as_set(lines)
    assert travel(ordered) < 0.1 * travel(lines)


def test_each_next_line_is_the_nearest():
    lines = random_lines(60)
    left, at = order_lines(lines), np.zeros(2)
    while left:
        ends = np.array([[line[0], line[-1]] for line in left])
        assert np.linalg.norm(left[0][0] - at) == pytest.approx(np.linalg.norm(ends - at, axis=2).min())
        at = left.pop(0)[-1]


def test_lines_far_from_the_start_are_found():
    lines = [line * 1e-3 + 100 for line in random_lines(20)]
    assert as_set(order_lines(lines)) == as_set(lines)


def test_lines_whose_ends_meet_become_one():
    square = np.array([[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]], float)
    sides = [square[i : i + 2][:: (-1) ** i] for i in range(4)]  # every other one backward
    apart = np.array([[30, 30], [40, 40]], float)
    merged = merge_lines([sides[2], sides[0], apart, sides[3], sides[1]], 0.1)
    assert sorted(len(line) for line in merged) == [2, 8]
    assert len(merge_lines([*sides, apart + 1, apart], 0.1)) == 3


def test_no_lines():
    assert order_lines([]) == merge_lines([], 1.0) == [] and travel([]) == 0
    drawing = draw_with_pen(Sheet(Strokes.empty(), STYLES["graphite"]), 0.5)
    assert drawing.lines == [] and drawing.drawn_mm == drawing.travel_mm == 0
    assert ElementTree.fromstring(drawing.to_svg()).find(f".//{SVG}path") is None


def test_travel_of_a_portrait_is_short():
    drawing = draw_with_pen(head(800), 0.5)
    shuffled = [drawing.lines[i] for i in np.random.default_rng(0).permutation(len(drawing.lines))]
    assert drawing.travel_mm < 0.15 * travel(shuffled)


def test_lines_stay_on_the_sheet():
    sheet = head(100)
    outside = replace(sheet, strokes=replace(sheet.strokes, points=sheet.strokes.points * 1.6 - np.float32(0.3)))
    points = np.concatenate(draw_with_pen(outside, 0.5, width_mm=100).lines)
    assert (points >= 0).all() and (points <= (100, 125)).all()


def test_dark_shading_gets_more_lines_and_a_fine_pen_more_than_a_broad_one():
    lengths = {
        (pressure, pen): draw_with_pen(hatches(pressure), pen).drawn_mm
        for pressure in (0.1, 0.2, 0.4)
        for pen in (0.3, 0.6)
    }
    for pen in (0.3, 0.6):
        assert lengths[0.2, pen] == pytest.approx(2 * lengths[0.1, pen], rel=0.1)
        assert lengths[0.4, pen] > 1.5 * lengths[0.2, pen]
    assert lengths[0.1, 0.3] == pytest.approx(2 * lengths[0.1, 0.6], rel=0.1)


def test_light_lines_and_highlights_are_left_out():
    line = [np.array([[0.2, 0.2], [0.8, 0.2]])]
    for layer, pressure, count in (("contour", 1.0, 1), ("contour", 0.02, 0), ("highlight", 1.0, 0)):
        strokes = Strokes.from_arrays(line[0], np.full(2, pressure), np.array([2]), np.array([0.004]), layer)
        assert len(draw_with_pen(Sheet(strokes, STYLES["graphite"]), 0.5).lines) == count


def test_the_file_has_one_black_layer_without_fill():
    root = ElementTree.fromstring(to_pen_svg(head(100), 0.35, width_mm=100))
    (layer,) = root.findall(f"{SVG}g")
    assert (layer.get("fill"), layer.get("stroke"), layer.get("stroke-width")) == ("none", "#000", "0.35")
    assert root.get("width") == "100mm" and root.find(f"{SVG}rect") is None


def test_the_same_sheet_gives_the_same_text():
    assert to_pen_svg(head(100)) == to_pen_svg(head(100))


def test_hilbert_curve_visits_neighbors():
    n = 16
    grid = (np.stack(np.meshgrid(np.arange(n), np.arange(n)), -1).reshape(-1, 2) + 0.5) / n
    path = grid[np.argsort(hilbert_distance(grid, 1.0))]
    assert np.abs(np.diff(path, axis=0)).sum(1) == pytest.approx(1 / n)


@pytest.mark.skipif(not shutil.which("vpype"), reason="vpype is not installed")
def test_vpype_reads_the_lines(tmp_path):
    drawing = draw_with_pen(head(200), 0.5)
    (tmp_path / "pen.svg").write_text(drawing.to_svg())
    done = subprocess.run(["vpype", "read", tmp_path / "pen.svg", "stat"], capture_output=True, text=True, check=True)
    values = dict(line.strip().split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    assert values["Path count"] == str(len(drawing.lines)) and values["Layer count"] == "1"
    pixels_per_mm = 96 / 25.4
    assert float(values["Length"]) == pytest.approx(drawing.drawn_mm * pixels_per_mm, rel=0.01)

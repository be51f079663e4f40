"""A sheet as SVG: it looks like the rendered sheet, has Inkscape's layers and stays small."""

import io
import re
import shutil
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image
from sheets import head

from facesketch.image.save import written_by_facesketch
from facesketch.strokes.sheet import Sheet
from facesketch.strokes.simplify import simplify
from facesketch.strokes.stroke import LAYERS, Strokes
from facesketch.strokes.styles import STYLES
from facesketch.strokes.svg import to_svg

SVG = "{http://www.w3.org/2000/svg}"
INKSCAPE = "{http://www.inkscape.org/namespaces/inkscape}"


def layers(text: str) -> list[ElementTree.Element]:
    groups = ElementTree.fromstring(text).findall(f"{SVG}g")
    return [group for group in groups if group.get(f"{INKSCAPE}groupmode") == "layer"]


def paths(element: ElementTree.Element) -> list[str]:
    return [path.get("d") for path in element.iter(f"{SVG}path")]


def test_layers_come_in_drawing_order_with_all_strokes():
    sheet = head(200)
    found = layers(to_svg(sheet))
    assert [layer.get(f"{INKSCAPE}label") for layer in found] == list(LAYERS)
    assert [len(paths(layer)) for layer in found] == [len(sheet.strokes.layer(name)) for name in LAYERS]


def test_sizes_are_in_millimeters():
    sheet = head(20)
    root = ElementTree.fromstring(to_svg(sheet, width_mm=100))
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("100mm", "125mm", "0 0 100 125")
    numbers = [float(n) for d in paths(root) for n in re.findall(r"M(-?[\d.]+) ?(-?[\d.]+)", d)[0]]
    assert max(numbers) == pytest.approx(100 * sheet.strokes.points.max(), abs=1)


def test_paper_is_left_out_where_it_is_transparent():
    sheet = head(20, "sanguine")
    assert "#{:02x}{:02x}{:02x}".format(*sheet.style.paper) in to_svg(sheet)
    assert "<rect" not in to_svg(sheet, paper=False)


def test_the_same_sheet_gives_the_same_text():
    assert to_svg(head(50)) == to_svg(head(50))


@pytest.mark.parametrize("style", STYLES)
def test_an_empty_sheet_is_a_valid_file(style):
    text = to_svg(Sheet(Strokes.empty(), STYLES[style]))
    assert not layers(text) and ElementTree.fromstring(text).tag == f"{SVG}svg"


def test_strokes_of_one_point_are_left_out():
    dot = Strokes.from_arrays(np.zeros((1, 2)), np.ones(1), np.array([1]), np.array([0.01]), "detail")
    assert not layers(to_svg(Sheet(dot, STYLES["graphite"])))


@pytest.mark.parametrize("style", ["line", "ink"])
def test_line_drawings_stay_under_two_megabytes(style):
    assert len(to_svg(head(7000, style))) < 2e6


def test_files_are_recognized(tmp_path):
    ours, edited = tmp_path / "ours.svg", tmp_path / "edited.svg"
    ours.write_text(to_svg(head(20)))
    edited.write_text('<?xml version="1.0"?>\n' + to_svg(head(20)))
    assert written_by_facesketch(ours) and not written_by_facesketch(edited)


def test_a_simplified_curve_stays_within_the_tolerance():
    t = np.linspace(0, 2 * np.pi, 400)
    circle = np.stack([np.cos(t), np.sin(t)], 1)
    wave = np.stack([t, np.sin(3 * t)], 1)
    points = np.concatenate([circle, wave])
    strokes = Strokes.from_arrays(points, np.ones(800), np.array([400, 400]), np.ones(2), "contour")
    simple = simplify(strokes, 0.01)
    assert 20 < len(simple.points) < 120
    for stroke, exact in zip(simple, (circle, wave), strict=True):
        t = np.linspace(0, 1, 200)[:, None]
        dense = np.concatenate([a + (b - a) * t for a, b in pairwise(stroke.points)])
        assert max(np.linalg.norm(dense - point, axis=1).min() for point in exact) < 0.012
        assert (stroke.points[[0, -1]] == exact[[0, -1]].astype(np.float32)).all()


def test_simplifying_keeps_values_within_the_tolerance():
    line = np.stack([np.linspace(0, 1, 101), np.zeros(101)], 1)
    pressure = 1 - np.abs(np.linspace(-1, 1, 101))
    stroke = Strokes.from_arrays(line, pressure, np.array([101]), np.ones(1), "contour")
    assert len(simplify(stroke, 0.001)[0].points) == 2
    assert len(simplify(stroke, 0.001, pressure[:, None].astype(np.float32))[0].points) == 3


@pytest.mark.parametrize(("style", "hatches"), [("graphite", 600), ("ink", 60), ("sanguine", 600)])
def test_a_browser_shows_what_the_sheet_renders(style, hatches):
    """Compared at a tenth of the size, since SVG leaves out the paper's tooth."""
    sync_playwright = pytest.importorskip("playwright.sync_api").sync_playwright
    sheet = head(hatches, style)
    svg = to_svg(sheet).replace('width="150mm" height="187.5mm"', 'width="400" height="500"', 1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 400, "height": 500})
        page.set_content(f"<body style='margin: 0'>{svg}")
        shown = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        browser.close()
    difference = np.abs(blurred(shown) - blurred(sheet.render(400)))
    assert difference.mean() < 4 and np.percentile(difference, 99) < 60


def blurred(image: Image.Image) -> np.ndarray:
    return np.asarray(image.resize((40, 50), Image.Resampling.BOX), np.float32)

"""The files that a drawing can be downloaded as, and its replay on the page."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from visiting import EXAMPLES, PHONE, choose_file, visit, wait_until, width_of

from demo import downloads
from facesketch import Drawing, DrawOptions
from facesketch.strokes.sheet import Sheet
from facesketch.strokes.stroke import Strokes
from facesketch.strokes.styles import STYLES

SIGNATURES = {"svg": b"<!--", "pen": b"<!--", "mp4": b"ftyp", "gif": b"GIF8", "a4": b"PNG"}
PLAYING = "document.querySelector('#replay video')"


def small_sheet(style: str = "soft", aspect: float = 1.25) -> Sheet:
    """Two strokes."""
    points = np.array([[0.2, 0.2], [0.5, 0.5], [0.8, 0.3], [0.3, 0.6], [0.7, 0.7]], np.float32)
    strokes = Strokes.from_arrays(points, np.full(5, 0.8), np.array([3, 2]), np.array([0.01, 0.02]), "contour")
    return Sheet(strokes, STYLES[style], aspect, seed=3)


@pytest.fixture
def png(tmp_path: Path) -> str:
    """The PNG file of a drawing with its strokes."""
    sheet = small_sheet()
    Drawing(sheet.render(64), sheet=sheet).save(tmp_path / "face-sketch.png")
    downloads.store_sheet(sheet, tmp_path)
    return str(tmp_path / "face-sketch.png")


@pytest.mark.parametrize(("aspect", "size"), [(1.25, (2480, 3508)), (2.0, (2480, 3508)), (0.6, (3508, 2480))])
def test_a_drawing_fills_an_a4_page_of_its_paper_within_what_printers_reach(aspect, size):
    sheet = small_sheet("sanguine", aspect)
    page = downloads.a4_page(sheet)
    assert page.size == size
    pixels, margin = np.asarray(page).astype(int), downloads.A4_MARGIN
    marked = np.abs(pixels - sheet.style.paper).max(axis=-1) > 0
    inside = marked[margin:-margin, margin:-margin]
    assert inside.any() and inside.sum() == marked.sum()
    width = min(size[0] - 2 * margin, int((size[1] - 2 * margin) / aspect))
    drawing = sheet.render(width)
    left, top = (size[0] - width) // 2, (size[1] - drawing.height) // 2
    assert page.crop((left, top, left + width, top + drawing.height)).tobytes() == drawing.tobytes()


def test_strokes_are_kept_as_they_are(png):
    assert downloads.has_strokes(png)
    kept, sheet = downloads.stored_sheet(png), small_sheet()
    assert kept.render(300).tobytes() == sheet.render(300).tobytes() and kept.seed == sheet.seed


@pytest.mark.parametrize("kind", [downloads.PNG, *downloads.SUFFIXES])
def test_each_kind_of_file_is_made_once(png, kind):
    path = Path(downloads.drawing_file(png, kind))
    assert path.name.startswith("face-sketch") and SIGNATURES.get(kind, b"PNG") in path.read_bytes()[:16]
    written = path.stat().st_mtime_ns
    assert downloads.drawing_file(png, kind) == str(path) and path.stat().st_mtime_ns == written
    if kind == "a4":
        with Image.open(path) as page:
            assert page.size == downloads.A4_SIZE and round(page.info["dpi"][0]) == 300


def test_transparent_paper_stays_transparent_in_svg(png):
    assert 'id="paper"' in Path(downloads.drawing_file(png, "svg")).read_text()
    Path(png).with_name("face-sketch.svg").unlink()
    small_sheet().render(64, transparent=True).save(png)
    assert 'id="paper"' not in Path(downloads.drawing_file(png, "svg")).read_text()


def test_the_example_plays_by_itself_at_first_sight(url):
    with visit(url, PHONE) as page:
        page.wait_for_function(f"() => {PLAYING}?.currentTime > 0")
        box = page.locator("#replay video").bounding_box()
        assert box["y"] + box["height"] < PHONE[1], "it is on the first screen"


def test_a_drawing_is_replayed_downloaded_as_a_vector_and_drawn_another_time(url):
    with visit(url) as page:
        choose_file(page, "#photo", EXAMPLES / "grace_hopper.jpg")
        width_of(page, "#sketch img")
        page.wait_for_function(f"() => {PLAYING}?.src.includes('grace_hopper-cyclegan-sketch-replay.mp4')")
        page.wait_for_function(f"() => {PLAYING}.currentTime > 0")
        page.locator("#kind input").click()
        page.get_by_role("option", name="SVG", exact=True).click()
        assert wait_until(lambda: any(Path(os.environ["GRADIO_TEMP_DIR"]).rglob("*-sketch.svg")))
        page.locator("#download:not([disabled])").wait_for()  # it is while the file is made
        with page.expect_download() as download:
            page.get_by_role("button", name="Download the drawing").click()
        assert download.value.suggested_filename == "grace_hopper-cyclegan-sketch.svg"
        first = page.locator("#sketch img").get_attribute("src")
        page.locator("#another").click()
        page.wait_for_function("was => document.querySelector('#sketch img')?.src !== was", arg=first)
        page.get_by_label("Show how it is drawn").uncheck()
        page.locator("#replay video").wait_for(state="detached")


def test_side_by_side_are_a_models_styles_and_the_other_models(app):
    pairs = app.models.model_style_pairs("pix2pix", DrawOptions(style="ink"))
    assert pairs == [*(("pix2pix", style) for style in STYLES), ("autoencoder", "ink"), ("cyclegan", "ink")]
    pairs = app.models.model_style_pairs("cyclegan", DrawOptions(style="ink", finish="detail"))
    assert pairs == [("cyclegan", "ink"), ("autoencoder", "ink"), ("pix2pix", "ink")]


def test_another_photo_closes_the_drawings_side_by_side(url, app, monkeypatch):
    monkeypatch.setattr(app.models, "model_style_pairs", lambda model, _: [(model, "ink")])
    with visit(f"{url}?model=autoencoder") as page:
        page.get_by_role("button", name="Grace Hopper").locator("visible=true").click()
        width_of(page, "#sketch img")
        page.locator("#draw-all").click()
        page.locator("#contact-sheet").wait_for()
        captions = page.locator("#sketches .caption-label").all_inner_texts()
        assert len(captions) == 1 and captions[0].startswith("Autoencoder · Ink: ")
        page.get_by_role("button", name="Eileen Collins").locator("visible=true").click()
        page.locator("#contact-sheet").wait_for(state="hidden")
        assert page.locator("#sketches img").count() == 0

"""The files that a drawing can be downloaded as, and its replay on the page."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from visiting import EXAMPLES, PHONE, choose_file, visit, width_of

from demo import downloads
from facesketch import Drawing
from facesketch.strokes.sheet import Sheet
from facesketch.strokes.stroke import Strokes
from facesketch.strokes.styles import STYLES

SIGNATURES = {"svg": b"<!--", "pen": b"<!--", "mp4": b"ftyp", "gif": b"GIF8"}


def small_sheet(style: str = "soft", aspect: float = 1.25) -> Sheet:
    """Two strokes."""
    points = np.array([[0.2, 0.2], [0.5, 0.5], [0.8, 0.3], [0.3, 0.6], [0.7, 0.7]], np.float32)
    strokes = Strokes.from_arrays(points, np.full(5, 0.8), np.array([3, 2]), np.array([0.01, 0.02]), "contour")
    return Sheet(strokes, STYLES[style], aspect, seed=3)


@pytest.fixture
def drawing(tmp_path: Path) -> tuple[str, str]:
    """The PNG file of a drawing with its strokes, and its photo."""
    sheet = small_sheet()
    Drawing(sheet.render(64), sheet=sheet).save(tmp_path / "face-sketch.png")
    downloads.store_sheet(sheet, tmp_path)
    Image.new("RGB", (64, 80), "red").save(tmp_path / "face.jpg")
    return str(tmp_path / "face-sketch.png"), str(tmp_path / "face.jpg")


@pytest.mark.parametrize("kind", list(downloads.PRINT_SIZES))
@pytest.mark.parametrize(("aspect", "lies"), [(1.25, False), (2.0, False), (0.6, True)])
def test_a_drawing_fills_a_page_of_its_paper_within_what_printers_reach(kind, aspect, lies):
    sheet = small_sheet("sanguine", aspect)
    page = downloads.print_page(sheet, downloads.PRINT_SIZES[kind])
    assert page.size == downloads.PRINT_SIZES[kind][:: -1 if lies else 1]
    pixels = np.asarray(page).astype(int)
    margin = min(downloads.MARGIN, page.width // 10)
    marked = np.abs(pixels - sheet.style.paper).max(axis=-1) > 0
    inside = marked[margin:-margin, margin:-margin]
    assert inside.any() and inside.sum() == marked.sum()
    width = min(page.width - 2 * margin, int((page.height - 2 * margin) / aspect))
    drawing = sheet.render(width)
    left, top = (page.width - width) // 2, (page.height - drawing.height) // 2
    assert page.crop((left, top, left + width, top + drawing.height)).tobytes() == drawing.tobytes()


def test_strokes_are_kept_as_they_are(drawing):
    assert downloads.has_strokes(drawing[0])
    kept, sheet = downloads.stored_sheet(drawing[0]), small_sheet()
    assert kept.render(300).tobytes() == sheet.render(300).tobytes() and kept.seed == sheet.seed


@pytest.mark.parametrize("kind", [downloads.CARD, *downloads.SUFFIXES])
def test_each_kind_of_file_is_made_once(drawing, kind):
    path = Path(downloads.drawing_file(*drawing, kind))
    assert path.name.startswith("face-sketch") and SIGNATURES.get(kind, b"PNG") in path.read_bytes()[:16]
    written = path.stat().st_mtime_ns
    assert downloads.drawing_file(*drawing, kind) == str(path) and path.stat().st_mtime_ns == written
    if kind in downloads.PRINT_SIZES:
        with Image.open(path) as page:
            assert page.size == downloads.PRINT_SIZES[kind] and round(page.info["dpi"][0]) == 300


def test_a_card_has_the_photo_on_the_left_and_the_drawing_on_the_right(drawing):
    with Image.open(drawing[0]) as after, Image.open(drawing[1]) as before:
        card = np.asarray(downloads.card(before, after)).astype(int)
    left, right = card[:, : card.shape[1] // 2], card[:, card.shape[1] // 2 :]
    assert left[400, 400, 0] > 200 > 100 > left[400, 400, 1] and not (right[..., 0] - right[..., 1] > 100).any()


def test_transparent_paper_stays_transparent_in_svg(drawing):
    assert 'id="paper"' in Path(downloads.drawing_file(*drawing, "svg")).read_text()
    Path(drawing[0]).with_name("face-sketch.svg").unlink()
    small_sheet().render(64, transparent=True).save(drawing[0])
    assert 'id="paper"' not in Path(downloads.drawing_file(*drawing, "svg")).read_text()


def test_a_drawing_is_replayed_saved_in_each_form_and_drawn_another_time(url):
    with visit(url, motion=True) as page:
        choose_file(page, "#photo", EXAMPLES / "grace_hopper.jpg")
        page.locator("#sketch .stage[data-state=drawing]").wait_for()
        marks = "canvas => new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size"
        page.wait_for_function(f"() => ({marks})(document.querySelector('#sketch canvas')) > 50")
        page.locator("#sketch .skip").click()
        page.locator("#sketch .stage[data-state=finished]").wait_for()
        for label, suffix in (("SVG", ".svg"), ("Card with the photo", "-card.png")):
            with page.expect_download() as download:
                page.get_by_role("button", name=label, exact=True).click()
            assert download.value.suggested_filename == f"grace_hopper-cyclegan-sketch{suffix}"
        first = page.locator("#sketch img").first.get_attribute("src")
        page.locator("#another").click()
        page.wait_for_function("was => document.querySelector('#sketch img')?.src.indexOf(was) < 0", arg=first)


def test_without_motion_the_finished_drawing_is_shown_at_once_full_screen_and_copied(url):
    with visit(url) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        choose_file(page, "#photo", EXAMPLES / "grace_hopper.jpg")
        width_of(page, "#sketch img")
        assert page.locator("#sketch .stage").get_attribute("data-state") == "finished"
        page.locator("#sketch .full").click()
        page.wait_for_function("() => document.fullscreenElement?.clientHeight === window.innerHeight")
        page.locator("#sketch .copy").click()
        page.locator("#sketch .stage.copied").wait_for()
        kinds = page.evaluate("async () => (await navigator.clipboard.read()).flatMap(item => item.types)")
        assert kinds == ["image/png"]
        page.evaluate("document.exitFullscreen()")


def test_on_a_phone_the_drawing_goes_to_the_share_sheet(url):
    with visit(url, PHONE, motion=True) as page:
        page.add_init_script("navigator.canShare = () => true")
        page.add_init_script("navigator.share = async (what) => { window.shared = what.files[0].name; }")
        page.reload()
        choose_file(page, "#photo", EXAMPLES / "grace_hopper.jpg")
        page.locator("#sketch .skip").click()
        page.locator("#sketch .share").click()
        page.wait_for_function("() => window.shared === 'grace_hopper-cyclegan-sketch.png'")
        assert page.get_by_role("button", name="submit").count() == 0


@pytest.mark.slow
def test_another_photo_closes_the_drawings_of_all_models(url):
    with visit(url) as page:
        page.locator("#examples button").nth(1).click()
        width_of(page, "#sketch img")
        page.locator("#compare-models").click()
        page.locator("#models img").nth(2).wait_for()
        choose_file(page, "#another-photo", EXAMPLES / "eileen_collins.jpg")
        page.locator("#models img").first.wait_for(state="detached")

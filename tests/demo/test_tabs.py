"""The tabs Draw, Round trip and Compare: in a browser and through the endpoints."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from conftest import draw_face
from gradio_client import Client, handle_file
from PIL import Image
from visiting import PHONE, choose_file, settle, visit

from demo.tabs import compare, draw

EXAMPLES = Path(__file__).parents[2] / "examples"
HOPPER = EXAMPLES / "grace_hopper.jpg"


def draw_circle(page, radius: int = 90) -> None:
    """Draw with the mouse on the canvas."""
    box = page.locator("#pad canvas").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for turn in range(8):
        page.mouse.move(x + radius * np.cos(turn), y + radius * np.sin(turn))
        if turn == 0:
            page.mouse.down()
    page.mouse.up()


def is_on_canvas(page) -> bool:
    """Whether the middle of the canvas has dark pixels, with the page as it is shown."""
    box = page.locator("#pad canvas").first.bounding_box()
    middle = {"x": box["x"] + box["width"] / 2 - 100, "y": box["y"] + 60, "width": 200, "height": 300}
    shot = Image.open(io.BytesIO(page.screenshot(clip=middle))).convert("L")
    return bool((np.asarray(shot) < 90).any())


@pytest.mark.parametrize(
    "size", [pytest.param(PHONE, id="phone", marks=pytest.mark.slow), pytest.param((1280, 800), id="desktop")]
)
def test_a_drawing_is_imagined_after_each_stroke_and_by_the_other_model_in_one_tap(url, size):
    with visit(f"{url}?tab=draw", size) as page:
        page.locator("#imagined img[src*=imagined-cyclegan]").wait_for()  # the example, which is not computed
        page.locator("#pad canvas").first.wait_for()
        make = page.get_by_role("button", name="Imagine it")
        assert make.bounding_box()["y"] + make.bounding_box()["height"] < size[1], "it is on the first screen"
        page.get_by_role("button", name="New sheet").click()
        page.locator("#imagined img").wait_for(state="detached")
        settle(page)
        make.click()
        page.get_by_text("Draw a face on the sheet first.").first.wait_for()
        draw_circle(page, 60)
        page.get_by_text("Imagined from bare lines").wait_for()
        page.locator("#imagined img").wait_for()
        page.locator("#imagined-by input[value=pix2pix]").check()
        page.locator("#imagined img[src*=imagined-pix2pix]").wait_for()
        page.get_by_text("Imagined by Pix2Pix").wait_for()


@pytest.mark.slow
def test_the_guide_is_switched_and_the_pencil_changed_without_losing_undo(url):
    with visit(f"{url}?tab=draw") as page:
        page.locator("#pad canvas").first.wait_for()
        page.get_by_role("button", name="New sheet").click()
        page.locator("#guide img").wait_for()
        settle(page)
        assert not is_on_canvas(page)
        draw_circle(page, 60)
        assert is_on_canvas(page)
        page.get_by_label("Guide").uncheck()
        page.locator("#guide").wait_for(state="detached")
        page.get_by_label("Shading").check()
        settle(page)
        assert is_on_canvas(page), "the drawing stays"
        page.get_by_role("button", name="Undo").click()
        settle(page)
        assert not is_on_canvas(page), "the stroke can be undone"


def test_the_visitors_photo_is_the_guide(tmp_path):
    guide = draw.photo_as_guide(str(HOPPER)).value
    picture = Image.open(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", guide)[1])))
    assert picture.size == draw.CANVAS_SIZE and picture.getextrema()[0] >= 255 * (1 - draw.GUIDE_CONTRAST) - 1
    Image.new("RGB", (300, 300), "gray").save(tmp_path / "nobody.png")
    for path in (None, str(tmp_path / "nobody.png"), str(tmp_path / "gone.png")):
        assert not hasattr(draw.photo_as_guide(path), "value"), "the faint face stays"


@pytest.mark.slow
def test_an_uploaded_drawing_in_which_no_face_is_found_is_taken_whole(url, tmp_path):
    Image.effect_noise((300, 400), 60).save(tmp_path / "drawing.png")
    with visit(f"{url}?tab=draw", PHONE, "vi-VN") as page:
        page.locator("#pad canvas").first.wait_for()
        with page.expect_file_chooser() as chooser:
            page.locator("#drawing").click()
        chooser.value.set_files(tmp_path / "drawing.png")
        page.get_by_text("Không tìm thấy khuôn mặt trong tranh").first.wait_for()
        page.locator("#imagined img[src*=results]").wait_for()


@pytest.mark.parametrize("width", [1, 14])
def test_lines_are_brought_to_a_pencils_weight_on_white_paper(width):
    from PIL import ImageDraw

    page = Image.new("RGB", draw.CANVAS_SIZE, (225, 220, 205))
    ImageDraw.Draw(page).ellipse((60, 60, 340, 440), outline=(30, 30, 30), width=width)
    gray = np.asarray(draw.as_pencil(page).convert("L"), float)
    assert gray.shape == (320, 256) and np.median(gray) > 250
    across = gray[160, :128] < 170
    assert 1 <= across.sum() <= 4
    assert draw.is_unshaded(draw.as_pencil(page)) and not draw.is_unshaded(draw_face(0)[0])


def test_the_guide_has_its_eyes_where_the_models_expect_them():
    dark = np.asarray(draw.blank_canvas(True).convert("L")) < 240
    for x in (150, 250):
        assert dark[230:270, x - 30 : x + 30].any()
    assert not (np.asarray(draw.blank_canvas(False)) < 255).any()


def test_a_round_trip_shows_the_error_that_equation_7_sums(url):
    client = Client(url, verbose=False)
    pictures, error = client.predict(handle_file(str(HOPPER)), "cyclegan", api_name="/there_and_back")
    assert [picture["caption"] for picture in pictures] == ["Photo", "Sketch", "Reconstructed photo", "Difference"]
    first, again = (np.asarray(Image.open(pictures[at]["image"]).convert("RGB"), float) for at in (0, 2))
    assert error == pytest.approx(np.abs(first - again).mean() / 255, abs=1e-6)
    dark, light = (np.asarray(Image.open(pictures[3]["image"]).convert("L"))[where] for where in places(first, again))
    assert dark < light
    with visit(f"{url}?tab=round_trip&model=pix2pix", language="vi-VN") as page:
        choose_file(page, "#round-trip-input", EXAMPLES / "eileen_collins.jpg")
        page.get_by_text("Khác biệt trung bình").wait_for()
        assert page.locator("#round-trip img").count() == 4


def places(a: np.ndarray, b: np.ndarray) -> list[tuple]:
    """The positions of the smallest and the largest difference of two pictures."""
    off = np.abs(a - b).mean(-1)
    return [np.unravel_index(at, off.shape) for at in (off.argmin(), off.argmax())]


def test_compare_in_the_browser_waits_for_the_photo_and_then_shows_maps_and_bars(url):
    with visit(f"{url}?tab=compare", language="vi-VN") as page:
        choose_file(page, "#artist", EXAMPLES / "grace_hopper_drawing.png")
        page.get_by_text("Bây giờ hãy chọn ảnh").wait_for()
        assert page.locator(".error").count() == 0
        choose_file(page, "#compared", HOPPER)
        page.locator("#maps img").nth(3).wait_for()
        page.locator("#bars svg, #bars canvas").first.wait_for()
        heads = page.locator("#scores th").all_inner_texts()
        assert heads[0].strip() == "Mô hình"


def test_compare_opens_with_an_example_which_the_visitors_photo_replaces(url):
    with visit(f"{url}?tab=compare") as page:
        page.locator("#finished img").nth(2).wait_for()
        assert page.locator("#compared img").count() == 0, "nothing is chosen for the visitor"
        page.get_by_text("by this project's CycleGAN").wait_for()
        choose_file(page, "#compared", EXAMPLES / "eileen_collins.jpg")
        page.get_by_text("Measured against the photo").wait_for()
        assert page.locator("#originals img").count() == 1


def test_scores_have_four_decimals_and_bars_the_tables_order(app):
    photo, artist = HOPPER, EXAMPLES / "grace_hopper_drawing.png"
    tab = compare.CompareTab(app.models)
    _, measured, finished = tab.show(str(photo), str(artist))
    scores, bars = measured[5], measured[7]
    rows = scores.value["data"]
    assert [row[0] for row in rows] == bars.sort and len(rows) == 4
    published = [row[1:] for row in compare.baselines()["data"]]
    cells = [cell for row in [*(row[1:] for row in rows), *published] for cell in row if cell]
    assert len(cells) > 30 and all(re.fullmatch(r"\d\.\d{4}( – \d\.\d{4})?", cell) for cell in cells), cells
    sizes = [Image.open(shown["image"]["path"]).size for update in (measured[2], finished[3]) for shown in update.value]
    assert sizes[:3] != sizes[3:] and sizes[3:] == [(512, 640)] * 3, "finished drawings beside raw ones"


@pytest.mark.parametrize(
    ("drawing", "name"), [("grace_hopper_drawing.png", "Drawing by CycleGAN"), ("", "Artist's drawing")]
)
def test_compare_names_who_made_the_drawing(app, tmp_path, drawing, name):
    path = EXAMPLES / "grace_hopper_drawing.png"
    if not drawing:
        path = tmp_path / "drawing.png"
        Image.open(EXAMPLES / "grace_hopper_drawing.png").save(path, compress_level=0)
    pictures = compare.CompareTab(app.models).compare(str(HOPPER), str(path))[0]
    assert [caption for _, caption in pictures[:2]] == ["Photo", name]


@pytest.mark.slow
@pytest.mark.parametrize(("tab", "photo"), [("compare", "#compared"), ("round_trip", "#round-trip-input")])
def test_another_photo_clears_what_was_drawn_of_the_last_person(url, tmp_path, tab, photo):
    Image.new("RGB", (300, 300), "gray").save(tmp_path / "nobody.png")
    shown = {"compare": "#raw img", "round_trip": "#round-trip img[src*=results]"}[tab]
    with visit(f"{url}?tab={tab}") as page:
        choose_file(page, photo, HOPPER)
        page.locator(shown).nth(2).wait_for()
        page.locator(f"{photo} [aria-label='Remove Image']").click()
        choose_file(page, photo, tmp_path / "nobody.png")
        page.get_by_text("No face was found.").first.wait_for()
        settle(page)
        assert page.locator(shown).count() == 0


@pytest.mark.parametrize("language", ["en-US", pytest.param("vi-VN", marks=pytest.mark.slow)])
def test_how_it_works_shows_each_stage_of_the_visitors_photo(url, language):
    with visit(f"{url}?tab=how_it_works", PHONE, language) as page:
        page.locator("#stages img[src*=stage-strokes]").wait_for()
        choose_file(page, "#explained", HOPPER)
        page.locator("#stages img[src*=results]").nth(4).wait_for()
        page.get_by_role("button", name=re.compile("^(Results|Kết quả)")).click()
        page.wait_for_function("() => document.body.innerText.includes('0.6356')")
        body = page.locator("body").inner_text()
        assert "python -m" not in body and "pip install" not in body
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "nothing is cut at the right"


def test_training_curves_are_named_after_their_models():
    from demo.tabs import how_it_works

    folder = Path(__file__).parents[2] / "docs" / "results"
    assert how_it_works.CURVES.keys() == {"autoencoder", "pix2pix", "cyclegan"}
    assert all((folder / path).is_file() for path in how_it_works.CURVES.values())

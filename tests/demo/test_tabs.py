"""The tabs Draw, Round trip and Compare: in a browser and through the endpoints."""

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


def test_a_face_drawn_with_the_mouse_becomes_photos(url):
    with visit(f"{url}?tab=draw") as page:
        canvas = page.locator("#pad canvas").first
        canvas.wait_for()
        settle(page)
        make = page.get_by_role("button", name="Turn it into photos")
        make.click()
        page.get_by_text("Draw a face on the sheet first.").first.wait_for()
        box = canvas.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for turn in range(20):
            page.mouse.move(x + 90 * np.cos(turn / 3), y + 130 * np.sin(turn / 3))
            if turn == 0:
                page.mouse.down()
        page.mouse.up()
        make.click()
        page.locator("#photos img").nth(2).wait_for()
        page.get_by_text("These are bare lines").first.wait_for()
        assert page.locator("#photos .caption-label").all_inner_texts()[1:] == ["CycleGAN", "Pix2Pix"]


def test_an_uploaded_drawing_in_which_no_face_is_found_is_taken_whole(url, tmp_path):
    Image.effect_noise((300, 400), 60).save(tmp_path / "drawing.png")
    with visit(f"{url}?tab=draw", PHONE, "vi-VN") as page:
        page.locator("#pad canvas").first.wait_for()
        page.get_by_role("tab", name="Tải lên").locator("visible=true").click()
        choose_file(page, "#drawing", tmp_path / "drawing.png")
        page.get_by_text("Không tìm thấy khuôn mặt trong tranh").first.wait_for()
        page.locator("#photos img").nth(2).wait_for()


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
    assert [picture["caption"] for picture in pictures] == ["Photo", "Sketch", "Reconstructed photo", "The error"]
    first, again = (np.asarray(Image.open(pictures[at]["image"]).convert("RGB"), float) for at in (0, 2))
    assert error == pytest.approx(np.abs(first - again).mean() / 255, abs=1e-6)
    dark, light = (np.asarray(Image.open(pictures[3]["image"]).convert("L"))[where] for where in places(first, again))
    assert dark < light
    with visit(f"{url}?tab=round_trip&model=pix2pix", language="vi-VN") as page:
        choose_file(page, "#round-trip-input", EXAMPLES / "eileen_collins.jpg")
        page.get_by_text("Sai số trung bình là").wait_for()
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


def test_scores_have_four_decimals_and_bars_the_tables_order(app):
    photo, artist = HOPPER, EXAMPLES / "grace_hopper_drawing.png"
    tab = compare.CompareTab(app.models)
    _, _, scores, _, bars = tab.show(str(photo), str(artist))
    rows = scores.value["data"]
    assert [row[0] for row in rows] == bars.sort and len(rows) == 4
    published = [row[1:] for row in compare.baselines()["data"]]
    cells = [cell for row in [*(row[1:] for row in rows), *published] for cell in row if cell]
    assert len(cells) > 30 and all(re.fullmatch(r"\d\.\d{4}( – \d\.\d{4})?", cell) for cell in cells), cells


def test_the_results_tab_finds_its_sections_in_the_readme():
    from demo.tabs import results

    for heading in results.SECTIONS:
        assert results.section(heading).strip(), heading

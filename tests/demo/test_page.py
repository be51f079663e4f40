"""The page in a browser: on a phone and on a desktop, in both languages."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from visiting import DESKTOP, PHONE, choose_file, settle, visit, width_of

import facesketch
from demo.tabs import TABS
from facesketch.strokes.styles import STYLES

EXAMPLES = Path(__file__).parents[2] / "examples"
HOPPER = EXAMPLES / "grace_hopper.jpg"
DOWNLOAD = {"en-US": "Save the drawing", "vi-VN": "Lưu tranh"}


@pytest.mark.parametrize(("size", "language"), [(PHONE, "vi-VN"), (DESKTOP, "en-US")], ids=["phone", "desktop"])
def test_a_photo_is_drawn_at_once_and_downloaded_under_its_name(url, tmp_path, size, language):
    with visit(url, size, language) as page:
        choose_file(page, "#photo", HOPPER)
        drawn = facesketch.load()(facesketch.read_image(HOPPER)).image
        assert width_of(page, "#sketch img") == drawn.width
        sketch = page.locator("#sketch .stage").bounding_box()
        assert sketch["y"] + min(sketch["height"], 300) < size[1], "the drawing is on the first screen"
        assert sketch["width"] >= min(600, size[0] - 48) and page.locator("#sketch img").count() == 2
        assert page.locator("html").get_attribute("lang") == language[:2]
        with page.expect_download() as download:
            page.get_by_role("button", name=DOWNLOAD[language]).click()
        assert download.value.suggested_filename == "grace_hopper-cyclegan-sketch.png"
        with Image.open(download.value.path()) as file:
            assert (np.asarray(file.convert("RGB")) == np.asarray(drawn)).all()


def test_a_new_visitor_sees_an_example_before_anything_is_computed(url, monkeypatch):
    from demo import model_catalog

    monkeypatch.setattr(model_catalog, "cached_model", lambda *_: pytest.fail("nothing is to be computed"))
    with visit(url, PHONE, "vi-VN", motion=True) as page:
        assert width_of(page, "#example img") > 256
        page.locator("#example .stage[data-state=drawing]").wait_for()
        box = page.locator("#example .stage").bounding_box()
        assert box["y"] + box["height"] < PHONE[1], "it is on the first screen"
        words = page.locator("#welcome").inner_text()
        assert "bằng bút chì" in words and not re.search("CycleGAN|Pix2Pix|Autoencoder", words)
        for image in page.locator("#examples img").all():
            assert image.evaluate("image => image.naturalWidth") <= 288
        assert page.locator("#sketch").count() == 0
        page.locator("#example .stage[data-state=finished]").wait_for()


def test_an_example_is_drawn_in_its_style(url):
    with visit(url) as page:
        page.locator("#examples button", has_text="Ink").click()
        page.locator("#sketch img[src*='grace_hopper'][src*='ink']").wait_for()
        page.locator("#styles button[aria-pressed=true]", has_text="Ink").wait_for()


def test_the_group_among_the_examples_is_drawn_with_everyone(url):
    from demo.tabs.photo import GALLERY

    with visit(url) as page:
        page.locator("#examples button").nth([each.frame for each in GALLERY].index("paper")).click()
        page.locator("#sketch img[src*='four_portraits']").first.wait_for()
        page.locator("#everyone").wait_for()
        assert page.locator("#faces button").count() == 4
        assert width_of(page, "#sketch img") > 256, "the whole picture"


def test_a_choice_is_drawn_at_once_and_nothing_is_computed_twice(url, tmp_path, monkeypatch):
    from demo import model_catalog
    from demo.tabs import photo

    picture = ImageOps.expand(Image.open(EXAMPLES / "eileen_collins.jpg"), 3)  # which no other test draws
    picture.save(tmp_path / "framed.png")
    drawn = []

    def draw(folder, image, *given):
        drawn.extend([given] * (image.size == picture.size))
        return model_catalog.draw(folder, image, *given)

    monkeypatch.setattr(photo, "draw", draw)
    with visit(url) as page:
        choose_file(page, "#photo", tmp_path / "framed.png")
        page.locator("#styles img").nth(len(STYLES) - 1).wait_for()
        assert len(drawn) == len(STYLES)
        page.locator("#styles button", has_text="Ink").click()
        page.locator("#sketch img[src*='ink']").wait_for()
        page.locator("#compare-models").click()
        page.locator("#models img").nth(2).wait_for()
        before = len(drawn)
        page.locator("#models button", has_text="Pix2Pix").click()
        page.locator("#sketch img[src*='pix2pix-ink']").wait_for()
        assert before == len(STYLES) + 2 and page.locator("#model input:checked").get_attribute("value") == "pix2pix"
        page.get_by_text("Pix2Pix learned from").wait_for()
        for label, choice in (("Background", "Transparent"), ("Size", "512 px")):
            page.locator("#options").get_by_label(label, exact=True).click()
            page.get_by_role("option", name=choice, exact=True).click()
        page.locator("#sketch .stage.clear").wait_for()
        page.wait_for_function("() => document.querySelector('#sketch img')?.naturalWidth === 512")


def test_a_file_that_is_no_picture_gets_one_sentence_and_no_broken_picture(url, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"not a picture")
    with visit(url, language="vi-VN") as page:
        choose_file(page, "#photo", tmp_path / "photo.jpg")
        message = page.get_by_text("Không đọc được tệp này")
        message.first.wait_for()
        settle(page)
        assert message.count() == 1 and page.locator("#sketch img").count() == 0
        title = page.locator(".toast-title.error").first
        assert "Lỗi" in title.evaluate("title => getComputedStyle(title, '::after').content")


def test_a_file_that_is_no_picture_leaves_the_photo_before_it(url, tmp_path):
    (tmp_path / "photo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    with visit(url) as page:
        page.locator("#examples button").first.click()
        first = width_of(page, "#sketch img")
        for times in (1, 2):
            choose_file(page, "#another-photo", tmp_path / "photo.svg")
            page.get_by_text("We can't read this file").nth(times - 1).wait_for()
        assert width_of(page, "#sketch img") == first


def test_a_photo_of_a_phone_is_drawn_and_shown_in_every_tab(url, tmp_path):
    heif = pytest.importorskip("pillow_heif")
    heif.from_pillow(Image.open(HOPPER).convert("RGB")).save(tmp_path / "phone.heic")
    with visit(url) as page:
        choose_file(page, "#photo", tmp_path / "phone.heic")
        width_of(page, "#sketch img[src*='phone']")
        page.get_by_role("tab", name="Compare").locator("visible=true").click()
        assert width_of(page, "#compared img") == 512


def test_of_two_photos_the_first_is_drawn_and_the_visitor_is_told(url):
    with visit(url) as page:
        choose_file(page, "#photo", HOPPER, EXAMPLES / "eileen_collins.jpg")
        width_of(page, "#sketch img[src*='grace_hopper']")
        page.get_by_text("You chose 2 photos").wait_for()


def test_faces_are_chosen_by_their_pictures(url, tmp_path):
    sheet = Image.new("RGB", (1040, 600), "gray")
    sheet.paste(facesketch.read_image(HOPPER), (0, 0))
    sheet.paste(facesketch.read_image(EXAMPLES / "eileen_collins.jpg"), (520, 80))
    sheet.save(tmp_path / "two.png")
    with visit(url, PHONE) as page:
        choose_file(page, "#photo", tmp_path / "two.png")
        faces = page.locator("#faces button img")
        faces.nth(1).wait_for()
        box = page.locator("#faces").bounding_box()
        for number in (0, 1):
            shown = faces.nth(number).bounding_box()
            assert shown["y"] + shown["height"] <= box["y"] + box["height"] + 1, "no picture is cut off"
        width_of(page, "#sketch img")
        first = page.locator("#sketch img.drawing").get_attribute("src")
        faces.nth(1).click()
        page.wait_for_function("was => document.querySelector('#sketch img')?.src !== was", arg=first)
        page.locator("#everyone").click()
        page.wait_for_function("() => document.querySelector('#sketch img')?.naturalWidth === 1040")


def test_a_face_that_is_not_found_is_circled_with_a_finger(url, tmp_path):
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(100, 140, (500, 600, 3), np.uint8)).save(tmp_path / "nobody.png")
    with visit(url, PHONE) as page:
        choose_file(page, "#photo", tmp_path / "nobody.png")
        page.get_by_text("No face was found.").first.wait_for()
        canvas = page.locator("#marker canvas").first
        canvas.scroll_into_view_if_needed()
        settle(page)
        place = canvas.bounding_box()
        x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
        page.mouse.move(x - 40, y - 50)
        page.mouse.down()
        for right, down in ((40, -50), (40, 50), (-40, 50), (-40, -50)):
            page.mouse.move(x + right, y + down, steps=2)
        page.mouse.up()
        page.get_by_role("button", name="Draw this face").click()
        assert width_of(page, "#sketch img") >= 256


def test_without_a_face_the_whole_picture_is_one_tap_away(url, tmp_path):
    Image.effect_noise((300, 400), 60).save(tmp_path / "nobody.png")
    with visit(url, language="vi-VN") as page:
        choose_file(page, "#photo", tmp_path / "nobody.png")
        page.get_by_role("button", name="Vẽ cả ảnh").click()
        assert width_of(page, "#sketch img") == 300


def test_an_address_sets_model_style_and_language(url):
    with visit(f"{url}?model=pix2pix&style=ink&lang=vi") as page:
        choose_file(page, "#photo", HOPPER)
        page.locator("#sketch img[src*='pix2pix-ink']").wait_for()
        settle(page)
        assert page.locator("#styles button[aria-pressed=true]").inner_text() == "Mực"
        for part in ("#style", "#made"):  # Gradio's own class is lost now and then
            page.locator(part).evaluate("part => part.classList.remove('hidden')")
            assert not page.locator(part).is_visible()
        for text in ("Another", "Style", "Drawn by", "Save", "learned", "Strength"):
            assert page.get_by_text(text).locator("visible=true").count() == 0, text


def test_another_language_keeps_the_address_and_the_tab(url):
    with visit(f"{url}?model=pix2pix") as page:
        page.get_by_role("tab", name="Compare").locator("visible=true").click()
        settle(page)  # the address follows the tab
        page.get_by_role("link", name="Tiếng Việt").click()
        page.wait_for_url("**/vi?*")
        assert "model=pix2pix" in page.url and "tab=compare" in page.url
        page.get_by_role("tab", name="So sánh", selected=True).wait_for()


@pytest.mark.slow
def test_a_picture_of_a_gallery_that_is_clicked_is_shown_larger(url):
    with visit(f"{url}?tab=compare") as page:
        choose_file(page, "#compared", HOPPER)
        small = page.locator("#maps img").first
        small.wait_for()
        settle(page)
        width = small.bounding_box()["width"]
        small.click()
        page.wait_for_function(
            "width => Math.max(...[...document.querySelectorAll('#maps .preview img')].map(i => i.width)) > 2 * width",
            arg=width,
        )


@pytest.mark.parametrize(("tab", "model"), [("photo", "pix2pix"), ("live", "autoencoder"), ("batch", "cyclegan")])
def test_an_address_opens_a_tab_with_its_model(url, tab, model):
    with visit(f"{url}?tab={tab}&model={model}&lang=vi&style=none") as page:
        if tab == "photo":  # which shows its controls once there is a photo
            choose_file(page, "#photo", HOPPER)
        chosen = page.locator(f"input[type=radio][value={model}]:checked >> visible=true")
        chosen.first.wait_for()
        assert page.get_by_role("tab", selected=True).first.inner_text() in ("Ảnh", "Trực tiếp", "Thêm")


def test_the_keyboard_alone_is_enough(url):
    with visit(url, motion=True) as page:
        page.locator("#examples button").first.wait_for()
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("() => Boolean(document.activeElement.closest('#examples'))"):
                break
        page.keyboard.press("Enter")
        assert width_of(page, "#sketch img") >= 256
        page.locator("#sketch .skip").press("Enter")
        slider = page.locator("#sketch input[type=range]")
        slider.press("ArrowRight")
        assert slider.input_value() == "1" and page.locator("#sketch .stage:not(.whole)").count() == 1


GRADIO_FAULTS = {"aria-prohibited-attr"}  # the div with a label that stands for an empty picture
GRADIO_BUTTON = "image-frame"  # a picture is a button without a name


@pytest.mark.parametrize(
    "tab", ["photo", *(pytest.param(tab, marks=pytest.mark.slow) for tab in TABS if tab != "photo")]
)
def test_axe_finds_no_serious_fault(url, tab):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    with visit(f"{url}?tab={tab}") as page:
        page.get_by_role("tab", selected=True).first.wait_for()
        settle(page)
        faults = [fault for fault in axe.Axe().run(page).response["violations"] if fault["id"] not in GRADIO_FAULTS]
    serious = {f["id"]: [n["html"][:200] for n in f["nodes"]] for f in faults if f["impact"] in ("serious", "critical")}
    serious = {
        key: own for key, nodes in serious.items() if (own := [html for html in nodes if GRADIO_BUTTON not in html])
    }
    assert not serious, serious


HOLD_FIRST_REQUEST = """() => {
  const fetch = window.fetch;
  let first = true;
  window.held = new Promise((go) => { window.release = go; });
  window.fetch = async (...asked) => {
    if (first && String(asked[0]?.url ?? asked[0]).includes("queue/join")) {
      first = false;
      await window.held;
    }
    return fetch(...asked);
  };
}"""


def test_a_photo_chosen_before_the_url_is_read_is_drawn_by_its_model(url):
    with visit(f"{url}?model=pix2pix") as page:
        page.add_init_script(f"({HOLD_FIRST_REQUEST})()")
        page.reload()
        choose_file(page, "#photo", EXAMPLES / "grace_hopper.jpg")
        page.evaluate("() => window.release()")
        page.locator("#sketch img[src*='pix2pix']").wait_for()
        assert page.locator("#model input:checked").get_attribute("value") == "pix2pix"


def test_a_tab_opened_before_the_url_is_read_stays_open(url):
    with visit(f"{url}?model=pix2pix") as page:
        page.add_init_script(f"({HOLD_FIRST_REQUEST})()")
        page.reload()
        page.get_by_role("tab", name="Compare").locator("visible=true").click()
        with page.expect_response(lambda response: "queue/join" in response.url):
            page.evaluate("() => window.release()")
        settle(page)
        assert page.get_by_role("tab", name="Compare", selected=True).count() == 1

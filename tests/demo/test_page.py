"""The page in a browser: on a phone and on a desktop, in both languages."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from visiting import DESKTOP, PHONE, choose_file, settle, visit, width_of

import facesketch
from demo.tabs import TABS

EXAMPLES = Path(__file__).parents[2] / "examples"
HOPPER = EXAMPLES / "grace_hopper.jpg"
DOWNLOAD = {"en-US": "Download the drawing", "vi-VN": "Tải tranh"}


@pytest.mark.parametrize(("size", "language"), [(PHONE, "vi-VN"), (DESKTOP, "en-US")], ids=["phone", "desktop"])
def test_a_photo_is_drawn_at_once_and_downloaded_under_its_name(url, tmp_path, size, language):
    with visit(url, size, language) as page:
        choose_file(page, "#photo", HOPPER)
        drawn = facesketch.load()(facesketch.read_image(HOPPER)).image
        assert width_of(page, "#sketch img") == drawn.width
        photo, sketch = (page.locator(f"#{place}").bounding_box() for place in ("photo", "sketch"))
        assert sketch["y"] < photo["y"] + size[1], "the drawing begins within one screen of the photo"
        assert page.locator("#slider img").count() == 2
        assert page.locator("html").get_attribute("lang") == language[:2]
        with page.expect_download() as download:
            page.get_by_role("button", name=DOWNLOAD[language]).click()
        assert download.value.suggested_filename == "grace_hopper-cyclegan-sketch.png"
        with Image.open(download.value.path()) as file:
            assert (np.asarray(file.convert("RGB")) == np.asarray(drawn)).all()


def test_a_new_visitor_sees_an_example_before_anything_is_computed(url, monkeypatch):
    from demo import model_catalog

    monkeypatch.setattr(model_catalog, "cached_model", lambda *_: pytest.fail("nothing is to be computed"))
    with visit(url, PHONE, "vi-VN") as page:
        assert width_of(page, "#slider img") > 256
        slider = page.locator("#slider").bounding_box()
        assert slider["y"] + slider["height"] < PHONE[1], "it is on the first screen"
        page.get_by_text("Ví dụ: Eileen Collins").wait_for()
        for button in page.locator(".examples button >> visible=true").all():
            assert button.locator("img").evaluate("image => image.naturalWidth") <= 96
        assert page.locator("#sketch img").count() == 0


def test_an_example_is_drawn_each_time_it_is_chosen(url):
    with visit(url) as page:
        for name in ("Grace Hopper", "Eileen Collins", "Grace Hopper"):
            before = page.evaluate("() => document.querySelector('#sketch img')?.src")
            page.get_by_role("button", name=name).locator("visible=true").click()
            page.wait_for_function("was => (document.querySelector('#sketch img')?.src ?? was) !== was", arg=before)
        page.get_by_label("Remove Image").locator("visible=true").first.click()
        page.get_by_text("An example").first.wait_for()
        page.get_by_role("button", name="Grace Hopper").locator("visible=true").click()
        width_of(page, "#sketch img >> visible=true")


def test_a_choice_is_drawn_at_once_and_nothing_is_computed_twice(url, monkeypatch):
    from demo import model_catalog
    from demo.tabs import photo

    drawn = []
    monkeypatch.setattr(photo, "draw", lambda *given: drawn.append(given) or model_catalog.draw(*given))
    with visit(url) as page:
        choose_file(page, "#photo", EXAMPLES / "eileen_collins.jpg")
        width_of(page, "#sketch img")
        before = len(drawn)
        for name in ("Autoencoder", "CycleGAN", "Autoencoder"):
            first = page.locator("#sketch img").get_attribute("src")
            page.get_by_label(name, exact=True).locator("visible=true").check()
            page.wait_for_function("was => document.querySelector('#sketch img')?.src !== was", arg=first)
        assert len(drawn) <= before + 1, "CycleGAN's drawing was there already"
        page.get_by_role("button", name="Options").click()
        page.get_by_label("Transparent").locator("visible=true").check()
        page.get_by_label("512", exact=True).locator("visible=true").check()
        page.wait_for_function("() => document.querySelector('#sketch img')?.naturalWidth === 512")
        assert "gradient" in page.locator("#sketch img").evaluate("i => getComputedStyle(i).backgroundImage")
        page.locator("#draw-all").click()
        page.locator("#contact-sheet").wait_for()
        captions = page.locator("#sketches .caption-label").all_inner_texts()
        assert len(captions) >= 3 and all(caption.endswith(" ms") for caption in captions)


def test_a_file_that_is_no_picture_gets_one_sentence_and_no_broken_picture(url, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"not a picture")
    with visit(url, language="vi-VN") as page:
        choose_file(page, "#photo", tmp_path / "photo.jpg")
        message = page.get_by_text("Không đọc được tệp này")
        message.first.wait_for()
        settle(page)
        assert message.count() == 1 and page.locator("#photo img").count() == 0
        assert page.locator(".error").count() == 0


def test_a_file_that_is_no_picture_and_replaces_a_photo_gets_one_sentence_each_time(url, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"not a picture")
    with visit(url) as page:
        message = page.get_by_text("We can't read this file")
        for times in (1, 2):
            page.locator(".examples button >> visible=true").first.click()
            page.locator("#sketch img >> visible=true").first.wait_for()
            settle(page)
            choose_file(page, "#photo", tmp_path / "photo.jpg")
            message.nth(times - 1).wait_for()
            settle(page)
            assert message.count() == times and page.locator("#photo img").count() == 0


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
        first = page.locator("#sketch img").get_attribute("src")
        faces.nth(1).click()
        page.wait_for_function("was => document.querySelector('#sketch img')?.src !== was", arg=first)


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


@pytest.mark.parametrize(("tab", "model"), [("photo", "pix2pix"), ("live", "autoencoder"), ("batch", "cyclegan")])
def test_an_address_opens_a_tab_with_its_model(url, tab, model):
    with visit(f"{url}?tab={tab}&model={model}&lang=vi&style=none") as page:
        chosen = page.locator(f"input[type=radio][value={model}]:checked >> visible=true")
        chosen.first.wait_for()
        assert page.get_by_role("tab", selected=True).first.inner_text() in ("Ảnh", "Trực tiếp", "Thêm")


def test_the_keyboard_alone_is_enough(url):
    with visit(url) as page:
        page.locator(".examples button").first.wait_for()
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("() => Boolean(document.activeElement.closest('.examples'))"):
                break
        page.keyboard.press("Enter")
        assert width_of(page, "#sketch img") >= 256


GRADIO_FAULTS = {"aria-prohibited-attr"}  # the div with a label that stands for an empty picture


@pytest.mark.parametrize("tab", list(TABS))
def test_axe_finds_no_serious_fault(url, tab):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    with visit(f"{url}?tab={tab}") as page:
        page.get_by_role("tab", selected=True).first.wait_for()
        settle(page)
        faults = [fault for fault in axe.Axe().run(page).response["violations"] if fault["id"] not in GRADIO_FAULTS]
    serious = {f["id"]: [n["html"][:200] for n in f["nodes"]] for f in faults if f["impact"] in ("serious", "critical")}
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
        page.locator("#photo img").wait_for()
        page.evaluate("() => window.release()")
        page.locator("#sketch img[src*='pix2pix']").wait_for()
        assert page.locator("#model input:checked").get_attribute("value") == "pix2pix"

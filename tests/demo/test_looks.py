"""How a drawing shall look, through the demo's API and on its page, and what the library warns of."""

from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from PIL import Image
from test_app import CHROMIUM, HOPPER, browser_path, picture

import facesketch
from facesketch.faces import matte


@pytest.fixture(scope="module")
def app():
    import app

    app.demo.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, server_port=7893)
    yield app
    app.demo.close()


@pytest.fixture(scope="module")
def client(app):
    return Client(app.demo.local_url, verbose=False)


def test_size_ground_and_strokes_through_the_api(client):
    portrait, model = facesketch.read_image(HOPPER), facesketch.load("autoencoder")
    call = [handle_file(str(HOPPER)), "autoencoder", False, "", "crop"]
    with Image.open(client.predict(*call, 512, "clear", 0.8, api_name="/photo_to_sketch")) as answer:
        assert answer.mode == "RGBA" and answer.size == (512, 640)
        assert answer.tobytes() == model.translate(portrait, size=512, ground="clear", strokes=0.8).tobytes()
    answer = picture(client.predict(*call, "auto", "keep", api_name="/photo_to_sketch"))
    assert (answer == np.asarray(model.translate(portrait, ground="keep"))).all()


def test_a_visitor_chooses_a_size_and_is_told_that_the_ground_stays(app, monkeypatch):
    from playwright.sync_api import expect, sync_playwright

    monkeypatch.setattr(matte, "FOLDER", Path("no-such-folder"))
    matte._without.cache_clear()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=CHROMIUM)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(app.demo.local_url)
        page.locator("button.gallery-item").first.click()
        expect(page.locator("#photo img")).to_be_visible(timeout=30_000)
        page.get_by_role("button", name="Options").click()
        page.get_by_label("512", exact=True).check()
        page.get_by_label("Autoencoder", exact=True).check()
        page.get_by_role("button", name="Sketch", exact=True).click()
        expect(page.get_by_text("Grounds are drawn as they are")).to_be_visible(timeout=60_000)
        sketch = page.locator("#sketch img")
        expect(sketch).to_be_visible(timeout=60_000)
        assert sketch.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [512, 640]
        browser.close()

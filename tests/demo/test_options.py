"""How a drawing shall look, through the demo's API and on its page, and what the library warns of."""

from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from PIL import Image
from test_app import HOPPER, picture
from visiting import visit, width_of

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


def test_a_visitor_is_told_that_the_ground_stays(app, monkeypatch):
    monkeypatch.setattr(matte, "FOLDER", Path("no-such-folder"))
    matte._without.cache_clear()
    with visit(app.demo.local_url) as page:
        page.locator(".examples button").first.click()
        page.get_by_text("Grounds are drawn as they are").first.wait_for()
        assert width_of(page, "#sketch img") == 256

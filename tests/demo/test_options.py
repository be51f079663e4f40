"""Drawing options through the demo's API and on its page, and the library's warnings."""

from pathlib import Path

import numpy as np
import pytest
from gradio_client import handle_file
from PIL import Image
from test_app import HOPPER, picture
from visiting import visit, width_of

import facesketch
from facesketch import DrawOptions
from facesketch.face import matte


def test_size_background_and_strength_through_the_api(client):
    portrait, pipeline = facesketch.read_image(HOPPER), facesketch.load("autoencoder")
    call = [handle_file(str(HOPPER)), "autoencoder", False, "", "crop"]
    options = DrawOptions(size=512, background="transparent", strength=0.8)
    with Image.open(client.predict(*call, 512, "transparent", 0.8, api_name="/photo_to_sketch")) as answer:
        assert answer.mode == "RGBA" and answer.size == (512, 640)
        assert answer.tobytes() == pipeline(portrait, options).image.tobytes()
    answer = picture(client.predict(*call, "auto", "keep", api_name="/photo_to_sketch"))
    assert (answer == np.asarray(pipeline(portrait, DrawOptions(background="keep")).image.convert("RGB"))).all()


@pytest.mark.parametrize("finish", ["detail", "none"])
@pytest.mark.parametrize(("model", "learned"), [("cyclegan", None), ("pix2pix", "line")])
def test_a_style_that_a_model_did_not_learn_is_drawn_without_strokes_too(client, model, learned, finish):
    """The page offers all styles whatever the finish; ink is drawn with the label of line."""
    call = [handle_file(str(HOPPER)), model, False, "", "crop", 256, "paper", 0.5]
    answer = picture(client.predict(*call, "ink", finish, api_name="/photo_to_sketch"))
    options = DrawOptions(size=256, style=learned, finish=finish)
    expected = facesketch.load(model)(facesketch.read_image(HOPPER), options).image
    assert (answer == np.asarray(expected.convert("RGB"))).all()


def test_a_width_is_accepted_as_the_text_that_the_api_lists(client):
    endpoint = client.view_api(return_format="dict", print_info=False)["named_endpoints"]["/photo_to_sketch"]
    size = next(each for each in endpoint["parameters"] if each["parameter_name"] == "size")
    assert "'512'" in size["python_type"]["type"]
    call = [handle_file(str(HOPPER)), "autoencoder", False, "", "crop"]
    assert picture(client.predict(*call, "512", api_name="/photo_to_sketch")).shape[1] == 512


def test_a_visitor_is_warned_that_the_background_stays(app, monkeypatch):
    monkeypatch.setattr(matte, "MATTE_DIR", Path("no-such-folder"))
    with visit(app.demo.local_url) as page:
        page.locator("#examples button").first.click()
        page.get_by_text("The background cannot be removed").first.wait_for()
        assert width_of(page, "#sketch img") == 512

"""The demo through its API: what the library draws, and one sentence for bad input."""

import re
from pathlib import Path

import numpy as np
import pytest
from conftest import draw_face
from gradio_client import handle_file
from gradio_client.exceptions import AppError
from PIL import Image

import facesketch
from facesketch import DrawOptions, metrics
from facesketch.options import RAW_OUTPUT

ROOT = Path(__file__).parents[2]
HOPPER = ROOT / "examples" / "grace_hopper.jpg"


def picture(path: str) -> np.ndarray:
    with Image.open(path) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


def test_the_contract_of_the_api(client):
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    names = {name: [p["parameter_name"] for p in info["parameters"]] for name, info in endpoints.items()}
    options = ["frame", "size", "background", "strength", "style", "finish", "seed"]
    assert names["/photo_to_sketch"] == ["photo", "model", "whole", "box", *options]
    common = [name for name in options if name not in ("frame", "style")]
    assert names["/photo_to_sketches"] == ["photo", "whole", "box", *common]
    assert names["/sketch_to_photo"][0] == "sketch" and names["/sketch_to_photo"][-1] == "model"
    assert names["/compare"] == ["photo", "sketch"]
    assert names["/there_and_back"] == ["picture", "model", "direction"]
    assert names["/photos_to_sketches"] == [
        "photos",
        "model",
        "size",
        "background",
        "style",
        "finish",
        "strength",
        "seed",
    ]
    assert len(names) == 6
    for info in endpoints.values():
        assert info["description"] and all(p["type"] for p in info["parameters"]), info


def test_the_documentation_lists_every_endpoint_with_its_arguments(client):
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    names = {name: [p["parameter_name"] for p in info["parameters"]] for name, info in endpoints.items()}
    text = (ROOT / "docs" / "demo.md").read_text("utf-8")
    rows = re.findall(r"^\| `(/\w+)` \| ([^|]+) \|", text, re.MULTILINE)
    assert {name: arguments.split(", ") for name, arguments in rows} == names
    returned = {each["label"] for info in endpoints.values() for each in info["returns"]}
    assert not any(label.startswith("value_") for label in returned), returned


@pytest.mark.parametrize("model", ["autoencoder", "pix2pix", "cyclegan"])
def test_the_app_draws_what_the_library_draws(client, model):
    answer = picture(client.predict(handle_file(str(HOPPER)), model, api_name="/photo_to_sketch"))
    expected = facesketch.load(model)(facesketch.read_image(HOPPER)).image.convert("RGB")
    assert (answer == np.asarray(expected)).all()


@pytest.mark.parametrize("asked", [{}, {"model": "cyclegan"}, {"model": "pix2pix"}])
def test_a_sketch_becomes_a_photo(client, tmp_path, asked):
    path = tmp_path / "sketch.png"
    facesketch.load("autoencoder")(facesketch.read_image(HOPPER)).save(path)
    answer = picture(client.predict(handle_file(str(path)), **asked, api_name="/sketch_to_photo"))
    pipeline = facesketch.load(asked.get("model", "cyclegan"), target="photo")
    expected = pipeline(facesketch.read_image(path)).image
    assert (answer == np.asarray(expected)).all()


def test_a_model_without_an_inverse_generator_is_not_offered(client, tmp_path):
    sketch = handle_file(str(HOPPER))
    with pytest.raises(AppError, match="autoencoder"):
        client.predict(sketch, model="autoencoder", api_name="/sketch_to_photo")


def test_compare_with_an_artists_sketch_and_without(client, tmp_path):
    photo, sketch = draw_face(0)
    photo.save(tmp_path / "photo.png")
    sketch.save(tmp_path / "sketch.png")
    files = [handle_file(str(tmp_path / name)) for name in ("photo.png", "sketch.png")]
    pictures, maps, table, note = client.predict(*files, api_name="/compare")
    rows = {row[0]: row[1:] for row in table["data"]}
    assert set(rows) == {"Autoencoder", "Pix2Pix", "CycleGAN", "Photo in gray"}
    drawn = facesketch.load("pix2pix")(photo, RAW_OUTPUT).image
    target = sketch.convert("RGB")
    assert rows["Pix2Pix"] == pytest.approx(
        [measure(drawn, target) for measure in (metrics.ssim, metrics.mae, metrics.scoot)], abs=1e-4
    )
    assert len(pictures) == 5 and len(maps) == 4 and "artist" in note
    pictures, maps, table, note = client.predict(handle_file(str(HOPPER)), None, api_name="/compare")
    assert len(pictures) == 4 and len(maps) == 3 and "a good drawing differs from its photo" in note


def bad_files(folder: Path) -> dict[str, str]:
    """Files that are no picture of a face -> a word of the answer."""
    Image.new("RGB", (300, 300), "gray").save(folder / "nobody.png")
    (folder / "empty.png").touch()
    (folder / "page.jpg").write_text("<html>not a picture</html>")
    (folder / "broken.jpg").write_bytes(HOPPER.read_bytes()[:2000])
    Image.new("1", (20000, 20000)).save(folder / "huge.png")
    return {
        "nobody.png": "No face",
        "empty.png": "empty",
        "page.jpg": "can't read this file",
        "broken.jpg": "damaged",
        "huge.png": "pixels",
    }


def test_bad_input_gets_a_sentence_and_no_traceback(client, tmp_path, capfd):
    for name, word in bad_files(tmp_path).items():
        for call in (["pix2pix"], []):
            api = "/photo_to_sketch" if call else "/sketch_to_photo"
            with pytest.raises(AppError, match=word):
                client.predict(handle_file(str(tmp_path / name)), *call, api_name=api)
    with pytest.raises(AppError, match="Choose a photo first"):
        client.predict(None, "pix2pix", api_name="/photo_to_sketch")
    assert "Traceback" not in capfd.readouterr().err


def test_odd_pictures_get_an_answer(client, tmp_path):
    portrait = facesketch.read_image(HOPPER)
    portrait.convert("CMYK").save(tmp_path / "cmyk.jpg")
    portrait.convert("P").save(tmp_path / "palette.gif")
    turned = portrait.rotate(90, expand=True)
    exif = turned.getexif()
    exif[274] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    gray16 = np.asarray(portrait.convert("L"), dtype=np.uint16) * 257
    Image.fromarray(gray16).save(tmp_path / "gray16.png")
    faded = portrait.convert("RGBA")
    faded.putalpha(230)
    faded.save(tmp_path / "alpha.png")
    how = ["pix2pix", False, "", "crop", 256]
    plain = picture(client.predict(handle_file(str(HOPPER)), *how, api_name="/photo_to_sketch")).astype(int)
    for path in sorted(tmp_path.iterdir()):
        answer = picture(client.predict(handle_file(str(path)), *how, api_name="/photo_to_sketch"))
        assert np.abs(answer - plain).mean() < 45, path.name


def two_portraits(path: Path) -> Path:
    """Both portraits side by side, the larger face on the left."""
    sheet = Image.new("RGB", (1040, 600), "gray")
    sheet.paste(facesketch.read_image(HOPPER), (0, 0))
    sheet.paste(facesketch.read_image(HOPPER.with_name("eileen_collins.jpg")), (520, 80))
    sheet.save(path)
    return path


def test_a_box_and_a_frame_through_the_api(client, tmp_path):
    image = facesketch.read_image(two_portraits(tmp_path / "two.png"))
    second = facesketch.find_faces(image)[1]
    box = ", ".join(f"{value:.0f}" for value in second.box)
    call = [handle_file(str(tmp_path / "two.png")), "autoencoder", False]
    pipeline = facesketch.load("autoencoder")
    answer = picture(client.predict(*call, box, "crop", api_name="/photo_to_sketch"))
    assert (answer == np.asarray(pipeline(image, faces=[second]).image.convert("RGB"))).all()
    answer = picture(client.predict(*call, "", "paper", api_name="/photo_to_sketch"))
    assert (answer == np.asarray(pipeline(image, DrawOptions(frame="paper")).image.convert("RGB"))).all()
    with pytest.raises(AppError, match="A box is"):
        client.predict(*call, "here", "crop", api_name="/photo_to_sketch")

"""Many photos at once: in a browser, and through the endpoint."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from visiting import PHONE, choose_file, settle, visit

import facesketch
from demo.tabs import batch
from demo.tabs.batch import photos_in
from facesketch.strokes.styles import STYLES

HOPPER = Path(__file__).parents[2] / "examples" / "grace_hopper.jpg"


@pytest.fixture
def photos(tmp_path) -> list[Path]:
    """Ten portraits, and two files that cannot be drawn."""
    files = [tmp_path / f"face{number}.png" for number in range(10)]
    for number, path in enumerate(files):
        facesketch.read_image(HOPPER).resize((200 + number, 240)).save(path)
    (tmp_path / "broken.jpg").write_bytes(HOPPER.read_bytes()[:2000])
    Image.new("RGB", (300, 300), "gray").save(tmp_path / "nobody.png")
    return [*files, tmp_path / "broken.jpg", tmp_path / "nobody.png"]


def test_many_photos_are_drawn_and_what_fails_is_named(url, photos):
    with visit(f"{url}?tab=batch&model=autoencoder") as page:
        choose_file(page, "#many", *photos)
        page.locator("#many").get_by_text("nobody").first.wait_for()
        start, stop = (page.get_by_role("button", name=name, exact=True) for name in ("Draw them all", "Stop"))
        assert not stop.is_visible()
        start.click()
        stop.wait_for()
        page.locator("#batch-drawings img").first.wait_for()
        assert not page.locator("#zip").is_visible(), "the zip comes when it is finished"
        page.wait_for_function("() => /12 drawn|\\d+ drawn, [2-9]\\d* failed/.test(document.body.innerText)")
        settle(page)
        failed = page.locator("#failed").inner_text()
        assert "broken.jpg" in failed and "damaged" in failed and "nobody.png" in failed and "No face" in failed
        with page.expect_download() as download:
            page.locator("#zip").click()
        assert len(zipfile.ZipFile(download.value.path()).namelist()) == 10
        with page.expect_download() as download:
            page.locator("#batch-sheet").click()
        assert Image.open(download.value.path()).width == 5 * 256
        start.wait_for()
        assert not stop.is_visible() and page.locator("#batch-drawings img").count() == 10


@pytest.mark.slow
def test_a_batch_that_is_stopped_on_the_page_offers_what_was_drawn(url, photos):
    with visit(f"{url}?tab=batch&model=autoencoder&lang=vi", PHONE) as page:
        choose_file(page, "#many", *photos)
        page.locator("#many").get_by_text("nobody").first.wait_for()
        page.get_by_role("button", name="Vẽ tất cả").click()
        page.locator("#batch-drawings img").first.wait_for()
        page.get_by_role("button", name="Dừng", exact=True).click()
        page.locator("#zip").wait_for()
        page.get_by_role("button", name="Vẽ tất cả").wait_for()
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "nothing is cut at the right"


@pytest.mark.parametrize("tab", ["photo", "live", "batch"])
@pytest.mark.parametrize("model", ["cyclegan", "pix2pix"])
def test_every_style_is_offered_for_every_model_and_a_link_sets_both(url, tab, model):
    """The first tab shows its controls once there is a photo; styles are pictures of it, and the radio is hidden."""
    within = "#style " if tab == "photo" else ""
    shown = "" if tab == "photo" else " >> visible=true"
    with visit(f"{url}?tab={tab}&model={model}&style=charcoal") as page:
        if tab == "photo":
            choose_file(page, "#photo", HOPPER)
        page.locator(f"input[type=radio][value={model}]:checked{shown}").first.wait_for(state="attached")
        page.locator(f"{within}input[type=radio][value=charcoal]:checked{shown}").wait_for(state="attached")
        for style in STYLES:
            assert page.locator(f"{within}input[type=radio][value={style}]{shown}").count() == 1


@pytest.mark.parametrize("model", ["autoencoder", "cyclegan", "pix2pix"])
def test_every_style_that_the_page_offers_changes_what_every_model_draws(app, model):
    """The page draws in strokes; the finishes in which a model has but one style are for programs."""
    tab, drawn = batch.BatchTab(app.models), set()
    for style in ("graphite", "charcoal"):
        options = facesketch.DrawOptions(style=style, size=256)
        [made] = tab.draw_all([(str(HOPPER), "grace.jpg")], model, options, lambda *_, **__: None)
        drawn.add(Path(made.drawings[0][0]).read_bytes())
    assert len(drawn) == 2


def test_a_zip_is_read_with_bounds(url, tmp_path):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as packed:
        packed.write(HOPPER, "a/../../../grace.jpg")
        packed.write(HOPPER, "b/grace.jpg")
        packed.writestr("__MACOSX/._grace.jpg", b"x")
        packed.writestr("bomb.png", bytes(60 * 2**20), zipfile.ZIP_DEFLATED)
    client = Client(url, verbose=False)
    files = [handle_file(str(tmp_path / "photos.zip"))]
    drawn, failed, note = client.predict(files, "autoencoder", 256, api_name="/photos_to_sketches")
    assert note == "2 drawn, 1 failed." and [row[0] for row in failed["data"]] == ["bomb.png"]
    with zipfile.ZipFile(drawn) as packed:
        assert packed.namelist() == ["grace-sketch.png", "grace-sketch-2.png"]
        answer = np.asarray(Image.open(io.BytesIO(packed.read("grace-sketch.png"))).convert("RGB"))
    drawing = facesketch.load("autoencoder")(facesketch.read_image(HOPPER), facesketch.DrawOptions(size=256))
    assert (answer == np.asarray(drawing.image.convert("RGB"))).all()
    (tmp_path / "broken.zip").write_bytes((tmp_path / "photos.zip").read_bytes()[:3000])
    with pytest.raises(AppError, match="zip is damaged"):
        client.predict([handle_file(str(tmp_path / "broken.zip"))], api_name="/photos_to_sketches")


def test_a_batch_that_is_stopped_keeps_what_was_drawn(url, photos):
    job = Client(url, verbose=False).submit([handle_file(str(p)) for p in photos], api_name="/photos_to_sketches")
    while not job.outputs():
        assert not job.done()
    job.cancel()
    zips = list(Path(os.environ["GRADIO_TEMP_DIR"]).rglob("*sketches.zip"))
    assert zips and all(zipfile.ZipFile(path).testzip() is None for path in zips)


def test_what_a_file_holds_decides_whether_it_is_a_zip(tmp_path):
    """A picture may have a zip behind it, and a zip any name."""
    photo, packed = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(photo, "JPEG")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("inside.jpg", photo.getvalue())
    contents = {"photo.zip": photo.getvalue() + packed.getvalue(), "zip.jpg": packed.getvalue()}
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    found = list(photos_in([(str(tmp_path / name), name) for name in contents]))
    assert found == [("photo.zip", contents["photo.zip"]), ("inside.jpg", photo.getvalue())]

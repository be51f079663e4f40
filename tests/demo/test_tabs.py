"""The other tabs in a browser, and their endpoints: drawn by hand, there and back, compared, many, live."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from conftest import draw_face
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from visiting import PHONE, choose_file, visit

import facesketch
from demo import lines

EXAMPLES = Path(__file__).parents[2] / "examples"
HOPPER = EXAMPLES / "grace_hopper.jpg"


@pytest.fixture(scope="module")
def address():
    import app

    app.demo.launch(prevent_thread_lock=True, quiet=True)
    yield app.demo.local_url
    app.demo.close()


def test_a_face_drawn_with_the_mouse_becomes_photos(address):
    with visit(f"{address}?tab=draw") as page:
        canvas = page.locator("#pad canvas").first
        canvas.wait_for()
        page.wait_for_timeout(1500)
        make = page.get_by_role("button", name="Make photos of it")
        make.click()
        page.get_by_text("Draw a face on the sheet first.").first.wait_for()
        box = canvas.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for turn in range(60):
            page.mouse.move(x + 90 * np.cos(turn / 9), y + 130 * np.sin(turn / 9))
            if turn == 0:
                page.mouse.down()
        page.mouse.up()
        make.click()
        page.locator("#photos img").nth(2).wait_for()
        page.get_by_text("These are bare lines").first.wait_for()
        assert page.locator("#photos .caption-label").all_inner_texts()[1:] == ["CycleGAN", "Pix2Pix"]


def test_an_uploaded_drawing_in_which_no_face_is_found_is_taken_whole(address, tmp_path):
    Image.effect_noise((300, 400), 60).save(tmp_path / "drawing.png")
    with visit(f"{address}?tab=draw", PHONE, "vi-VN") as page:
        page.locator("#pad canvas").first.wait_for()
        tab = page.get_by_role("tab", name="Tải lên hoặc chụp một bức vẽ").first
        if not tab.is_visible():
            page.locator("button.overflow-menu, .overflow-menu button").last.click()
            tab = page.locator(".overflow-dropdown button").last
        tab.click()
        choose_file(page, "#drawing", tmp_path / "drawing.png")
        page.get_by_text("Không tìm thấy khuôn mặt trong bức vẽ").first.wait_for()
        page.locator("#photos img").nth(2).wait_for()


@pytest.mark.parametrize("width", [1, 14])
def test_lines_are_brought_to_a_pencils_weight_on_white_paper(width):
    from PIL import ImageDraw

    page = Image.new("RGB", lines.SHEET, (225, 220, 205))
    ImageDraw.Draw(page).ellipse((60, 60, 340, 440), outline=(30, 30, 30), width=width)
    gray = np.asarray(lines.penciled(page).convert("L"), float)
    assert gray.shape == (320, 256) and np.median(gray) > 250
    across = gray[160, :128] < 170
    assert 1 <= across.sum() <= 4
    assert lines.bare(lines.penciled(page)) and not lines.bare(draw_face(0)[0])


def test_the_faint_face_has_its_eyes_where_the_models_know_them():
    dark = np.asarray(lines.sheet(True).convert("L")) < 240
    for x in (150, 250):
        assert dark[230:270, x - 30 : x + 30].any()
    assert not (np.asarray(lines.sheet(False)) < 255).any()


def test_there_and_back_shows_the_error_that_equation_7_sums(address):
    client = Client(address, verbose=False)
    pictures, error = client.predict(handle_file(str(HOPPER)), "cyclegan", api_name="/there_and_back")
    assert [picture["caption"] for picture in pictures] == ["Photo", "Sketch", "Photo again", "The error"]
    first, again = (np.asarray(Image.open(pictures[at]["image"]).convert("RGB"), float) for at in (0, 2))
    assert error == pytest.approx(np.abs(first - again).mean() / 255, abs=1e-6)
    dark, light = (np.asarray(Image.open(pictures[3]["image"]).convert("L"))[where] for where in places(first, again))
    assert dark < light
    with visit(f"{address}?tab=there&model=pix2pix", language="vi-VN") as page:
        choose_file(page, "#there", EXAMPLES / "eileen_collins.jpg")
        page.get_by_text("Sai số trung bình là").wait_for()
        assert page.locator("#trip img").count() == 4


def places(a: np.ndarray, b: np.ndarray) -> list[tuple]:
    """Where two pictures differ least and most."""
    off = np.abs(a - b).mean(-1)
    return [np.unravel_index(at, off.shape) for at in (off.argmin(), off.argmax())]


def test_compare_in_the_browser_waits_for_the_photo_and_then_shows_maps_and_bars(address):
    with visit(f"{address}?tab=compare", language="vi-VN") as page:
        choose_file(page, "#artist", EXAMPLES / "grace_hopper_drawing.png")
        page.get_by_text("Bây giờ hãy chọn ảnh").wait_for()
        assert page.locator(".error").count() == 0
        choose_file(page, "#compared", HOPPER)
        page.locator("#maps img").nth(3).wait_for()
        page.locator("#bars svg, #bars canvas").first.wait_for()
        heads = page.locator("#scores th").all_inner_texts()
        assert heads[0].strip() == "Mô hình"


@pytest.fixture
def photos(tmp_path) -> list[Path]:
    """Ten drawn faces, and two files that cannot be drawn."""
    files = []
    for number in range(10):
        files.append(tmp_path / f"face{number}.png")
        draw_face(number, (400, 500))[0].save(files[-1])
    (tmp_path / "broken.jpg").write_bytes(HOPPER.read_bytes()[:2000])
    Image.new("RGB", (300, 300), "gray").save(tmp_path / "nobody.png")
    return [*files, tmp_path / "broken.jpg", tmp_path / "nobody.png"]


def test_many_photos_are_drawn_and_what_fails_is_named(address, photos):
    with visit(f"{address}?tab=many&model=autoencoder") as page:
        page.locator("input[type=file]").last.set_input_files([*map(str, photos)])
        page.get_by_text("nobody.png").first.wait_for()
        page.get_by_role("button", name="Draw them all").click()
        page.get_by_text("failed.").wait_for()
        page.wait_for_function("() => /12 drawn|\\d+ drawn, [2-9]\\d* failed/.test(document.body.innerText)")
        page.wait_for_timeout(1000)
        failed = page.locator("#failed").inner_text()
        assert "broken.jpg" in failed and "damaged" in failed and "nobody.png" in failed and "No face" in failed
        with page.expect_download() as download:
            page.locator("#zip").click()
        assert zipfile.ZipFile(download.value.path()).testzip() is None


def test_a_zip_is_read_with_bounds(address, tmp_path):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as packed:
        packed.write(HOPPER, "a/../../../grace.jpg")
        packed.write(HOPPER, "b/grace.jpg")
        packed.writestr("__MACOSX/._grace.jpg", b"x")
        packed.writestr("bomb.png", bytes(60 * 2**20), zipfile.ZIP_DEFLATED)
    client = Client(address, verbose=False)
    files = [handle_file(str(tmp_path / "photos.zip"))]
    drawn, failed, note = client.predict(files, "autoencoder", 256, api_name="/photos_to_sketches")
    assert note == "2 drawn, 1 failed." and [row[0] for row in failed["data"]] == ["bomb.png"]
    with zipfile.ZipFile(drawn) as packed:
        assert packed.namelist() == ["grace-sketch.png", "grace-sketch-2.png"]
        answer = np.asarray(Image.open(io.BytesIO(packed.read("grace-sketch.png"))).convert("RGB"))
    expected = facesketch.load("autoencoder").translate(facesketch.read_image(HOPPER), size=256)
    assert (answer == np.asarray(expected)).all()
    (tmp_path / "broken.zip").write_bytes((tmp_path / "photos.zip").read_bytes()[-3000:])
    with pytest.raises(AppError, match="zip is damaged|not a picture|damaged"):
        done = client.predict([handle_file(str(tmp_path / "broken.zip"))], api_name="/photos_to_sketches")
        raise AppError(done[1]["data"][0][1])


def test_a_batch_that_is_stopped_keeps_what_was_drawn(address, photos):
    job = Client(address, verbose=False).submit([handle_file(str(p)) for p in photos], api_name="/photos_to_sketches")
    while not job.outputs():
        assert not job.done()
    job.cancel()
    zips = list(Path(os.environ["GRADIO_TEMP_DIR"]).rglob("*sketches.zip"))
    assert zips and all(zipfile.ZipFile(path).testzip() is None for path in zips)


def test_a_camera_is_drawn_frame_by_frame_and_a_drawing_kept(address, tmp_path):
    """Chromium's fake camera plays a portrait that sways."""
    portrait = Image.open(HOPPER).convert("RGB").resize((400, 471))
    with open(tmp_path / "camera.mjpeg", "wb") as video:
        for number in range(30):
            frame = Image.new("RGB", (640, 480), "gray")
            frame.paste(portrait, (120 + round(10 * np.sin(number / 30 * 2 * np.pi)), 5))
            frame.save(video, "JPEG")
    fake = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    with visit(
        f"{address}?tab=live", more=(*fake, f"--use-file-for-fake-video-capture={tmp_path}/camera.mjpeg")
    ) as page:
        access = page.get_by_text("Click to Access Webcam")
        record = page.get_by_role("button", name="capture photo")
        access.or_(record).first.wait_for()
        if access.count():
            access.click()
        record.click()
        page.evaluate(WATCH)
        page.wait_for_function("() => window.drawings >= 30", timeout=120_000)
        rate = page.evaluate("() => 29000 / (window.last - window.first)")
        print(f"{rate:.1f} drawings a second")
        page.get_by_role("button", name="Keep this drawing").click()
        page.locator("#snapshot img").wait_for()


WATCH = """() => {
  window.drawings = 0;
  let before = "";
  new MutationObserver(() => {
    const image = document.querySelector("#live img");
    if (!image || image.src === before) return;
    before = image.src;
    window.last = performance.now();
    window.first ??= window.last;
    window.drawings++;
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


def test_the_face_in_sight_moves_calmly():
    from demo.live import EVERY, Seen, follow

    image = facesketch.read_image(HOPPER)
    moved = Image.new("RGB", image.size)
    moved.paste(image, (6, 0))
    seen = follow(Seen(), image, b"")
    first = np.array(seen.face.points)
    for _ in range(EVERY - 1):
        seen = follow(seen, moved, b"")
        assert (np.array(seen.face.points) == first).all(), "between two looks the place is kept"
    seen = follow(seen, moved, b"")
    shift = (np.array(seen.face.points) - first)[:2, 0]
    assert (shift > 1).all() and (shift < 5).all(), "a look moves it part of the way"
    assert follow(seen, Image.new("RGB", (200, 200)), b"").face is not None

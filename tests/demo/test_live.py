"""The moving sketch, with Chromium's fake camera."""

from pathlib import Path

import numpy as np
from PIL import Image
from visiting import visit

import facesketch

HOPPER = Path(__file__).parents[2] / "examples" / "grace_hopper.jpg"


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
        page.wait_for_function("() => window.drawings >= 10", timeout=120_000)
        rate = page.evaluate("() => 1000 * (window.drawings - 1) / (window.last - window.first)")
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
    from demo.live import CALM, EVERY, Seen, follow

    image = facesketch.read_image(HOPPER)
    moved = Image.new("RGB", image.size)
    moved.paste(image, (6, 0))
    seen = follow(Seen(), image, b"")
    first = np.array(seen.face.points)
    for _ in range(EVERY - 1):
        seen = follow(seen, moved, b"")
        assert (np.array(seen.face.points) == first).all(), "between two looks the place is kept"
    seen = follow(seen, moved, b"")
    found = np.array(facesketch.find_faces(moved)[0].points)
    assert np.allclose(seen.face.points, first + CALM * (found - first)), "a look moves it part of the way"
    assert follow(seen, Image.new("RGB", (200, 200)), b"").face is not None

"""The moving sketch, with Chromium's fake camera."""

import base64
import io
from pathlib import Path

import httpx
import numpy as np
from PIL import Image
from visiting import camera, drawings, start_camera, visit

import facesketch

HOPPER = Path(__file__).parents[2] / "examples" / "grace_hopper.jpg"


def test_a_camera_is_drawn_frame_by_frame_and_a_drawing_kept(address, tmp_path):
    with visit(f"{address}?tab=live&model=pix2pix", more=camera(tmp_path)) as page:
        start_camera(page)
        drawings(page, 30)
        page.get_by_role("button", name="Keep this drawing").click()
        page.locator("#snapshot img").wait_for()


def test_a_visitor_has_one_place_before_the_camera(app, address):
    number = next(fn._id for fn in app.demo.fns.values() if fn.connection == "stream")
    line, frame = app.demo._queue, io.BytesIO()
    Image.new("RGB", (64, 64)).save(frame, "JPEG")
    given = {"url": "data:image/jpeg;base64," + base64.b64encode(frame.getvalue()).decode()}

    def join(visitor: str) -> str:
        body = {"data": [given, "autoencoder", None, None], "fn_index": number, "session_hash": visitor}
        return httpx.post(f"{address}gradio_api/queue/join", json=body).json()["event_id"]

    first, other, again = join("me"), join("you"), join("me")
    waiting = {event._id for event in list(line.event_ids_to_events.values()) if event.streaming and not event.closed}
    assert first not in waiting and {other, again} <= waiting
    for event in (other, again):
        httpx.post(f"{address}gradio_api/stream/{event}/close")


def test_while_others_wait_for_drawings_few_frames_are_drawn(app, monkeypatch):
    from gradio.context import LocalContext

    from demo import live

    drawn = []
    do = live.Live(app.models)
    monkeypatch.setattr(do, "_drawn", lambda *given, **how: drawn.append(1))
    monkeypatch.setattr(live, "BUSY_INTERVAL", 1e9)
    LocalContext.blocks.set(app.demo)
    line = app.demo._queue.event_queue_per_concurrency_id["draw"]
    monkeypatch.setattr(line, "current_concurrency", 0)
    frame, seen = HOPPER.read_bytes(), live.TrackState()
    for waiting, so_far in ((0, 1), (1, 1), (0, 2)):
        monkeypatch.setattr(line, "current_concurrency", waiting)
        seen = do.live(frame, "autoencoder", None, seen)[2]
        assert len(drawn) == so_far
    monkeypatch.setattr(live, "BUSY_INTERVAL", 0)
    monkeypatch.setattr(line, "current_concurrency", 1)
    do.live(frame, "autoencoder", None, seen)
    assert len(drawn) == 3


def test_the_face_in_sight_moves_calmly():
    from demo.live import EVERY, SMOOTHING, TrackState, track_face

    image = facesketch.read_image(HOPPER)
    moved = Image.new("RGB", image.size)
    moved.paste(image, (6, 0))
    seen = track_face(TrackState(), image, b"")
    first = np.array(seen.face.points)
    for _ in range(EVERY - 1):
        seen = track_face(seen, moved, b"")
        assert (np.array(seen.face.points) == first).all(), "between two looks the place is kept"
    seen = track_face(seen, moved, b"")
    found = np.array(facesketch.find_faces(moved)[0].points)
    assert np.allclose(seen.face.points, first + SMOOTHING * (found - first)), "a look moves it part of the way"
    assert track_face(seen, Image.new("RGB", (200, 200)), b"").face is not None

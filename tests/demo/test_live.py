"""The live sketch, with Chromium's fake camera."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from visiting import camera, drawings, start_camera, stop_camera, visit

import facesketch
from demo.tabs import live

HOPPER = Path(__file__).parents[2] / "examples" / "grace_hopper.jpg"


def test_a_camera_is_drawn_frame_by_frame_and_a_drawing_kept(url, tmp_path):
    with visit(f"{url}?tab=live&model=pix2pix", more=camera(tmp_path)) as page:
        start_camera(page)
        drawings(page, 30)
        page.get_by_role("button", name="Keep this drawing").click()
        page.locator("#snapshot img").wait_for()


@pytest.mark.slow
def test_a_camera_that_is_stopped_can_be_started_again_at_once(url, tmp_path):
    """Gradio frees the visitor's place in the queue, of which there is one for all cameras."""
    with visit(f"{url}?tab=live&model=pix2pix", more=camera(tmp_path)) as page:
        for _ in range(2):
            start_camera(page)
            drawings(page, 5)
            stop_camera(page)


@pytest.mark.slow
def test_a_visitor_who_leaves_frees_the_camera_for_the_next(url, tmp_path):
    for _ in range(2):
        with visit(f"{url}?tab=live&model=pix2pix", more=camera(tmp_path)) as page:
            start_camera(page)
            drawings(page, 5)


@pytest.fixture
def drawn(app, monkeypatch):
    """The tab's handlers, and a list of what they have drawn."""
    drawn = []
    tab = live.LiveTab(app.models)
    drawing = facesketch.Drawing(Image.new("L", (256, 320)))
    monkeypatch.setattr(tab, "draw", lambda *given: drawn.append(given) or drawing)
    return tab, drawn


def test_while_others_wait_for_drawings_few_frames_are_drawn(drawn, monkeypatch):
    from demo.handlers import active_drawings

    tab, drawn = drawn
    frame, state = HOPPER.read_bytes(), live.TrackState()
    monkeypatch.setattr(live, "BUSY_INTERVAL", 1e9)
    state = tab.live(frame, "autoencoder", None, state)[2]
    assert len(drawn) == 1
    with active_drawings.count():
        state = tab.live(frame, "autoencoder", None, state)[2]
    assert len(drawn) == 1
    state = tab.live(frame, "autoencoder", None, state)[2]
    assert len(drawn) == 2
    monkeypatch.setattr(live, "BUSY_INTERVAL", 0)
    with active_drawings.count():
        tab.live(frame, "autoencoder", None, state)
    assert len(drawn) == 3


def test_a_drawing_that_someone_waits_for_is_counted_while_it_is_made():
    from demo.handlers import DRAW_QUEUE, active_drawings, handler

    seen = []
    for queue in (DRAW_QUEUE, "live"):
        handler(lambda: seen.append(active_drawings.value), queue=queue)(None)
    assert seen == [1, 0] and active_drawings.value == 0


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test sets, in place of the tab's."""
    now = [100.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: now[0])
    return now


def test_the_face_moves_smoothly_and_is_looked_for_by_time(clock):
    image = facesketch.read_image(HOPPER)
    moved = Image.new("RGB", image.size)
    moved.paste(image, (6, 0))
    state = live.track_face(live.TrackState(), image, b"")
    first = np.array(state.face.landmarks)
    for _ in range(20):  # many frames in a short time
        clock[0] += live.DETECT_EVERY / 21
        state = live.track_face(state, moved, b"")
        assert (np.array(state.face.landmarks) == first).all(), "between two detections it stays where it is"
    clock[0] += live.DETECT_EVERY  # one frame after a longer time
    state = live.track_face(state, moved, b"")
    found = np.array(facesketch.find_faces(moved)[0].landmarks)
    assert np.allclose(state.face.landmarks, first + live.SMOOTHING * (found - first)), "a detection moves it part way"
    assert live.DETECT_EVERY <= 0.15
    clock[0] += live.DETECT_EVERY
    assert live.track_face(state, Image.new("RGB", (200, 200)), b"").face is None


def test_a_kept_drawing_is_the_right_way_round_and_of_the_face_that_is_in_the_frame(drawn):
    tab, drawn = drawn
    frame = ImageOps.mirror(facesketch.read_image(HOPPER))
    data = io.BytesIO()
    frame.save(data, "JPEG", quality=95)
    stale = live.TrackState(facesketch.Face((0, 0, 50, 50), ((10.0, 10.0),) * 5, 1.0), frame=data.getvalue())
    tab.keep("pix2pix", "ink", stale)
    image, _, options, face = drawn[0]
    expected = facesketch.read_image(HOPPER)
    assert np.abs(np.asarray(image, float) - np.asarray(expected)).mean() < 5
    assert np.allclose(face.landmarks, facesketch.find_faces(expected)[0].landmarks, atol=3)
    assert options.style == "ink" and options.finish == "strokes"


@pytest.mark.parametrize("model", ["autoencoder", "cyclegan", "pix2pix"])
def test_every_style_shows_in_a_moving_drawing_of_every_model(app, model):
    tab = live.LiveTab(app.models)
    frame = HOPPER.read_bytes()
    moving = {style: tab.live(frame, model, style, live.TrackState())[0].tobytes() for style in ("graphite", *OTHERS)}
    assert len(set(moving.values())) == len(moving)


OTHERS = ("line", "charcoal", "soft", "ink", "sanguine")


def test_leaving_the_tab_turns_the_camera_off(url, tmp_path):
    with visit(f"{url}?tab=live&model=pix2pix", more=camera(tmp_path)) as page:
        start_camera(page)
        drawings(page, 2)
        page.evaluate("() => { window.tracks = document.querySelector('#camera video').srcObject.getTracks(); }")
        page.get_by_role("tab", name="Compare").click()
        page.wait_for_function("() => window.tracks.every((track) => track.readyState === 'ended')")
        page.get_by_role("tab", name="Live").click()
        start_camera(page)
        drawings(page, 2)

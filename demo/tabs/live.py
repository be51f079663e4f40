"""A live sketch of what the visitor's camera sees."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import gradio as gr
import numpy as np
from PIL import Image

import facesketch
from facesketch import Drawing, DrawOptions, Face
from facesketch.face.select import MIN_FACE_WIDTH

from ..cache import output_name, result_folder, save_image
from ..components import MAX_PIXELS, CameraFrame, LiveImage, model_picker, output_image, style_picker
from ..handlers import active_drawings, on
from ..i18n import UserError, t
from ..model_catalog import ModelCatalog, draw
from ..shared_photo import SharedPhoto

WIDTH = 256  # pixels of the width of a drawing
FINISH: Literal["detail"] = "detail"  # of moving drawings: strokes take several times as long as the rest of a frame
DETECT_EVERY = 4  # frames
SMOOTHING = 0.4  # the share of a new position that is taken, so that a drawing does not tremble
RESET_DISTANCE = 0.15  # in widths of the face; a larger shift is taken at once
SECONDS, FRAME_INTERVAL = 60, 0.08  # of one visitor's session, and between two frames
BUSY_INTERVAL = 0.5  # seconds between two frames while others wait for drawings, which take about as long
CAMERA = {"video": {"width": 640, "height": 480, "facingMode": "user"}}


@dataclass(frozen=True)
class TrackState:
    """What is remembered between frames: the face, frames since it was detected, the last drawn frame and its time."""

    face: Face | None = None
    frames_since_detection: int = DETECT_EVERY
    frame: bytes = b""
    time: float = field(default_factory=time.monotonic)


def read_frame(frame: bytes) -> Image.Image:
    """A camera's frame. A canvas made it, so it is sRGB and its color profile changes nothing. Raises ImageError."""
    try:
        image = Image.open(io.BytesIO(frame), formats=("JPEG",))
    except (OSError, Image.DecompressionBombError):
        return facesketch.read_image(frame, MAX_PIXELS)  # which says what is wrong
    image.info.pop("icc_profile", None)
    return facesketch.read_image(image, MAX_PIXELS)


def track_face(state: TrackState, image: Image.Image, frame: bytes) -> TrackState:
    """Where the face is now: detected every few frames and smoothed."""
    if state.face is not None and state.frames_since_detection < DETECT_EVERY:
        count = state.frames_since_detection + 1
        return replace(state, frames_since_detection=count, frame=frame, time=time.monotonic())
    found = [face for face in facesketch.find_faces(image) if face.box[2] >= MIN_FACE_WIDTH]
    if not found:
        return TrackState(None, DETECT_EVERY, frame)
    face = found[0]
    if state.face is not None:
        old, new = np.array(state.face.landmarks), np.array(face.landmarks)
        if np.abs(new - old).max() < RESET_DISTANCE * face.box[2]:
            smoothed = old + SMOOTHING * (new - old)
            face = replace(face, landmarks=tuple((float(x), float(y)) for x, y in smoothed))
    return TrackState(face, 1, frame)


class LiveTab:
    """The handlers of the tab."""

    def __init__(self, models: ModelCatalog):
        self.models = models

    def live(
        self, frame: bytes | None, model: str, style: str | None, state: TrackState
    ) -> tuple[Any, Any, TrackState]:
        """The drawing of a frame, a note, and the state for the next frame."""
        if not frame or (active_drawings.value and time.monotonic() - state.time < BUSY_INTERVAL):
            return gr.skip(), gr.skip(), state
        image, had_face = read_frame(frame), state.face is not None
        state = track_face(state, image, frame)
        if state.face is None:
            return gr.skip(), t("live.no_face"), state
        note = gr.skip() if had_face else ""  # setting a text costs the browser as much as a picture
        options = DrawOptions(size=WIDTH, style=style, finish=FINISH)
        return self.draw(image, model, options, state.face).image, note, state

    def keep(self, model: str, style: str | None, state: TrackState) -> tuple[gr.Image, gr.DownloadButton]:
        """The last frame drawn in strokes at its own resolution, and its file. Raises UserError."""
        if state.face is None:
            raise UserError("live.not_started")
        drawing = self.draw(read_frame(state.frame), model, DrawOptions(style=style), state.face)
        name = output_name("camera", model, style or "", "sketch")
        path = save_image(drawing.image, result_folder(state.frame, model, style) / name)
        return gr.Image(path, visible=True), gr.DownloadButton(value=path, visible=True)

    def draw(self, image: Image.Image, model: str, options: DrawOptions, face: Face) -> Drawing:
        """The drawing of a face in a frame. Raises FacesketchError."""
        drawing: Drawing = draw(self.models.folder(model), image, "sketch", options, [face])
        return drawing


def tab(models: ModelCatalog, shared: SharedPhoto) -> dict[str, gr.Radio]:
    """Build the tab. Returns the radios that URL parameters can set."""
    handlers = LiveTab(models)
    fastest = "pix2pix" if "pix2pix" in models.names else models.default
    with gr.Row():
        with gr.Column(min_width=280):
            camera = CameraFrame(
                label=t("live.camera.label"),
                sources=["webcam"],
                streaming=True,
                webcam_options=gr.WebcamOptions(mirror=False, constraints=CAMERA),
                height=300,
                elem_id="camera",
            )
        with gr.Column(min_width=280):
            moving = LiveImage(label=t("live.drawing.label"), interactive=False, height=300, elem_id="live", buttons=[])
            note = gr.Markdown(t("live.start"))
            keep = gr.Button(t("live.keep"), variant="primary")
            picture = output_image("live.kept.label", "snapshot", visible=False)
            file = gr.DownloadButton(t("sketch.download"), visible=False)
    model = model_picker(models.names, fastest)
    style = style_picker()
    gr.Markdown(t("live.privacy"))
    state = gr.State(TrackState())
    limits: dict[str, Any] = {"time_limit": SECONDS, "stream_every": FRAME_INTERVAL, "concurrency_limit": 1}
    on([camera.stream], handlers.live, [camera, model, style, state], [moving, note, state], queue="live", **limits)
    on([keep.click], handlers.keep, [model, style, state], [picture, file], show_progress="minimal")
    return {"model": model, "style": style}

"""A live sketch of what the visitor's camera sees."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import gradio as gr
import numpy as np
from PIL import Image, ImageOps

import facesketch
from facesketch import Drawing, DrawOptions, Face
from facesketch.face.select import MIN_FACE_WIDTH
from facesketch.strokes.styles import DEFAULT_STYLE, STYLES, Style

from ..cache import output_name, result_folder, save_image
from ..components import MAX_PIXELS, CameraFrame, LiveImage, model_picker, output_image, style_picker
from ..handlers import active_drawings, on
from ..i18n import UserError, t
from ..model_catalog import ModelCatalog, draw
from ..shared_photo import SharedPhoto

WIDTH = 256  # pixels of the width of a drawing
FINISH: Literal["detail"] = "detail"  # of moving drawings: strokes take several times as long as the rest of a frame
DETECT_EVERY = 0.15  # seconds for which a face is taken to stay where it was found
SMOOTHING = 0.4  # the share of a new position that is taken, so that a drawing does not tremble
RESET_DISTANCE = 0.15  # in widths of the face; a larger shift is taken at once
SECONDS, FRAME_INTERVAL = 60, 0.08  # of one visitor's session, and between two frames
BUSY_INTERVAL = 0.5  # seconds between two frames while others wait for drawings, which take about as long
CAMERA = {"video": {"width": 640, "height": 480, "facingMode": "user"}}
INK_SLOPE = 6.0  # how steep black and white meet in a moving drawing in ink; infinity would flicker


@dataclass(frozen=True)
class TrackState:
    """What is remembered between frames: the face, when it was found, the last frame, and when it was drawn."""

    face: Face | None = None
    found: float = 0.0
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


def find_face(image: Image.Image) -> Face | None:
    """The largest face that is large enough to be drawn."""
    return next((face for face in facesketch.find_faces(image) if face.box[2] >= MIN_FACE_WIDTH), None)


def track_face(state: TrackState, image: Image.Image, frame: bytes) -> TrackState:
    """Where the face is now: looked for again after DETECT_EVERY seconds, however many frames that are; smoothed."""
    now = time.monotonic()
    if state.face is not None and now - state.found < DETECT_EVERY:
        return replace(state, frame=frame, time=now)
    face = find_face(image)
    if face is not None and state.face is not None:
        old, new = np.array(state.face.landmarks), np.array(face.landmarks)
        if np.abs(new - old).max() < RESET_DISTANCE * face.box[2]:
            smoothed = old + SMOOTHING * (new - old)
            face = replace(face, landmarks=tuple((float(x), float(y)) for x, y in smoothed))
    return TrackState(face, now, frame)


def tinted(drawing: Image.Image, style: Style) -> Image.Image:
    """A gray drawing in the tones and colors of a style: what strokes will look like from afar. RGB."""
    gray = np.asarray(drawing.convert("L"), np.float32) / 255
    dark = np.clip((style.white - gray) / style.white * style.tone, 0, 1)
    if style.crisp:
        dark = np.clip((dark - 0.5) * INK_SLOPE + 0.5, 0, 1)
    paper, pencil = (np.array(color, np.float32) for color in (style.paper, style.pencil))
    levels = paper + (pencil - paper) * (style.grade * dark)[..., None]
    return Image.fromarray(levels.round().astype(np.uint8))


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
        moving = self.draw(image, model, options, state.face).image
        return tinted(moving, STYLES.get(style or "", DEFAULT_STYLE)), note, state

    def keep(self, model: str, style: str | None, state: TrackState) -> tuple[gr.Image, gr.DownloadButton]:
        """The last frame drawn in strokes at its own resolution, the right way round, and its file. Raises UserError.

        The camera is shown as a mirror, so its frames are mirrored. The face is looked for again: the tracked one lags
        behind the frame.
        """
        image = ImageOps.mirror(read_frame(state.frame)) if state.frame else None
        face = find_face(image) if image else None
        if image is None or face is None:
            raise UserError("live.not_started")
        drawing = self.draw(image, model, DrawOptions(style=style), face)
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
    note = gr.Markdown(t("live.start"), elem_id="live-note")
    with gr.Row(elem_classes="live"):
        with gr.Column(min_width=280) as place:
            camera = CameraFrame(
                label=t("live.camera.label"),
                sources=["webcam"],
                streaming=True,
                webcam_options=gr.WebcamOptions(mirror=True, constraints=CAMERA),
                height=400,
                elem_id="camera",
            )
        with gr.Column(min_width=280):
            moving = LiveImage(label=t("live.drawing.label"), interactive=False, height=400, elem_id="live", buttons=[])
    style = style_picker()
    keep = gr.Button(t("live.keep"), variant="primary")
    with gr.Row():
        picture = output_image("live.kept.label", "snapshot", visible=False, height=480)
        file = gr.DownloadButton(t("sketch.download"), visible=False, min_width=160)
    model = model_picker(models.names, fastest)
    gr.Markdown(t("live.privacy"))
    state = gr.State(TrackState())
    limits: dict[str, Any] = {"time_limit": SECONDS, "stream_every": FRAME_INTERVAL, "concurrency_limit": 1}
    stream = on(
        [camera.stream], handlers.live, [camera, model, style, state], [moving, note, state], queue="live", **limits
    )
    on([keep.click], handlers.keep, [model, style, state], [picture, file], show_progress="minimal")
    turn_off_elsewhere(place, stream)
    return {"model": model, "style": style}


def turn_off_elsewhere(place: gr.Column, stream: Any) -> None:
    """Take the camera off the page while another tab is open: that turns it off, and frees the queue for others."""
    block: Any = place
    while not isinstance(block, gr.Tabs):
        block = block.parent

    def show_only_here(event: gr.EventData) -> gr.Column:
        return gr.Column(visible=getattr(event, "value", None) == t("live.tab"))

    on([block.select], show_only_here, None, place, queue=None, cancels=stream)

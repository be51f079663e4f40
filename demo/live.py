"""The tab that draws what a camera sees, frame by frame."""

from __future__ import annotations

import base64
import io
import time
from dataclasses import dataclass, field, replace

import gradio as gr
import numpy as np
from gradio.context import LocalContext
from gradio.data_classes import ImageData
from PIL import Image

import facesketch
from facesketch import Face, ImageError
from facesketch.faces.choose import SMALLEST

from .cache import folder, output_name, save
from .components import Frame, opened
from .controls import DRAWING, QUIET, model_picker, output_image
from .i18n import _, t
from .models import Models, generate
from .styles import chooser

WIDTH = 256  # pixels of the width of a drawing
EVERY = 4  # frames from one look for the face to the next
SMOOTHING = 0.4  # the share of a new place that is taken
RESET_DISTANCE = 0.15  # the shift, in faces, from which all of it is
SECONDS, FRAME_INTERVAL = 60, 0.08  # that one visitor is drawn for, and between two frames; the last one is drawn
BUSY_INTERVAL = 0.5  # seconds between two frames while others wait for drawings, of which one takes about as long
CAMERA = {"video": {"width": 640, "height": 480, "facingMode": "user"}}
START = "Start the camera and look into it: you are drawn as you move."
LOOKING = "No face is in sight."


class Moving(gr.Image):
    """A picture that changes with every answer, sent within it, so that no file is left of each."""

    is_template = True

    def postprocess(self, value: Image.Image | None) -> ImageData | None:
        """A JPEG as a data address."""
        if value is None:
            return None
        data = io.BytesIO()
        value.convert("L").save(data, "JPEG", quality=85)
        return ImageData(url="data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode())


@dataclass(frozen=True)
class TrackState:
    """What is kept from frame to frame: the face, how many frames ago it was looked for, the frame's file and time."""

    face: Face | None = None
    age: int = EVERY
    frame: bytes = b""
    at: float = field(default_factory=time.monotonic)


def still(frame: bytes) -> Image.Image:
    """A camera's frame. Its colours are a canvas's, sRGB, so its profile changes nothing. Raises ImageError."""
    try:
        image = Image.open(io.BytesIO(frame), formats=("JPEG",))
    except (OSError, Image.DecompressionBombError):
        return opened(frame)  # which says what is wrong
    image.info.pop("icc_profile", None)
    return opened(image)


def track_face(seen: TrackState, image: Image.Image, frame: bytes) -> TrackState:
    """Where the face is now: looked for in some frames, and moved there calmly, so that no drawing trembles."""
    if seen.face is not None and seen.age < EVERY:
        return replace(seen, age=seen.age + 1, frame=frame, at=time.monotonic())
    found = [face for face in facesketch.find_faces(image) if face.box[2] >= SMALLEST]
    if not found:
        return TrackState(None, EVERY, frame)
    face = found[0]
    if seen.face is not None:
        old, new = np.array(seen.face.points), np.array(face.points)
        if np.abs(new - old).max() < RESET_DISTANCE * face.box[2]:
            points = old + SMOOTHING * (new - old)
            face = replace(face, points=tuple(map(tuple, points.tolist())))
    return TrackState(face, 1, frame)


def others_waiting() -> bool:
    """Whether anyone waits for a drawing on the page that is asked, or is given one."""
    page = LocalContext.blocks.get()
    line = page and page._queue.event_queue_per_concurrency_id.get(DRAWING["concurrency_id"])
    return bool(line and (line.current_concurrency or line.queue))


class Live:
    """What the tab does."""

    def __init__(self, models: Models):
        self.models = models

    def live(self, frame: bytes | None, model: str, style: str | None, seen: TrackState) -> tuple:
        """The drawing of a frame, what there is to say, and what to keep for the next."""
        if not frame or (others_waiting() and time.monotonic() - seen.at < BUSY_INTERVAL):
            return gr.skip(), gr.skip(), seen
        image, before = still(frame), seen.face
        seen = track_face(seen, image, frame)
        if seen.face is None:
            return gr.skip(), t(LOOKING), seen
        note = gr.skip() if before else ""  # a text set anew costs the browser as much as a picture
        return self._drawn(image, model, style, seen, size=WIDTH), note, seen

    def snap(self, model: str, style: str | None, seen: TrackState) -> tuple:
        """The last frame drawn at its own resolution, and its file. Raises ImageError."""
        if seen.face is None:
            raise ImageError("Start the camera first, with a face in sight.")
        drawn = self._drawn(still(seen.frame), model, style, seen)
        path = save(drawn, folder(seen.frame, model, style) / output_name("camera", model, style or "", "sketch"))
        return gr.Image(path, visible=True), gr.DownloadButton(value=path, visible=True)

    def _drawn(self, image: Image.Image, model: str, style: str | None, seen: TrackState, **how) -> Image.Image:
        return generate(self.models.folder(model), image, "photo_to_sketch", faces=[seen.face], style=style, **how)


def tab(models: Models) -> dict[str, gr.components.Component]:
    """Live. Returns what an address may choose."""
    do = Live(models)
    fast = "pix2pix" if "pix2pix" in models.names else models.default
    with gr.Row():
        with gr.Column(min_width=280):
            options = gr.WebcamOptions(mirror=False, constraints=CAMERA)
            camera = Frame(
                label=_("Camera"),
                sources=["webcam"],
                streaming=True,
                webcam_options=options,
                height=300,
                elem_id="camera",
            )
        with gr.Column(min_width=280):
            moving = Moving(label=_("Drawing"), interactive=False, height=300, elem_id="live", buttons=[])
            note = gr.Markdown(_(START))
            shot = gr.Button(_("Keep this drawing"), variant="primary")
            picture = output_image("Snapshot", "snapshot", visible=False)
            file = gr.DownloadButton(_("Download the drawing"), visible=False)
    model = model_picker(models.names, fast)
    style = chooser(models)
    gr.Markdown(_("You are drawn for a minute at a time, so that others have their turn; no frame is kept."))
    seen = gr.State(TrackState())
    how = {"time_limit": SECONDS, "stream_every": FRAME_INTERVAL, "concurrency_id": "live", "concurrency_limit": 1}
    camera.stream(do.live, [camera, model, style, seen], [moving, note, seen], **QUIET, **how)
    shot.click(do.snap, [model, style, seen], [picture, file], **{**QUIET, "show_progress": "minimal"}, **DRAWING)
    return {"model": model, "style": style}

"""What every tab of the demo shares: pictures in, which face is meant, and mistakes as one sentence."""

from __future__ import annotations

import logging
from pathlib import Path

import gradio as gr
from PIL import Image

import facesketch
from facesketch import ImageError
from facesketch.detail import STROKES
from facesketch.faces.choose import choose

from .models import Models, run
from .picture import Picture, box_of, boxed, opened
from .uploads import EXPIRED

FRAMES = {"The face": "crop", "Every face on white": "paper", "Every face in the photo": "photo"}.items()
SIZES = {"As in the photo": "auto", "256": 256, "512": 512, "1024": 1024}.items()
GROUNDS = {"White paper": "paper", "Keep the background": "keep", "Transparent": "clear"}.items()
DRAWING = {"concurrency_id": "draw"}  # one at a time, whatever the endpoint
BOX = "empty: the largest face; click two corners around a face in the picture to set it"
WHOLE = "The picture is the face already: use all of it"


def read(path: str | None, what: str) -> Image.Image:
    """The picture in an uploaded file. Raises ImageError."""
    if not path:
        raise ImageError(f"Choose a {what} first.")
    if not Path(path).is_file():  # it was when the request came
        raise ImageError(EXPIRED)
    return opened(path)


def chosen(image: Image.Image, box: str, frame: str = "crop") -> list[facesketch.Face]:
    """The faces to draw, with warnings on the page of what will go badly. Raises NoFaceError."""
    faces = choose(image, boxed(image, box))[: 1 if frame == "crop" else None]
    for warning in dict.fromkeys(warning for face in faces for warning in face.warnings):
        gr.Warning(warning)
    return faces


class OnPage(logging.Handler):
    """Shows the visitor whose picture it is what the library warns of."""

    def emit(self, record: logging.LogRecord) -> None:
        gr.Warning(record.getMessage())


for _name in ("facesketch.faces", "facesketch.budget", "facesketch.demo.models"):
    logging.getLogger(_name).addHandler(OnPage(logging.WARNING))


def taking(image: Image.Image, whole: bool, box: str, frame: str = "crop") -> dict:
    """translate's arguments for the face that is meant. Raises NoFaceError."""
    return {"align": "never"} if whole else {"faces": chosen(image, box, frame), "frame": frame}


def draw(
    models: Models, image: Image.Image, model: str, direction: str, whole: bool, box: str, frame: str, **look
) -> Image.Image:
    """One model's answer in the asked frame; look: as for translate. Raises NoFaceError and WeightsError."""
    folder = models.folder(model, direction)
    return run(folder, image, direction, **taking(image, whole, box, frame), **look)


def upload(label: str, elem_id: str | None = None) -> Picture:
    """An input picture."""
    return Picture(label=label, type="filepath", image_mode=None, height=360, elem_id=elem_id)


def gallery(label: str, columns: int, elem_id: str | None = None) -> gr.Gallery:
    """Output pictures side by side, without loss."""
    shape = {"columns": columns, "height": "auto", "object_fit": "contain"}
    return gr.Gallery(label=label, format="png", interactive=False, elem_id=elem_id, **shape)


def show_faces(photo: str | None, box: str = ""):
    """The faces to choose from, where there are several or a box was drawn, and their boxes."""
    image = read(photo, "photo") if photo else None
    faces = choose(image, boxed(image, box)) if box else facesketch.find_faces(image) if image else []
    crops = [facesketch.align(image, face, 100)[0] for face in faces]
    chooser = gr.Gallery(crops, selected_index=None, visible=len(faces) > 1 or bool(box))
    return chooser, [box_of(image, face) for face in faces], box


def pick(boxes: list, event: gr.SelectData) -> str:
    """The box of the face that was chosen."""
    return ", ".join(f"{value:.0f}" for value in boxes[event.index])


def corner(first: list | None, event: gr.SelectData):
    """The first corner that was clicked, kept; with the second, the box between them."""
    if first is None:
        gr.Info("Now click the opposite corner of the face.", duration=4)
        return event.index, ""
    (x, y), (u, v) = first, event.index
    return None, f"{min(x, u)}, {min(y, v)}, {abs(u - x)}, {abs(v - y)}"


def framing(picture: gr.Image) -> list[gr.components.Component]:
    """How the face is taken from a picture and where its drawing goes: whole, box, frame."""
    whole = gr.Checkbox(False, label=WHOLE)
    frame = gr.Radio(list(FRAMES), value="crop", label="Draw")
    boxes, first = gr.State([]), gr.State(None)
    chooser = gallery("Faces: choose one", 4, f"faces-{picture.elem_id}")
    chooser.visible, chooser.allow_preview, chooser.height = False, False, 180
    box = gr.Textbox("", label="Face at x, y, width, height", placeholder=BOX)
    quiet = {"api_visibility": "private", "show_progress": "hidden"}
    picture.change(lambda: None, None, first, **quiet)
    picture.change(show_faces, picture, [chooser, boxes, box], **quiet, **DRAWING)
    picture.select(corner, first, [first, box], **quiet).then(
        show_faces, [picture, box], [chooser, boxes, box], **quiet, **DRAWING
    )
    chooser.select(pick, boxes, box, **quiet)
    return [whole, box, frame]


def looks() -> list[gr.components.Component]:
    """How a drawing shall look, out of the way: size, ground, strokes."""
    with gr.Accordion("Options", open=False):
        size = gr.Radio(list(SIZES), value="auto", label="Width of a face, in pixels")
        ground = gr.Radio(list(GROUNDS), value="paper", label="Ground")
        strokes = gr.Slider(0, 1, STROKES, step=0.05, label="Strokes: from smooth to the model's whole hand")
    return [size, ground, strokes]

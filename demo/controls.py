"""What every tab of the demo shares: pictures in and out, endpoints, how a drawing shall look, and warnings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import gradio as gr
from PIL import Image

import facesketch
from facesketch import ImageError
from facesketch.detail import STROKES
from facesketch.faces.choose import choose

from .components import Picture, boxed, opened
from .i18n import _, t, translate_message
from .models import Models, generate, title
from .uploads import EXPIRED

FRAMES = {"The face": "crop", "Every face on white": "paper", "Every face in the photo": "photo"}
SIZES = {"As in the photo": "auto", "256": 256, "512": 512, "1024": 1024}
GROUNDS = {"White paper": "paper", "Keep the background": "keep", "Transparent": "clear"}
DRAWING = {"concurrency_id": "draw"}  # one at a time, whatever the endpoint
QUIET = {"api_visibility": "private", "show_progress": "hidden"}
BOX = "empty: the largest face"
WHOLE = "The picture is the face already: use all of it"
FIRST = {"photo": "Choose a photo first.", "sketch": "Choose a sketch first."}
MOST_PLACES = 256  # pictures whose faces are remembered
_places: dict[tuple[str, str], tuple[facesketch.Face, ...]] = {}
EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.jpg"))
PICTURES = Path(__file__).with_name("pictures")  # the page's own: python docs/portraits.py draws them


def read(path: str | None, what: str = "photo") -> Image.Image:
    """The picture in an uploaded file. Raises ImageError."""
    if not path:
        raise ImageError(FIRST[what])
    if not Path(path).is_file():  # it was when the request came
        raise ImageError(EXPIRED)
    return opened(path)


def layer(path: str) -> Image.Image:
    """An uploaded layer of a sheet as RGBA: checked as any picture, but what is clear stays so. Raises ImageError."""
    opened(path)
    with Image.open(path, formats=("PNG", "WEBP")) as image:
        return image.convert("RGBA")


def cached_faces(image: Image.Image, path: str, box: str) -> list[facesketch.Face]:
    """The faces of an uploaded picture to draw, or the one that a box is on, looked for once. Raises NoFaceError."""
    if (path, box) not in _places:
        _places[path, box] = tuple(choose(image, boxed(image, box)))
        while len(_places) > MOST_PLACES:
            _places.pop(next(iter(_places)), None)
    return list(_places[path, box])


def select_faces_with_warnings(image: Image.Image, box: str, frame: str = "crop") -> list[facesketch.Face]:
    """The faces to draw, with warnings on the page of what will go badly. Raises NoFaceError."""
    faces = choose(image, boxed(image, box))[: 1 if frame == "crop" else None]
    warn(faces)
    return faces


def warn(faces: Sequence[facesketch.Face]) -> None:
    """Say on the page what will go badly."""
    for warning in dict.fromkeys(warning for face in faces for warning in face.warnings):
        gr.Warning(translate_message(warning))


class ToastHandler(logging.Handler):
    """Shows the visitor whose picture it is what the library warns of."""

    def emit(self, record: logging.LogRecord) -> None:
        gr.Warning(translate_message(record.getMessage()))


for _name in ("facesketch.faces", "facesketch.budget", "facesketch.demo.models"):
    logging.getLogger(_name).addHandler(ToastHandler(logging.WARNING))


def face_kwargs(image: Image.Image, whole: bool, box: str, frame: str = "crop") -> dict:
    """translate's arguments for the face that is meant. Raises NoFaceError."""
    return {"align": "never"} if whole else {"faces": select_faces_with_warnings(image, box, frame), "frame": frame}


def run_model(
    models: Models, image: Image.Image, model: str, direction: str, whole: bool, box: str, frame: str, **look
) -> Image.Image:
    """One model's answer in the asked frame; look: as for translate. Raises NoFaceError and WeightsError."""
    folder = models.folder(model, direction)
    return generate(folder, image, direction, **face_kwargs(image, whole, box, frame), **look)


def upload(label: str, elem_id: str | None = None, height: int = 300) -> Picture:
    """An input picture."""
    return Picture(label=_(label), type="filepath", image_mode=None, height=height, elem_id=elem_id)


def output_image(label: str, elem_id: str | None = None, **how) -> gr.Image:
    """An output picture, without loss."""
    how = {"height": 300, "buttons": ["download", "fullscreen"], **how}
    return gr.Image(label=_(label), format="png", image_mode=None, interactive=False, elem_id=elem_id, **how)


def gallery(label: str, columns: int, elem_id: str | None = None, **how) -> gr.Gallery:
    """Output pictures side by side, without loss."""
    shape = {"columns": columns, "height": "auto", "object_fit": "contain", **how}
    return gr.Gallery(label=_(label), format="png", interactive=False, elem_id=elem_id, **shape)


def radio(choices: dict, value: object, label: str, **how) -> gr.Radio:
    """A choice, text -> value."""
    return gr.Radio([(_(text), key) for text, key in choices.items()], value=value, label=_(label), **how)


def model_picker(names: Sequence[str], value: str, **how) -> gr.Radio:
    """The choice of a model, by its title."""
    return gr.Radio([(title(name), name) for name in names], value=value, label=_("Model"), **how)


def examples(inputs: Sequence, rows: dict[str, list] | None = None) -> None:
    """Pictures to begin with, each a button of its name and a little portrait; rows: name -> a file for each input."""
    rows = rows or {path.stem: [path] for path in EXAMPLES}
    with gr.Row(elem_classes="examples"):
        for stem, files in rows.items():
            name, icon = stem.replace("_", " ").title(), str(PICTURES / f"{stem}.jpg")
            given = [str(file) for file in files]
            button = gr.Button(name, icon=icon, size="sm", min_width=0)
            button.click(partial(tuple, given) if given[1:] else partial(str, given[0]), None, inputs, **QUIET)


def crop_controls() -> list[gr.components.Component]:
    """How the face is taken from a picture and where its drawing goes: whole, box, frame."""
    whole = gr.Checkbox(False, label=_(WHOLE))
    box = gr.Textbox("", label=_("Face at x, y, width, height"), placeholder=_(BOX))
    return [whole, box, radio(FRAMES, "crop", "Draw")]


def style_controls() -> list[gr.components.Component]:
    """How a drawing shall look: size, ground, strokes."""
    size = radio(SIZES, "auto", "Width of a face, in pixels")
    ground = radio(GROUNDS, "paper", "Ground")
    strokes = gr.Slider(0, 1, STROKES, step=0.05, label=_("Strokes: from smooth to the model's whole hand"))
    return [size, ground, strokes]


def endpoint(fn: Callable, inputs: Sequence, outputs: Sequence | gr.components.Component, name: str, **how) -> None:
    """Answer programs under a name; the page itself asks another way."""
    with gr.Row(visible=False):
        gr.Button().click(fn, inputs, outputs, api_name=name, **{**DRAWING, **how})


def table(heads: Sequence[str], rows: Sequence[Sequence]) -> dict:
    """A Dataframe's value with its heads in the language of the request."""
    return {"headers": [t(head) for head in heads], "data": [list(row) for row in rows]}

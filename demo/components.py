"""The page's inputs and outputs: inputs take nothing but uploaded files, and options get a control from their field.

An input's preprocess returns a UserError instead of raising it. Gradio calls it outside the handlers' decorator, where
the visitor's language is unknown; the decorator raises the error.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import partial, wraps
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

import facesketch
from facesketch import DrawOptions
from facesketch.options import SPECS
from facesketch.strokes.styles import DEFAULT_STYLE, STYLES

from . import uploads
from .i18n import UserError, t
from .model_catalog import title
from .uploads import PICTURES

MAX_PIXELS = 32_000_000  # of a picture as it is read; a request may hold two, of 4 bytes a pixel
MAX_LAYERS, MAX_PHOTOS = 8, 200
EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.jpg"))
DEFAULTS: dict[str, Any] = {each.name: each.default for each in fields(DrawOptions)}
OptionControl = gr.Radio | gr.Dropdown | gr.Slider | gr.Number
gr.set_static_paths([PICTURES])


def returning_errors(preprocess: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A preprocess that returns UserErrors."""

    @wraps(preprocess)
    def wrapper(self: Any, payload: Any) -> Any:
        try:
            return preprocess(self, payload)
        except UserError as error:
            return error

    return wrapper


class PlainImage(gr.Image):
    """An Image whose value is passed on as it was sent."""

    data_model: Any = None

    def get_block_name(self) -> str:
        """Shown as an Image."""
        return "image"

    def api_info(self) -> dict[str, Any]:
        """As an Image's."""
        return api_info(gr.Image)


class UploadedImage(PlainImage):
    """An uploaded picture as the path of its file, which is not opened here."""

    @returning_errors
    def preprocess(self, payload: Any) -> str | None:
        """The file's path."""
        return None if payload is None else uploads.uploaded_file(payload)

    def example_payload(self) -> Any:
        """A file, where Gradio's example is a URL, which would be refused."""
        return {"path": "photo.jpg", "orig_name": "photo.jpg", "meta": {"_type": "gradio.FileData"}}

    def example_value(self) -> Any:
        """The same."""
        return self.example_payload()


class UploadedLayers(gr.ImageEditor):
    """A canvas to draw on as the paths of the uploaded layers."""

    data_model: Any = None

    def get_block_name(self) -> str:
        """Shown as an ImageEditor."""
        return "imageeditor"

    def api_info(self) -> dict[str, Any]:
        """As an ImageEditor's."""
        return api_info(gr.ImageEditor)

    @returning_errors
    def preprocess(self, payload: Any) -> list[str]:
        """The paths of the layers."""
        if payload is None:
            return []
        layers = payload.get("layers") if isinstance(payload, dict) else None
        if not isinstance(layers, list) or len(layers) > MAX_LAYERS:
            raise UserError("error.upload.only")
        return [uploads.uploaded_file(layer) for layer in layers]


class UploadedFiles(gr.File):
    """Uploaded files as (path, original name)."""

    def get_block_name(self) -> str:
        """Shown as a File."""
        return "file"

    def api_info(self) -> dict[str, Any]:
        """As that of a File of many."""
        return gr.File(file_count="multiple", render=False).api_info()

    @returning_errors
    def preprocess(self, payload: Any) -> list[tuple[str, str]]:
        """Path and original name of each."""
        files = [] if payload is None else payload
        if not isinstance(files, list):
            raise UserError("error.upload.only")
        if len(files) > MAX_PHOTOS:
            raise UserError("error.too_many_files", limit=MAX_PHOTOS)
        paths = [uploads.uploaded_file(file) for file in files]
        names = [file.get("orig_name") or path for file, path in zip(files, paths, strict=True)]
        return [(path, Path(str(name)).name) for path, name in zip(paths, names, strict=True)]


class UploadButton(gr.UploadButton):
    """A button that uploads one picture, as the path of its file, which is not opened here."""

    def get_block_name(self) -> str:
        """Shown as an UploadButton."""
        return "uploadbutton"

    def api_info(self) -> dict[str, Any]:
        """As an UploadButton's."""
        return gr.UploadButton(render=False).api_info()

    @returning_errors
    def preprocess(self, payload: Any) -> str | None:
        """The file's path."""
        return None if payload is None else uploads.uploaded_file(payload)


class CameraFrame(PlainImage):
    """A frame of the visitor's camera as the bytes of a JPEG, which come within the request."""

    @returning_errors
    def preprocess(self, payload: Any) -> bytes | None:
        """The frame's bytes."""
        if payload is None:
            return None
        return uploads.camera_frame(payload.get("url") if isinstance(payload, dict) else None)


class LiveImage(PlainImage):
    """A picture that is sent within the answer, so that no file is left of each frame."""

    def postprocess(self, value: Any) -> dict[str, Any] | None:  # type: ignore[override]
        """A PIL image as a JPEG in a data: URL."""
        if value is None:
            return None
        data = io.BytesIO()
        value.convert("RGB").save(data, "JPEG", quality=85)
        return {"path": None, "url": uploads.JPEG_PREFIX + base64.b64encode(data.getvalue()).decode()}


@returning_errors
def known_choice(component: gr.Radio | gr.Dropdown, payload: Any) -> Any:
    """A value that is one of the component's choices."""
    known = [value for _, value in component.choices]
    if payload is not None and payload not in known:
        raise UserError("error.choice", value=str(payload)[:50], choices=", ".join(map(str, known)))
    return payload


class ChoiceRadio(gr.Radio):
    """A choice; a program that sends another value gets a translated sentence."""

    def get_block_name(self) -> str:
        """Shown as a Radio."""
        return "radio"

    def preprocess(self, payload: Any) -> Any:
        """The value of the choice."""
        return known_choice(self, payload)


class ChoiceDropdown(gr.Dropdown):
    """The same as a menu, for what is rarely changed."""

    def get_block_name(self) -> str:
        """Shown as a Dropdown."""
        return "dropdown"

    def preprocess(self, payload: Any) -> Any:
        """The value of the choice."""
        return known_choice(self, payload)


class OptionRadio(gr.Radio):
    """A choice whose value DrawOptions checks, so that an error is one of its translated sentences."""

    def get_block_name(self) -> str:
        """Shown as a Radio."""
        return "radio"

    def preprocess(self, payload: Any) -> Any:
        """The value as it was sent."""
        return payload


class OptionDropdown(gr.Dropdown):
    """The same for a menu."""

    def get_block_name(self) -> str:
        """Shown as a Dropdown."""
        return "dropdown"

    def preprocess(self, payload: Any) -> Any:
        """The value as it was sent."""
        return payload


class OptionSlider(gr.Slider):
    """The same for a slider."""

    def get_block_name(self) -> str:
        """Shown as a Slider."""
        return "slider"

    def preprocess(self, payload: Any) -> Any:
        """The value as it was sent."""
        return payload


class OptionNumber(gr.Number):
    """The same for a whole number."""

    def get_block_name(self) -> str:
        """Shown as a Number."""
        return "number"

    def preprocess(self, payload: Any) -> Any:
        """The value as it was sent; 3.0 is 3."""
        return int(payload) if isinstance(payload, float) and payload.is_integer() else payload


def api_info(component: Any) -> dict[str, Any]:
    """How the API documents a component's value."""
    schema: dict[str, Any] = component.data_model.model_json_schema()
    schema["additional_description"] = schema.pop("description", None)
    return schema


def read_upload(path: str | None, missing: str = "error.photo.missing") -> Image.Image:
    """The picture in an uploaded file. Raises ImageError, and UserError with the code missing if there is no path."""
    if not path:
        raise UserError(missing)
    if not Path(path).is_file():  # deleted since the request came
        raise UserError("error.upload.expired")
    return facesketch.read_image(path, MAX_PIXELS)


def read_layer(path: str) -> Image.Image:
    """An uploaded layer of a canvas as RGBA; checked like any picture, but it keeps its alpha. Raises ImageError."""
    facesketch.read_image(path, MAX_PIXELS)
    with Image.open(path, formats=("PNG", "WEBP")) as image:
        return image.convert("RGBA")


def upload(label: str, elem_id: str | None = None, height: int = 300) -> UploadedImage:
    """An input picture; label is the code of its text."""
    return UploadedImage(
        label=t(label),
        type="filepath",
        image_mode=None,
        height=height,
        elem_id=elem_id,
        placeholder=t("upload.placeholder"),
    )


def upload_files(label: str, elem_id: str, file_types: list[str]) -> UploadedFiles:
    """An input of many files; label is the code of its text."""
    settings: dict[str, Any] = {"file_count": "multiple", "file_types": file_types, "height": 200}
    files = UploadedFiles(label=t(label), elem_id=elem_id, **settings)
    files.data_model = None  # File sets it by file_count
    return files


def upload_button(label: str, elem_id: str) -> UploadButton:
    """A button to upload one picture; label is the code of its text."""
    button = UploadButton(t(label), file_types=["image"], elem_id=elem_id, size="md", min_width=90)
    button.data_model = None  # UploadButton sets it by file_count
    return button


def output_image(label: str, elem_id: str | None = None, **settings: Any) -> gr.Image:
    """An output picture without loss; label is the code of its text."""
    settings = {"height": 300, "buttons": ["download", "fullscreen"], **settings}
    return gr.Image(label=t(label), format="png", image_mode=None, interactive=False, elem_id=elem_id, **settings)


def gallery(label: str, columns: int, elem_id: str | None = None, **settings: Any) -> gr.Gallery:
    """Output pictures side by side without loss; label is the code of its text."""
    settings = {"columns": columns, "height": "auto", "object_fit": "contain", **settings}
    return gr.Gallery(label=t(label), format="png", interactive=False, elem_id=elem_id, **settings)


def radio(choices: Mapping[str, Any], value: Any, label: str, **settings: Any) -> gr.Radio:
    """A choice; choices: code of its text -> value."""
    return ChoiceRadio([(t(code), key) for code, key in choices.items()], value=value, label=t(label), **settings)


def dropdown(choices: Mapping[str, Any], value: Any, label: str, **settings: Any) -> gr.Dropdown:
    """The same as a menu."""
    texts = [(t(code), key) for code, key in choices.items()]
    return ChoiceDropdown(texts, value=value, label=t(label), filterable=False, **settings)


def model_picker(
    names: Sequence[str], value: str | None, label: str = "model.label", **settings: Any
) -> gr.Radio:  # fmt: skip
    """The choice of a model by its title; label is the code of its text."""
    return ChoiceRadio([(title(name), name) for name in names], value=value, label=t(label), **settings)


def style_picker(**settings: Any) -> gr.Radio:
    """The choice of a style by name."""
    choices = [(t(f"style.{name}"), name) for name in STYLES]
    return OptionRadio(choices, value=DEFAULT_STYLE.name, label=t("control.style.label"), **settings)


def examples(inputs: Sequence[gr.components.Component], rows: Mapping[str, Sequence[Path]] | None = None) -> None:
    """Pictures to begin with, each a button with a name and a small portrait; rows: name -> a file for each input."""
    rows = rows or {path.stem: [path] for path in EXAMPLES}
    with gr.Row(elem_classes="examples"):
        for stem, files in rows.items():
            button = gr.Button(
                stem.replace("_", " ").title(), icon=str(PICTURES / f"{stem}.jpg"), size="sm", min_width=0
            )
            values = tuple(map(str, files))
            value = values if len(values) > 1 else values[0]
            button.click(
                partial(lambda value: value, value), None, inputs, api_visibility="private", show_progress="hidden"
            )


def option_names(first: Sequence[str], without: Sequence[str] = ()) -> tuple[str, ...]:
    """The names of DrawOptions' fields of drawings: first, then the rest in their order, so a new one comes last."""
    left_out = {*first, *without, "align", "skin_tone"}
    return *first, *(name for name in SPECS if name not in left_out)


def option_controls(*names: str, menus: bool = False) -> dict[str, OptionControl]:
    """A control for each of these fields of DrawOptions; their texts have the codes control.NAME.label, .CHOICE."""
    return {name: option_control(name, menus) for name in names}


def option_control(name: str, menus: bool = False) -> OptionControl:
    """A radio, or a menu, for named choices, between which numbers double; a slider for a float; a number field for an
    int.
    """
    spec, label = SPECS[name], t(f"control.{name}.label")
    if spec.choices:
        choices: list[tuple[str, Any]] = [(t(f"control.{name}.{choice}"), choice) for choice in spec.choices]
        number = spec.minimum
        while number is not None and spec.maximum is not None and number <= spec.maximum:
            choices.append((f"{number:g} px", spec.type(number)))
            number *= 2
        if menus:
            return OptionDropdown(choices, value=DEFAULTS[name], label=label, filterable=False, min_width=120)
        return OptionRadio(choices, value=DEFAULTS[name], label=label)
    if spec.type is float:
        return OptionSlider(spec.minimum or 0, spec.maximum or 1, DEFAULTS[name], step=0.05, label=label, min_width=140)
    return OptionNumber(DEFAULTS[name], minimum=spec.minimum, maximum=spec.maximum, precision=0, label=label)


def crop_controls() -> tuple[gr.Checkbox, gr.Textbox]:
    """How the face is taken from a picture: the whole of it, or the face in a box."""
    whole = gr.Checkbox(False, label=t("crop.whole.label"))
    return whole, gr.Textbox("", label=t("crop.box.label"), placeholder=t("crop.box.placeholder"))


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """A Dataframe's value; heads are codes of texts."""
    return {"headers": [t(head) for head in heads], "data": [list(row) for row in rows]}

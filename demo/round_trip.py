"""The tab there and back: what one generator draws, the other undoes, and the error between is to be seen."""

from __future__ import annotations

import cv2
import gradio as gr
import numpy as np
from PIL import Image

import facesketch
from facesketch.faces.choose import choose
from facesketch.look import RAW

from .controls import DRAWING, QUIET, endpoint, examples, gallery, model_picker, radio, read, upload
from .i18n import _, t
from .models import Models, generate

WAYS = {"Photo → sketch → photo": "photo_to_sketch", "Sketch → photo → sketch": "sketch_to_photo"}
HOT = 0.5  # the error, as a share of full range, that is drawn brightest
TOLD = "The mean error is {} of full range: {} of CycleGAN's cycle loss (Eq. 7) on this face."
EQUATION = "$L_{cycle} = |F(G(x)) - x| + |G(F(y)) - y|$ (7)"
MEANS = """What comes back shall be what went in. In the map dark is alike and yellow is half of full range off. \
CycleGAN alone was trained on this sum."""


def round_trip(models: Models, image: Image.Image, model: str, way: str) -> tuple[list[tuple[Image.Image, str]], float]:
    """The crop, what is drawn of it, what comes back, the error's map; and its mean, 0 to 1. Raises NoFaceError."""
    drawing = way == "sketch_to_photo"
    start = facesketch.align(image, choose(image)[0], 256, drawing=drawing)[0]
    start = start.convert("L").convert("RGB") if drawing else start
    back = {"photo_to_sketch": "sketch_to_photo", "sketch_to_photo": "photo_to_sketch"}[way]
    middle = generate(models.folder(model, way), start, way, align="never", **RAW)
    end = generate(models.folder(model, back), middle, back, align="never", **RAW)
    error = np.abs(np.asarray(end.convert("RGB"), float) - np.asarray(start, float)).mean(-1) / 255
    names = ("Sketch", "Photo", "Sketch again") if drawing else ("Photo", "Sketch", "Photo again")
    pictures = [*zip((start, middle, end), map(t, names), strict=True), (heat(error), t("The error"))]
    return pictures, float(error.mean())


def heat(error: np.ndarray) -> Image.Image:
    """An error, H x W, 0 to 1, from dark to yellow."""
    colours = cv2.applyColorMap((np.clip(error / HOT, 0, 1) * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    return Image.fromarray(np.ascontiguousarray(colours[..., ::-1]))


def tab(models: Models) -> dict[str, gr.components.Component]:
    """There and back. Returns what an address may choose."""

    def there_and_back(picture: str | None, model: str = "cyclegan", way: str = "photo_to_sketch"):
        """A photo to a sketch and back, or the other way round: the pictures, the error's map, and its mean, 0 to 1."""
        return round_trip(models, read(picture), model, way)

    def show(picture: str | None, model: str, way: str) -> tuple:
        if not picture:
            return gr.Gallery(None, visible=False), ""
        pictures, error = round_trip(models, read(picture), model, way)
        half = t("one half") if way == "photo_to_sketch" else t("the other half")
        return gr.Gallery(pictures, visible=True), t(TOLD, f"{error:.4f}", half)

    with gr.Row():
        with gr.Column(min_width=280):
            picture = upload("Photo or sketch", "there")
            examples([picture])
            way = radio(WAYS, "photo_to_sketch", "Way")
            model = model_picker(models.reverse_models, models.reverse_models[0])
        with gr.Column(min_width=280, scale=2):
            pictures = gallery("There and back", 4, "trip", visible=False)
            note = gr.Markdown(elem_id="error")
            gr.Markdown(_(MEANS))
            gr.Markdown(EQUATION, latex_delimiters=[{"left": "$", "right": "$", "display": False}])
    how = {**QUIET, "show_progress": "minimal", "show_progress_on": note, "trigger_mode": "always_last", **DRAWING}
    gr.on([picture.change, way.input, model.input], show, [picture, model, way], [pictures, note], **how)
    mean = gr.Number(label="Mean error", visible=False)
    endpoint(there_and_back, [picture, model, way], [pictures, mean], "there_and_back")
    return {"model": model}

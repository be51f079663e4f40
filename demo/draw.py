"""The tab sketch -> photo: a sheet to draw on, or a picture of a drawing, and every model's photo of it."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr
from PIL import Image

import facesketch
from facesketch import ImageError, NoFaceError
from facesketch.faces.choose import choose

from . import line_art
from .components import Sheet
from .controls import (
    DRAWING,
    QUIET,
    crop_controls,
    endpoint,
    gallery,
    layer,
    model_picker,
    output_image,
    read,
    run_model,
    upload,
)
from .i18n import _, t
from .models import Models, generate, title

HOW = "Draw over the faint face, shade hair and skin with many strokes, and see whom the models take it for."
BARE = "These are bare lines; the models know shaded pencil drawings, so shade it for a better photo."
WHOLE = "No face was found in the drawing, so the whole sheet is taken for one."


class Photos:
    """What the tab does."""

    def __init__(self, models: Models):
        self.models = models

    def sketch_to_photo(
        self, sketch: str | None, whole: bool = False, box: str = "", frame: str = "crop", model: str = "cyclegan"
    ) -> Image.Image:
        """Turn a sketch, or a photo of one on paper, into a photo with CycleGAN's inverse generator, or Pix2Pix's."""
        return run_model(self.models, read(sketch, "sketch"), model, "sketch_to_photo", whole, box, frame)

    def photos(self, crop: Image.Image, note: str = "") -> Iterator[tuple[gr.Gallery, str]]:
        """The drawing as the models see it, and their photos of it, as they come; and what there is to say of it."""
        crop = line_art.penciled(crop)
        if line_art.bare(crop):
            note = f"{note} {t(BARE)}"
        pictures = [(crop, t("Your drawing"))]
        for name in self.models.reverse_models:
            photo = generate(self.models.folder(name, "sketch_to_photo"), crop, "sketch_to_photo", align="never")
            pictures.append((photo, title(name)))
            yield gr.Gallery(pictures, visible=True), note

    def from_sheet(self, drawing: dict | None) -> Iterator[tuple[gr.Gallery, str]]:
        """Photos of what was drawn on the sheet. Raises ImageError where nothing was."""
        page = line_art.drawn([layer(path) for path in (drawing or {}).get("layers", [])])
        if page is None:
            raise ImageError("Draw a face on the sheet first.")
        yield from self.photos(page)

    def from_picture(self, path: str | None) -> Iterator[tuple[gr.Gallery, str]]:
        """Photos of an uploaded drawing, the whole of it where no face is found."""
        if not path:
            yield gr.Gallery(visible=False), ""
            return
        image = read(path, "sketch")
        try:
            yield from self.photos(facesketch.align(image, choose(image)[0], 256, drawing=True)[0])
        except NoFaceError:
            yield from self.photos(line_art.whole(image), t(WHOLE))


def turned(drawing: dict | None, guide: bool) -> dict:
    """The sheet with the faint face, or without it, and what was drawn still there."""
    return {"background": line_art.sheet(guide), "layers": (drawing or {}).get("layers", []), "composite": None}


def pad() -> Sheet:
    """The sheet to draw on."""
    brush = gr.Brush(colors=["#202020"], default_color="#202020", color_mode="fixed", default_size=2)
    tools = {"sources": (), "transforms": (), "layers": False, "brush": brush, "eraser": gr.Eraser(default_size=16)}
    sheet = {"canvas_size": line_art.SHEET, "height": 560, "elem_id": "pad", "format": "png", "buttons": []}
    return Sheet(line_art.sheet(True), label=_("Draw a face"), show_label=False, **tools, **sheet)


def tab(models: Models) -> None:
    """Draw."""
    do = Photos(models)
    with gr.Row():
        with gr.Column(min_width=280), gr.Tabs():
            with gr.Tab(_("Draw it here")):
                drawing, guide = pad(), gr.Checkbox(True, label=_("A faint face to follow"))
                make = gr.Button(_("Make photos of it"), variant="primary")
            with gr.Tab(_("Upload it")):
                sketch = upload("A drawing", "drawing")
        with gr.Column(min_width=280):
            answer = gallery("Photos", 3, "photos", visible=False)
            note = gr.Markdown(_(HOW))
    with gr.Row(visible=False):
        model = model_picker(models.reverse_models, models.reverse_models[0])
        taken = crop_controls()
    how = {**QUIET, "show_progress": "minimal", "show_progress_on": note, **DRAWING}
    make.click(do.from_sheet, drawing, [answer, note], **how)
    sketch.change(do.from_picture, sketch, [answer, note], **how)
    guide.input(turned, [drawing, guide], drawing, **QUIET, **DRAWING)
    endpoint(do.sketch_to_photo, [sketch, *taken, model], output_image("Photo", visible=False), "sketch_to_photo")

"""The tab sketch -> photo: a sheet to draw on, or a picture of a drawing, and every model's photo of it."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr
from PIL import Image

import facesketch
from facesketch import ImageError, NoFaceError
from facesketch.faces.choose import choose

from . import lines
from .controls import DRAWING, QUIET, endpoint, framing, gallery, layer, read, shown, translated, upload
from .models import Models, run, title
from .picture import Sheet
from .texts import T, say

BARE = "These are bare lines; the models know shaded pencil drawings, so shade it for a better photo."
WHOLE = "No face was found in the drawing, so the whole sheet is taken for one."


def tab(models: Models) -> dict[str, gr.components.Component]:
    """Draw. Returns what an address may choose."""

    def sketch_to_photo(
        sketch: str | None, whole: bool = False, box: str = "", frame: str = "crop", model: str = "cyclegan"
    ) -> Image.Image:
        """Turn a sketch, or a photo of one on paper, into a photo with CycleGAN's inverse generator, or Pix2Pix's."""
        return translated(models, read(sketch, "sketch"), model, "sketch_to_photo", whole, box, frame)

    def photos(crop: Image.Image) -> Iterator[list]:
        """The drawing as the models see it, and their photos of it, as they come."""
        if lines.bare(crop):
            gr.Info(say(BARE))
        pictures = [(crop, say("Your drawing"))]
        for name in models.back:
            photo = run(models.folder(name, "sketch_to_photo"), crop, "sketch_to_photo", align="never")
            pictures.append((photo, title(name)))
            yield pictures

    def from_sheet(drawing: dict | None) -> Iterator[list]:
        """Photos of what was drawn on the sheet. Raises ImageError where nothing was."""
        layers = [layer(path) for path in (drawing or {}).get("layers", [])]
        page = lines.drawn(layers)
        if page is None:
            raise ImageError("Draw a face on the sheet first.")
        yield from photos(lines.penciled(page))

    def from_picture(path: str | None) -> Iterator[list]:
        """Photos of an uploaded drawing, the whole of it where no face is found."""
        if not path:
            yield []
            return
        image = read(path, "sketch")
        try:
            crop = facesketch.align(image, choose(image)[0], 256, drawing=True)[0]
        except NoFaceError:
            gr.Info(say(WHOLE))
            crop = whole_sheet(image)
        yield from photos(lines.penciled(crop))

    with gr.Row():
        with gr.Column(min_width=280), gr.Tabs():
            with gr.Tab(T("Draw it here")):
                brush = gr.Brush(colors=["#202020"], default_color="#202020", color_mode="fixed", default_size=2)
                pad = Sheet(
                    lines.sheet(True), label=T("Draw a face"), sources=(), transforms=(), layers=False, brush=brush,
                    eraser=gr.Eraser(default_size=16), canvas_size=lines.SHEET, height=560, elem_id="pad", format="png",
                    buttons=[],
                )  # fmt: skip
                guide = gr.Checkbox(True, label=T("A faint face to follow"))
                make = gr.Button(T("Make photos of it"), variant="primary")
            with gr.Tab(T("Upload or photograph a drawing")):
                sketch = upload("A drawing", "drawing")
        with gr.Column(min_width=280):
            answer = gallery("Photos", 3, "photos")
    with gr.Row(visible=False):
        known = [(title(name), name) for name in models.back]
        model = gr.Radio(known, value=models.back[0], label=T("Model"))
        taken = framing()
    how = {**QUIET, "show_progress": "minimal", **DRAWING}
    make.click(from_sheet, pad, answer, **how)
    sketch.change(from_picture, sketch, answer, **how)
    guide.input(turned, [pad, guide], pad, **QUIET, **DRAWING)
    endpoint(sketch_to_photo, [sketch, *taken, model], shown("Photo", visible=False), "sketch_to_photo")
    return {}


def turned(drawing: dict | None, guide: bool) -> dict:
    """The sheet with the faint face, or without it, and what was drawn still there."""
    return {"background": lines.sheet(guide), "layers": (drawing or {}).get("layers", []), "composite": None}


def whole_sheet(image: Image.Image) -> Image.Image:
    """A picture on white paper of the template's shape."""
    width = max(image.width, round(image.height * 4 / 5))
    page = Image.new("RGB", (width, width * 5 // 4), "white")
    page.paste(image, ((page.width - image.width) // 2, (page.height - image.height) // 2))
    return page.resize((256, 320))

"""The tab sketch -> photo."""

from __future__ import annotations

import gradio as gr
from PIL import Image

from .controls import DRAWING, draw, framing, read, shown, upload
from .models import Models, title
from .texts import T


def tab(models: Models) -> None:
    """Sketch -> Photo."""

    def sketch_to_photo(
        sketch: str | None, whole: bool = False, box: str = "", frame: str = "crop", model: str = "cyclegan"
    ) -> Image.Image:
        """Turn a sketch, or a photo of one on paper, into a photo with CycleGAN's inverse generator, or Pix2Pix's."""
        return draw(models, read(sketch, "sketch"), model, "sketch_to_photo", whole, box, frame)

    with gr.Row():
        with gr.Column():
            sketch = upload("Sketch", "drawing")
            model = gr.Radio([(title(name), name) for name in models.back], value=models.back[0], label=T("Model"))
            taken = framing()
            button = gr.Button(T("Make a photo"), variant="primary")
        photo = shown("Photo")
    button.click(sketch_to_photo, [sketch, *taken, model], photo, api_name="sketch_to_photo", **DRAWING)

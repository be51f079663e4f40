"""The tab photo -> sketch."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from PIL import Image

import facesketch

from .controls import chosen, draw, endpoint, framing, gallery, read, upload
from .models import Models, title

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.jpg"))


def tab(models: Models) -> None:
    """Photo -> Sketch."""

    @endpoint
    def photo_to_sketch(photo: str | None, model: str, whole: bool = False, box: str = "", frame: str = "crop"):
        """Sketch the face of a photo (the largest, or that in the box; every one in a whole photo) with one model."""
        return draw(models, read(photo, "photo"), model, "photo_to_sketch", whole, box, frame)

    @endpoint
    def photo_to_sketches(photo: str | None, whole: bool = False, box: str = "") -> list[tuple[Image.Image, str]]:
        """Sketch the face of a photo with every model."""
        image = read(photo, "photo")
        return models.sketches(image if whole else facesketch.align(image, chosen(image, box)[0])[0])

    with gr.Row():
        with gr.Column():
            photo = upload("Photo", "photo")
            gr.Examples(
                [[str(path)] for path in EXAMPLES], [photo], cache_examples=False, label="Public-domain portraits"
            )
            model = gr.Radio([(title(name), name) for name in models.names], value=models.default, label="Model")
            taken = framing(photo)
            one, every = gr.Button("Sketch", variant="primary"), gr.Button("Sketch with all models")
        with gr.Column():
            sketch = gr.Image(label="Sketch", format="png", height=360, interactive=False, elem_id="sketch")
            all_sketches = gallery("All models", 3, "sketches")
    one.click(photo_to_sketch, [photo, model, *taken], sketch, api_name="photo_to_sketch")
    every.click(photo_to_sketches, [photo, *taken[:2]], all_sketches, api_name="photo_to_sketches")

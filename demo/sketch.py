"""The tab photo -> sketch."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from PIL import Image

from facesketch.detail import STROKES

from .controls import DRAWING, draw, framing, gallery, looks, read, taking, upload
from .models import Models, title

QUIET = {"api_visibility": "private", "show_progress": "hidden"}
EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.jpg"))


def tab(models: Models) -> None:
    """Photo -> Sketch."""

    def photo_to_sketch(
        photo: str | None,
        model: str,
        whole: bool = False,
        box: str = "",
        frame: str = "crop",
        size: int | str = "auto",
        ground: str = "paper",
        strokes: float = STROKES,
        style: str | None = None,
    ):
        """Sketch the face of a photo (the largest, or that in the box; every one in a whole photo) with one model."""
        look = {
            "size": size,
            "ground": ground,
            "strokes": strokes,
            "style": style if models.styles.get(model) else None,
        }
        return draw(models, read(photo, "photo"), model, "photo_to_sketch", whole, box, frame, **look)

    def photo_to_sketches(
        photo: str | None,
        whole: bool = False,
        box: str = "",
        size: int | str = "auto",
        ground: str = "paper",
        strokes: float = STROKES,
    ) -> list[tuple[Image.Image, str]]:
        """Sketch the face of a photo with every model."""
        image = read(photo, "photo")
        return models.sketches(image, **taking(image, whole, box), size=size, ground=ground, strokes=strokes)

    with gr.Row():
        with gr.Column():
            photo = upload("Photo", "photo")
            gr.Examples(
                [[str(path)] for path in EXAMPLES], [photo], cache_examples=False, label="Public-domain portraits"
            )
            model = gr.Radio([(title(name), name) for name in models.names], value=models.default, label="Model")
            known = list(dict.fromkeys(name for names in models.styles.values() for name in names))
            style = gr.Radio(
                [(name.capitalize(), name) for name in known],
                value=next(iter(known), None),
                label="Style",
                visible=bool(models.styles.get(models.default)),
            )
            taken, look = framing(photo), looks()
            one, every = gr.Button("Sketch", variant="primary"), gr.Button("Sketch with all models")
        with gr.Column():
            sketch = gr.Image(
                label="Sketch", format="png", image_mode=None, height=640, interactive=False, elem_id="sketch"
            )
            all_sketches = gallery("All models", 3, "sketches")
    model.change(lambda name: gr.Radio(visible=bool(models.styles.get(name))), model, style, **QUIET)
    one.click(photo_to_sketch, [photo, model, *taken, *look, style], sketch, api_name="photo_to_sketch", **DRAWING)
    every.click(photo_to_sketches, [photo, *taken[:2], *look], all_sketches, api_name="photo_to_sketches", **DRAWING)

"""The tab that compares each model's sketch with an artist's."""

from __future__ import annotations

import gradio as gr
import numpy as np
from PIL import Image

from facesketch import metrics
from facesketch.faces.crop import align_pair
from facesketch.faces.geometry import TEMPLATE
from facesketch.look import RAW

from .controls import DRAWING, gallery, read, upload
from .models import Models

ALIKE = f"in gray at {TEMPLATE[0]} x {TEMPLATE[1]} pixels; in the maps, white is alike and black is not."
AGAINST_ARTIST = f"SSIM and MAE against the artist's sketch, {ALIKE}"
AGAINST_PHOTO = (
    f"**SSIM against the photo** is no measure of likeness: a good sketch differs from its photo. Here {ALIKE}"
)


def tab(models: Models) -> None:
    """Compare."""

    def compare(photo: str | None, sketch: str | None = None):
        """Each model's raw sketch of a photo against an artist's: pictures, SSIM maps, a table, and what these mean."""
        frame, artist = align_pair(read(photo, "photo"), read(sketch, "sketch") if sketch else None)
        drawn, target = models.sketches(frame, align="never", **RAW), artist or frame
        maps, rows = [], []
        for picture, name in [*drawn, *([(frame, "The gray photo itself")] if artist else [])]:
            score, local = metrics.ssim_map(picture, target)
            rows.append([name, round(score, 4), round(metrics.mae(picture, target), 4)])
            maps.append((Image.fromarray((local.clip(0, 1) * 255).astype(np.uint8)), f"{name}: {score:.3f}"))
        pictures = [(frame, "Photo"), *([(artist, "Artist")] if artist else []), *drawn]
        return pictures, maps, rows, AGAINST_ARTIST if artist else AGAINST_PHOTO

    with gr.Row():
        photo, sketch = upload("Photo"), upload("An artist's sketch of it, if there is one")
    button = gr.Button("Compare", variant="primary")
    note = gr.Markdown()
    table = gr.Dataframe(headers=["Model", "SSIM", "MAE"], label="How near", interactive=False)
    pictures, maps = gallery("Sketches", 5), gallery("SSIM maps", 4)
    button.click(compare, [photo, sketch], [pictures, maps, table, note], api_name="compare", **DRAWING)

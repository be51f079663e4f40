"""The tab that compares each model's sketch with an artist's."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
import numpy as np
import pandas as pd
from PIL import Image

from facesketch import metrics
from facesketch.faces.crop import align_pair
from facesketch.faces.geometry import TEMPLATE
from facesketch.look import RAW

from .baselines import rows_of
from .controls import DRAWING, EXAMPLES, QUIET, endpoint, examples, gallery, read, table, upload
from .i18n import _, t
from .models import Models

ALIKE = "In gray at {} x {} pixels; in the maps, white is alike and black is not."
AGAINST_ARTIST = "SSIM, MAE and Scoot against the artist's sketch."
AGAINST_PHOTO = "**SSIM against the photo** is no measure of likeness: a good sketch differs from its photo."
GRAY = "The gray photo itself"
HEADS = ("Model", "SSIM", "MAE", "Scoot")
OWN = "The example's drawing is by this project's CycleGAN, of a public-domain portrait: CycleGAN is at home in it."
PUBLISHED = "Published methods and the course deck: on the 100 CUHK test faces, where a row does not say otherwise"
PAIR = Path(__file__).parents[1] / "examples" / "grace_hopper_drawing.png"


class Comparison:
    """What the tab does."""

    def __init__(self, models: Models):
        self.models = models

    def compare(self, photo: str | None, sketch: str | None = None):
        """Each model's raw sketch of a photo against an artist's: pictures, SSIM maps, a table, and what these mean."""
        frame, artist = align_pair(read(photo), read(sketch, "sketch") if sketch else None)
        drawn, target = self.models.sketches(frame, align="never", **RAW), artist or frame
        maps, rows = [], []
        for picture, name in [*drawn, *([(frame, t(GRAY))] if artist else [])]:
            score, local = metrics.ssim_map(picture, target)
            values = score, metrics.mae(picture, target), metrics.scoot(picture, target)
            rows.append([name, *(round(value, 4) for value in values)])
            maps.append((Image.fromarray((local.clip(0, 1) * 255).astype(np.uint8)), f"{name}: {score:.3f}"))
        pictures = [(frame, t("Photo")), *([(artist, t("Artist"))] if artist else []), *drawn]
        note = f"{t(AGAINST_ARTIST if artist else AGAINST_PHOTO)} {t(ALIKE, *TEMPLATE)}"
        return pictures, maps, table(HEADS, rows), note

    def show(self, photo: str | None, sketch: str | None) -> list:
        """The same, as the page shows it, with bars; nothing yet without a photo."""
        if not photo:
            wanted = t("Now choose the photo that it was drawn from.") if sketch else ""
            hidden = gr.Gallery(None, visible=False)
            return [hidden, hidden, gr.Dataframe(visible=False), wanted, gr.BarPlot(visible=False)]
        pictures, maps, scores, note = self.compare(photo, sketch)
        bars = pd.DataFrame([row[:2] for row in scores["data"]], columns=["model", "SSIM"])
        galleries = [gr.Gallery(shown, visible=True) for shown in (pictures, maps)]
        return [*galleries, gr.Dataframe(scores, visible=True), note, gr.BarPlot(bars, visible=True)]


def tab(models: Models) -> None:
    """Compare."""
    do = Comparison(models)
    with gr.Row():
        photo, sketch = upload("Photo", "compared"), upload("An artist's sketch, if any", "artist")
    examples([photo, sketch], {"grace_hopper": [EXAMPLES[-1], PAIR]})
    gr.Markdown(_(OWN))
    note = gr.Markdown()
    pictures = gallery("Sketches", 5, "compare-pictures", visible=False)
    maps = gallery("SSIM maps", 4, "maps", visible=False)
    with gr.Row():
        scores = gr.Dataframe(label=_("How near"), interactive=False, visible=False, elem_id="scores")
        bars = gr.BarPlot(x="model", y="SSIM", y_lim=[0, 1], x_title=" ", visible=False, elem_id="bars")
    with gr.Accordion(_(PUBLISHED), open=False):
        published = gr.Dataframe(interactive=False, show_label=False)
    shown = [pictures, maps, scores, note, bars]
    how = {**QUIET, "show_progress": "minimal", "show_progress_on": note, "trigger_mode": "always_last", **DRAWING}
    gr.on([photo.change, sketch.change], do.show, [photo, sketch], shown, **how)
    gr.on(None, rows_of, None, published, **QUIET)
    endpoint(do.compare, [photo, sketch], [pictures, maps, scores, note], "compare")

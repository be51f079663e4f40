"""Each model's sketch against an artist's, and against published methods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pandas as pd
from PIL import Image

import facesketch
from facesketch import WeightsError, metrics
from facesketch.face.align import align_pair
from facesketch.face.template import TEMPLATE_SIZE
from facesketch.hub.weights_io import load_config
from facesketch.options import RAW_OUTPUT

from ..cache import store_image
from ..components import EXAMPLES, examples, gallery, read_upload, table, upload
from ..handlers import endpoint, on
from ..i18n import t
from ..model_catalog import ModelCatalog, title
from ..shared_photo import SharedPhoto

HEADS = ("model.label", "metric.ssim", "metric.mae", "metric.scoot")
BASELINE_HEADS = ("compare.method", "metric.ssim", "metric.interval", "metric.fsim", "metric.mae")
BASELINES = {
    name: f"baseline.{name.replace(' ', '_')}"
    for name in ("ans-gda", "ca-gan", "cgan", "pcf", "sca-gan", "the photo itself")
}
DECK = {"Autoencoder": 0.7135, "Pix2Pix": 0.6064, "CycleGAN": 0.1624}  # SSIM, validation, of the deck's final table
SKETCH_EXAMPLE = Path(__file__).parents[2] / "examples" / "grace_hopper_drawing.png"


class CompareTab:
    """The handlers of the tab."""

    def __init__(self, models: ModelCatalog):
        self.models = models

    def compare(
        self, photo: str | None, sketch: str | None = None
    ) -> tuple[list[tuple[str, str]], list[tuple[str, str]], dict[str, Any], str]:
        """Each model's raw sketch of a photo against an artist's: pictures, SSIM maps, a table, and what they mean."""
        artist = read_upload(sketch, "error.sketch.missing") if sketch else None
        frame, artist = align_pair(read_upload(photo), artist)
        drawn = [(drawing.image, name) for name, drawing in self.models.draw_with_all(frame, RAW_OUTPUT)]
        maps, rows = [], []
        for picture, name in [*drawn, *([(frame, t("baseline.the_photo_itself"))] if artist else [])]:
            score, local = metrics.ssim_map(picture, artist or frame)
            values = score, metrics.mae(picture, artist or frame), metrics.scoot(picture, artist or frame)
            rows.append([name, *(round(value, 4) for value in values)])
            shade = Image.fromarray((local.clip(0, 1) * 255).astype(np.uint8))
            maps.append((store_image(shade), f"{name}: {score:.4f}"))
        artists = [(artist, t("compare.artist"))] if artist else []
        pictures = [(store_image(image), name) for image, name in [(frame, t("compare.photo")), *artists, *drawn]]
        meaning = t("compare.against_artist" if artist else "compare.against_photo")
        note = f"{meaning} {t('compare.maps', width=TEMPLATE_SIZE[0], height=TEMPLATE_SIZE[1])}"
        return pictures, maps, table(HEADS, rows), note

    def show(self, photo: str | None, sketch: str | None) -> list[Any]:
        """The same for the page, with bars; nothing yet without a photo."""
        if not photo:
            note = t("compare.photo_wanted") if sketch else ""
            hidden = gr.Gallery(None, visible=False)
            return [hidden, hidden, gr.Dataframe(visible=False), note, gr.BarPlot(visible=False)]
        pictures, maps, scores, note = self.compare(photo, sketch)
        data = pd.DataFrame([row[:2] for row in scores["data"]], columns=["model", "SSIM"])
        bars = gr.BarPlot(data, sort=list(data["model"]), visible=True)
        galleries = [gr.Gallery(shown, visible=True) for shown in (pictures, maps)]
        rows = [[name, *map(decimals, values)] for name, *values in scores["data"]]
        return [*galleries, gr.Dataframe(table(HEADS, rows), visible=True), note, bars]


def decimals(value: float | str) -> str:
    """A score as text with four decimals, since a table drops zeros at the end of numbers; no score stays empty."""
    return value if isinstance(value, str) else f"{value:.4f}"


def baselines() -> dict[str, Any]:
    """The embedded models, published methods and the course deck, the best SSIM first: from the models' configs."""
    rows: list[list[Any]] = []
    others: dict[str, Any] = {}
    for name in facesketch.available_models():
        try:
            config = load_config(facesketch.WEIGHTS_DIR / name, name)
        except WeightsError:
            continue
        scores = config.scores.get("photo_to_sketch", {})
        if scores.get("pictures") == 100:  # the CUHK test faces; more means that other sets are included
            rows.append(baseline_row(title(name), scores))
            others |= scores.get("others", {})
    rows += [baseline_row(t(BASELINES[key]), scores) for key, scores in others.items() if key in BASELINES]
    rows.sort(key=lambda row: -row[1])
    deck = [[f"{name}: {t('baseline.deck')}", ssim, "", "", ""] for name, ssim in DECK.items()]
    rows = [[name, *map(decimals, cells)] for name, *cells in [*rows, *deck]]
    return table(BASELINE_HEADS, rows)


def baseline_row(name: str, scores: dict[str, Any]) -> list[Any]:
    """A method's cells."""
    interval = " – ".join(map(decimals, scores.get("ssim_95", ())))
    return [name, scores["ssim"], interval, scores.get("fsim", ""), scores.get("mae", "")]


def tab(models: ModelCatalog, shared: SharedPhoto) -> dict[str, gr.Radio]:
    """Build the tab. No URL parameters."""
    handlers = CompareTab(models)
    with gr.Row():
        photo, sketch = upload("compare.photo", "compared"), upload("compare.upload.artist", "artist")
    shared.follow(photo)
    examples([photo, sketch], {"grace_hopper": [EXAMPLES[-1], SKETCH_EXAMPLE]})
    gr.Markdown(t("compare.example_bias"))
    note = gr.Markdown(label=t("note.label"))  # the name of the output in the API; the page does not show it
    pictures = gallery("compare.sketches", 5, "compare-pictures", visible=False)
    maps = gallery("compare.ssim_maps", 4, "maps", visible=False)
    with gr.Row():
        scores = gr.Dataframe(label=t("compare.scores"), interactive=False, visible=False, elem_id="scores")
        bars = gr.BarPlot(x="model", y="SSIM", y_lim=[0, 1], x_title=" ", visible=False, elem_id="bars")
    with gr.Accordion(t("compare.published"), open=False):
        published = gr.Dataframe(interactive=False, show_label=False)
    progress: dict[str, Any] = {"show_progress": "minimal", "show_progress_on": note, "trigger_mode": "always_last"}
    outputs = [pictures, maps, scores, note, bars]
    on([photo.change, sketch.change], handlers.show, [photo, sketch], outputs, **progress)
    on(None, baselines, None, published, queue=None)
    endpoint(handlers.compare, [photo, sketch], [pictures, maps, scores, note], "compare")
    return {}

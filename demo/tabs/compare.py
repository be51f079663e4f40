"""Each model's drawing against an artist's, as SSIM measures it, and against published methods."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
import numpy as np
import pandas as pd
from PIL import Image

from facesketch import Drawing, DrawOptions, NoFaceError, metrics
from facesketch.face.align import align_pair
from facesketch.face.template import TEMPLATE_SIZE
from facesketch.options import RAW_OUTPUT

from ..cache import store_image
from ..components import EXAMPLES, examples, gallery, read_upload, table, upload
from ..handlers import endpoint, on
from ..i18n import t
from ..model_catalog import ModelCatalog
from ..published import baselines, decimals
from ..shared_photo import SharedPhoto

HEADS = ("model.label", "metric.ssim", "metric.mae", "metric.scoot")
EXAMPLE = EXAMPLES[-1]
SKETCH_EXAMPLE = Path(__file__).parents[2] / "examples" / "grace_hopper_drawing.png"
FINISHED_WIDTH = 512  # pixels


class Comparison(NamedTuple):
    """What is compared, as lists of (path, caption), with the scores and what they mean."""

    originals: list[tuple[str, str]]  # the photo, and the drawing that the models are compared with
    raw: list[tuple[str, str]]
    maps: list[tuple[str, str]]
    scores: dict[str, Any]
    note: str


class CompareTab:
    """The handlers of the tab."""

    def __init__(self, models: ModelCatalog):
        self.models = models

    def compare(
        self, photo: str | None, sketch: str | None = None
    ) -> tuple[list[tuple[str, str]], list[tuple[str, str]], dict[str, Any], str]:
        """Each model's raw sketch of a photo against an artist's: pictures, SSIM maps, a table, and what they mean."""
        found = self.comparison(photo, sketch)
        return [*found.originals, *found.raw], found.maps, found.scores, found.note

    def comparison(self, photo: str | None, sketch: str | None) -> Comparison:
        """The raw sketches and their scores. Raises FacesketchError and UserError."""
        reference = read_upload(sketch, "error.sketch.missing") if sketch else None
        frame, reference = align_pair(read_upload(photo), reference)
        raw = [(drawing.image, name) for name, drawing in self.models.draw_with_all(frame, RAW_OUTPUT)]
        maps, rows = [], []
        for picture, name in [*raw, *([(frame, t("baseline.the_photo_itself"))] if reference else [])]:
            score, local = metrics.ssim_map(picture, reference or frame)
            values = score, metrics.mae(picture, reference or frame), metrics.scoot(picture, reference or frame)
            rows.append([name, *(round(value, 4) for value in values)])
            shade = Image.fromarray((local.clip(0, 1) * 255).astype(np.uint8))
            maps.append((store_image(shade), f"{name}: {score:.4f}"))
        originals = [(store_image(frame), t("compare.photo"))]
        meaning = t("compare.against_photo")
        if reference and sketch:
            by_model = is_example(sketch)
            originals.append((store_image(reference), t("compare.by_cyclegan" if by_model else "compare.artist")))
            meaning = t("compare.against_cyclegan" if by_model else "compare.against_artist")
        note = f"{meaning} {t('compare.maps', width=TEMPLATE_SIZE[0], height=TEMPLATE_SIZE[1])}"
        drawn = [(store_image(image), name) for image, name in raw]
        return Comparison(originals, drawn, maps, table(HEADS, rows), note)

    def show(
        self, photo: str | None, sketch: str | None, shown: tuple[str | None, str | None] | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """The same for the page, with bars and then the finished drawings; what was shown before goes first.

        Nothing but a note is shown without a photo. shown: the pictures that were compared last, which are compared
        once where both change together; the last value is them.
        """
        if shown == (photo, sketch):
            yield (gr.skip(),) * 9
            return
        hidden = gr.Gallery(None, visible=False)
        note = t("compare.photo_wanted") if sketch and not photo else ""
        blank = gr.Dataframe(None), note, gr.BarPlot(None)
        yield gr.Column(visible=False), *[hidden] * 4, *blank, None
        if not photo:
            return
        found = self.comparison(photo, sketch)
        data = pd.DataFrame([row[:2] for row in found.scores["data"]], columns=["model", "SSIM"])
        bars = gr.BarPlot(data, sort=list(data["model"]))
        galleries = [gr.Gallery(pictures, visible=True) for pictures in (found.originals, found.raw, found.maps)]
        rows = [[name, *map(decimals, values)] for name, *values in found.scores["data"]]
        scores = gr.Dataframe(table(HEADS, rows))
        originals, raw, maps = galleries
        yield gr.Column(visible=True), originals, raw, hidden, maps, scores, found.note, bars, (photo, sketch)
        pictures = [(store_image(drawing.image), name) for name, drawing in self.finished(photo)]
        finished = gr.Gallery(pictures, visible=True)
        yield (*[gr.skip()] * 3, finished, *[gr.skip()] * 5)

    def example(
        self, photo: str | None, path: str | None, shown: tuple[str | None, str | None] | None
    ) -> Iterator[tuple[Any, ...]]:
        """The example's comparison, while the visitor has chosen nothing; path: of the photo from another tab."""
        if photo or path or shown:
            yield (gr.skip(),) * 9
            return
        yield from self.show(str(EXAMPLE), str(SKETCH_EXAMPLE))

    def finished(self, photo: str) -> list[tuple[str, Drawing]]:
        """The drawings that the page makes of the photo; of all of it if it is a crop in which no face is found."""
        image = read_upload(photo)
        try:
            return self.models.draw_with_all(image, DrawOptions(size=FINISHED_WIDTH))
        except NoFaceError:
            return self.models.draw_with_all(image, DrawOptions(size=FINISHED_WIDTH, align="never"))


def is_example(sketch: str) -> bool:
    """Whether an uploaded drawing is the example's, which no artist drew."""
    return Path(sketch).read_bytes() == SKETCH_EXAMPLE.read_bytes()


def tab(models: ModelCatalog, shared: SharedPhoto) -> dict[str, gr.Radio]:
    """Build the tab. No URL parameters."""
    handlers = CompareTab(models)
    gr.Markdown(t("compare.help"))
    with gr.Row():
        photo, sketch = upload("compare.photo", "compared", 240), upload("compare.artist", "artist", 240)
    shared.follow(photo)
    examples([photo, sketch], {EXAMPLE.stem: [EXAMPLE, SKETCH_EXAMPLE]})
    note = gr.Markdown(label=t("note.label"), elem_id="compare-note")
    with gr.Column(visible=False) as result:
        with gr.Row():
            originals = gallery("compare.originals", 2, "originals", visible=False, min_width=240, scale=2)
            raw = gallery("compare.raw", 3, "raw", visible=False, min_width=320, scale=3)
        with gr.Row():
            with gr.Column(min_width=320):
                scores = gr.Dataframe(label=t("compare.scores"), interactive=False, elem_id="scores", wrap=True)
            with gr.Column(min_width=320):
                bars = gr.BarPlot(
                    x="model", y="SSIM", y_lim=[0, 1], x_title=" ", title=t("metric.ssim"), elem_id="bars", height=260
                )
        with gr.Row():
            finished = gallery("compare.finished", 3, "finished", visible=False, min_width=300)
            maps = gallery("compare.ssim_maps", 4, "maps", visible=False, min_width=300)
        gr.Markdown(t("compare.why"))
    with gr.Accordion(t("compare.published"), open=False):
        published = gr.Dataframe(interactive=False, show_label=False, wrap=True)
        gr.Markdown(t("compare.deck"))
    progress: dict[str, Any] = {"show_progress": "minimal", "show_progress_on": note, "trigger_mode": "always_last"}
    compared = gr.State()
    outputs = [result, originals, raw, finished, maps, scores, note, bars, compared]
    on([photo.change, sketch.change], handlers.show, [photo, sketch, compared], outputs, **progress)
    on([shared.opened], handlers.example, [photo, shared.path, compared], outputs, **progress)
    on(None, baselines, None, published, queue=None)
    with gr.Row(visible=False):
        pictures = gallery("compare.sketches", 5)
    endpoint(handlers.compare, [photo, sketch], [pictures, maps, scores, note], "compare")
    return {}

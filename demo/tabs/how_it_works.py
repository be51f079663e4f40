"""How a drawing is made, stage by stage, on the visitor's photo; and for researchers how well it was measured to be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from ..cache import cached_faces, store_image
from ..components import examples, gallery, read_upload, table, upload
from ..handlers import on
from ..i18n import t
from ..model_catalog import ModelCatalog, draw_stages, title
from ..published import METRICS, published_rows
from ..shared_photo import SharedPhoto
from ..uploads import PICTURES

STAGES = ("face", "matte", "light", "raw", "strokes")
WIDTH = 512  # pixels
DIRECTIONS = ("photo_to_sketch", "sketch_to_photo")
CURVES = {  # model -> its training curves in docs/results
    "autoencoder": "runs/autoencoder/curves.png",
    "pix2pix": "pix2pix-perceptual-fine-curves.png",
    "cyclegan": "cyclegan-web-curves.png",
}
TEXTS = ("measured", "limits", "license")


def example() -> list[tuple[str, str]]:
    """The stages of the example, as (path, caption)."""
    return [(str(PICTURES / f"stage-{name}.jpg"), t(f"how_it_works.{name}")) for name in STAGES]


def tab(models: ModelCatalog, shared: SharedPhoto) -> dict[str, gr.Radio]:
    """Build the tab. No URL parameters."""

    def show(photo: str | None) -> Iterator[Any]:
        """The stages of a photo; what was shown before goes first."""
        if not photo:
            yield example()
            return
        yield None
        image = read_upload(photo)
        stages = draw_stages(models.folder(None), image, cached_faces(image, photo), WIDTH)
        pictures = stages._asdict()
        yield [(store_image(pictures[n]), t(f"how_it_works.{n}")) for n in STAGES if pictures[n] is not None]

    gr.Markdown(t("how_it_works.help", model=title(models.default or "")))
    pictures = gallery("how_it_works.stages", len(STAGES), "stages", value=example())
    with gr.Row():
        with gr.Column(min_width=240):
            photo = upload("how_it_works.photo", "explained", 220)
            shared.follow(photo)
            examples([photo])
        with gr.Column(min_width=280, scale=2):
            gr.Markdown(
                "\n".join(f"{number}. {t(f'how_it_works.{name}.text')}" for number, name in enumerate(STAGES, 1))
            )
    on([photo.change], show, photo, pictures, show_progress="minimal", trigger_mode="always_last")
    with gr.Accordion(t("how_it_works.results"), open=False):
        for direction in DIRECTIONS:
            heads = (f"how_it_works.{direction}", *METRICS)
            gr.Dataframe(table(heads, published_rows(direction)), interactive=False, show_label=False, wrap=True)
    for name in TEXTS:
        with gr.Accordion(t(f"how_it_works.{name}.label"), open=False):
            gr.Markdown(t(f"how_it_works.{name}.text"))
    build_curves()
    return {}


def build_curves() -> None:
    """The curves of the embedded models' training, where docs/ is there."""
    folder = Path(__file__).parents[2] / "docs" / "results"
    curves = {title(name): folder / file for name, file in CURVES.items() if (folder / file).is_file()}
    gr.set_static_paths(list(curves.values()))
    if curves:
        shown = [(str(path), name) for name, path in curves.items()]
        with gr.Accordion(t("how_it_works.curves"), open=False):
            gr.Markdown(t("how_it_works.curves.text"))
            gallery("how_it_works.curves", len(shown), "curves", value=shown)

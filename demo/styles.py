"""The choice of a style by little pictures, each the same public-domain portrait."""

from __future__ import annotations

import gradio as gr

import facesketch

from .cache import cached_image
from .controls import DRAWING, EXAMPLES, QUIET, gallery
from .i18n import _, t
from .models import Models, generate

SAMPLE = 256  # pixels of the width that a little picture is drawn at


def strip_for(models: Models) -> gr.Gallery:
    """The pictures to choose by, where the model that a visitor is given has several styles; beside chooser's names."""
    first = models.default if models.styles.get(models.default) else None
    strip = gallery("Style", 4, "strip", allow_preview=False, visible=bool(first), selected_index=0)
    if first:
        gr.on(None, lambda: samples(models, first), None, strip, **QUIET, **DRAWING)
    return strip


def chooser(models: Models, **how) -> gr.Radio:
    """The choice by name; out of sight where no model has several styles."""
    known = list(dict.fromkeys(name for names in models.styles.values() for name in names))
    options = [(_(name.capitalize()), name) for name in known]
    return gr.Radio(options, value=next(iter(known), None), label=_("Style"), **{"visible": bool(known), **how})


def samples(models: Models, model: str) -> list[tuple[str, str]]:
    """The portrait in every style of a model: paths and names."""
    folder = models.folder(model)

    def drawn(style: str) -> str:
        portrait = EXAMPLES[-1]
        return cached_image(
            lambda: generate(folder, facesketch.read_image(portrait), "photo_to_sketch", size=SAMPLE, style=style),
            f"{style}.png",
            "sample", folder, style,
        )  # fmt: skip

    return [(drawn(style), t(style.capitalize())) for style in models.styles[model]]


def strip_of(models: Models, model: str) -> tuple:
    """The pictures and the first style of another model; none where it has one hand alone."""
    names = models.styles.get(model)
    if not names:
        return gr.Gallery(visible=False), gr.skip()
    return gr.Gallery(samples(models, model), visible=True, selected_index=0), names[0]

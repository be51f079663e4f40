"""The Gradio demo: a photo to a pencil sketch, a sketch to a photo, and how near the sketches are to an artist's."""

from __future__ import annotations

import logging
import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # start-up calls nobody
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

from demo import uploads
from demo.models import Models, device_asked, set_device

uploads.prepare()  # Gradio asks for its folder when it is imported
if __name__ == "__main__":
    set_device(device_asked())  # before Gradio is imported, which takes seconds

import gradio as gr

from demo import batch, compare, deep_links, draw, live, results, round_trip, sketch
from demo.i18n import _
from demo.page import Page

TABS = {
    "sketch": ("Sketch", sketch.tab),
    "live": ("Live", live.tab),
    "draw": ("Draw", draw.tab),
    "there": ("There and back", round_trip.tab),
    "compare": ("Compare", compare.tab),
    "many": ("Many", batch.tab),
    "results": ("Results", results.tab),
}


def build(models: Models) -> gr.Blocks:
    """The page."""
    with Page(title="facesketch") as page:
        deep_links.head()
        deep_links.model_notices(page, models)
        with gr.Tabs(selected=None) as tabs:
            choices = {}
            for key, (name, tab) in TABS.items() if models.names else ():
                with gr.Tab(_(name), id=key):
                    choices[key] = tab(models) or {}
        deep_links.restore_from_url(page, tabs, choices)
    return page


logging.basicConfig(format="%(message)s")
logging.getLogger("facesketch").setLevel(logging.INFO)
models = Models(os.environ.get("FACESKETCH_MODELS", ""))
demo = build(models)

if __name__ == "__main__":
    for problem in models.problems:
        print(problem, flush=True)
    demo.launch()

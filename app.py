"""The Gradio demo: a photo to a pencil sketch, a sketch to a photo, and how near the sketches are to an artist's."""

from __future__ import annotations

import logging
import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # start-up calls nobody
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

from demo import uploads

uploads.prepare()  # Gradio asks for its folder when it is imported

import gradio as gr

from demo import compare, photo, sketch
from demo.models import Models
from demo.page import Page

INTRO = """# facesketch
A face photo to a pencil sketch and back, with an autoencoder, Pix2Pix and CycleGAN trained on the CUHK face sketches.
A drawing is no evidence of anyone's identity. Pictures are sent to the server that draws them, are given to nobody
else, and are deleted from it about an hour later."""
TABS = {"Photo → Sketch": sketch.tab, "Sketch → Photo": photo.tab, "Compare": compare.tab}


def build(models: Models) -> gr.Blocks:
    """The page."""
    with Page(title="facesketch") as page:
        gr.Markdown(INTRO)
        for problem in models.problems:
            gr.Markdown(f"⚠ {problem}")
        if (hub := models.hub).notes:
            page.load(
                hub.told, None, gr.Markdown(), api_visibility="private", show_progress="hidden", concurrency_limit=None
            )
        for name, tab in TABS.items() if models.names else ():
            with gr.Tab(name):
                tab(models)
    return page


logging.basicConfig(format="%(message)s")
logging.getLogger("facesketch").setLevel(logging.INFO)
models = Models(os.environ.get("FACESKETCH_MODELS", ""))
demo = build(models)

if __name__ == "__main__":
    for problem in models.problems:
        print(problem, flush=True)
    theme = gr.themes.Soft(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    demo.launch(theme=theme)

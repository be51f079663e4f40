"""A ring drawn by finger around a face that was not found."""

from __future__ import annotations

import gradio as gr
from PIL import Image

from facesketch import ImageError

from .components import Sheet
from .controls import layer, read
from .i18n import _

SHOWN = 800  # pixels of the longer side of the photo that is drawn on
NO_RING = "Draw a ring around the face first."


def build() -> tuple[gr.Group, Sheet, gr.Button]:
    """The photo to draw on, out of sight until there is need of it, and the button that takes the ring."""
    with gr.Group(visible=False) as marker:
        brush = gr.Brush(colors=["#e0409f"], color_mode="fixed", default_size=12)
        ring = Sheet(
            label=_("Draw a ring around the face"), sources=(), transforms=(), layers=False, brush=brush, height=360,
            elem_id="ring", buttons=[],
        )  # fmt: skip
        use = gr.Button(_("Draw this face"), variant="primary")
    return marker, ring, use


def sheet(photo: Image.Image) -> Image.Image:
    """The photo as it is drawn on."""
    small = photo.copy()
    small.thumbnail((SHOWN, SHOWN))
    return small


def box(ring: dict | None, photo: str | None) -> str:
    """The box in the photo around what was drawn, as "x, y, width, height". Raises ImageError."""
    image = read(photo)
    for path in (ring or {}).get("layers", []):
        marks = layer(path)
        drawn, across = marks.getchannel("A").getbbox(), image.width * image.info.get("shrink", 1) / marks.width
        if drawn:
            left, top, right, bottom = (round(value * across) for value in drawn)
            return f"{left}, {top}, {right - left}, {bottom - top}"
    raise ImageError(NO_RING)

"""Sketch to photo: a canvas to draw on, or a picture of a drawing, and every model's photo of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cv2
import gradio as gr
import numpy as np
from PIL import Image, ImageDraw

import facesketch
from facesketch import DrawOptions, NoFaceError
from facesketch.face.paper import whiten_paper
from facesketch.face.template import TEMPLATE_SIZE

from ..cache import box_in_picture, store_image
from ..components import (
    UploadedLayers,
    crop_controls,
    gallery,
    model_picker,
    option_controls,
    output_image,
    read_layer,
    read_upload,
    upload,
)
from ..handlers import endpoint, on, show_warnings
from ..i18n import UserError, t
from ..model_catalog import ModelCatalog, draw, title
from ..shared_photo import SharedPhoto

CANVAS_SIZE = (400, 500)  # pixels: twice the template's frame
LINE_WIDTH, LINE_GRAY = 2.0, 70  # of a pencil's line in a crop of 256 pixels' width
INK_GRAY, MAX_INK = 128, 0.25  # gray below which a pixel is ink; with a larger share of ink a drawing is shaded
SHADING_GRAYS, MIN_SHADING = (60, 235), 0.12  # grays of shading, and the least share in drawings the models know
GUIDE_GRAY = 205


class DrawTab:
    """The handlers of the tab."""

    def __init__(self, models: ModelCatalog):
        self.models = models

    def sketch_to_photo(
        self, sketch: str | None, whole: bool = False, box: str = "", *, options: DrawOptions, model: str = "cyclegan"
    ) -> str:
        """Turn a sketch, or a photo of one on paper, into a photo with CycleGAN's inverse generator, or Pix2Pix's."""
        image = read_upload(sketch, "error.sketch.missing")
        faces = None if whole else facesketch.select_faces(image, box_in_picture(image, box))
        options = replace(options, align="never") if whole else options
        drawing = draw(self.models.folder(model, "photo"), image, "photo", options, faces)
        show_warnings(drawing.warnings)
        return store_image(drawing.image)

    def photos(self, crop: Image.Image, note: str = "") -> Iterator[tuple[gr.Gallery, str]]:
        """The drawing as the models get it, then each model's photo of it, and a note."""
        crop = as_pencil(crop)
        if is_unshaded(crop):
            note = f"{note} {t('draw.unshaded')}"
        pictures = [(store_image(crop), t("draw.yours"))]
        for name in self.models.inverse:
            drawing = draw(self.models.folder(name, "photo"), crop, "photo", DrawOptions(align="never"))
            pictures.append((store_image(drawing.image), title(name)))
            yield gr.Gallery(pictures, visible=True), note

    def from_canvas(self, layers: list[str]) -> Iterator[tuple[gr.Gallery, str]]:
        """Photos of what was drawn on the canvas. Raises UserError if nothing was."""
        page = flatten_layers([read_layer(path) for path in layers])
        if page is None:
            raise UserError("draw.empty")
        yield from self.photos(page)

    def from_picture(self, path: str | None) -> Iterator[tuple[gr.Gallery, str]]:
        """Photos of an uploaded drawing, all of it if no face is found."""
        if not path:
            yield gr.Gallery(visible=False), ""
            return
        image = read_upload(path, "error.sketch.missing")
        try:
            face = facesketch.select_faces(image)[0]
        except NoFaceError:
            yield from self.photos(padded_to_template(image), t("draw.no_face"))
        else:
            yield from self.photos(facesketch.align_face(image, face, is_drawing=True).image)


def blank_canvas(guide: bool) -> Image.Image:
    """A white canvas, with a faint face whose eyes are where the models expect them if guide."""
    page = Image.new("RGB", CANVAS_SIZE, "white")
    if guide:
        pen, (x, y) = ImageDraw.Draw(page), (CANVAS_SIZE[0] // 2, CANVAS_SIZE[1] // 2)
        tone = (GUIDE_GRAY,) * 3
        pen.ellipse((x - 105, y - 155, x + 105, y + 165), outline=tone, width=2)
        for side in (-1, 1):
            eye = x + side * 50
            pen.ellipse((eye - 24, y - 12, eye + 24, y + 12), outline=tone, width=2)
            pen.ellipse((eye - 8, y - 8, eye + 8, y + 8), outline=tone, width=2)
            pen.arc((eye - 34, y - 48, eye + 34, y + 4), 200, 340, tone, 2)
            pen.arc((x + side * 108 - 16, y - 22, x + side * 108 + 16, y + 48), 0, 360, tone, 2)
        pen.line((x - 6, y + 12, x - 16, y + 58, x, y + 66, x + 16, y + 58), tone, 2)
        pen.arc((x - 42, y + 74, x + 42, y + 116), 15, 165, tone, 2)
        pen.arc((x - 42, y + 86, x + 42, y + 106), 190, 350, tone, 2)
        pen.arc((x - 128, y - 190, x + 128, y + 150), 180, 360, tone, 2)
    return page


def flatten_layers(layers: list[Image.Image]) -> Image.Image | None:
    """RGBA layers on white; None if all are empty."""
    page, is_drawn = Image.new("RGB", CANVAS_SIZE, "white"), False
    for layer in layers:
        layer = layer.convert("RGBA").resize(CANVAS_SIZE)
        is_drawn |= layer.getchannel("A").getbbox() is not None
        page.paste(layer, (0, 0), layer)
    return page if is_drawn else None


def as_pencil(crop: Image.Image) -> Image.Image:
    """A crop in the template's frame on white paper; one of bare lines gets a pencil's width and gray. RGB."""
    size = (256, 256 * TEMPLATE_SIZE[1] // TEMPLATE_SIZE[0])
    small = crop.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    gray: np.ndarray = cv2.cvtColor(whiten_paper(np.asarray(small)), cv2.COLOR_RGB2GRAY)
    ink = (gray < INK_GRAY).astype(np.uint8)
    if 0 < ink.mean() < MAX_INK:
        depth = cv2.distanceTransform(ink, cv2.DIST_L2, 3)
        ridge = depth[(depth > 0) & (depth >= cv2.dilate(depth, np.ones((3, 3))))]
        excess = (2 * float(np.median(ridge)) - LINE_WIDTH) / 2  # half of what a line is too wide
        if abs(excess) >= 0.5:
            side = 2 * round(abs(excess)) + 1
            kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
            gray = cv2.dilate(gray, kernel) if excess > 0 else cv2.erode(gray, kernel)
        darkest = float(np.percentile(gray[gray < 250], 10)) if (gray < 250).any() else 255.0
        contrast = min(1.0, (255 - LINE_GRAY) / max(1.0, 255 - darkest))
        gray = 255 - (255 - cv2.GaussianBlur(gray, (0, 0), 0.6).astype(np.float32)) * contrast
    return Image.fromarray(gray.astype(np.uint8)).convert("RGB")


def padded_to_template(image: Image.Image) -> Image.Image:
    """A picture of any shape in the middle of white paper of the template's shape."""
    width = max(image.width, image.height * TEMPLATE_SIZE[0] // TEMPLATE_SIZE[1])
    page = Image.new("RGB", (width, width * TEMPLATE_SIZE[1] // TEMPLATE_SIZE[0] + 1), "white")
    page.paste(image, ((page.width - image.width) // 2, (page.height - image.height) // 2))
    return page


def is_unshaded(crop: Image.Image) -> bool:
    """Whether a crop has bare lines only, while all drawings that the models know are shaded."""
    gray = np.asarray(crop.convert("L"))
    return float(((gray > SHADING_GRAYS[0]) & (gray < SHADING_GRAYS[1])).mean()) < MIN_SHADING


def canvas_value(layers: list[str], guide: bool) -> dict[str, Any]:
    """The canvas with or without the guide, and what was drawn on it."""
    return {"background": store_image(blank_canvas(guide)), "layers": layers, "composite": None}


def build_canvas() -> UploadedLayers:
    """The canvas; it gets its picture when the page loads, since files are deleted after an hour."""
    brush = gr.Brush(colors=["#202020"], default_color="#202020", color_mode="fixed", default_size=2)
    return UploadedLayers(
        label=t("draw.canvas.label"), show_label=False, sources=(), transforms=(), layers=False, brush=brush,
        eraser=gr.Eraser(default_size=16), canvas_size=CANVAS_SIZE, height=560, elem_id="pad", format="png", buttons=[],
    )  # fmt: skip


def tab(models: ModelCatalog, shared: SharedPhoto) -> dict[str, gr.Radio]:
    """Build the tab. No URL parameters."""
    handlers = DrawTab(models)
    with gr.Row():
        with gr.Column(min_width=280), gr.Tabs():
            with gr.Tab(t("draw.canvas.tab")):
                canvas, guide = build_canvas(), gr.Checkbox(True, label=t("draw.guide.label"))
                make = gr.Button(t("draw.make"), variant="primary")
            with gr.Tab(t("draw.upload.tab")):
                sketch = upload("draw.upload.label", "drawing")
        with gr.Column(min_width=280):
            photos = gallery("draw.photos.label", 3, "photos", visible=False)
            note = gr.Markdown(t("draw.help"))
    progress: dict[str, Any] = {"show_progress": "minimal", "show_progress_on": note}
    on([make.click], handlers.from_canvas, canvas, [photos, note], **progress)
    on([sketch.change], handlers.from_picture, sketch, [photos, note], **progress)
    on([guide.input], canvas_value, [canvas, guide], canvas)
    on(None, lambda: canvas_value([], True), None, canvas, queue=None)
    with gr.Row(visible=False):
        model = model_picker(models.inverse, models.inverse[0])
        whole, box = crop_controls()
        frame = option_controls("frame")["frame"]
        photo = output_image("draw.photo.label")
    endpoint(handlers.sketch_to_photo, [sketch, whole, box, frame, model], photo, "sketch_to_photo", ("frame",))
    return {}

"""Sketch to photo: a canvas to draw on, or a picture of a drawing, and the photo that a model imagines from it."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import gradio as gr
import numpy as np
from PIL import Image, ImageDraw

import facesketch
from facesketch import DrawOptions, FacesketchError, NoFaceError
from facesketch.face.paper import whiten_paper
from facesketch.face.template import TEMPLATE_SIZE

from ..cache import box_in_picture, cached_faces, cached_image, store_image
from ..components import (
    UploadedLayers,
    crop_controls,
    model_picker,
    option_controls,
    output_image,
    radio,
    read_layer,
    read_upload,
    upload,
    upload_button,
)
from ..handlers import endpoint, on, show_warnings
from ..i18n import UserError, t
from ..model_catalog import ModelCatalog, draw, title
from ..shared_photo import SharedPhoto
from ..uploads import PICTURES

CANVAS_SIZE = (400, 500)  # pixels: twice the template's frame
LINE_WIDTH, LINE_GRAY = 2.0, 70  # of a pencil's line in a crop of 256 pixels' width
INK_GRAY, MAX_INK = 128, 0.25  # gray below which a pixel is ink; with a larger share of ink a drawing is shaded
SHADING_GRAYS, MIN_SHADING = (60, 235), 0.12  # grays of shading, and the least share in drawings the models know
GUIDE_GRAY, GUIDE_CONTRAST = 205, 0.35  # of the faint face, and of the visitor's photo in its place
PAD_HEIGHT = 430  # pixels of the canvas on the page; page.css knows it
EXAMPLE = Path(__file__).parents[2] / "examples" / "grace_hopper_drawing.png"


class Pencil(NamedTuple):
    """A pencil: radius in pixels of the canvas, and opacity, 0 to 1."""

    radius: int
    opacity: float


PENCILS = {"pencil": Pencil(2, 0.85), "soft": Pencil(5, 0.4), "shading": Pencil(18, 0.15)}
# The page draws a second after the last stroke. With the wheel the page scrolls; the sheet stays where the guide is.
AFTER_STROKE = """
const onPad = (event) => event.target instanceof Element && event.target.closest("#pad");
let timer, drawing = false;
addEventListener("pointerdown", (event) => { if (onPad(event)) { drawing = true; clearTimeout(timer); } }, true);
addEventListener("pointerup", () => {
  if (drawing) timer = setTimeout(() => trigger("submit"), 1000);
  drawing = false;
}, true);
addEventListener("wheel", (event) => { if (onPad(event)) event.stopPropagation(); }, true);
"""


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

    def photo(self, drawing: str | None, model: str, skin_tone: Any) -> gr.Image:
        """The photo that a model imagines from a drawing as the models get it, in a file; the example without one."""
        if not drawing:
            return gr.Image(example_photo(model), label=imagined_by(model))
        if not Path(drawing).is_file():
            raise UserError("error.upload.expired")
        folder, options = self.models.folder(model, "photo"), DrawOptions(align="never", skin_tone=skin_tone)

        def imagine() -> Image.Image:
            with Image.open(drawing) as crop:
                return draw(folder, crop.convert("RGB"), "photo", options).image

        file = cached_image(imagine, f"imagined-{model}.png", folder, drawing, skin_tone)
        return gr.Image(file, label=imagined_by(model))

    def from_canvas(self, layers: list[str], model: str, skin_tone: Any) -> tuple[gr.Image, str, str]:
        """The photo of what is on the canvas, a note, and the drawing as the models get it.

        Raises UserError if nothing is drawn.
        """
        page = flatten_layers([read_layer(path) for path in layers])
        if page is None:
            raise UserError("draw.empty")
        crop = as_pencil(page)
        drawing = store_image(crop)
        return (
            self.photo(drawing, model, skin_tone),
            t("draw.unshaded" if is_unshaded(crop) else "draw.imagined"),
            drawing,
        )

    def after_stroke(self, layers: list[str], model: str, skin_tone: Any) -> tuple[Any, ...]:
        """The same a second after a stroke; an empty sheet, after an undo, changes nothing."""
        try:
            return self.from_canvas(layers, model, skin_tone)
        except UserError:
            return (gr.skip(),) * 3

    def from_picture(self, path: str | None, model: str, skin_tone: Any) -> tuple[Any, ...]:
        """An uploaded drawing on the canvas, without the guide, and its photo; all of it if no face is found."""
        image = read_upload(path, "error.sketch.missing")
        try:
            page, note = facesketch.align_face(image, facesketch.select_faces(image)[0], CANVAS_SIZE[0], True).image, ""
        except NoFaceError:
            page, note = padded_to_template(image).resize(CANVAS_SIZE), t("draw.no_face")
        layer = store_image(page.convert("RGBA"))
        photo, text, drawing = self.from_canvas([layer], model, skin_tone)
        return canvas_value([layer]), *without_guide(), photo, note or text, drawing


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


def example_photo(model: str) -> str:
    """The file of the photo that a model imagined from the example."""
    return str(PICTURES / f"imagined-{model}.jpg")


def imagined_by(model: str) -> str:
    """The label of a photo."""
    return t("draw.imagined_by", model=title(model))


def canvas_value(layers: list[str]) -> dict[str, Any]:
    """A white canvas with pictures that were drawn on it."""
    return {"background": store_image(Image.new("RGB", CANVAS_SIZE, "white")), "layers": layers, "composite": None}


def canvas_brush(pencil: Pencil) -> gr.Brush:
    """A pencil as the canvas takes it."""
    color = ("#202020", pencil.opacity)
    return gr.Brush(colors=[color], default_color=color, color_mode="fixed", default_size=pencil.radius)


def build_canvas() -> UploadedLayers:
    """The canvas; it gets its picture when the page loads, since files are deleted after an hour."""
    return UploadedLayers(
        label=t("draw.canvas.label"), show_label=False, sources=(), transforms=(), layers=False, fixed_canvas=True,
        eraser=gr.Eraser(default_size=12), canvas_size=CANVAS_SIZE, height=PAD_HEIGHT, elem_id="pad", format="png",
        buttons=[], brush=canvas_brush(PENCILS["pencil"]),
    )  # fmt: skip


def guide_html(picture: Image.Image) -> str:
    """A picture to draw over, which page.css lays on the canvas."""
    data = io.BytesIO()
    picture.convert("L").save(data, "PNG")
    return f'<img src="data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}" alt="">'


def photo_as_guide(path: str | None) -> Any:
    """The visitor's face, faint, as the guide; without a photo with a face the guide stays as it is."""
    try:
        image = read_upload(path)
        face = cached_faces(image, path or "")[0]
    except (FacesketchError, UserError):
        return gr.skip()
    crop = facesketch.align_face(image, face, CANVAS_SIZE[0]).image.convert("L")
    return gr.HTML(guide_html(crop.point(lambda value: 255 - (255 - value) * GUIDE_CONTRAST)))


def without_guide() -> tuple[gr.Checkbox, gr.HTML]:
    """The guide switched off."""
    return gr.Checkbox(False), gr.HTML(visible=False)


def tab(models: ModelCatalog, shared: SharedPhoto) -> dict[str, gr.Radio]:
    """Build the tab. Returns the radios that URL parameters can set."""
    handlers = DrawTab(models)
    default = "cyclegan" if "cyclegan" in models.inverse else next(iter(models.inverse), "")
    note = gr.Markdown(t("draw.example"), elem_id="draw-note")
    with gr.Row():
        with gr.Column(min_width=280):
            canvas = build_canvas()
            guide = gr.HTML(guide_html(blank_canvas(True)), elem_id="guide", visible=False)
            with gr.Row():
                make = gr.Button(t("draw.make"), variant="primary", size="md", min_width=90)
                fresh = gr.Button(t("draw.new"), size="md", min_width=90)
                sketch = upload_button("draw.upload.button", "drawing")
            with gr.Row():
                choices = {f"draw.brush.{name}": name for name in PENCILS}
                brush = radio(
                    choices, "pencil", "draw.brush.label", show_label=False, container=False, scale=2, min_width=200
                )
                guided = gr.Checkbox(False, label=t("draw.guide.label"), container=False, min_width=90)
        with gr.Column(min_width=280):
            photo = output_image("draw.photo.label", "imagined", value=example_photo(default), height=PAD_HEIGHT)
            with gr.Row():
                model = model_picker(models.inverse, default, elem_id="imagined-by", min_width=160)
                tone = option_controls("skin_tone", menus=True)["skin_tone"]
    drawing, stroke = gr.State(), gr.HTML("", js_on_load=AFTER_STROKE, elem_id="stroke")
    progress: dict[str, Any] = {
        "show_progress": "minimal", "show_progress_on": photo, "trigger_mode": "always_last",
    }  # fmt: skip
    results = [photo, note, drawing]
    on([make.click], handlers.from_canvas, [canvas, model, tone], results, **progress)
    on([stroke.submit], handlers.after_stroke, [canvas, model, tone], results, **progress)
    on([sketch.upload], handlers.from_picture, [sketch, model, tone], [canvas, guided, guide, *results], **progress)
    on([model.change, tone.change], handlers.photo, [drawing, model, tone], photo, **progress)
    page_events: dict[str, Any] = {"queue": None}
    on([fresh.click], new_sheet, None, [canvas, guided, guide, *results], **page_events)
    on([guided.input], lambda shown: gr.HTML(visible=shown), guided, guide, **page_events)
    on([shared.opened], photo_as_guide, shared.path, guide, **page_events)
    on([brush.input], lambda name: UploadedLayers(brush=canvas_brush(PENCILS[name])), brush, canvas, **page_events)
    on(None, lambda: canvas_value([store_image(Image.open(EXAMPLE).convert("RGBA"))]), None, canvas, **page_events)
    with gr.Row(visible=False):
        uploaded, by = upload("draw.upload.label"), model_picker(models.inverse, next(iter(models.inverse), None))
        whole, box = crop_controls()
        frame = option_controls("frame")["frame"]
        answer = output_image("draw.photo.label")
    endpoint(handlers.sketch_to_photo, [uploaded, whole, box, frame, by], answer, "sketch_to_photo", ("frame",))
    return {"model": model}


def new_sheet() -> tuple[Any, ...]:
    """An empty sheet with the guide, and no photo."""
    empty = gr.Image(None, label=t("draw.photo.label"))
    return canvas_value([]), gr.Checkbox(True), gr.HTML(visible=True), empty, t("draw.help"), None

"""Photo to sketch: drawn as soon as there is a photo, and again when an option changes."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import gradio as gr
from PIL import Image, ImageDraw, ImageFont

import facesketch
from facesketch import Drawing, DrawOptions, ImageError, NoFaceError, WeightsError

from ..cache import box_in_upload, cached_faces, cached_image, output_name, result_folder, save_image, store_image
from ..components import (
    EXAMPLES,
    UploadedLayers,
    crop_controls,
    examples,
    gallery,
    model_picker,
    option_controls,
    option_names,
    output_image,
    read_layer,
    read_upload,
    style_picker,
    upload,
)
from ..handlers import endpoint, on, show_warnings
from ..i18n import UserError, t, translate
from ..model_catalog import ModelCatalog, draw, log, title
from ..uploads import PICTURES

BEFORE_AFTER = str(PICTURES / "before.jpg"), str(PICTURES / "after.jpg")
OPTIONS = option_names(("frame", "size", "background", "strength", "style"))
COMMON_OPTIONS = tuple(name for name in OPTIONS if name not in ("frame", "style"))  # for all models and styles
MARKER_WIDTH = 800  # pixels of the longer side of a photo that a face is marked on
SAMPLE_WIDTH = 256  # pixels of the width of a face in the samples of the styles
SHEET_WIDTH, CAPTION_HEIGHT, SHEET_COLUMNS = 256, 28, 4  # of the contact sheet: pixels, pixels, drawings


class SketchOutputs(NamedTuple):
    """The tab's outputs, or their values, in the order in which Gradio sets them."""

    sketch: Any
    slider: Any  # before and after
    note: Any
    result: Any  # the column of sketch and download
    download: Any
    marker: Any  # the group around the canvas
    canvas: Any  # a photo in which no face was found


class SketchTab:
    """The handlers of the tab."""

    def __init__(self, models: ModelCatalog):
        self.models = models

    def photo_to_sketch(
        self, photo: str | None, model: str | None = None, whole: bool = False, box: str = "", *, options: DrawOptions
    ) -> str:
        """Sketch the face of a photo (the largest, the one in the box, or all, depending on frame) with one model."""
        drawing = self.draw(read_upload(photo), photo or "", model, whole, box, options)
        show_warnings(drawing.warnings)
        return store_image(drawing.image)

    def photo_to_sketches(
        self, photo: str | None, whole: bool = False, box: str = "", *, options: DrawOptions
    ) -> list[tuple[str, str]]:
        """Sketch the face of a photo with every model."""
        image = read_upload(photo)
        faces = None if whole else cached_faces(image, photo or "", box)
        drawings = self.models.draw_with_all(image, aligned(options, whole), faces)
        show_warnings(drawings[0][1].warnings)
        return [(store_image(drawing.image), name) for name, drawing in drawings]

    def show(
        self, photo: str | None, model: str, whole: bool = False, box: str = "", *, options: DrawOptions
    ) -> SketchOutputs:
        """The drawing of a photo; the example without a photo; the photo to mark the face on if none is found."""
        hide_result, hide_marker = gr.Column(visible=False), gr.Group(visible=False)
        if not photo:
            return SketchOutputs(None, BEFORE_AFTER, t("sketch.example"), hide_result, None, hide_marker, gr.skip())
        if not self.models.styles.get(model):
            options = replace(options, style=None)
        read_photo = functools.cache(lambda: read_upload(photo))
        sketch_name = output_name(photo, model, options.style or "", "sketch")
        photo_name = output_name(photo, suffix=".jpg")
        key = self.models.folder(model), photo, whole, box, options

        def sketch() -> Image.Image:
            drawing = self.draw(read_photo(), photo, model, whole, box, options)
            show_warnings(drawing.warnings)
            return drawing.image

        try:
            after = cached_image(sketch, sketch_name, *key)
            before = cached_image(
                lambda: framed_photo(read_photo(), photo, whole, box, options, after), photo_name, *key
            )
        except NoFaceError as error:
            gr.Warning(f"{translate(error.message)} {t('sketch.marker.hint')}")
            small = read_photo().copy()
            small.thumbnail((MARKER_WIDTH, MARKER_WIDTH))
            return SketchOutputs(None, None, "", hide_result, None, gr.Group(visible=True), store_image(small))
        return SketchOutputs(after, (before, after), "", gr.Column(visible=True), after, hide_marker, gr.skip())

    def draw(
        self, image: Image.Image, path: str, model: str | None, whole: bool, box: str, options: DrawOptions
    ) -> Drawing:
        """The sketch of an uploaded picture. Raises FacesketchError."""
        faces = None if whole else cached_faces(image, path, box)
        drawing: Drawing = draw(self.models.folder(model), image, "sketch", aligned(options, whole), faces)
        return drawing

    def start(
        self, photo: str | None, model: str, whole: bool = False, box: str = "", *, options: DrawOptions,
        unreadable: str | None = None,
    ) -> tuple[Any, ...]:  # fmt: skip
        """A new photo: what show returns, preceded by the photo, its faces if there are several, and an empty box.

        The photo's path precedes them all if it is unreadable, and is given to the next call: Gradio reports a photo
        that replaces another one twice, and the visitor is warned once.
        """
        no_faces = gr.Gallery(None, visible=False)
        crops = []
        try:
            image = read_upload(photo) if photo else None
            faces = cached_faces(image, photo) if image and photo else []
            if image and len(faces) > 1:
                crops = [store_image(facesketch.align_face(image, face, 128).image) for face in faces]
        except NoFaceError:
            pass  # show says so
        except (ImageError, UserError) as error:  # without this the page would go on showing a broken picture
            if photo != unreadable:
                gr.Warning(translate(error.message))
            return photo, None, no_faces, "", *self.show(None, model, whole, options=options)
        chooser = gr.Gallery(crops, visible=True, selected_index=0) if crops else no_faces
        return None, gr.skip(), chooser, "", *self.show(photo, model, whole, options=options)

    def face_box(self, photo: str, event: gr.EventData) -> str:  # gr.SelectData fails before photo is refused
        """The box of the face whose crop was chosen."""
        image = read_upload(photo)
        return ", ".join(f"{value:.0f}" for value in box_in_upload(image, cached_faces(image, photo)[event.index]))

    def marked_box(self, layers: list[str], photo: str | None) -> str:
        """The box around what was drawn on the photo, as "x, y, width, height" of the photo as uploaded."""
        image = read_upload(photo)
        for path in layers:
            marks = read_layer(path)
            scale = image.width * image.info.get("shrink", 1) / marks.width
            if drawn := marks.getchannel("A").getbbox():
                left, top, right, bottom = (round(value * scale) for value in drawn)
                return f"{left}, {top}, {right - left}, {bottom - top}"
        raise UserError("sketch.marker.empty")

    def chosen_style(self, model: str, event: gr.SelectData) -> str:
        """The style whose sample was chosen."""
        return self.models.styles[model][event.index]

    def samples(self, model: str) -> list[tuple[str, str]]:
        """A portrait in every style of a model: paths and names."""
        folder, portrait = self.models.folder(model), EXAMPLES[-1]

        def sample(style: str) -> Image.Image:
            options = DrawOptions(size=SAMPLE_WIDTH, style=style)
            image: Image.Image = draw(folder, facesketch.read_image(portrait), "sketch", options).image
            return image

        styles = self.models.styles.get(model, ())
        paths = [
            cached_image(functools.partial(sample, style), f"{style}.png", "sample", folder, style) for style in styles
        ]
        return [(path, t(f"style.{style}")) for path, style in zip(paths, styles, strict=True)]

    def show_styles(self, model: str) -> tuple[gr.Gallery, Any]:
        """The samples and the first style of a model; neither if it has only one."""
        if not (first := self.models.first_style(model)):
            return gr.Gallery(visible=False), gr.skip()
        return gr.Gallery(self.samples(model), visible=True, selected_index=0), first

    def side_by_side(
        self, photo: str | None, whole: bool = False, box: str = "", *, options: DrawOptions
    ) -> Iterator[tuple[Any, Any]]:
        """Every model and style with its milliseconds, one after another, and finally a contact sheet."""
        image = read_upload(photo)
        faces = None if whole else cached_faces(image, photo or "", box)
        pictures, shown, warnings = [], [], []
        for model, style in self.models.model_style_pairs():
            start = time.perf_counter()
            try:
                styled = replace(aligned(options, whole), style=style)
                drawing = draw(self.models.folder(model), image, "sketch", styled, faces)
            except WeightsError as error:
                log.warning("%s is left out: %s", title(model), error)
                continue
            milliseconds = round(1000 * (time.perf_counter() - start))
            name = f"{title(model)} · {t(f'style.{style}')}" if style else title(model)
            pictures.append(drawing.image)
            shown.append((store_image(drawing.image), f"{name}: {milliseconds} ms"))
            warnings += drawing.warnings
            yield gr.Gallery(shown, visible=True), gr.skip()
        show_warnings(warnings)
        path = result_folder(photo, options, time.time()) / output_name(photo or "", "all")
        sheet = save_image(contact_sheet(pictures, [caption for _, caption in shown]), path)
        yield gr.skip(), gr.DownloadButton(value=sheet, visible=True)


def aligned(options: DrawOptions, whole: bool) -> DrawOptions:
    """The options for a picture that is a face crop already, if whole."""
    return replace(options, align="never") if whole else options


def framed_photo(
    image: Image.Image, path: str, whole: bool, box: str, options: DrawOptions, sketch: str
) -> Image.Image:
    """The photo in the frame and size of its drawing, which is in the file sketch."""
    with Image.open(sketch) as picture:
        size = picture.size
    if whole or options.frame != "crop":
        return image.resize(size)
    return facesketch.align_face(image, cached_faces(image, path, box)[0], size[0]).image


def contact_sheet(pictures: list[Image.Image], captions: list[str]) -> Image.Image:
    """Drawings in rows on a white sheet, each with its caption under it."""
    height = max(picture.height * SHEET_WIDTH // picture.width for picture in pictures) + CAPTION_HEIGHT
    columns = min(SHEET_COLUMNS, len(pictures))
    sheet = Image.new("RGB", (columns * SHEET_WIDTH, -(-len(pictures) // columns) * height), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(16)
    for number, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        x, y = number % columns * SHEET_WIDTH, number // columns * height
        small = picture.resize((SHEET_WIDTH, picture.height * SHEET_WIDTH // picture.width)).convert("RGBA")
        sheet.paste(small, (x, y), small)
        pen.text((x + SHEET_WIDTH // 2, y + height - CAPTION_HEIGHT // 2), caption, "black", font, "mm")
    return sheet


def tab(models: ModelCatalog) -> dict[str, gr.Radio]:
    """Build the tab. Returns the radios that URL parameters can set."""
    handlers = SketchTab(models)
    first = models.default if models.first_style(models.default) else None
    with gr.Row(elem_classes="pictures"):
        with gr.Column(min_width=280):
            photo = upload("sketch.upload.label", "photo")
            examples([photo])
            faces = gallery("sketch.faces.label", 6, "faces", allow_preview=False, height=150, visible=False)
            marker, canvas, use_mark = build_marker()
        with gr.Column(min_width=280, visible=False) as result:
            sketch = output_image("sketch.drawing.label", "sketch", elem_classes="clear")
            download = gr.DownloadButton(t("sketch.download"), variant="primary", elem_id="download")
        with gr.Column(min_width=280):
            slider = gr.ImageSlider(
                BEFORE_AFTER, label=t("sketch.slider.label"), format="png", image_mode=None, interactive=False,
                max_height=300, elem_id="slider",
            )  # fmt: skip
            note = gr.Markdown(t("sketch.example"), elem_id="example")
    with gr.Row():
        model = model_picker(models.names, models.default, elem_id="model")
        samples = gallery(
            "control.style.label", 4, "style-samples", allow_preview=False, visible=bool(first), selected_index=0
        )
    style = style_picker(models, visible="hidden", elem_id="style")
    with gr.Accordion(t("sketch.options"), open=False):
        whole, box = crop_controls()
        controls = option_controls(*(name for name in OPTIONS if name != "style"))
    common = [controls[name] for name in COMMON_OPTIONS]
    inputs = [photo, model, whole, box, *({**controls, "style": style}[name] for name in OPTIONS)]
    outputs = list(SketchOutputs(sketch, slider, note, result, download, marker, canvas))
    progress: dict[str, Any] = {"show_progress": "minimal", "show_progress_on": slider, "trigger_mode": "always_last"}

    unreadable = gr.State()
    started = [unreadable, photo, faces, box, *outputs]
    on([photo.change], handlers.start, [*inputs, unreadable], started, OPTIONS, **progress)
    changes = [model.change, box.submit, whole.input]
    changes += [each.release if isinstance(each, gr.Slider) else each.input for each in controls.values()]

    def redraw(triggers: Any) -> None:
        on(triggers, handlers.show, inputs, outputs, OPTIONS, **progress)

    redraw(changes)
    redraw(on([faces.select], handlers.face_box, photo, box))
    redraw(on([use_mark.click], handlers.marked_box, [canvas, photo], box))
    redraw(on([samples.select], handlers.chosen_style, model, style, queue=None))
    on([model.change], handlers.show_styles, model, [samples, style])
    if first:
        on(None, lambda: handlers.samples(first), None, samples)

    draw_all = gr.Button(t("sketch.all.button"), elem_id="draw-all")
    drawings = gallery("sketch.all.label", SHEET_COLUMNS, "sketches", elem_classes="clear", visible=False)
    sheet = gr.DownloadButton(t("sketch.all.download"), visible=False, elem_id="contact-sheet")
    on(
        [draw_all.click],
        handlers.side_by_side,
        [photo, whole, box, *common],
        [drawings, sheet],
        COMMON_OPTIONS,
        show_progress="minimal",
    )
    endpoint(handlers.photo_to_sketch, inputs, sketch, "photo_to_sketch", OPTIONS)
    all_models = gallery("sketch.all_models", 3, visible=False)
    endpoint(handlers.photo_to_sketches, [photo, whole, box, *common], all_models, "photo_to_sketches", COMMON_OPTIONS)
    return {"model": model, "style": style}


def build_marker() -> tuple[gr.Group, UploadedLayers, gr.Button]:
    """A photo in which no face was found, to draw a circle around the face; hidden until then."""
    with gr.Group(visible=False) as marker:
        brush = gr.Brush(colors=["#e0409f"], color_mode="fixed", default_size=12)
        canvas = UploadedLayers(
            label=t("sketch.marker.label"), sources=(), transforms=(), layers=False, brush=brush, height=360,
            elem_id="marker", buttons=[],
        )  # fmt: skip
        use_mark = gr.Button(t("sketch.marker.use"), variant="primary")
    return marker, canvas, use_mark

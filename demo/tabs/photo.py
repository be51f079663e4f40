"""Photo to sketch: drawn as soon as there is a photo, and again when an option changes."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
from PIL import Image, ImageDraw, ImageFont

import facesketch
from facesketch import Drawing, DrawOptions, ImageError, NoFaceError, WeightsError
from facesketch.options import SPECS
from facesketch.strokes.styles import DEFAULT_STYLE

from ..cache import box_in_upload, cached_faces, cached_image, output_name, result_folder, save_image, store_image
from ..components import (
    UploadedLayers,
    crop_controls,
    dropdown,
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
from ..downloads import PNG, SUFFIXES, drawing_file, has_strokes, replay_html, store_sheet
from ..handlers import endpoint, on, show_warnings
from ..i18n import UserError, t, translate
from ..model_catalog import ModelCatalog, draw, log, title
from ..shared_photo import SharedPhoto
from ..uploads import PICTURES

BEFORE_AFTER = str(PICTURES / "before.jpg"), str(PICTURES / "after.jpg")
EXAMPLE_REPLAY = str(PICTURES / "replay.mp4")
OPTIONS = option_names(("frame", "size", "background", "strength", "style"))
COMMON_OPTIONS = tuple(name for name in OPTIONS if name not in ("frame", "style"))  # for all models
COMPARED_OPTIONS = ("style", *COMMON_OPTIONS)
FILE_QUEUE: dict[str, Any] = {"queue": "files", "concurrency_limit": 1}  # so that drawings do not wait for files
MARKER_WIDTH = 800  # pixels of the longer side of a photo that a face is marked on
SHEET_WIDTH, CAPTION_HEIGHT, SHEET_COLUMNS = 256, 28, 4  # of the contact sheet: pixels, pixels, drawings


class SketchOutputs(NamedTuple):
    """The tab's outputs, or their values, in the order in which Gradio sets them."""

    sketch: Any
    slider: Any  # before and after
    note: Any
    result: Any  # the column of sketch and downloads
    kind: Any  # of the file that download gives
    download: Any
    replay: Any
    marker: Any  # the group around the canvas
    canvas: Any  # a photo in which no face was found
    drawing: Any  # the path of the sketch, of which the replay and the files are made


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
        hidden: dict[str, Any] = {"result": gr.Column(visible=False), "kind": PNG, "download": None, "drawing": None}
        hide_marker = gr.Group(visible=False)
        if not photo:
            return SketchOutputs(
                None, BEFORE_AFTER, t("photo.example"), replay=gr.skip(), marker=hide_marker, canvas=gr.skip(),
                **hidden,
            )  # fmt: skip
        read_photo = functools.cache(lambda: read_upload(photo))
        style = options.style if options.style != DEFAULT_STYLE.name else None
        sketch_name = output_name(photo, model, style or "", "sketch")
        photo_name = output_name(photo, suffix=".jpg")
        key = self.models.folder(model), photo, whole, box, options

        def sketch() -> Image.Image:
            drawing = self.draw(read_photo(), photo, model, whole, box, options)
            show_warnings(drawing.warnings)
            if drawing.sheet is not None:
                store_sheet(drawing.sheet, result_folder(*key))
            return drawing.image

        try:
            after = cached_image(sketch, sketch_name, *key)
            before = cached_image(
                lambda: framed_photo(read_photo(), photo, whole, box, options, after), photo_name, *key
            )
        except NoFaceError as error:
            gr.Warning(f"{translate(error.message)} {t('photo.marker.hint')}")
            small = read_photo().copy()
            small.thumbnail((MARKER_WIDTH, MARKER_WIDTH))
            return SketchOutputs(
                None, None, "", replay=gr.HTML(visible=False), marker=gr.Group(visible=True),
                canvas=store_image(small), **hidden,
            )  # fmt: skip
        kind = gr.Dropdown(value=PNG, visible=has_strokes(after))
        download = gr.DownloadButton(value=after, interactive=True)
        return SketchOutputs(
            after, (before, after), "", gr.Column(visible=True), kind, download, "", hide_marker, gr.skip(), after
        )  # fmt: skip

    def replay(self, drawing: str | None, wanted: bool) -> gr.HTML:
        """How a drawing is made, or the example; hidden if it is not wanted, and for a drawing without strokes."""
        if not wanted or (drawing and not has_strokes(drawing)):
            return gr.HTML("", visible=False)
        return gr.HTML(replay_html(drawing_file(drawing, "mp4") if drawing else EXAMPLE_REPLAY), visible=True)

    def download(self, drawing: str | None, kind: str) -> gr.DownloadButton:
        """The button with the drawing's file of a kind. Raises UserError."""
        if not drawing:
            raise UserError("error.photo.missing")
        if not Path(drawing).is_file():
            raise UserError("error.upload.expired")
        return gr.DownloadButton(value=drawing_file(drawing, kind), interactive=True)

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
        """A new photo: what show returns, preceded by the photo, its faces if there are several, an empty box, and the
        side by side view of another photo, which is closed.

        The photo's path precedes them all if it is unreadable, and is given to the next call: Gradio reports a photo
        that replaces another one twice, and the visitor is warned once.
        """
        no_faces = gr.Gallery(None, visible=False)
        closed = no_faces, gr.DownloadButton(visible=False)
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
            return photo, None, no_faces, "", *closed, *self.show(None, model, whole, options=options)
        chooser = gr.Gallery(crops, visible=True, selected_index=0) if crops else no_faces
        return None, gr.skip(), chooser, "", *closed, *self.show(photo, model, whole, options=options)

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
        raise UserError("photo.marker.empty")

    def side_by_side(
        self, photo: str | None, model: str, whole: bool = False, box: str = "", *, options: DrawOptions
    ) -> Iterator[tuple[Any, Any]]:
        """The model's styles and then the other models, one after another with their milliseconds; finally a contact
        sheet.
        """
        image = read_upload(photo)
        faces = None if whole else cached_faces(image, photo or "", box)
        pictures, shown, warnings = [], [], []
        for name, style in self.models.model_style_pairs(model, options):
            start = time.perf_counter()
            try:
                styled = replace(aligned(options, whole), style=style)
                drawing = draw(self.models.folder(name), image, "sketch", styled, faces)
            except WeightsError as error:
                log.warning("%s is left out: %s", title(name), error)
                continue
            milliseconds = round(1000 * (time.perf_counter() - start))
            has_style = style and self.models.styles_of(name, drawing.sheet is not None)
            caption = f"{title(name)} · {t(f'style.{style}')}" if has_style else title(name)
            pictures.append(drawing.image)
            shown.append((store_image(drawing.image), f"{caption}: {milliseconds} ms"))
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


def tab(models: ModelCatalog, shared: SharedPhoto) -> dict[str, gr.Radio]:
    """Build the tab. Returns the radios that URL parameters can set."""
    handlers = SketchTab(models)
    with gr.Row(elem_classes="pictures"):
        with gr.Column(min_width=280, scale=3):
            photo = upload("photo.upload.label", "photo")
            shared.follow(photo)
            examples([photo])
            faces = gallery("photo.faces.label", 6, "faces", allow_preview=False, height=150, visible=False)
            marker, canvas, use_mark = build_marker()
        with gr.Column(min_width=280, scale=4, visible=False) as result:
            sketch = output_image("photo.drawing.label", "sketch", elem_classes="clear", height=None)
            with gr.Row(equal_height=True):
                kinds = {f"photo.file.{name}": name for name in (PNG, *SUFFIXES)}
                kind = dropdown(kinds, PNG, "photo.file.label", elem_id="kind", min_width=160)
                download = gr.DownloadButton(
                    t("sketch.download"), variant="primary", elem_id="download", min_width=160
                )  # fmt: skip
            another = gr.Button(t("photo.another"), elem_id="another")
        with gr.Column(min_width=280, scale=4):
            with gr.Row(elem_id="intro"):
                replay = gr.HTML(replay_html(EXAMPLE_REPLAY), elem_id="replay")
                slider = gr.ImageSlider(
                    BEFORE_AFTER, label=t("photo.slider.label"), format="png", image_mode=None, interactive=False,
                    max_height=400, elem_id="slider", min_width=240, buttons=["fullscreen"],
                )  # fmt: skip
            note = gr.Markdown(t("photo.example"), elem_id="example")
            replay_wanted = gr.Checkbox(True, label=t("photo.replay.label"), container=False)
    style = style_picker(elem_id="style")
    model = model_picker(models.names, models.default, elem_id="model")
    with gr.Accordion(t("photo.options"), open=False):
        whole, box = crop_controls()
        controls = option_controls(*(name for name in OPTIONS if name != "style"))
    draw_all = gr.Button(t("photo.all.button"), elem_id="draw-all")
    drawings = gallery("photo.all.label", SHEET_COLUMNS, "sketches", elem_classes="clear", visible=False)
    contact = gr.DownloadButton(t("photo.all.download"), visible=False, elem_id="contact-sheet")

    inputs = [photo, model, whole, box, *({**controls, "style": style}[name] for name in OPTIONS)]
    common = [controls[name] for name in COMMON_OPTIONS]
    drawing, unreadable = gr.State(), gr.State()
    outputs = list(SketchOutputs(sketch, slider, note, result, kind, download, replay, marker, canvas, drawing))
    progress: dict[str, Any] = {"show_progress": "minimal", "show_progress_on": slider, "trigger_mode": "always_last"}

    def play(triggers: Any) -> None:
        on(
            triggers, handlers.replay, [drawing, replay_wanted], replay, show_progress="minimal",
            trigger_mode="always_last", **FILE_QUEUE,
        )  # fmt: skip

    def redraw(triggers: Any) -> None:
        play(on(triggers, handlers.show, inputs, outputs, OPTIONS, **progress))

    started = [unreadable, photo, faces, box, drawings, contact, *outputs]
    play(on([photo.change], handlers.start, [*inputs, unreadable], started, OPTIONS, **progress))
    play([replay_wanted.input])
    changes = [model.change, style.change, box.submit, whole.input]
    changes += [each.release if isinstance(each, gr.Slider) else each.input for each in controls.values()]
    redraw(changes)
    redraw(on([faces.select], handlers.face_box, photo, box))
    redraw(on([use_mark.click], handlers.marked_box, [canvas, photo], box))
    redraw(on([another.click], next_seed, controls["seed"], controls["seed"], queue=None))
    chosen = on([kind.input], lambda: gr.DownloadButton(interactive=False), None, download, queue=None)
    on(
        chosen, handlers.download, [drawing, kind], download, show_progress="minimal",
        trigger_mode="always_last", **FILE_QUEUE,
    )  # fmt: skip
    on(
        [draw_all.click],
        handlers.side_by_side,
        [photo, model, whole, box, style, *common],
        [drawings, contact],
        COMPARED_OPTIONS,
        show_progress="minimal",
    )
    endpoint(handlers.photo_to_sketch, inputs, sketch, "photo_to_sketch", OPTIONS)
    all_models = gallery("photo.all_models", 3, visible=False)
    endpoint(handlers.photo_to_sketches, [photo, whole, box, *common], all_models, "photo_to_sketches", COMMON_OPTIONS)
    return {"model": model, "style": style}


def next_seed(seed: int | None) -> int:
    """The seed of another drawing."""
    return ((seed or 0) + 1) % (int(SPECS["seed"].maximum or 0) + 1)


def build_marker() -> tuple[gr.Group, UploadedLayers, gr.Button]:
    """A photo in which no face was found, to draw a circle around the face; hidden until then."""
    with gr.Group(visible=False) as marker:
        brush = gr.Brush(colors=["#e0409f"], color_mode="fixed", default_size=12)
        canvas = UploadedLayers(
            label=t("photo.marker.label"), sources=(), transforms=(), layers=False, brush=brush, height=360,
            elem_id="marker", buttons=[],
        )  # fmt: skip
        use_mark = gr.Button(t("photo.marker.use"), variant="primary")
    return marker, canvas, use_mark

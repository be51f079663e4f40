"""Photo to drawing: drawn before the visitor's eyes as soon as there is a photo, and again when an option changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import gradio as gr
from PIL import Image

import facesketch
from facesketch import Drawing, DrawOptions, NoFaceError, WeightsError
from facesketch.options import SPECS
from facesketch.strokes.replay import replay_data
from facesketch.strokes.styles import DEFAULT_STYLE, STYLES

from ..cache import box_in_upload, cached_faces, cached_image, output_name, result_folder, save_file, store_image
from ..components import (
    EXAMPLES,
    UploadedImage,
    UploadedLayers,
    crop_controls,
    gallery,
    model_picker,
    option_controls,
    option_names,
    output_image,
    read_layer,
    read_upload,
    style_picker,
)
from ..downloads import SUFFIXES, drawing_file, has_strokes, store_sheet
from ..handlers import endpoint, on, show_info, show_warnings
from ..html_parts import Option, Scene, options_value, photo_drop, picture_choice, stage
from ..i18n import UserError, t
from ..model_catalog import TITLES, ModelCatalog, draw, log, title
from ..shared_photo import SharedPhoto
from ..uploads import PICTURES, uploaded_path

OPTIONS = option_names(("frame", "size", "background", "strength", "style"))
COMMON_OPTIONS = tuple(name for name in OPTIONS if name not in ("frame", "style"))  # for all models
MAIN_OPTIONS = ("strength", "background", "size")  # next to the drawing; the others are folded away
STRIP_QUEUE: dict[str, Any] = {"queue": "strip", "concurrency_limit": 1}  # so that drawings do not wait for them,
FILE_QUEUE: dict[str, Any] = {"queue": "files", "concurrency_limit": 1}  # nor for files
FIRST_REPLAY, NEXT_REPLAY = 4.0, 1.5  # seconds: of a photo's first drawing, and after a change
REPLAY = "replay.json"
DOWNLOAD = "() => document.querySelector('#made a, a#made, #made').click()"
THUMBNAIL, MODEL_THUMBNAIL, MAX_FACES = 192, 384, 12  # pixels, pixels, faces to choose from
MARKER_WIDTH = 800  # pixels of the longer side of a photo that a face is marked on
EXAMPLE = Scene(
    str(PICTURES / "after.jpg"), str(PICTURES / "before.jpg"), 512, 640, DEFAULT_STYLE.paper, str(PICTURES / REPLAY)
)
GALLERY_PHOTOS = {path.stem: path for path in (*EXAMPLES, *EXAMPLES[0].parent.glob("gallery/*.jpg"))}


class GalleryDrawing(NamedTuple):
    """One of the finished drawings that a visitor can begin with."""

    photo: str  # a name in GALLERY_PHOTOS
    style: str
    frame: Literal["crop", "paper"] = "crop"


GALLERY = (
    GalleryDrawing("eileen_collins", "graphite"),
    GalleryDrawing("barack_obama", "charcoal"),
    GalleryDrawing("mona_lisa", "sanguine"),
    GalleryDrawing("grace_hopper", "ink"),
    GalleryDrawing("four_portraits", "soft", "paper"),
    GalleryDrawing("eileen_collins", "line"),
)


class View(NamedTuple):
    """What the tab shows, in the order in which Gradio sets it."""

    welcome: Any  # the column that is seen before there is a photo
    result: Any  # the column that takes its place
    scene: Any
    marker: Any  # the group around the canvas
    canvas: Any  # a photo in which no face was found
    files: Any  # the buttons of files that need strokes
    download: Any
    drawing: Any  # the path of the drawing, of which files are made
    models: Any  # the drawings of all models, which belong to the drawing before


class Started(NamedTuple):
    """What a new photo sets besides the view."""

    path: Any
    shown: Any  # the path of the photo that this tab shows
    whole: Any
    box: Any
    faces: Any
    everyone: Any


class PhotoTab:
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

    def drawing(
        self, photo: str, model: str, whole: bool, box: str, options: DrawOptions, is_main: bool = True
    ) -> str:  # fmt: skip
        """The path of a photo's drawing, made once; warnings are shown for the main one. Raises FacesketchError."""
        style = options.style if options.style != DEFAULT_STYLE.name else None
        key = self.models.folder(model), photo, whole, box, options

        def make() -> Image.Image:
            drawing = self.draw(read_upload(photo), photo, model, whole, box, options)
            if is_main:
                show_warnings(drawing.warnings)
            if drawing.sheet is not None:
                store_sheet(drawing.sheet, result_folder(*key))
                save_file(json.dumps(replay_data(drawing.sheet)).encode(), result_folder(*key) / REPLAY)
            return drawing.image

        return cached_image(make, output_name(photo, model, style or "", "sketch"), *key)

    def show(
        self, photo: str | None, model: str, whole: bool = False, box: str = "", *, options: DrawOptions,
        seconds: float = NEXT_REPLAY,
    ) -> View:  # fmt: skip
        """The drawing of a photo; the photo to mark the face on if none is found; nothing new without a photo."""
        if not photo:
            return View(*[gr.skip()] * len(View._fields))
        opened: dict[str, Any] = {
            "welcome": gr.Column(visible=False), "result": gr.Column(visible=True), "models": options_value(()),
        }  # fmt: skip
        try:
            drawn = self.drawing(photo, model, whole, box, options)
        except NoFaceError:
            small = read_upload(photo).copy()
            small.thumbnail((MARKER_WIDTH, MARKER_WIDTH))
            return View(
                scene=gr.update(visible=False), marker=gr.Column(visible=True), canvas=store_image(small),
                files=gr.Row(visible=False), download=gr.DownloadButton(visible=False), drawing=None, **opened,
            )  # fmt: skip
        with Image.open(drawn) as picture:
            (width, height), clear = picture.size, "A" in picture.getbands()
        in_strokes = has_strokes(drawn)
        before = cached_image(
            lambda: framed_photo(read_upload(photo), photo, whole, box, options, (width, height)),
            output_name(photo, suffix=".jpg"), "framed", photo, whole, box, options.frame, width, height,
        )  # fmt: skip
        style = STYLES.get(options.style or "", DEFAULT_STYLE)
        paper = style.paper if in_strokes else DEFAULT_STYLE.paper
        replay = str(Path(drawn).with_name(REPLAY)) if in_strokes else ""
        scene = Scene(drawn, before, width, height, paper, replay, seconds, clear)
        return View(
            scene=gr.update(value=scene.value(), visible=True), marker=gr.Column(visible=False), canvas=gr.skip(),
            files=gr.Row(visible=in_strokes), download=gr.DownloadButton(value=drawn, visible=True),
            drawing=(drawn, before), **opened,
        )  # fmt: skip

    def start(self, photo: str, model: str, *, options: DrawOptions) -> tuple[Any, ...]:
        """A new photo: what it sets, and what show returns. Raises FacesketchError."""
        image = read_upload(photo)
        try:
            faces = cached_faces(image, photo)
        except NoFaceError:  # show lets the visitor mark it
            faces = []
        view = self.show(photo, model, options=options, seconds=FIRST_REPLAY)
        several = len(faces) > 1
        choices = face_options(image, faces, 0 if options.frame == "crop" else None)
        started = Started(
            photo, photo, False, "", gr.update(value=choices, visible=several), gr.Button(visible=several)
        )  # fmt: skip
        return *started, *view

    def upload(self, model: str, event: gr.EventData, *, options: DrawOptions) -> tuple[Any, ...]:
        """A photo that was dropped, pasted or chosen. Raises FacesketchError and UserError."""
        photo = displayable(uploaded_path(getattr(event, "path", None)))
        answer = self.start(photo, model, options=options)
        if (count := getattr(event, "count", 1)) != 1:
            show_info(t("photo.several", count=count))
        return answer

    def example(self, model: str, event: gr.EventData, *, options: DrawOptions) -> tuple[Any, ...]:
        """One of the gallery: its photo, in its style and frame, preceded by these."""
        name, style, frame = GALLERY[chosen_index(event, len(GALLERY))]
        source = GALLERY_PHOTOS[name]
        photo = result_folder("example", name) / source.name
        if not photo.is_file():
            save_file(source.read_bytes(), photo)
        return style, frame, *self.start(str(photo), model, options=replace(options, style=style, frame=frame))

    def open(
        self, photo: str | None, shown: str | None, model: str, *, options: DrawOptions
    ) -> tuple[Any, ...]:  # fmt: skip
        """The photo that was chosen in another tab."""
        if not photo or photo == shown or not Path(photo).is_file():
            return (gr.skip(),) * (len(Started._fields) + len(View._fields))
        return self.start(photo, model, options=options)

    def styles(
        self, photo: str | None, model: str, whole: bool = False, box: str = "", *, options: DrawOptions
    ) -> Iterator[Any]:
        """The photo in every style, one after another."""
        if not photo:
            yield gr.skip()
            return
        chosen = options.style or DEFAULT_STYLE.name
        drawn: dict[str, str] = {}
        for style in sorted(STYLES, key=lambda name: name != chosen):
            try:
                path = self.drawing(photo, model, whole, box, replace(options, style=style), is_main=False)
            except NoFaceError:
                return
            drawn[style] = thumbnail(path, THUMBNAIL)
            yield options_value(style_options(chosen, drawn))

    def compare_models(
        self, photo: str | None, model: str, whole: bool = False, box: str = "", *, options: DrawOptions
    ) -> Iterator[Any]:
        """The drawings of all models that are ready. Raises FacesketchError and UserError."""
        if not photo:
            raise UserError("error.photo.missing")
        shown: list[Option] = []
        for name in filter(self.models.hub.ready, self.models.names):
            try:
                path = self.drawing(photo, name, whole, box, options, is_main=False)
            except WeightsError as error:
                log.warning("%s is left out: %s", title(name), error)
                continue
            shown.append(Option(name, title(name), thumbnail(path, MODEL_THUMBNAIL), name == model))
            yield options_value(shown)

    def file(self, drawing: tuple[str, str] | None, kind: str) -> str:
        """The path of a drawing's file of a kind. Raises UserError."""
        if not drawing:
            raise UserError("error.photo.missing")
        if not all(Path(path).is_file() for path in drawing):
            raise UserError("error.upload.expired")
        return drawing_file(*drawing, kind)

    def draw(
        self, image: Image.Image, path: str, model: str | None, whole: bool, box: str, options: DrawOptions
    ) -> Drawing:
        """The sketch of an uploaded picture. Raises FacesketchError."""
        faces = None if whole else cached_faces(image, path, box)
        drawing: Drawing = draw(self.models.folder(model), image, "sketch", aligned(options, whole), faces)
        return drawing

    def face_box(self, photo: str, event: gr.EventData) -> tuple[str, str, Any]:
        """The frame "crop", the box of the face that was chosen, and the faces with it chosen."""
        image = read_upload(photo)
        faces = cached_faces(image, photo)
        chosen = chosen_index(event, len(faces))
        box = ", ".join(f"{value:.0f}" for value in box_in_upload(image, faces[chosen]))
        return "crop", box, face_options(image, faces, chosen)

    def everyone(self, photo: str) -> tuple[str, Any]:
        """The frame "paper", and the faces with none chosen."""
        image = read_upload(photo)
        return "paper", face_options(image, cached_faces(image, photo), None)

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


def aligned(options: DrawOptions, whole: bool) -> DrawOptions:
    """The options for a picture that is a face crop already, if whole."""
    return replace(options, align="never") if whole else options


def chosen_index(event: gr.EventData, count: int) -> int:
    """The place of what was chosen among so many pictures. Raises UserError."""
    known = [str(at) for at in range(count)]
    value = str(getattr(event, "value", ""))
    if value not in known:
        raise UserError("error.choice", value=value[:50], choices=", ".join(known))
    return known.index(value)


def chosen_name(event: gr.EventData) -> str:
    """The value of a picture that was chosen; what it sets checks it."""
    return str(getattr(event, "value", ""))


def displayable(path: str) -> str:
    """An uploaded picture as a file that every browser can show: a JPEG of a HEIC or TIFF. Raises ImageError."""
    if Path(path).suffix.lower() not in (".heic", ".heif", ".tif", ".tiff"):
        return path
    return cached_image(lambda: read_upload(path), output_name(path, suffix=".jpg"), "displayable", path)


def face_options(image: Image.Image, faces: list[facesketch.Face], chosen: int | None = 0) -> list[dict[str, Any]]:
    """The faces of a photo to choose from; none if there is one face. chosen: None if all are drawn."""
    faces = faces[:MAX_FACES] if len(faces) > 1 else []
    crops = [store_image(facesketch.align_face(image, face, THUMBNAIL).image) for face in faces]
    return options_value(Option(str(at), str(at + 1), path, at == chosen) for at, path in enumerate(crops))


def style_options(chosen: str, drawn: Mapping[str, str]) -> list[Option]:
    """All styles to choose from; drawn: style -> the path of a drawing."""
    return [Option(name, t(f"style.{name}"), drawn.get(name, ""), name == chosen) for name in STYLES]


def thumbnail(path: str, width: int) -> str:
    """The path of a small copy of a drawing. Raises OSError."""

    def small() -> Image.Image:
        with Image.open(path) as image:
            return image.resize((width, image.height * width // image.width), Image.Resampling.LANCZOS)

    return cached_image(small, "thumbnail.png", "thumbnail", path, width)


def framed_photo(
    image: Image.Image, path: str, whole: bool, box: str, options: DrawOptions, size: tuple[int, int]
) -> Image.Image:
    """The photo in the frame of its drawing, whose size is given in pixels."""
    if whole or options.frame != "crop":
        return image.resize(size)
    return facesketch.align_face(image, cached_faces(image, path, box)[0], size[0]).image


def tab(models: ModelCatalog, shared: SharedPhoto) -> dict[str, gr.Radio]:
    """Build the tab. Returns the radios that URL parameters can set."""
    handlers = PhotoTab(models)
    with gr.Column(elem_id="welcome") as welcome:
        with gr.Row(elem_id="first-sight"):
            stage(EXAMPLE, tools=("again",), beside=True, elem_id="example", scale=3, min_width=280)
            with gr.Column(scale=2, min_width=280):
                gr.Markdown(t("photo.welcome"), elem_id="slogan")
                drop = photo_drop("drop.title", elem_id="photo")
        pictures = [Option(str(at), t(f"style.{each.style}"), gallery_file(each)) for at, each in enumerate(GALLERY)]
        gr.Markdown(t("photo.examples"), elem_classes="caption")
        examples = picture_choice("photo.examples", pictures, elem_id="examples", elem_classes="strip")
        gr.Markdown(t("photo.credit"), elem_classes="note")
    with gr.Row(visible=False, elem_id="result") as result:
        with gr.Column(min_width=280, elem_id="left"):
            scene = stage(elem_id="sketch")
            marker, canvas, use_mark, use_whole = build_marker()
        with gr.Column(min_width=280, elem_id="right"):
            again = photo_drop("drop.again", elem_id="another-photo")
            faces = picture_choice("photo.faces.label", elem_id="faces", elem_classes="strip", visible=False)
            everyone = gr.Button(t("photo.everyone"), size="sm", visible=False, elem_id="everyone")
            gr.Markdown(t("control.style.label"), elem_classes="caption")
            strip = picture_choice(
                "control.style.label", style_options(DEFAULT_STYLE.name, {}), elem_id="styles", elem_classes="strip"
            )
            style = style_picker(elem_id="style", visible="hidden")
            with gr.Row(elem_id="take-home"):
                download = gr.DownloadButton(t("photo.download"), variant="primary", elem_id="download", min_width=150)
                card = gr.Button(t("photo.file.card"), min_width=60)
            with gr.Row(elem_id="drawn-by"):
                model = model_picker(models.names, models.default, elem_id="model", scale=4, label="photo.model.label")
                compare = gr.Button(
                    t("photo.models.button"), size="sm", elem_id="compare-models", scale=1, min_width=90
                )
            sentence = gr.Markdown(model_sentence(models.default), elem_classes="note")
            all_models = picture_choice("photo.models.label", elem_id="models", elem_classes="strip")
            with gr.Row(elem_id="options"):
                controls = option_controls(*MAIN_OPTIONS, menus=True)
                another = gr.Button(t("photo.another"), size="sm", elem_id="another", min_width=100)
            with gr.Accordion(t("photo.options"), open=False):
                whole, box = crop_controls()
                controls |= option_controls(*(name for name in OPTIONS if name not in ("style", *MAIN_OPTIONS)))
            with gr.Row(elem_id="files") as files:
                kinds = {name: gr.Button(t(f"photo.file.{name}"), size="sm", min_width=60) for name in SUFFIXES}
            made = gr.DownloadButton(visible="hidden", elem_id="made")

    options = [{**controls, "style": style}[name] for name in OPTIONS]
    inputs = [shared.path, model, whole, box, *options]
    drawing, shown = gr.State(), gr.State()
    view = list(View(welcome, result, scene, marker, canvas, files, download, drawing, all_models))
    started = [*Started(shared.path, shown, whole, box, faces, everyone), *view]
    waiting: dict[str, Any] = {"show_progress": "minimal", "trigger_mode": "always_last"}

    def fill_strip(shown_event: Any) -> None:
        on(shown_event, handlers.styles, inputs, strip, OPTIONS, trigger_mode="always_last", **STRIP_QUEUE)

    def redraw(triggers: Any) -> None:
        fill_strip(on(triggers, handlers.show, inputs, view, OPTIONS, show_progress_on=scene, **waiting))

    begin: dict[str, Any] = {**waiting, "options": OPTIONS}
    for place in (drop, again):
        fill_strip(on([place.upload], handlers.upload, [model, *options], started, show_progress_on=place, **begin))
    from_gallery = [style, controls["frame"], *started]
    fill_strip(on([examples.select], handlers.example, [model, *options], from_gallery, show_progress_on=drop, **begin))
    fill_strip(on([shared.opened], handlers.open, [shared.path, shown, model, *options], started, **begin))
    changes = [model.change, style.change, box.submit, whole.input]
    changes += [each.release if isinstance(each, gr.Slider) else each.input for each in controls.values()]
    redraw(changes)
    on([strip.select], chosen_name, None, style, queue=None)
    on([all_models.select], chosen_name, None, model, queue=None)
    on([model.change], model_sentence, model, sentence, queue=None)
    redraw(on([faces.select], handlers.face_box, shared.path, [controls["frame"], box, faces]))
    redraw(on([everyone.click], handlers.everyone, shared.path, [controls["frame"], faces]))
    redraw(on([use_mark.click], handlers.marked_box, [canvas, shared.path], box))
    redraw(on([use_whole.click], lambda: True, None, whole, queue=None))
    redraw(on([another.click], next_seed, controls["seed"], controls["seed"], queue=None))
    on([compare.click], handlers.compare_models, inputs, all_models, OPTIONS, show_progress="minimal", **STRIP_QUEUE)
    for kind, button in {"card": card, **kinds}.items():
        ready = on(
            [button.click],
            make_file(handlers, kind),
            drawing,
            made,
            show_progress="minimal",
            show_progress_on=button,
            **FILE_QUEUE,
        )
        ready.success(None, None, None, js=DOWNLOAD, api_visibility="private")
    with gr.Row(visible=False):
        picture, sketch = (
            UploadedImage(label=t("photo.photo.label"), type="filepath"),
            output_image("photo.drawing.label"),
        )
        pictures_of_all = gallery("photo.all_models", 3)
    endpoint(handlers.photo_to_sketch, [picture, *inputs[1:]], sketch, "photo_to_sketch", OPTIONS)
    common = [controls[name] for name in COMMON_OPTIONS]
    endpoint(
        handlers.photo_to_sketches, [picture, whole, box, *common], pictures_of_all, "photo_to_sketches", COMMON_OPTIONS
    )  # fmt: skip
    return {"model": model, "style": style}


def make_file(handlers: PhotoTab, kind: str) -> Callable[[Any], str]:
    """A handler that makes a drawing's file of a kind."""

    def make(drawing: Any) -> str:
        return handlers.file(drawing, kind)

    return make


def next_seed(seed: int | None) -> int:
    """The seed of another drawing."""
    return ((seed or 0) + 1) % (int(SPECS["seed"].maximum or 0) + 1)


def model_sentence(model: str | None) -> str:
    """What a model is, in a sentence; nothing about one from the Hub."""
    return t(f"photo.model.{model}") if model in TITLES else ""


def gallery_file(drawing: GalleryDrawing) -> str:
    """The path of a drawing in the gallery of examples."""
    return str(PICTURES / f"{drawing.photo}-{drawing.style}.jpg")


def build_marker() -> tuple[gr.Group, UploadedLayers, gr.Button, gr.Button]:
    """A photo in which no face was found, to draw a circle around the face; hidden until then."""
    with gr.Column(visible=False) as marker:
        gr.Markdown(t("photo.marker.hint"))
        brush = gr.Brush(colors=["#e0409f"], color_mode="fixed", default_size=12)
        canvas = UploadedLayers(
            label=t("photo.marker.label"), sources=(), transforms=(), layers=False, brush=brush, height=460,
            elem_id="marker", buttons=[],
        )  # fmt: skip
        with gr.Row():
            use_mark = gr.Button(t("photo.marker.use"), variant="primary")
            use_whole = gr.Button(t("photo.marker.whole"))
    return marker, canvas, use_mark, use_whole

"""Many photos at once: photos or a zip of them in; a gallery, a contact sheet and a zip of drawings out."""

from __future__ import annotations

import io
import secrets
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
from PIL import Image

import facesketch
from facesketch import DrawOptions, FacesketchError
from facesketch.image.io import MAX_BYTES

from ..cache import PNG_LEVEL, output_name, result_folder, save_image, store_image
from ..components import (
    MAX_PHOTOS,
    MAX_PIXELS,
    gallery,
    model_picker,
    option_controls,
    option_names,
    style_picker,
    table,
    upload_files,
)
from ..contact_sheet import contact_sheet
from ..handlers import endpoint, event_settings, handler, on
from ..i18n import UserError, t, translate
from ..model_catalog import ModelCatalog, draw
from ..shared_photo import SharedPhoto

QUEUE: dict[str, Any] = {"queue": "batch", "concurrency_limit": 1}  # apart from single photos, which are not blocked
ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")  # of a zip, and of an empty one
MAX_UNPACKED = 2**30  # bytes of everything in a zip
HEADS = ("batch.file", "batch.reason")
OPTIONS = option_names(("size", "background", "style"), without=("frame",))


def photos_in(files: list[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every picture, including those in zips. Raises UserError."""
    for path, name in files:
        with open(path, "rb") as file:
            signature = file.read(4)
        if signature not in ZIP_SIGNATURES:  # a picture may have a zip behind it
            yield name, Path(path).read_bytes()
            continue
        try:
            with zipfile.ZipFile(path) as archive:
                yield from photos_in_zip(archive)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error) as error:
            raise UserError("batch.zip.damaged") from error


def photos_in_zip(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """The same of one zip; no file is read beyond a picture's maximum, whatever the zip says. Raises UserError."""
    remaining = MAX_UNPACKED
    for info in archive.infolist():
        name = Path(info.filename).name
        if info.is_dir() or name.startswith(".") or info.filename.startswith("__MACOSX"):
            continue
        with archive.open(info) as file:
            data = file.read(MAX_BYTES + 1)
        remaining -= len(data)
        if remaining < 0:
            raise UserError("batch.zip.too_large")
        yield name, data


class Batch(NamedTuple):
    """What was made of the photos so far: a zip (None as long as it is empty), drawings as (path, name), failures."""

    zip: Path | None
    drawings: list[tuple[str, str]]
    failures: list[list[str]]

    @property
    def note(self) -> str:
        """How many photos were drawn and how many failed."""
        return t("batch.drawn_and_failed", drawn=len(self.drawings), failed=len(self.failures))


class BatchTab:
    """The handlers of the tab."""

    def __init__(self, models: ModelCatalog):
        self.models = models

    def draw_all(
        self, photos: list[tuple[str, str]], model: str | None, options: DrawOptions, progress: gr.Progress
    ) -> Iterator[Batch]:
        """What was made, after each photo. Raises UserError."""
        if not photos:
            raise UserError("error.photo.missing")
        model_folder = self.models.folder(model)
        target = result_folder(secrets.token_hex(16)) / output_name(photos[0][1], "sketches", suffix=".zip")
        target.parent.mkdir(parents=True)
        names: set[str] = set()
        drawings: list[tuple[str, str]] = []
        failures: list[list[str]] = []
        for number, (name, data) in enumerate(photos_in(photos)):
            if number == MAX_PHOTOS:
                failures.append([name, t("batch.only_first", limit=MAX_PHOTOS)])
                break
            progress((number, max(len(photos), number + 1)), desc=name)
            try:
                drawing = draw(model_folder, facesketch.read_image(data, MAX_PIXELS), "sketch", options)
                add_to_zip(target, unique_name(output_name(name, "sketch"), names), drawing.image)
                drawings.append((store_image(drawing.image), Path(name).stem))
            except FacesketchError as error:
                failures.append([name, translate(error.message)])
            yield Batch(target if names else None, drawings, failures)

    def photos_to_sketches(
        self, photos: list[tuple[str, str]], model: str | None = None, *, options: DrawOptions,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds it by this default
    ) -> Iterator[tuple[str | None, dict[str, Any], str]]:  # fmt: skip
        """Sketch the largest face of each of up to 200 photos, zipped or not: a zip of sketches, and what failed."""
        for batch in self.draw_all(photos, model, options, progress):
            yield str(batch.zip) if batch.zip else None, table(HEADS, batch.failures), batch.note

    def show(
        self, photos: list[tuple[str, str]], model: str, *, options: DrawOptions,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[tuple[Any, ...]]:  # fmt: skip
        """The drawings as they are made, then the files; the last value is the batch so far, for stop."""
        hidden = gr.DownloadButton(visible=False)
        for batch in self.draw_all(photos, model, options, progress):
            failures = gr.Dataframe(table(HEADS, batch.failures), visible=bool(batch.failures))
            drawings = gr.Gallery(list(batch.drawings), visible=bool(batch.drawings))
            yield drawings, failures, batch.note, hidden, hidden, batch

    def files(self, batch: Batch | None) -> tuple[Any, ...]:
        """The zip and the contact sheet of what was drawn, and start instead of stop."""
        buttons = gr.Button(visible=True), gr.Button(visible=False)
        if batch is None or batch.zip is None:
            return *[gr.DownloadButton(visible=False)] * 2, *buttons
        path = batch.zip.with_name(f"{batch.zip.stem.removesuffix('-sketches')}-sheet.png")
        sheet = save_image(contact_sheet(batch.drawings), path)
        files = (str(batch.zip), sheet)
        return *(gr.DownloadButton(value=file, visible=True) for file in files), *buttons


def add_to_zip(target: Path, name: str, picture: Image.Image) -> None:
    """Add a picture to a zip as PNG. Raises OSError."""
    data = io.BytesIO()
    picture.save(data, "PNG", compress_level=PNG_LEVEL)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(name, data.getvalue())


def unique_name(name: str, taken: set[str]) -> str:
    """A name that is not in taken yet; it is added there."""
    path, number = Path(name), 2
    while name in taken:
        name, number = f"{path.stem}-{number}{path.suffix}", number + 1
    taken.add(name)
    return name


def running() -> tuple[gr.Button, gr.Button, None]:
    """Stop instead of start, and no batch yet."""
    return gr.Button(visible=False), gr.Button(visible=True), None


def tab(models: ModelCatalog, shared: SharedPhoto) -> dict[str, gr.Radio]:
    """Build the tab. Returns the radios that URL parameters can set."""
    handlers = BatchTab(models)
    with gr.Row():
        with gr.Column(min_width=280):
            photos = upload_files("batch.upload.label", "many", ["image", ".zip"])
            gr.Markdown(t("batch.limits"))
            start = gr.Button(t("batch.start"), variant="primary")
            stop = gr.Button(t("batch.stop"), variant="stop", visible=False)
            style = style_picker()
            model = model_picker(models.names, models.default)
            with gr.Accordion(t("batch.options"), open=False):
                controls = option_controls(*(name for name in OPTIONS if name not in ("style", "finish")))
        with gr.Column(min_width=280, scale=2):
            note = gr.Markdown(label=t("note.label"), elem_id="drawn", min_height=60)
            with gr.Row():
                file = gr.DownloadButton(t("batch.download"), visible=False, elem_id="zip", variant="primary")
                sheet = gr.DownloadButton(t("batch.sheet"), visible=False, elem_id="batch-sheet")
            drawings = gallery("batch.drawings", 4, "batch-drawings", elem_classes="clear", visible=False)
            failed = gr.Dataframe(
                label=t("batch.failed"), interactive=False, visible=False, elem_id="failed", wrap=True,
                column_widths=["40%", "60%"],
            )  # fmt: skip
    with gr.Row(visible=False):  # strokes show every style of every model; other finishes are for programs
        controls |= option_controls("finish")
    inputs = [photos, model, *({**controls, "style": style}[name] for name in OPTIONS)]
    batch = gr.State()
    outputs = [drawings, failed, note, file, sheet, batch]
    on([start.click], running, None, [start, stop, batch], queue=None)
    drawing = on(
        [start.click], handlers.show, inputs, outputs, OPTIONS, show_progress="full", show_progress_on=note, **QUEUE
    )
    finish: dict[str, Any] = {**event_settings(None), "show_progress": "hidden"}
    finished = handler(handlers.files)
    drawing.then(finished, batch, [file, sheet, start, stop], **finish)
    stop.click(finished, batch, [file, sheet, start, stop], cancels=drawing, **finish)
    zipped = gr.File(label="Drawings", visible=False)
    endpoint(handlers.photos_to_sketches, inputs, [zipped, failed, note], "photos_to_sketches", OPTIONS, **QUEUE)
    return {"model": model, "style": style}

"""Many photos at once: photos or a zip of them in, a zip of drawings out."""

from __future__ import annotations

import io
import secrets
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

import facesketch
from facesketch import DrawOptions, FacesketchError
from facesketch.image.io import MAX_BYTES

from ..cache import PNG_LEVEL, output_name, result_folder
from ..components import (
    MAX_PHOTOS,
    MAX_PIXELS,
    model_picker,
    option_controls,
    option_names,
    style_picker,
    table,
    upload_files,
)
from ..handlers import endpoint, on
from ..i18n import UserError, t, translate
from ..model_catalog import ModelCatalog, draw
from ..shared_photo import SharedPhoto

QUEUE: dict[str, Any] = {"queue": "batch", "concurrency_limit": 1}  # apart from single photos, which are not blocked
MAX_UNPACKED = 2**30  # bytes of everything in a zip
HEADS = ("batch.file", "batch.reason")
OPTIONS = option_names(("size", "background", "style"), without=("frame",))


def photos_in(files: list[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every picture, including those in zips. Raises UserError."""
    for path, name in files:
        if not zipfile.is_zipfile(path):
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


class BatchTab:
    """The handlers of the tab."""

    def __init__(self, models: ModelCatalog):
        self.models = models

    def photos_to_sketches(
        self, photos: list[tuple[str, str]], model: str | None = None, *, options: DrawOptions,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds it by this default
    ) -> Iterator[tuple[str | None, dict[str, Any], str]]:  # fmt: skip
        """Sketch the largest face of each of up to 200 photos, zipped or not: a zip of sketches, and what failed."""
        if not photos:
            raise UserError("error.photo.missing")
        model_folder = self.models.folder(model)
        target = result_folder(secrets.token_hex(16)) / output_name(photos[0][1], "sketches", suffix=".zip")
        target.parent.mkdir(parents=True)
        names: set[str] = set()
        failures: list[list[str]] = []
        for number, (name, data) in enumerate(photos_in(photos)):
            if number == MAX_PHOTOS:
                failures.append([name, t("batch.only_first", limit=MAX_PHOTOS)])
                break
            progress((number, max(len(photos), number + 1)), desc=name)
            try:
                drawing = draw(model_folder, facesketch.read_image(data, MAX_PIXELS), "sketch", options)
                add_to_zip(target, unique_name(output_name(name, "sketch"), names), drawing.image)
            except FacesketchError as error:
                failures.append([name, translate(error.message)])
            yield str(target) if names else None, table(HEADS, failures), count_note(len(names), len(failures))

    def show(
        self, photos: list[tuple[str, str]], model: str, *, options: DrawOptions,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[tuple[Any, Any, str]]:  # fmt: skip
        """The same for the page."""
        for path, rows, note in self.photos_to_sketches(photos, model, options=options, progress=progress):
            failures = gr.Dataframe(rows, visible=bool(rows["data"]))
            yield gr.DownloadButton(value=path, visible=bool(path)), failures, note


def count_note(drawn: int, failed: int) -> str:
    """How many photos were drawn and how many failed."""
    return t("batch.drawn_and_failed", drawn=drawn, failed=failed)


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


def tab(models: ModelCatalog, shared: SharedPhoto) -> dict[str, gr.Radio]:
    """Build the tab. Returns the radios that URL parameters can set."""
    handlers = BatchTab(models)
    with gr.Row():
        with gr.Column(min_width=280):
            photos = upload_files("batch.upload.label", "many", ["image", ".zip"])
            gr.Markdown(t("batch.limits"))
            model = model_picker(models.names, models.default)
            style = style_picker()
            controls = option_controls(*(name for name in OPTIONS if name != "style"))
            with gr.Row():
                start = gr.Button(t("batch.start"), variant="primary")
                stop = gr.Button(t("batch.stop"), variant="stop")
        with gr.Column(min_width=280):
            note = gr.Markdown(label=t("note.label"), elem_id="drawn", min_height=60)
            file = gr.DownloadButton(t("batch.download"), visible=False, elem_id="zip")
            failed = gr.Dataframe(
                label=t("batch.failed"), interactive=False, visible=False, elem_id="failed", wrap=True
            )
    inputs = [photos, model, *({**controls, "style": style}[name] for name in OPTIONS)]
    running = on(
        [start.click],
        handlers.show,
        inputs,
        [file, failed, note],
        OPTIONS,
        show_progress="full",
        show_progress_on=note,
        **QUEUE,
    )
    stop.click(None, None, None, cancels=running, api_visibility="private")
    zipped = gr.File(label="Drawings", visible=False)
    endpoint(handlers.photos_to_sketches, inputs, [zipped, failed, note], "photos_to_sketches", OPTIONS, **QUEUE)
    return {"model": model, "style": style}

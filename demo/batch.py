"""The tab that draws many photos at once: photos or a zip in, a zip out."""

from __future__ import annotations

import io
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
from PIL import Image

import facesketch
from facesketch import ImageError, NoFaceError, WeightsError
from facesketch.images import MAX_BYTES

from .cache import QUICK, folder, output_name
from .components import MOST_PHOTOS, PIXELS, Photos
from .controls import FIRST, GROUNDS, SIZES, endpoint, model_picker, radio, table
from .i18n import _, t, translate_message
from .models import Models, generate
from .styles import chooser

ALONE = {"concurrency_id": "many", "concurrency_limit": 1}  # beside the queue of single photos, which go on
MOST_UNPACKED = 2**30  # bytes of all that a zip holds
HEADS = ("File", "What happened")
WAIT = "Photos or a zip of them, at most 200, which together have at most 200 MiB."


def sources(files: list[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every picture, those in zips too, at most MOST_PHOTOS. Raises ImageError."""
    for path, name in files:
        if not zipfile.is_zipfile(path):
            yield name, Path(path).read_bytes()
            continue
        try:
            with zipfile.ZipFile(path) as packed:
                yield from unpacked(packed)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error) as error:
            raise ImageError("The zip is damaged or locked and cannot be read.") from error


def unpacked(packed: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """The same of one zip, none larger than a picture may be, whatever the zip says of itself. Raises ImageError."""
    room = MOST_UNPACKED
    for info in packed.infolist():
        name = Path(info.filename).name
        if info.is_dir() or name.startswith(".") or info.filename.startswith("__MACOSX"):
            continue
        with packed.open(info) as file:
            data = file.read(MAX_BYTES + 1)
        room -= len(data)
        if room < 0:
            raise ImageError("The zip unpacks to more than a gigabyte.")
        yield name, data


class Batch:
    """What the tab does."""

    def __init__(self, models: Models):
        self.models = models

    def photos_to_sketches(
        self, photos: list, model: str, size: int | str = "auto", ground: str = "paper", style: str | None = None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - how Gradio hands it over
    ):  # fmt: skip
        """Sketch the largest face of up to 200 photos, or of a zip's: a zip of drawings, and what failed and why."""
        if not photos:
            raise ImageError(FIRST["photo"])
        look = {"size": size, "ground": ground, "style": style}
        place = self.models.folder(model)
        target = folder(photos, model, look, time.time()) / output_name(photos[0][1], "sketches", suffix=".zip")
        target.parent.mkdir(parents=True)
        names, rows, count = set(), [], len(photos)
        for number, (name, data) in enumerate(sources(photos)):
            if number == MOST_PHOTOS:
                rows.append([name, t("Only the first {} are drawn.", MOST_PHOTOS)])
                break
            progress((number, max(count, number + 1)), desc=name)
            try:
                drawn = generate(place, facesketch.read_image(data, PIXELS), "photo_to_sketch", **look)
                put(target, unique(output_name(name, "sketch"), names), drawn)
            except (ImageError, NoFaceError, WeightsError) as error:
                rows.append([name, translate_message(str(error))])
            note = t("{} drawn, {} failed.", len(names), len(rows))
            yield str(target) if names else None, table(HEADS, rows), note

    def show(self, *asked, progress: gr.Progress = gr.Progress()) -> Iterator[tuple]:  # noqa: B008
        for path, rows, note in self.photos_to_sketches(*asked, progress=progress):
            failures = gr.Dataframe(rows, visible=bool(rows["data"]))
            yield gr.DownloadButton(value=path, visible=bool(path)), failures, note


def tab(models: Models) -> dict[str, gr.components.Component]:
    """Many. Returns what an address may choose."""
    do = Batch(models)
    with gr.Row():
        with gr.Column(min_width=280):
            kinds = {"file_count": "multiple", "file_types": ["image", ".zip"]}
            photos = Photos(label=_("Photos, or a zip"), height=200, elem_id="many", **kinds)
            gr.Markdown(_(WAIT))
            model = model_picker(models.names, models.default)
            style = chooser(models)
            size, ground = radio(SIZES, "auto", "Width of a face, in pixels"), radio(GROUNDS, "paper", "Ground")
            with gr.Row():
                start = gr.Button(_("Draw them all"), variant="primary")
                stop = gr.Button(_("Stop"), variant="stop")
        with gr.Column(min_width=280):
            note = gr.Markdown(elem_id="drawn", min_height=60)
            file = gr.DownloadButton(_("Download the drawings"), visible=False, elem_id="zip")
            failed = gr.Dataframe(label=_("What failed"), interactive=False, visible=False, elem_id="failed", wrap=True)
    asked, quiet = (
        [photos, model, size, ground, style],
        {"api_visibility": "private", "show_progress_on": note, **ALONE},
    )
    running = start.click(do.show, asked, [file, failed, note], **quiet)
    stop.click(None, None, None, cancels=running, api_visibility="private")
    zipped = gr.File(label="Drawings", visible=False)
    endpoint(do.photos_to_sketches, asked, [zipped, failed, note], "photos_to_sketches", **ALONE)
    return {"model": model, "style": style}


def put(target: Path, name: str, picture: Image.Image) -> None:
    """Add a picture to a zip, as PNG. Raises OSError."""
    data = io.BytesIO()
    picture.save(data, "PNG", compress_level=QUICK)
    with zipfile.ZipFile(target, "a") as packed:
        packed.writestr(name, data.getvalue())


def unique(name: str, taken: set[str]) -> str:
    """A name that is not in taken yet, where it is put."""
    path, number = Path(name), 2
    while name in taken:
        name, number = f"{path.stem}-{number}{path.suffix}", number + 1
    taken.add(name)
    return name

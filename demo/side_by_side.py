"""Every model and style of a photo side by side, each with its milliseconds, and all on one sheet to take home."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import gradio as gr
from PIL import Image, ImageDraw, ImageFont

from facesketch import WeightsError

from .cache import folder, output_name, save
from .controls import DRAWING, QUIET, face_kwargs, gallery, read
from .i18n import _, t
from .models import Models, generate, log, title

WIDTH, LINE, ACROSS = 256, 28, 4  # pixels of a drawing on the sheet, of the words under it, and drawings in a row


def build(models: Models, asked: list) -> None:
    """The button, the drawings and the sheet; asked: photo, whole, box, size, ground, strokes."""

    def every(photo: str | None, whole: bool, box: str, size: int | str, ground: str, strokes: float) -> Iterator:
        """One drawing after another, as they are made."""
        image = read(photo)
        taken, drawn = face_kwargs(image, whole, box), []
        for name, style in model_style_pairs(models):
            start = time.perf_counter()
            try:
                how = {"size": size, "ground": ground, "strokes": strokes, "style": style}
                picture = generate(models.folder(name), image, "photo_to_sketch", **taken, **how)
            except WeightsError as error:
                log.warning("%s is left out: %s", title(name), error)
                continue
            milliseconds = round(1000 * (time.perf_counter() - start))
            drawn.append((picture, title(name), style, milliseconds))
            captions = [(p, f"{words(text, style, t)}: {ms} ms") for p, text, style, ms in drawn]
            yield gr.Gallery(captions, visible=True), gr.skip()
        sheet = contact([(p, f"{words(text, style)}, {ms} ms") for p, text, style, ms in drawn])
        sheet = save(sheet, folder(photo, time.time()) / output_name(photo, "all"))
        yield gr.skip(), gr.DownloadButton(value=sheet, visible=True)

    button = gr.Button(_("All models and styles side by side"), elem_id="every")
    drawn = gallery("All models and styles", ACROSS, "sketches", elem_classes="clear", visible=False)
    file = gr.DownloadButton(_("Download all on one sheet"), visible=False, elem_id="contact")
    button.click(every, asked, [drawn, file], **{**QUIET, "show_progress": "minimal"}, **DRAWING)


def words(model: str, style: str | None, t: Callable[[str], str] = str) -> str:
    """A model's title, and its style's."""
    return f"{model} · {t(style.capitalize())}" if style else model


def model_style_pairs(models: Models) -> list[tuple[str, str | None]]:
    """Every model with every style of its."""
    ready = filter(models.hub.ready, models.names)
    return [(name, style) for name in ready for style in models.styles.get(name) or (None,)]


def contact(drawn: list[tuple[Image.Image, str]]) -> Image.Image:
    """Drawings in rows on a white sheet, each with its words under it."""
    high = max(picture.height * WIDTH // picture.width for picture, _ in drawn) + LINE
    across = min(ACROSS, len(drawn))
    sheet = Image.new("RGB", (across * WIDTH, -(-len(drawn) // across) * high), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(16)
    for number, (picture, text) in enumerate(drawn):
        x, y = number % across * WIDTH, number // across * high
        small = picture.resize((WIDTH, picture.height * WIDTH // picture.width)).convert("RGBA")
        sheet.paste(small, (x, y), small)
        pen.text((x + WIDTH // 2, y + high - LINE // 2), text, "black", font, "mm")
    return sheet

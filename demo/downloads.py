"""The files that a drawing can be downloaded as; only its PNG is there from the beginning."""

from __future__ import annotations

import io
from dataclasses import fields
from html import escape
from pathlib import Path
from urllib.parse import quote

import numpy as np
from PIL import Image

from facesketch import Drawing
from facesketch.image.save import encode
from facesketch.strokes.sheet import Sheet
from facesketch.strokes.stroke import Strokes
from facesketch.strokes.styles import STYLES

from .cache import save_file
from .i18n import t

PNG = "png"  # the kind that every drawing has; the others are made of strokes
SUFFIXES = {"svg": ".svg", "pen": "-pen.svg", "mp4": "-replay.mp4", "gif": "-replay.gif", "a4": "-a4.png"}
PEN_MM = 0.3  # a fineliner's width
A4_SIZE, DPI = (2480, 3508), 300  # pixels
A4_MARGIN = 118  # pixels, 10 mm: what printers leave white
SHEET = "sheet.npz"


def store_sheet(sheet: Sheet, folder: Path) -> None:
    """Keep the strokes of a drawing in its folder. Raises OSError."""
    strokes = {field.name: getattr(sheet.strokes, field.name) for field in fields(Strokes)}
    data = io.BytesIO()
    np.savez(
        data, **strokes, style=sheet.style.name, aspect=sheet.aspect, seed=sheet.seed, tooth_size=sheet.tooth_size
    )  # fmt: skip
    save_file(data.getvalue(), folder / SHEET)


def has_strokes(png: str) -> bool:
    """Whether the strokes of a drawing are kept next to its PNG file."""
    return Path(png).with_name(SHEET).is_file()


def stored_sheet(png: str) -> Sheet:
    """The strokes of the drawing in a PNG file. Raises OSError."""
    with np.load(Path(png).with_name(SHEET), allow_pickle=False) as stored:
        strokes = Strokes(**{field.name: stored[field.name] for field in fields(Strokes)})
        seed, aspect, tooth_size = int(stored["seed"]), float(stored["aspect"]), float(stored["tooth_size"])
        return Sheet(strokes, STYLES[str(stored["style"])], aspect, seed, tooth_size)


def drawing_file(png: str, kind: str = PNG) -> str:
    """The path of a drawing's file of a kind, made when it is first asked for.

    png: the path of its PNG file. Raises OptionError where a package is missing, and OSError.
    """
    if kind == PNG:
        return png
    path = Path(png).with_name(f"{Path(png).stem}{SUFFIXES[kind]}")
    if path.is_file():
        return str(path)
    sheet = stored_sheet(png)
    if kind == "a4":
        save_file(encode(a4_page(sheet), "PNG", dpi=(DPI, DPI)), path)
    else:
        with Image.open(png) as image:
            Drawing(image, sheet=sheet).save(path, replay=kind == "gif", pen=PEN_MM if kind == "pen" else None)
    return str(path)


def a4_page(sheet: Sheet) -> Image.Image:
    """The drawing in the middle of an A4 page in its style's paper color, RGB; the page lies on its side if that fits
    the drawing better.
    """
    width, height = A4_SIZE if sheet.aspect >= 1 else A4_SIZE[::-1]
    drawing = sheet.render(min(width - 2 * A4_MARGIN, int((height - 2 * A4_MARGIN) / sheet.aspect)))
    page = Image.new("RGB", (width, height), sheet.style.paper)
    page.paste(drawing, ((width - drawing.width) // 2, (height - drawing.height) // 2))
    return page


def replay_html(path: str) -> str:
    """A video that plays by itself, and again when it is clicked. Unless it is muted, browsers wait for a click."""
    again = escape(t("photo.replay.again"), quote=True)
    keys = "if (event.key === 'Enter') this.play()"
    events = f'tabindex="0" onclick="this.play()" onkeydown="{keys}"'
    source = f'src="gradio_api/file={quote(path)}" autoplay muted playsinline'
    return f'<video {source} title="{again}" aria-label="{again}" {events}></video>'

"""The files that a drawing can be downloaded as, besides its PNG; each is made when it is first asked for."""

from __future__ import annotations

import io
from dataclasses import fields
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from facesketch import Drawing
from facesketch.image.save import encode
from facesketch.strokes.sheet import Sheet
from facesketch.strokes.stroke import Strokes
from facesketch.strokes.styles import STYLES

from .cache import save_file

SUFFIXES = {  # of files that are made of strokes
    "a4": "-a4.png", "photo": "-10x15.png", "svg": ".svg", "mp4": "-replay.mp4", "gif": "-replay.gif",
    "pen": "-pen.svg",
}  # fmt: skip
CARD, CARD_SUFFIX = "card", "-card.png"  # every drawing has it
PEN_MM = 0.3  # a fineliner's width
DPI = 300
PRINT_SIZES = {"a4": (2480, 3508), "photo": (1181, 1772)}  # pixels of A4, and of 10 x 15 cm
MARGIN = 118  # pixels, 10 mm: what printers leave white
CARD_WIDTH, CARD_GAP, CARD_COLOR, CARD_INK = 720, 48, (250, 248, 244), (120, 112, 100)
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


def drawing_file(png: str, photo: str, kind: str) -> str:
    """The path of a drawing's file of a kind, made when it is first asked for.

    png, photo: the paths of its PNG file, and of the photo in the same frame. Raises OptionError where a package is
    missing, and OSError.
    """
    path = Path(png).with_name(f"{Path(png).stem}{CARD_SUFFIX if kind == CARD else SUFFIXES[kind]}")
    if path.is_file():
        return str(path)
    if kind == CARD:
        with Image.open(photo) as before, Image.open(png) as after:
            return save_file(encode(card(before, after), "PNG"), path)
    sheet = stored_sheet(png)
    if kind in PRINT_SIZES:
        save_file(encode(print_page(sheet, PRINT_SIZES[kind]), "PNG", dpi=(DPI, DPI)), path)
    else:
        with Image.open(png) as image:
            Drawing(image, sheet=sheet).save(path, replay=kind == "gif", pen=PEN_MM if kind == "pen" else None)
    return str(path)


def print_page(sheet: Sheet, size: tuple[int, int]) -> Image.Image:
    """The drawing in the middle of a page in its style's paper color, RGB; the page lies on its side if that fits the
    drawing better.

    size: of the upright page in pixels.
    """
    width, height = size if sheet.aspect >= 1 else size[::-1]
    margin = min(MARGIN, width // 10)
    drawing = sheet.render(min(width - 2 * margin, int((height - 2 * margin) / sheet.aspect)))
    page = Image.new("RGB", (width, height), sheet.style.paper)
    page.paste(drawing, ((width - drawing.width) // 2, (height - drawing.height) // 2))
    return page


def card(photo: Image.Image, drawing: Image.Image) -> Image.Image:
    """Photo and drawing side by side, RGB."""
    size = CARD_WIDTH, CARD_WIDTH * drawing.height // drawing.width
    page = Image.new("RGB", (2 * size[0] + 3 * CARD_GAP, size[1] + 3 * CARD_GAP), CARD_COLOR)
    for x, picture in ((CARD_GAP, photo), (size[0] + 2 * CARD_GAP, drawing)):
        small = picture.convert("RGBA").resize(size, Image.Resampling.LANCZOS)
        sheet = Image.new("RGB", size, "white")
        sheet.paste(small, (0, 0), small)
        page.paste(sheet, (x, CARD_GAP))
    middle = page.width // 2, page.height - CARD_GAP
    ImageDraw.Draw(page).text(middle, "facesketch", CARD_INK, ImageFont.load_default(CARD_GAP // 2), "mm")
    return page

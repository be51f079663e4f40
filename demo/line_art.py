"""A drawing made by hand or on a screen, brought to the paper and the weight of line that the models know."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from facesketch.faces.geometry import TEMPLATE
from facesketch.faces.paper import level

SHEET = (400, 500)  # pixels of the sheet that is drawn on: the template's frame, twice as large
WIDTH, DARK = 2.0, 70  # of a pencil's line in the frame of 256 pixels' width, and its gray
INK, MUCH = 128, 0.25  # gray that is ink, and the share of it from which a drawing is shaded, not made of lines
SHADES, FEW = (60, 235), 0.12  # grays of shading, and the share of them that any drawing the models know has
FAINT = 205  # gray of the face that is drawn after


def sheet(guide: bool) -> Image.Image:
    """An empty sheet, with a faint face to follow, whose eyes lie where the models know them, or without."""
    page = Image.new("RGB", SHEET, "white")
    if guide:
        pen, (x, y) = ImageDraw.Draw(page), (SHEET[0] // 2, SHEET[1] // 2)
        tone = (FAINT,) * 3
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


def drawn(layers: list[Image.Image]) -> Image.Image | None:
    """What was drawn, on white; None where nothing was."""
    page, any_ = Image.new("RGB", SHEET, "white"), False
    for layer in layers:
        layer = layer.convert("RGBA").resize(SHEET)
        any_ |= layer.getchannel("A").getbbox() is not None
        page.paste(layer, (0, 0), layer)
    return page if any_ else None


def penciled(crop: Image.Image) -> Image.Image:
    """A crop in the template's frame with white paper and, where it is made of lines, these a pencil's; RGB."""
    size = (256, 256 * TEMPLATE[1] // TEMPLATE[0])
    small = crop.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    gray = cv2.cvtColor(level(np.asarray(small)), cv2.COLOR_RGB2GRAY)
    ink = (gray < INK).astype(np.uint8)
    if 0 < ink.mean() < MUCH:
        deep = cv2.distanceTransform(ink, cv2.DIST_L2, 3)
        ridge = deep[(deep > 0) & (deep >= cv2.dilate(deep, np.ones((3, 3))))]
        off = (2 * float(np.median(ridge)) - WIDTH) / 2  # half of what a line is too wide
        if abs(off) >= 0.5:
            side = 2 * round(abs(off)) + 1
            kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
            gray = cv2.dilate(gray, kernel) if off > 0 else cv2.erode(gray, kernel)
        darkest = float(np.percentile(gray[gray < 250], 10)) if (gray < 250).any() else 255.0
        share = min(1.0, (255 - DARK) / max(1.0, 255 - darkest))
        gray = 255 - (255 - cv2.GaussianBlur(gray, (0, 0), 0.6).astype(np.float32)) * share
    return Image.fromarray(gray.astype(np.uint8)).convert("RGB")


def whole(image: Image.Image) -> Image.Image:
    """A picture of any shape in the middle of white paper of the template's."""
    width = max(image.width, image.height * TEMPLATE[0] // TEMPLATE[1])
    page = Image.new("RGB", (width, width * TEMPLATE[1] // TEMPLATE[0] + 1), "white")
    page.paste(image, ((page.width - image.width) // 2, (page.height - image.height) // 2))
    return page


def bare(crop: Image.Image) -> bool:
    """Whether a crop has lines alone, where all drawings that the models know are shaded."""
    gray = np.asarray(crop.convert("L"))
    return float(((gray > SHADES[0]) & (gray < SHADES[1])).mean()) < FEW

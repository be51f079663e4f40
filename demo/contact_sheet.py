"""Drawings on one sheet, to look at together."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

TILE_WIDTH, CAPTION_HEIGHT, MAX_COLUMNS = 256, 28, 10  # pixels, pixels, drawings


def contact_sheet(drawings: Sequence[tuple[str, str]]) -> Image.Image:
    """Drawings, as (path, caption), in rows on a white sheet; RGB. As many columns as rows, or about twice as many."""
    columns = min(len(drawings), MAX_COLUMNS, math.ceil(math.sqrt(2 * len(drawings))))
    tiles = [Image.open(path) for path, _ in drawings]
    heights = [tile.height * TILE_WIDTH // tile.width for tile in tiles]
    row_height = max(heights) + CAPTION_HEIGHT
    sheet = Image.new("RGB", (columns * TILE_WIDTH, -(-len(tiles) // columns) * row_height), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(16)
    for number, (tile, height, (_, caption)) in enumerate(zip(tiles, heights, drawings, strict=True)):
        x, y = number % columns * TILE_WIDTH, number // columns * row_height
        with tile:
            small = tile.resize((TILE_WIDTH, height)).convert("RGBA")
        sheet.paste(small, (x, y), small)
        pen.text((x + TILE_WIDTH // 2, y + row_height - CAPTION_HEIGHT // 2), caption[:28], "black", font, "mm")
    return sheet

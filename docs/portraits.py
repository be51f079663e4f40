"""Redraw docs/portraits.png: each public-domain portrait, sketched by each model, and CycleGAN's way back to a photo.

python docs/portraits.py
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

import facesketch
from facesketch.faces import crop_face

ROOT = Path(__file__).parent.parent
TILE, LINE, GAP = (256, 320), 26, 6


def row(path: Path) -> list[tuple[str, Image.Image]]:
    """The labelled pictures of one portrait."""
    models = {name: facesketch.load(name) for name in ("autoencoder", "pix2pix", "cyclegan")}
    photo, _ = crop_face(facesketch.read_image(path))
    tiles = [("Photo", photo)]
    for title, name in (("Autoencoder", "autoencoder"), ("Pix2Pix", "pix2pix"), ("CycleGAN", "cyclegan")):
        tiles.append((title, models[name].translate(photo, align="never")))
    for title, sketch in (("Pix2Pix's sketch, back", tiles[2][1]), ("CycleGAN's sketch, back", tiles[3][1])):
        tiles.append((title, models["cyclegan"].translate(sketch, "sketch_to_photo", align="never")))
    return tiles


def main() -> None:
    rows = [row(path) for path in sorted((ROOT / "examples").glob("*.jpg"))]
    width, height = TILE[0] + GAP, TILE[1] + GAP
    sheet = Image.new("RGB", (width * len(rows[0]) - GAP, LINE + height * len(rows) - GAP), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(17)
    for j, tiles in enumerate(rows):
        for i, (label, tile) in enumerate(tiles):
            sheet.paste(tile, (i * width, LINE + j * height))
            if j == 0:
                pen.text((i * width + 2, 3), label, fill="black", font=font)
    sheet.save(ROOT / "docs" / "portraits.png", optimize=True)


if __name__ == "__main__":
    main()

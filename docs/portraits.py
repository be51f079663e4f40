"""Redraw docs/portraits.png: each public-domain portrait, sketched by each model and brought back to a photo where the
model knows the way; and docs/whole.png: both in one picture, one of them turned, drawn on white and over the photo.

python docs/portraits.py
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

import facesketch
from facesketch.faces.crop import crop_face

ROOT = Path(__file__).parent.parent
TILE, LINE, GAP = (256, 320), 26, 6


def row(path: Path) -> list[tuple[str, Image.Image]]:
    """The labelled pictures of one portrait."""
    models = {title: facesketch.load(title.lower()) for title in ("Autoencoder", "Pix2Pix", "CycleGAN")}
    photo, _ = crop_face(facesketch.read_image(path))
    sketches = {title: model.translate(photo, align="never") for title, model in models.items()}
    back = {
        f"{title}, back": model.translate(sketches[title], "sketch_to_photo", align="never")
        for title, model in models.items()
        if "sketch_to_photo" in model.directions
    }
    return [("Photo", photo), *sketches.items(), *back.items()]


def whole() -> Image.Image:
    """A picture of two faces, its sketch by Pix2Pix on white, and CycleGAN's over the photo."""
    first, second = (facesketch.read_image(path) for path in sorted((ROOT / "examples").glob("*.jpg")))
    picture = Image.new("RGB", (1100, 640), (120, 125, 130))
    picture.paste(first.rotate(20, Image.Resampling.BICUBIC, fillcolor=(120, 125, 130)), (10, 60))
    picture.paste(second, (560, 20))
    asked = (("pix2pix", "paper"), ("cyclegan", "photo"))
    drawn = [facesketch.load(name).translate(picture, frame=frame) for name, frame in asked]
    sheet = Image.new("RGB", (3 * 520 - GAP, 300), "white")
    for i, tile in enumerate([picture, *drawn]):
        sheet.paste(tile.resize((514, 299), Image.Resampling.LANCZOS), (i * 520, 0))
    return sheet


def main() -> None:
    whole().save(ROOT / "docs" / "whole.png", optimize=True)
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

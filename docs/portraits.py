"""Redraw the README's pictures.

hero.png, each public-domain portrait beside its drawing; portraits.png, the drawings of all models and the way back;
styles.png, those of Pix2Pix in its styles; whole.png, both in one picture, one of them turned, drawn on paper and over
the photo. And the demo's own, in demo/: the before and after that a visitor meets, little portraits to choose from, and
the card of its address.

python docs/portraits.py
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

import facesketch
from facesketch.faces.crop import crop_face

ROOT = Path(__file__).parent.parent
MODELS = {"CycleGAN": "cyclegan", "Pix2Pix": "pix2pix", "Autoencoder": "autoencoder"}
NAMES = sorted((ROOT / "examples").glob("*.jpg"))
PORTRAITS = [facesketch.read_image(path) for path in NAMES]
LINE, GAP = 26, 6
Tile = tuple[str, Image.Image]


def hero() -> list[list[Tile]]:
    """Photo and drawing of both portraits in a row."""
    model, row = facesketch.load(facesketch.DEFAULT), []
    for photo in PORTRAITS:
        row += [("", crop_face(photo, 512)[0]), ("", model.translate(photo, size=512))]
    return [row]


def portraits() -> list[list[Tile]]:
    """A row for each portrait: the photo, its drawings, and what becomes of them on the way back."""
    models, rows = {title: facesketch.load(name) for title, name in MODELS.items()}, []
    for photo in PORTRAITS:
        drawn = {title: model.translate(photo, size=512) for title, model in models.items()}
        back = {
            f"{title}, back": model.translate(drawn[title], "sketch_to_photo", align="never")
            for title, model in models.items()
            if "sketch_to_photo" in model.directions
        }
        rows.append([("Photo", crop_face(photo, 512)[0]), *drawn.items(), *back.items()])
    return rows


def styles() -> list[list[Tile]]:
    """Both portraits in each of Pix2Pix's styles."""
    model = facesketch.load("pix2pix")
    rows = []
    for photo in PORTRAITS:
        rows.append([(style.title(), model.translate(photo, size=512, style=style)) for style in model.styles])
    return rows


def whole() -> list[list[Tile]]:
    """A picture of two faces, its drawing on paper, and over the photo."""
    gray = (120, 125, 130)
    picture = Image.new("RGB", (1100, 640), gray)
    picture.paste(PORTRAITS[0].rotate(20, Image.Resampling.BICUBIC, fillcolor=gray), (10, 60))
    picture.paste(PORTRAITS[1], (560, 20))
    model = facesketch.load(facesketch.DEFAULT)
    return [[("", picture), *(("", model.translate(picture, frame=frame)) for frame in ("paper", "photo"))]]


def own() -> dict[str, Image.Image]:
    """The demo's pictures, by their names in demo/."""
    (_, before), (_, after), *_ = hero()[0]
    card, (width, height) = Image.new("RGB", (1200, 630), "white"), (504, 630)
    for x, picture in ((60, before), (636, after)):
        card.paste(picture.resize((width, height), Image.Resampling.LANCZOS), (x, 0))
    pictures = {"pictures/before": before, "pictures/after": after, "card": card}
    for path, photo in zip(NAMES, PORTRAITS, strict=True):
        face = crop_face(photo, 256)[0].crop((32, 64, 224, 256))
        pictures[f"pictures/{path.stem}"] = face.resize((96, 96), Image.Resampling.LANCZOS)
    return pictures


def sheet(rows: list[list[Tile]], width: int) -> Image.Image:
    """The tiles side by side, each width pixels wide, under their labels."""
    shape = rows[0][0][1].size
    height, top = width * shape[1] // shape[0], LINE if rows[0][0][0] else 0
    across, down = width + GAP, height + GAP
    result = Image.new("RGB", (across * len(rows[0]) - GAP, top + down * len(rows) - GAP), "white")
    pen, font = ImageDraw.Draw(result), ImageFont.load_default(17)
    for j, tiles in enumerate(rows):
        for i, (label, tile) in enumerate(tiles):
            result.paste(tile.resize((width, height), Image.Resampling.LANCZOS), (i * across, top + j * down))
            if j == 0:
                pen.text((i * across + 2, 3), label, fill="black", font=font)
    return result


if __name__ == "__main__":
    for draw, width in ((hero, 420), (portraits, 300), (styles, 400), (whole, 514)):
        sheet(draw(), width).save(ROOT / "docs" / f"{draw.__name__}.png", optimize=True)
    for name, picture in own().items():
        picture.save(ROOT / "demo" / f"{name}.jpg", quality=85)

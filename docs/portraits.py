"""Redraw the pictures of the README and of docs/.

hero.png: each public-domain portrait next to its drawing; replay.gif: how the first one is drawn; styles.png: it in all
styles; portraits.png: the drawings of all models, converted back to photos; whole.png: both in one picture, one of them
rotated, drawn on paper and over the photo. Also the demo's pictures in demo/: before, after and the replay, the gallery
of examples, photos imagined from a drawing, the stages of a drawing, a round trip, and the link preview.

python docs/portraits.py
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import facesketch
from facesketch import DrawOptions, Pipeline
from facesketch.face.align import crop_face
from facesketch.options import RAW_OUTPUT
from facesketch.strokes.replay import replay_data
from facesketch.strokes.styles import STYLES

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT))
from demo.model_catalog import draw_stages
from demo.tabs.draw import as_pencil
from demo.tabs.photo import GALLERY, GALLERY_PHOTOS, gallery_file
from demo.tabs.round_trip import error_map

MODELS = {"CycleGAN": "cyclegan", "Pix2Pix": "pix2pix", "Autoencoder": "autoencoder"}
NAMES = sorted((ROOT / "examples").glob("*.jpg"))
PORTRAITS = [facesketch.read_image(path) for path in NAMES]
LABEL_HEIGHT, GAP, ACROSS = 26, 6, 3
SIZE = DrawOptions(size=512)
WHOLE = DrawOptions(align="never")
Tile = tuple[str, Image.Image]


def hero() -> list[list[Tile]]:
    """Photo and drawing of both portraits in a row."""
    pipeline = facesketch.load()
    row: list[Tile] = []
    for photo in PORTRAITS:
        row += [("", crop_face(photo, 512)[0]), ("", pipeline(photo, SIZE).image)]
    return [row]


def portraits() -> list[list[Tile]]:
    """A row for each portrait: the photo, its drawings, and the drawings converted back to photos."""
    models = {title: facesketch.load_model(name) for title, name in MODELS.items()}
    rows = []
    for photo in PORTRAITS:
        drawn = {title: Pipeline(model)(photo, SIZE).image for title, model in models.items()}
        back = {
            f"{title}, back to photo": Pipeline(model, target="photo")(drawn[title], WHOLE).image
            for title, model in models.items()
            if "sketch_to_photo" in model.config.directions
        }
        rows.append([("Photo", crop_face(photo, 512)[0]), *drawn.items(), *back.items()])
    return rows


def styles() -> list[list[Tile]]:
    """The first portrait in all styles, ACROSS of them in a row."""
    pipeline = facesketch.load()
    tiles = [(name, pipeline(PORTRAITS[0], DrawOptions(style=name, size=512)).image) for name in STYLES]
    return [tiles[start : start + ACROSS] for start in range(0, len(tiles), ACROSS)]


def whole() -> list[list[Tile]]:
    """A picture of two faces, its drawing on paper, and over the photo."""
    gray = (120, 125, 130)
    picture = Image.new("RGB", (1100, 640), gray)
    picture.paste(PORTRAITS[0].rotate(20, Image.Resampling.BICUBIC, fillcolor=gray), (10, 60))
    picture.paste(PORTRAITS[1], (560, 20))
    pipeline = facesketch.load()
    on_paper, over_photo = (pipeline(picture, DrawOptions(frame=frame)).image for frame in ("paper", "photo"))
    return [[("", picture), ("", on_paper), ("", over_photo)]]


def demo_pictures() -> dict[str, Image.Image]:
    """The demo's pictures, by their path in demo/."""
    (_, before), (_, after), *_ = hero()[0]
    card, (width, height) = Image.new("RGB", (1200, 630), "white"), (504, 630)
    for x, picture in ((60, before), (636, after)):
        card.paste(picture.resize((width, height), Image.Resampling.LANCZOS), (x, 0))
    pictures = {"pictures/before": before, "pictures/after": after, "card": card}
    for path, photo in zip(NAMES, PORTRAITS, strict=True):  # thumbnails of examples
        face = crop_face(photo, 256)[0].crop((32, 64, 224, 256))
        pictures[f"pictures/{path.stem}"] = face.resize((96, 96), Image.Resampling.LANCZOS)
    for each in GALLERY:
        photo, options = facesketch.read_image(GALLERY_PHOTOS[each.photo]), DrawOptions(style=each.style, size=512)
        drawn = facesketch.load()(photo, replace(options, frame=each.frame)).image.convert("RGB")
        pictures[f"pictures/{Path(gallery_file(each)).stem}"] = drawn.resize((288, 360), Image.Resampling.LANCZOS)
    return {**pictures, **tab_pictures()}


def tab_pictures() -> dict[str, Image.Image]:
    """The first pictures of Draw, How it works and Round trip, by their path in demo/."""
    pictures = {}
    drawn = facesketch.load()(PORTRAITS[1], SIZE)
    drawn.save(ROOT / "examples" / "grace_hopper_drawing.png")  # which Draw and Compare begin with
    drawing = as_pencil(drawn.image)
    for name in ("cyclegan", "pix2pix"):
        photo = facesketch.load(name, target="photo")(drawing, WHOLE).image
        pictures[f"pictures/imagined-{name}"] = photo.resize((512, 640), Image.Resampling.LANCZOS)
    stages = draw_stages(facesketch.WEIGHTS_DIR / "cyclegan", PORTRAITS[0], facesketch.select_faces(PORTRAITS[0]), 512)
    for name, stage in stages._asdict().items():
        pictures[f"pictures/stage-{name}"] = stage
    crop, model = crop_face(PORTRAITS[0], 256)[0], facesketch.load_model("cyclegan")
    sketch = Pipeline(model)(crop, RAW_OUTPUT).image
    restored = Pipeline(model, target="photo")(sketch, RAW_OUTPUT).image
    error = np.abs(np.asarray(restored.convert("RGB"), float) - np.asarray(crop, float)).mean(-1) / 255
    pictures |= {"pictures/trip-sketch": sketch, "pictures/trip-restored": restored}
    return {**pictures, "pictures/trip-error": error_map(error)}


def demo_replay() -> None:
    """The example's drawing being made, for the demo."""
    sheet = facesketch.load()(PORTRAITS[0], SIZE).sheet
    assert sheet is not None
    (ROOT / "demo" / "pictures" / "replay.json").write_text(json.dumps(replay_data(sheet)), "utf-8")


def contact_sheet(rows: list[list[Tile]], width: int) -> Image.Image:
    """The tiles in rows, each width pixels wide, with the labels that they have above them."""
    shape = rows[0][0][1].size
    height, top = width * shape[1] // shape[0], LABEL_HEIGHT if rows[0][0][0] else 0
    across, down = width + GAP, top + height + GAP
    result = Image.new("RGB", (across * len(rows[0]) - GAP, down * len(rows) - GAP), "white")
    pen, font = ImageDraw.Draw(result), ImageFont.load_default(17)
    for j, tiles in enumerate(rows):
        for i, (label, tile) in enumerate(tiles):
            result.paste(tile.resize((width, height), Image.Resampling.LANCZOS), (i * across, j * down + top))
            pen.text((i * across + 2, j * down + 3), label, fill="black", font=font)
    return result


if __name__ == "__main__":
    for draw, width in ((hero, 420), (styles, 400), (portraits, 300), (whole, 514)):
        contact_sheet(draw(), width).save(ROOT / "docs" / f"{draw.__name__}.png", optimize=True)
    facesketch.load()(PORTRAITS[0], SIZE).save(ROOT / "docs" / "replay.gif", replay=True)
    for name, picture in demo_pictures().items():
        picture.save(ROOT / "demo" / f"{name}.jpg", quality=85)
    demo_replay()

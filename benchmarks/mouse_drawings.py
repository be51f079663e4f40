"""Faces drawn with a mouse, converted to photos: whether what comes back is a face.

`python -m benchmarks.mouse_drawings [--models NAME ...] [--sheet FILE]`: the drawings in tests/drawings, strokes in
JSON, are rendered on white paper as on the page and converted by each model that can. Columns: the share of the photos
in which the detector finds a face whose eyes and mouth are where they were drawn (within TOLERANCE of the width); the
share whose cheeks have the color of skin (SKIN, CIELAB); and ink in the skin: how much darker, in CIELAB lightness, the
photo is under the drawing's lines outside of eyes, nose, mouth and hair than next to them. --sheet writes all drawings
above their photos.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw
from skimage.color import rgb2lab

import facesketch
from facesketch import DrawOptions, Pipeline, find_faces

DRAWINGS = Path(__file__).parents[1] / "tests" / "drawings"
SCALE = 4  # supersampling of the lines
TOLERANCE = 0.06
LANDMARKS = ((0.375, 0.625), (0.625, 0.625), (0.5, 0.855))  # both eyes and the mouth's middle, in widths
SKIN = ((25, 92), (3, 28), (4, 38))  # L, a, b of human skin in photos, from dark to light
CHEEKS = ((0.3, 0.72, 0.4, 0.8), (0.6, 0.72, 0.7, 0.8))  # left, top, right, bottom in widths
SIDE = 256  # pixels, in which ink is looked for


def render(path: Path) -> Image.Image:
    """A drawing, black on white."""
    drawing = json.loads(path.read_text(encoding="utf-8"))
    size = drawing["width"], drawing["height"]
    sheet = Image.new("L", (size[0] * SCALE, size[1] * SCALE), 255)
    pen = ImageDraw.Draw(sheet)
    for stroke in drawing["strokes"]:
        points = [(x * SCALE, y * SCALE) for x, y in stroke["points"]]
        pen.line(points, fill=0, width=round(stroke["width"] * SCALE), joint="curve")
    return sheet.resize(size, Image.Resampling.LANCZOS).convert("RGB")


def has_face(photo: Image.Image) -> bool:
    """Whether the detector finds a face with its eyes and mouth at LANDMARKS."""
    for face in find_faces(photo):
        right, left, _, *mouth = np.array(face.landmarks) / photo.width
        found = np.stack([right, left, np.mean(mouth, 0)])
        if np.hypot(*(found - LANDMARKS).T).max() < TOLERANCE:
            return True
    return False


def has_skin(photo: Image.Image) -> bool:
    """Whether the median of both cheeks has a color of skin."""
    lab = rgb2lab(np.asarray(photo))
    cheeks = [np.median(lab[_box(box, photo.width)].reshape(-1, 3), axis=0) for box in CHEEKS]
    return all(low <= value <= high for cheek in cheeks for value, (low, high) in zip(cheek, SKIN, strict=True))


def ink_in_skin(drawing: Image.Image, photo: Image.Image) -> float:
    """How much darker the photo is under lines on cheeks and forehead than around them; nan without such lines."""
    size = (SIDE, round(SIDE * photo.height / photo.width))
    lightness = rgb2lab(np.asarray(photo.resize(size)))[..., 0].astype(np.float32)
    ink = np.asarray(drawing.convert("L").resize(size)) < 128
    y, x = np.mgrid[: size[1], : size[0]] / SIDE
    skin = np.hypot((x - 0.5) / 0.24, (y - 0.72) / 0.33) < 1
    for center, radii in (((0.375, 0.61), (0.1, 0.09)), ((0.625, 0.61), (0.1, 0.09)), ((0.5, 0.8), (0.1, 0.14))):
        skin &= np.hypot((x - center[0]) / radii[0], (y - center[1]) / radii[1]) > 1
    around = cv2.GaussianBlur(lightness, (0, 0), 6)
    marked = ink & skin
    return float((around - lightness)[marked].mean()) if marked.sum() > 5 else float("nan")


def _box(box: tuple[float, float, float, float], width: int) -> tuple[slice, slice]:
    left, top, right, bottom = (round(value * width) for value in box)
    return slice(top, bottom), slice(left, right)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=["pix2pix", "cyclegan"])
    parser.add_argument("--sheet", type=Path)
    args = parser.parse_args()
    drawings = [render(path) for path in sorted(DRAWINGS.glob("*.json"))]
    rows, options = [drawings], DrawOptions(align="never")
    print("| model | eyes and mouth in place | cheeks of skin | ink in the skin |\n|---|---|---|---|")
    for name in args.models:
        pipeline = Pipeline(facesketch.load_model(name), "photo")
        photos = [pipeline(drawing, options).image for drawing in drawings]
        faces, skins = (np.mean([check(photo) for photo in photos]) for check in (has_face, has_skin))
        ink = np.nanmean([ink_in_skin(*pair) for pair in zip(drawings, photos, strict=True)])
        print(f"| {name} | {faces:.2f} | {skins:.2f} | {ink:.1f} |", flush=True)
        rows.append(photos)
    if args.sheet:
        width, height = 200, 250
        sheet = Image.new("RGB", (width * 10, height * 2 * len(rows)), "white")
        for row, images in enumerate(rows):
            for i, image in enumerate(images):
                place = (i % 10 * width, (i // 10 * len(rows) + row) * height)
                sheet.paste(image.convert("RGB").resize((width, height)), place)
        sheet.save(args.sheet)


if __name__ == "__main__":
    main()

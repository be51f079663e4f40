"""How surely faces are found and how exactly they are brought to the template.

`python -m benchmarks.faces [--data DIR]`: on the CUFS photos and the CUHK test sketches in DIR, whose eyes lie on the
template by construction; on the two portraits in examples/ turned, small, dark, bright, gray, compressed and mirrored,
against how they are aligned as they are; on scikit-image's pictures without people; and how long it takes.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import cv2
import numpy as np
from PIL import Image, ImageOps
from skimage import data

from facesketch import align, find_faces, read_image
from facesketch.faces.geometry import EYES, TEMPLATE, fit, framed, inverse, move, scaling
from train.results.portraits import PORTRAITS

NOBODY = [
    "brick",
    "cell",
    "chelsea",
    "clock",
    "coffee",
    "coins",
    "colorwheel",
    "grass",
    "gravel",
    "horse",
    "hubble_deep_field",
    "immunohistochemistry",
    "logo",
    "microaneurysms",
    "moon",
    "page",
    "retina",
    "rocket",
    "shepp_logan_phantom",
    "stereo_motorcycle",
    "text",
]
INSIDE = np.array([*EYES, (100.0, 180.0)])  # points of the template that must stay: the eyes, about the mouth
WIDE = 32  # pixels, the width of a small face


def on_template(folder: Path, part: str) -> tuple[int, list[float], list[bool]]:
    """Of the pictures in folder/*/part: how many, the eyes' error in each found (mean, pixels), and if it stays put."""
    errors, stays = [], []
    paths = sorted(folder.glob(part))
    for path in paths:
        image = read_image(path)
        faces = find_faces(image)
        if faces:
            matrix = fit(faces[0].points, TEMPLATE[0])
            stays.append(framed(image.size, matrix, TEMPLATE[0]))
            eyes = np.array(faces[0].points[:2])
            errors.append(float(np.hypot(*(eyes - EYES).T).mean()))
    return len(paths), errors, stays


def variants(image: Image.Image, width: float) -> Iterator[tuple[str, Image.Image, np.ndarray]]:
    """Harder versions of a portrait whose face is width pixels wide, each with the matrix to its pixels."""
    same = np.eye(2, 3)
    for angle in range(0, 360, 15):
        turned = image.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=(128, 128, 128))
        matrix = cv2.getRotationMatrix2D((0, 0), angle, 1)
        matrix[:, 2] = (np.array(turned.size) - 1) / 2 - matrix[:, :2] @ ((np.array(image.size) - 1) / 2)
        yield f"turned {angle}", turned, matrix
    small = image.resize([round(side * WIDE / width) for side in image.size], Image.Resampling.LANCZOS)
    yield f"{WIDE} px wide", small, scaling(small.width / image.width, small.height / image.height)
    for name, gain in (("dark", 0.25), ("bright", 2)):
        yield name, image.point(lambda value, gain=gain: min(255, round(value * gain))), same
    yield "gray", image.convert("L").convert("RGB"), same
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=10)
    yield "JPEG 10", read_image(buffer.getvalue()), same
    yield "mirrored", ImageOps.mirror(image), np.array([[-1.0, 0, image.width - 1], [0, 1, 0]])


def shifts(image: Image.Image) -> dict[str, float]:
    """How far each variant is aligned from the portrait itself, in pixels of the template; infinite where not found."""
    face = find_faces(image)[0]
    inside = move(INSIDE, inverse(fit(face.points, TEMPLATE[0])))
    result = {}
    for name, variant, matrix in variants(image, face.box[2]):
        faces = find_faces(variant)
        expected = INSIDE * (-1, 1) + (2 * 100, 0) if name == "mirrored" else INSIDE
        off = (
            move(move(inside, matrix), fit(faces[0].points, TEMPLATE[0])) - expected
            if faces
            else np.full((1, 2), np.inf)
        )
        result[name] = float(np.hypot(*off.T).max())
    return result


def nobody(name: str) -> Image.Image:
    """One of scikit-image's pictures without people, as RGB."""
    pixels = getattr(data, name)()
    pixels = pixels[0] if isinstance(pixels, tuple) else pixels  # of a stereo pair the left picture
    pixels = (pixels * 255).astype(np.uint8) if pixels.dtype != np.uint8 else pixels
    return Image.fromarray(pixels[..., :3] if pixels.ndim == 3 else pixels).convert("RGB")


def seconds(image: Image.Image, repeats: int = 15) -> list[float]:
    """How long finding and aligning takes, once each."""
    align(image, find_faces(image)[0])
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        align(image, find_faces(image)[0])
        taken.append(time.perf_counter() - start)
    return taken


def import_seconds() -> float:
    """What importing the finding of faces costs after torch and Pillow, which the models need anyway; least of 5."""
    code = (
        "import torch, numpy, PIL.Image, time; start = time.perf_counter(); import cv2, facesketch.faces; "
        "print(time.perf_counter() - start)"
    )
    return min(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(5))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="a folder with cuhk/, ar/ and xm2vts/, photos/ and sketches/ in each")
    folder = parser.parse_args().data
    for what, part in (("CUFS photos", "*/photos/*"), ("CUHK test sketches", "cuhk/sketches/test-*")) if folder else ():
        count, errors, stays = on_template(folder, part)
        print(f"{what}: a face in {len(errors)} of {count}; eyes off by {median(errors):.2f} px in the median, "
              f"{np.percentile(errors, 95):.2f} at 95 %; {sum(stays)} pass through unchanged")  # fmt: skip
    every = []
    for path in PORTRAITS:
        off = shifts(read_image(path))
        every += off.values()
        worst = sorted(off, key=off.get)[-3:]
        found, near = (sum(v < most for v in off.values()) for most in (np.inf, 6))
        print(f"{path.stem}: {found} of {len(off)} variants found, {near} within 6 px; worst "
              f"{', '.join(f'{name} {off[name]:.1f}' for name in worst)}")  # fmt: skip
    print(f"both: {np.mean(np.isfinite(every)):.1%} found, {np.mean(np.array(every) < 6):.1%} found within 6 px")
    seen = [name for name in NOBODY if find_faces(nobody(name))]
    print(f"pictures without people: a face in {len(seen)} of {len(NOBODY)} {' '.join(seen)}")
    taken = seconds(read_image(PORTRAITS[0]).resize((1024, 1024), Image.Resampling.LANCZOS))
    print(f"finding and aligning at 1024 px: {median(taken) * 1e3:.0f} ms median, {min(taken) * 1e3:.0f} least")
    print(f"importing: {import_seconds():.2f} s")


if __name__ == "__main__":
    main()

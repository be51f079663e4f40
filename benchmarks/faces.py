"""How reliably faces are found, and how accurately they are aligned.

`python -m benchmarks.faces [--data DIR]`: on the CUFS photos and the CUHK test sketches in DIR, whose eyes are on the
template by construction; on the two portraits in examples/ rotated, small, dark, bright, gray, compressed and
mirrored, compared with the alignment of the originals; on scikit-image's pictures without people; and its time.
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

from facesketch import align_face, find_faces, read_image
from facesketch.face.template import EYES, TEMPLATE_SIZE, is_aligned, template_transform
from facesketch.image.affine import invert, scaling, transform_points
from train.results.portraits import PORTRAITS

WITHOUT_PEOPLE = [
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
REFERENCE_POINTS = np.array([*EYES, (100.0, 180.0)])  # of the template: the eyes, and about the mouth
SMALL_WIDTH = 32  # pixels, of a small face
ACCURATE = 6  # pixels of the template


def measure_on_template(folder: Path, part: str) -> tuple[int, list[float], list[bool]]:
    """For the pictures in folder/*/part: their number, the eyes' mean error in pixels, and which count as aligned."""
    errors, aligned = [], []
    paths = sorted(folder.glob(part))
    for path in paths:
        image = read_image(path)
        faces = find_faces(image)
        if faces:
            transform = template_transform(faces[0].landmarks, TEMPLATE_SIZE[0])
            aligned.append(is_aligned(image.size, transform, TEMPLATE_SIZE[0]))
            eyes = np.array(faces[0].landmarks[:2])
            errors.append(float(np.hypot(*(eyes - EYES).T).mean()))
    return len(paths), errors, aligned


def variants(image: Image.Image, width: float) -> Iterator[tuple[str, Image.Image, np.ndarray]]:
    """Harder versions of a portrait whose face is width pixels wide, each with the transform to its pixels."""
    same = np.eye(2, 3)
    for angle in range(0, 360, 15):
        rotated = image.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=(128, 128, 128))
        matrix = cv2.getRotationMatrix2D((0, 0), angle, 1)
        matrix[:, 2] = (np.array(rotated.size) - 1) / 2 - matrix[:, :2] @ ((np.array(image.size) - 1) / 2)
        yield f"rotated {angle}", rotated, matrix
    small = image.resize([round(side * SMALL_WIDTH / width) for side in image.size], Image.Resampling.LANCZOS)
    yield f"{SMALL_WIDTH} px wide", small, scaling(small.width / image.width, small.height / image.height)
    for name, gain in (("dark", 0.25), ("bright", 2)):
        yield name, image.point(lambda value, gain=gain: min(255, round(value * gain))), same
    yield "gray", image.convert("L").convert("RGB"), same
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=10)
    yield "JPEG 10", read_image(buffer.getvalue()), same
    yield "mirrored", ImageOps.mirror(image), np.array([[-1.0, 0, image.width - 1], [0, 1, 0]])


def alignment_errors(image: Image.Image) -> dict[str, float]:
    """How far off each variant is aligned, in pixels of the template; infinite where no face is found."""
    face = find_faces(image)[0]
    points = transform_points(REFERENCE_POINTS, invert(template_transform(face.landmarks, TEMPLATE_SIZE[0])))
    result = {}
    for name, variant, matrix in variants(image, face.box[2]):
        faces = find_faces(variant)
        expected = REFERENCE_POINTS * (-1, 1) + (2 * 100, 0) if name == "mirrored" else REFERENCE_POINTS
        off = (
            transform_points(transform_points(points, matrix), template_transform(faces[0].landmarks, TEMPLATE_SIZE[0]))
            - expected
            if faces
            else np.full((1, 2), np.inf)
        )
        result[name] = float(np.hypot(*off.T).max())
    return result


def picture_without_people(name: str) -> Image.Image:
    """One of scikit-image's pictures without people, as RGB."""
    pixels = getattr(data, name)()
    pixels = pixels[0] if isinstance(pixels, tuple) else pixels  # the left one of a stereo pair
    pixels = (pixels * 255).astype(np.uint8) if pixels.dtype != np.uint8 else pixels
    return Image.fromarray(pixels[..., :3] if pixels.ndim == 3 else pixels).convert("RGB")


def seconds(image: Image.Image, repeats: int = 15) -> list[float]:
    """The time that finding and aligning takes, for each repetition."""
    align_face(image, find_faces(image)[0])
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        align_face(image, find_faces(image)[0])
        taken.append(time.perf_counter() - start)
    return taken


def import_seconds() -> float:
    """The import time of face detection after torch and Pillow, which the models need anyway: the least of 5."""
    code = (
        "import torch, numpy, PIL.Image, time; start = time.perf_counter(); import cv2, facesketch.face; "
        "print(time.perf_counter() - start)"
    )
    return min(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(5))


def main() -> None:
    """Print all measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="a folder with cuhk/, ar/ and xm2vts/, photos/ and sketches/ in each")
    folder = parser.parse_args().data
    parts = {"CUFS photos": "*/photos/*", "CUHK test sketches": "cuhk/sketches/test-*"} if folder else {}
    for name, part in parts.items():
        count, errors, aligned = measure_on_template(folder, part)
        print(
            f"{name}: a face in {len(errors)} of {count}; error of the eyes {median(errors):.2f} px median, "
            f"{np.percentile(errors, 95):.2f} at 95 %; {sum(aligned)} count as aligned already"
        )
    all_errors: list[float] = []
    for path in PORTRAITS:
        errors_by_variant = alignment_errors(read_image(path))
        values = list(errors_by_variant.values())
        all_errors += values
        worst = sorted(errors_by_variant.items(), key=lambda item: item[1])[-3:]
        found, accurate = (sum(value < limit for value in values) for limit in (np.inf, ACCURATE))
        print(
            f"{path.stem}: {found} of {len(values)} variants found, {accurate} within {ACCURATE} px; worst "
            f"{', '.join(f'{name} {value:.1f}' for name, value in worst)}"
        )
    found, accurate = (np.mean(np.array(all_errors) < limit) for limit in (np.inf, ACCURATE))
    print(f"both: {found:.1%} found, {accurate:.1%} found within {ACCURATE} px")
    false = [name for name in WITHOUT_PEOPLE if find_faces(picture_without_people(name))]
    print(f"pictures without people: a face in {len(false)} of {len(WITHOUT_PEOPLE)} {' '.join(false)}")
    taken = seconds(read_image(PORTRAITS[0]).resize((1024, 1024), Image.Resampling.LANCZOS))
    print(f"finding and aligning at 1024 px: {median(taken) * 1e3:.0f} ms median, {min(taken) * 1e3:.0f} minimum")
    print(f"importing: {import_seconds():.2f} s")


if __name__ == "__main__":
    main()

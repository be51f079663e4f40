"""python -m facesketch: pictures in, pictures out."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

from PIL import Image

from . import ImageError, NoFaceError, Translator, WeightsError, available, load, read_image
from .faces import crop_face

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"}


def parser() -> argparse.ArgumentParser:
    """The command line's arguments."""
    p = argparse.ArgumentParser(
        prog="facesketch", description="Turn face photos into pencil sketches, or sketches into photos."
    )
    p.add_argument("inputs", nargs="+", type=Path, metavar="IN", help="pictures, or folders of pictures")
    p.add_argument(
        "--out", type=Path, required=True, help="a file for one picture, else a folder (one PNG each, same stem)"
    )
    p.add_argument("--model", help=f"{', '.join(available())}, a folder, or a Hub repo id[@revision]")
    p.add_argument("--to", choices=("sketch", "photo"), default="sketch")
    p.add_argument(
        "--align", choices=("auto", "never"), default="auto", help="never: the whole picture is the face already"
    )
    p.add_argument("--json", action="store_true", help="one JSON object a line: in, out, faces, seconds")
    return p


def plan(inputs: list[Path], out: Path) -> list[tuple[Path, Path]]:
    """Each picture with the file it goes to. Raises ValueError where two pictures would go to one file."""
    files: list[Path] = []
    for path in inputs:
        files += sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
    if len(inputs) == 1 and not inputs[0].is_dir() and not out.is_dir():
        return [(inputs[0], out)]
    if out.exists() and not out.is_dir():
        raise ValueError(f"{out} is a file; several pictures need a folder.")
    jobs = [(path, out / f"{path.stem}.png") for path in files]
    targets = [target for _, target in jobs]
    doubled = next((target for target in targets if targets.count(target) > 1), None)
    if doubled:
        raise ValueError(f"Two pictures would become {doubled}.")
    return jobs


def convert(model: Translator, source: Path, target: Path, direction: str, align: str) -> dict:
    """Translate one file into another. Returns what --json prints. Raises ImageError, NoFaceError or OSError."""
    start = time.perf_counter()
    image = read_image(source)
    faces = None
    if align == "auto":
        image, found = crop_face(image, model.size)
        faces = len(found)
    result = model.translate(image, direction, align="never")
    target.parent.mkdir(parents=True, exist_ok=True)
    kind = Image.registered_extensions().get(target.suffix.lower(), "PNG")
    partial = target.with_name(f".{target.name}.part")
    try:
        result.save(partial, format=kind)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return {"in": str(source), "out": str(target), "faces": faces, "seconds": round(time.perf_counter() - start, 3)}


def main(argv: list[str] | None = None) -> int:
    """Run the command line. Returns 0 where all is done, 1 where some failed; wrong usage exits with 2."""
    p = parser()
    args = p.parse_args(argv)
    direction = "photo_to_sketch" if args.to == "sketch" else "sketch_to_photo"
    try:
        jobs = plan(args.inputs, args.out)
    except ValueError as error:
        p.error(str(error))
    name = args.model or ("pix2pix" if args.to == "sketch" else "cyclegan")
    try:
        model = load(name)
    except WeightsError as error:
        print(f"facesketch: {error}", file=sys.stderr)
        return 1
    if direction not in model.directions:
        p.error(f"{name} makes no {args.to}s.")
    failed = 0
    for source, target in jobs:
        try:
            done = convert(model, source, target, direction, args.align)
            print(json.dumps(done) if args.json else f"{source} -> {target}")
        except (ImageError, NoFaceError, OSError) as error:
            hint = " (--align never takes the whole picture)" if isinstance(error, NoFaceError) else ""
            print(f"facesketch: {source}: {error}{hint}", file=sys.stderr)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""python -m facesketch: pictures in, pictures out."""

from __future__ import annotations

import argparse
import io
import json
import logging
import sys
import time
from pathlib import Path

from PIL import Image

from . import DEFAULT, ImageError, NoFaceError, Translator, WeightsError, available, load, read_image
from .detail import STROKES
from .faces.choose import Box, choose, read_box
from .files import write
from .look import FRAMES, GROUNDS

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"}
SIZES = (256, 512, 1024, "auto")
CLEAR = {"PNG", "WEBP", "TIFF"}  # formats that keep what is transparent


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
    p.add_argument(
        "--faces", choices=("largest", "all"), help="by default the largest as a crop, all in a whole picture"
    )
    p.add_argument("--box", type=box, help="X,Y,WIDTH,HEIGHT in pixels around the face, from the brow to the chin")
    p.add_argument(
        "--frame", choices=FRAMES, default="crop", help="paper, photo: the whole picture, drawn on white or over it"
    )
    p.add_argument("--size", type=width, choices=SIZES, default="auto", help="a face's width; auto: as in the photo")
    p.add_argument("--detail", choices=("on", "off"), default="on", help="off: no more than the generator draws")
    p.add_argument("--ground", choices=GROUNDS, default="paper", help="what is not the person: white, drawn or clear")
    p.add_argument("--strokes", type=share, default=STROKES, help=f"0 to 1, how much of the hand ({STROKES})")
    p.add_argument("--style", metavar="NAME", help="one of a model's styles; by default its first")
    p.add_argument("--json", action="store_true", help="one JSON object a line: in, out, faces, seconds")
    return p


def box(text: str) -> Box:
    """A box's four numbers. Raises argparse.ArgumentTypeError."""
    try:
        return read_box(text)
    except NoFaceError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def width(text: str) -> int | str:
    """One of SIZES. Raises ValueError."""
    return text if text == "auto" else int(text)


def share(text: str) -> float:
    """A number from 0 to 1. Raises ValueError and argparse.ArgumentTypeError."""
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"it is from 0 to 1, not {text}")
    return value


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


def convert(model: Translator, source: Path, target: Path, direction: str, args: argparse.Namespace) -> list[dict]:
    """Translate one file into another, or into one for each face: out.png, out-face2.png and on.

    Returns what --json prints. Raises ImageError, NoFaceError or OSError.
    """
    start = time.perf_counter()
    image = read_image(source)
    how = {name: getattr(args, name) for name in ("size", "ground", "strokes", "style")} | {
        "detail": args.detail == "on"
    }
    if args.align == "never":
        faces, results = None, [model.translate(image, direction, align="never", **how)]
    else:
        faces = choose(image, args.box)
        everyone = args.faces == "all" or (args.faces is None and args.frame != "crop")
        drawn = faces if everyone else faces[:1]
        parts = [[face] for face in drawn] if args.frame == "crop" else [drawn]
        results = [model.translate(image, direction, faces=part, frame=args.frame, **how) for part in parts]
        for warning in dict.fromkeys(warning for face in drawn for warning in face.warnings):
            print(f"facesketch: {source}: {warning}", file=sys.stderr)
    done = []
    for number, result in enumerate(results, 1):
        out = target if number == 1 else target.with_name(f"{target.stem}-face{number}{target.suffix}")
        save(result, out)
        done.append({"in": str(source), "out": str(out), "faces": None if faces is None else len(faces)})
    seconds = round(time.perf_counter() - start, 3)
    return [{**line, "seconds": seconds} for line in done]


def kind(target: Path) -> str:
    """The format of a file's suffix, else PNG."""
    return Image.registered_extensions().get(target.suffix.lower(), "PNG")


def save(picture: Image.Image, target: Path) -> None:
    """Write a picture in the format of its suffix, whole or not at all. Raises OSError."""
    data = io.BytesIO()
    picture.save(data, format=kind(target))
    write(target, data.getvalue())


def main(argv: list[str] | None = None) -> int:
    """Run the command line. Returns 0 where all is done, 1 where some failed; wrong usage exits with 2."""
    p = parser()
    args = p.parse_args(argv)
    logging.basicConfig(format="facesketch: %(message)s")
    logging.getLogger("facesketch").setLevel(logging.INFO)  # the commit that a Hub repo is at
    direction = "photo_to_sketch" if args.to == "sketch" else "sketch_to_photo"
    try:
        jobs = plan(args.inputs, args.out)
    except ValueError as error:
        p.error(str(error))
    if args.align == "never" and (args.box or args.faces or args.frame != "crop"):
        p.error("--align never takes the whole picture, so --box, --faces and --frame say nothing.")
    for _, target in jobs if args.ground == "clear" else ():
        if kind(target) not in CLEAR:
            p.error(f"{target}: what is clear is kept in PNG, WebP and TIFF alone.")
    name = args.model or DEFAULT
    try:
        model = load(name)
    except WeightsError as error:
        print(f"facesketch: {error}", file=sys.stderr)
        return 1
    if direction not in model.directions:
        p.error(f"{name} makes no {args.to}s.")
    if args.style and args.style not in model.styles:
        p.error(f"{name} has no style {args.style}; it has {', '.join(model.styles) or 'one with no name'}.")
    failed = 0
    for source, target in jobs:
        try:
            for done in convert(model, source, target, direction, args):
                print(json.dumps(done) if args.json else f"{source} -> {done['out']}")
        except (ImageError, NoFaceError, OSError) as error:
            hint = " (--align never takes the whole picture, --box a part)" if isinstance(error, NoFaceError) else ""
            print(f"facesketch: {source}: {error}{hint}", file=sys.stderr)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())

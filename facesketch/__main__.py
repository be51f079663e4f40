"""python -m facesketch, and the command facesketch: pictures in, pictures out."""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import sys

from tqdm import tqdm

from . import DEFAULT, NoFaceError, Translator, WeightsError, load
from .command import export
from .command.arguments import parser
from .command.drawing import Drawn, draw_all
from .command.jobs import STREAM, Names, Plan, plan
from .command.results import CLEAR, kind, save
from .hub.checked import NoModelError


def keep(done: Drawn, names: Names) -> list[dict]:
    """Write what was drawn: into the target, and for each further face into target-face2 and on.

    Returns what --json prints. Raises OSError, ValueError where a file may not be overwritten, and done's own error.
    """
    if done.error:
        raise done.error
    lines = []
    for number, picture in enumerate(done.pictures, 1):
        out, target = done.target, done.target
        if number > 1:
            out = names.take(target.with_name(f"{target.stem}-face{number}{target.suffix}"))
        names.check(out, done.source)
        save(picture, out)
        lines.append({"in": str(done.source), "out": str(out), "faces": done.faces, "seconds": done.seconds})
    return lines


def told(error: Exception) -> str:
    """What went wrong, in a sentence for a person, whatever was raised."""
    if isinstance(error, NoFaceError):
        return f"{error} (--align never takes the whole picture, --box a part)"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    if isinstance(error, ValueError) and str(error):
        return str(error)
    first = next(iter(str(error).splitlines()), "")
    return f"It cannot be drawn ({type(error).__name__}{': ' if first else ''}{first})."


def say(text: str) -> None:
    """A line for a person."""
    tqdm.write(f"facesketch: {text}", file=sys.stderr)


def every(model: Translator, made: Plan, names: Names, direction: str, args: argparse.Namespace) -> int:
    """Draw what is planned; one that fails is named, and the rest is done. Returns how many failed."""
    for text in [*made.notes, *made.failed]:
        say(text)
    failed, streamed = len(made.failed), any(target == STREAM for _, target in made.jobs)
    lines = sys.stderr if streamed else sys.stdout  # standard output holds the picture, and nothing else
    quiet = len(made.jobs) < 2 or not sys.stderr.isatty()
    drawn = draw_all(model, made.jobs, direction, args, names)
    for done in tqdm(drawn, total=len(made.jobs), unit="picture", leave=False, disable=quiet):
        for warning in done.warnings:
            say(f"{done.source}: {warning}")
        try:
            written = keep(done, names)
        except Exception as error:  # whatever a picture or a disk brings it to
            say(f"{done.source}: {told(error)}")
            failed += 1
            continue
        for line in written:
            tqdm.write(json.dumps(line) if args.json else f"{done.source} -> {line['out']}", file=lines)
    return failed


def checked(p: argparse.ArgumentParser, args: argparse.Namespace) -> tuple[Plan, Names]:
    """What is to be drawn, after all that can be said without a model; wrong usage exits with 2."""
    if args.align == "never" and (args.box or args.faces or args.frame != "crop"):
        p.error("--align never takes the whole picture, so --box, --faces and --frame say nothing.")
    if args.style and args.to == "photo":
        p.error("--style is of sketches; a photo has none.")
    try:
        made, names = plan(args.inputs, args.out, args.recursive, args.force)
    except (ValueError, OSError) as error:
        p.error(told(error))
    for _, target in made.jobs:
        if args.ground == "clear" and kind(target) not in CLEAR:
            p.error(f"{target}: what is clear is kept in PNG, WebP and TIFF alone.")
        if target == STREAM and args.faces == "all" and args.frame == "crop":
            p.error("Standard output takes one picture, so --faces all needs a file or a folder.")
    return made, names


def run(argv: list[str] | None) -> int:
    """What main does, for all that is not stopped."""
    said = sys.argv[1:] if argv is None else argv
    if said[:1] == ["export"] and "--out" not in said:  # with --out it is a folder of that name
        return export.run(said[1:], say, told)
    p = parser()
    args = p.parse_args(said)
    made, names = checked(p, args)
    direction, name = "photo_to_sketch" if args.to == "sketch" else "sketch_to_photo", args.model or DEFAULT
    try:
        model = load(name).to(args.device)
    except NoModelError as error:
        p.error(str(error))
    except WeightsError as error:
        say(str(error))
        return 1
    if direction not in model.directions:
        p.error(f"{name} makes no {'sketches' if args.to == 'sketch' else 'photos'}.")
    if args.style and args.style not in model.styles:
        p.error(f"{name} has no style {args.style}; it has {', '.join(model.styles) or 'one with no name'}.")
    return 1 if every(model, made, names, direction, args) else 0


def main(argv: list[str] | None = None) -> int:
    """Run the command line. Returns 0 where all is done, 1 where some failed; wrong usage exits with 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names that the console's alphabet lacks
    logging.basicConfig(format="facesketch: %(message)s")
    logging.getLogger("facesketch").setLevel(logging.INFO)  # the commit that a Hub repo is at
    try:
        return run(argv)
    except KeyboardInterrupt:
        say("Stopped; what is drawn so far is whole.")
        return 130
    except BrokenPipeError:  # who reads the lines has gone: nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    raise SystemExit(main())

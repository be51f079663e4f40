"""The command facesketch: pictures in, pictures out."""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import sys
from threading import RLock
from typing import TYPE_CHECKING

from tqdm import tqdm

from .. import load_model
from ..errors import ModelNotFoundError, NoFaceError, OptionError, WeightsError
from ..image.save import TRANSPARENT_FORMATS, encode, output_format
from ..options import DrawOptions
from .arguments import draw_options, parser
from .jobs import STREAM, OutputNamer, Plan, plan_jobs

if TYPE_CHECKING:  # what needs PyTorch or OpenCV is imported when it is used, so that --help does not wait for them
    from .. import Pipeline
    from .drawing import JobResult


def save_results(
    result: JobResult, names: OutputNamer, replay: bool = False, pen_mm: float | None = None
) -> list[dict[str, object]]:
    """Write the drawings of a picture: to its target, and for further faces to target-face2, target-face3, ...

    replay, pen_mm: as in save_drawing.
    Returns what --json prints. Raises OSError, ValueError where a file may not be overwritten, and the result's error.
    """
    from ..strokes.save import save_drawing

    if result.error:
        raise result.error
    lines: list[dict[str, object]] = []
    for number, drawing in enumerate(result.drawings, 1):
        out = target = result.job.target
        if number > 1:
            out = names.reserve(target.with_name(f"{target.stem}-face{number}{target.suffix}"))
        names.check(out, result.job.source)
        if out == STREAM:
            sys.stdout.buffer.write(encode(drawing.image, "PNG"))
            sys.stdout.buffer.flush()
        else:
            save_drawing(drawing.image, drawing.sheet, out, replay, pen_mm)
        seconds = round(result.seconds, 3)
        lines.append({"in": str(result.job.source), "out": str(out), "faces": result.n_faces, "seconds": seconds})
    return lines


def error_message(error: Exception) -> str:
    """One sentence about any error."""
    if isinstance(error, NoFaceError) and error.message.code == "face.not_found":
        return f"{error} (use --box for a part of the picture, or --align never for all of it)"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    if isinstance(error, ValueError) and str(error):
        return str(error)
    first_line = next(iter(str(error).splitlines()), "")
    return f"It cannot be drawn ({type(error).__name__}{': ' if first_line else ''}{first_line})."


def print_error(text: str) -> None:
    """Print a line for the user, above a progress bar."""
    tqdm.write(f"facesketch: {text}", file=sys.stderr)


def run_jobs(pipeline: Pipeline, plan: Plan, names: OutputNamer, options: DrawOptions, args: argparse.Namespace) -> int:
    """Draw what is planned; a failure is reported and does not stop the rest. Returns how many failed."""
    from .drawing import FaceChoice, draw_jobs

    for text in [*plan.notes, *plan.errors]:
        print_error(text)
    n_failed, to_stdout = len(plan.errors), any(job.target == STREAM for job in plan.jobs)
    lines = sys.stderr if to_stdout else sys.stdout  # standard output then holds the picture and nothing else
    quiet = len(plan.jobs) < 2 or not sys.stderr.isatty()
    results = draw_jobs(pipeline, plan.jobs, options, FaceChoice(args.box, args.faces), names, args.batch)
    for result in tqdm(results, total=len(plan.jobs), unit="picture", leave=False, disable=quiet):
        for warning in result.warnings:
            print_error(f"{result.job.source}: {warning}")
        try:
            written = save_results(result, names, args.replay, args.pen)
        except Exception as error:  # pictures and disks raise all kinds of errors
            text, source = error_message(error), str(result.job.source)
            print_error(text if source in text else f"{source}: {text}")
            n_failed += 1
            continue
        for line in written:
            tqdm.write(json.dumps(line) if args.json else f"{line['in']} -> {line['out']}", file=lines)
    return n_failed


def validate_args(p: argparse.ArgumentParser, args: argparse.Namespace) -> tuple[Plan, OutputNamer, DrawOptions]:
    """Check all that can be checked without a model. Exits with 2 for wrong usage."""
    from ..strokes.save import needs_strokes

    if args.align == "never" and (args.box or args.faces or args.frame != "crop"):
        p.error("--align never draws the picture as it is, so --box, --faces and --frame do not apply.")
    if args.box and args.faces:
        p.error("--box chooses one face, so --faces does not apply.")
    if args.style and args.to == "photo":
        p.error("--style applies to sketches, not to photos.")
    try:
        options = draw_options(args)
        suffix = ".svg" if args.pen else ".mp4" if args.replay else ".png"
        plan, names = plan_jobs(args.inputs, args.out, args.recursive, args.force, suffix)
        is_in_strokes = args.to == "sketch" and options.finish == "strokes" and options.frame != "photo"
        for job in plan.jobs:
            if needs_strokes(job.target, args.replay, args.pen) and not is_in_strokes:
                raise OptionError("save.no_strokes")
    except (ValueError, OSError) as error:
        p.error(error_message(error))
    for job in plan.jobs:
        if options.background == "transparent" and output_format(job.target) not in TRANSPARENT_FORMATS:
            p.error(f"{job.target}: only {', '.join(TRANSPARENT_FORMATS)} files keep transparency.")
        if job.target == STREAM and args.faces == "all" and options.frame == "crop":
            p.error("Standard output takes one picture; --faces all needs a file or a folder.")
    return plan, names, options


def run(argv: list[str] | None) -> int:
    """Run the command line, without handling interrupts."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments[:1] == ["export"] and "--out" not in arguments:  # with --out it is a folder of that name
        from . import export

        return export.run(arguments[1:], print_error, error_message)
    p = parser()
    args = p.parse_args(arguments)
    from ..pipeline import Pipeline

    plan, names, options = validate_args(p, args)
    try:
        pipeline = Pipeline(load_model(args.model), args.to).to(args.device)
        pipeline.validate(options)
    except ModelNotFoundError as error:
        p.error(str(error))
    except OptionError as error:
        p.error(f"{args.model}: {error}")
    except WeightsError as error:
        print_error(str(error))
        return 1
    try:
        return 1 if run_jobs(pipeline, plan, names, options, args) else 0
    except KeyboardInterrupt:
        print_error("Stopped. The drawings written so far are complete.")
        return 130


def main(argv: list[str] | None = None) -> int:
    """Run the command line. Returns 0 if all is done, 1 if some failed; wrong usage exits with 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for names that the console's encoding lacks
    tqdm.set_lock(RLock())  # the default one may start a process, with the working directory on its path
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")  # what fails is one sentence
    logging.basicConfig(format="facesketch: %(message)s")
    logging.getLogger("facesketch").setLevel(logging.INFO)  # shows the commit of a Hub repo
    try:
        return run(argv)
    except KeyboardInterrupt:
        return 130
    except OSError as error:  # from writing to standard output
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python's exit would fail on it again
        if not isinstance(error, BrokenPipeError):  # which means that the reader has gone
            print_error(error_message(error))
        return 1

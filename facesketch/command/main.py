"""The command facesketch: pictures in, pictures out."""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import sys
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from tqdm import tqdm

from .. import load_model
from ..errors import ModelNotFoundError, NoFaceError, OptionError, WeightsError
from ..image.save import TRANSPARENT_FORMATS, encode, output_format
from ..options import DrawOptions
from .arguments import draw_options, parser
from .jobs import STREAM, FileJob, OutputNamer, Plan, plan_jobs
from .manifest import ListRun, PathNamer, SettingsError, Shard, check_settings, settings_of

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


def draw_list(pipeline: Pipeline, names: PathNamer, options: DrawOptions, args: argparse.Namespace) -> int:
    """Draw the pictures of a manifest that are not done yet, with a JSON line for each. Returns how many failed."""
    from .drawing import FaceChoice

    out, suffix = Path(args.out), folder_suffix(args)

    def save(result: JobResult) -> list[str]:
        return [str(line["out"]) for line in save_results(result, names, args.replay, args.pen)]

    check_settings(out, settings_of(pipeline, options, faces=args.faces, format=suffix, pen=args.pen))
    batch_size = args.batch or pipeline.default_batch_size
    work = ListRun(pipeline, options, FaceChoice(which=args.faces), names, save, error_message, batch_size)
    counts = work.draw(args.manifest, out, suffix, args.shard or Shard())
    print_error(", ".join(f"{counts[status]} {status}" for status in ("drawn", "unchanged", "failed")) + ".")
    return counts["failed"]


def folder_suffix(args: argparse.Namespace) -> str:
    """The suffix of the files that are written to a folder."""
    return ".svg" if args.pen else ".mp4" if args.replay else ".png"


def validate_manifest(p: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """Check what a manifest, or none, demands of the other arguments. Exits with 2 for wrong usage."""
    if args.manifest is None:
        if args.shard:
            p.error("--shard is a part of a --manifest.")
        if not args.inputs:
            p.error("the following arguments are required: IN")
        return
    if args.inputs or args.box:
        p.error(f"--manifest lists the pictures, so {'--box does' if args.box else 'other pictures do'} not apply.")
    if not args.out or args.out in ("-", "/dev/stdout") or (os.path.exists(args.out) and not os.path.isdir(args.out)):
        p.error("--out must be a folder with --manifest.")
    if args.manifest != "-" and not os.path.exists(args.manifest):
        p.error(f"{args.manifest}: No such file or folder.")
    if os.path.realpath(args.manifest) == os.path.realpath(args.out):
        p.error("--out is the folder of the pictures; use another one.")


def validate_args(p: argparse.ArgumentParser, args: argparse.Namespace) -> tuple[Plan, OutputNamer, DrawOptions]:
    """Check all that can be checked without a model. Exits with 2 for wrong usage."""
    from ..strokes.save import needs_strokes

    validate_manifest(p, args)
    if args.align == "never" and (args.box or args.faces or args.frame != "crop"):
        p.error("--align never draws the picture as it is, so --box, --faces and --frame do not apply.")
    if args.box and args.faces:
        p.error("--box chooses one face, so --faces does not apply.")
    if args.style and args.to == "photo":
        p.error("--style applies to sketches, not to photos.")
    try:
        options = draw_options(args)
        suffix = folder_suffix(args)
        plan = Plan()
        names: OutputNamer = PathNamer(args.force)
        if args.manifest is not None:
            plan.jobs = [FileJob(Path("any"), Path(f"any{suffix}"))]  # whose format is checked below
        else:
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
        if isinstance(names, PathNamer):
            return 1 if draw_list(pipeline, names, options, args) else 0
        return 1 if run_jobs(pipeline, plan, names, options, args) else 0
    except SettingsError as error:
        p.error(str(error))
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

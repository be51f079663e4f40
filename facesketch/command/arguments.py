"""The arguments of the command line. Those of a drawing are derived from DrawOptions."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import fields

from .. import DEFAULT_MODEL, available_models
from ..errors import FacesketchError
from ..options import MAX_PEN_MM, MIN_PEN_MM, SPECS, DrawOptions
from ..version import __version__
from .manifest import Shard

MAX_BATCH_SIZE = 64
USAGE = "facesketch IN... --out OUT [options]\n       facesketch export NAME --onnx FILE [options]"
EXAMPLES = """examples:
  facesketch me.jpg --out sketch.png                          draw the largest face of a photo
  facesketch me.jpg --out sketch.png --size 1024              1024 pixels wide
  facesketch me.jpg --out sketch.png --background transparent nothing behind the person
  facesketch me.jpg --out sketch.svg                          vector graphics for Inkscape
  facesketch me.jpg --out sketch.svg --pen 0.5                lines for a plotter with a pen of 0.5 mm
  facesketch me.jpg --out sketch.mp4 --replay                 the sketch being drawn
  facesketch photos/ --out sketches/                          a folder: photos/me.jpg becomes sketches/me.png
  facesketch photos/ --out sketches/ --recursive              with its subfolders
  facesketch group.jpg --out all.png --frame photo            every face, drawn over the photo
  facesketch group.jpg --out her.png --box 690,140,110,120    the face in that box
  facesketch sketch.png --out photo.png --to photo            a sketch to a photo
  facesketch --manifest photos.txt --out sketches/            the pictures that a file lists, one path per line
  curl ... | facesketch - --out - > sketch.png                standard input to standard output
  facesketch export pix2pix --onnx pix2pix.onnx               a model for other programs; see export --help

An OUT that is one of the inputs, or that facesketch did not write, is skipped with a warning unless you pass --force.
One failure does not stop the rest. Exit status: 0 all done, 1 some failed, 2 wrong usage."""


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    p = argparse.ArgumentParser(
        prog="facesketch",
        usage=USAGE,
        description="Turn face photos into pencil sketches, or sketches into photos.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument("inputs", nargs="*", metavar="IN", help="pictures, folders of pictures, or - for standard input")
    p.add_argument("--version", action="version", version=f"facesketch {__version__}")

    files = p.add_argument_group("files")
    files.add_argument(
        "--out",
        required=True,
        help="a file for one picture (its suffix decides the format), - for standard output, or a folder; what ends in "
        "/ is a folder, created if it is missing",
    )
    files.add_argument("--replay", action="store_true", help="write how the sketch is drawn, as .mp4, .gif or .webp")
    files.add_argument(
        "--pen",
        type=_checked(_pen_width),
        metavar="MM",
        help=f"write lines for a plotter as .svg; MM: width of the pen in millimeters, {MIN_PEN_MM} to {MAX_PEN_MM}",
    )
    files.add_argument("--recursive", action="store_true", help="include subfolders; OUT gets the same subfolders")
    files.add_argument("--force", action="store_true", help="overwrite files that facesketch did not write")
    files.add_argument("--json", action="store_true", help="print a JSON object per picture: in, out, faces, seconds")

    many = p.add_argument_group("many pictures (docs/scale.md)")
    many.add_argument(
        "--manifest",
        metavar="LIST",
        help="instead of IN: a text file with one path per line, - for such lines on standard input, or a folder with "
        "its subfolders. a.jpg becomes a.jpg.png; what is drawn already and unchanged is left; prints JSON lines",
    )
    many.add_argument(
        "--shard",
        type=_checked(_shard),
        metavar="K/N",
        help="with --manifest: draw part K of N, such as 3/64; every picture is in exactly one part",
    )

    model = p.add_argument_group("model")
    model.add_argument("--to", choices=("sketch", "photo"), default="sketch", help="what to make (default sketch)")
    model.add_argument(
        "--model",
        metavar="NAME",
        default=DEFAULT_MODEL,
        help=f"{', '.join(available_models())}, a folder, or a Hub repo user/name[@revision] (default {DEFAULT_MODEL})",
    )
    model.add_argument(
        "--device",
        type=_checked(_device),
        default="auto",
        help="cpu, cuda, cuda:1, mps, or auto: a GPU if there is one",
    )
    model.add_argument(
        "--batch",
        type=_checked(_batch_size),
        metavar="N",
        help="pictures drawn at once, with the same result (default 8 on a GPU; 1 on a CPU, where that is fastest)",
    )

    faces = p.add_argument_group("faces")
    faces.add_argument(
        "--faces",
        choices=("largest", "all"),
        help="the largest, or all: OUT.png, OUT-face2.png, ... (default largest; all with --frame paper or photo)",
    )
    faces.add_argument(
        "--box", type=_checked(_box), metavar="X,Y,WIDTH,HEIGHT", help="the face in that box, from brow to chin"
    )

    drawing = p.add_argument_group("drawing")
    for field in fields(DrawOptions):
        _add_option(drawing.add_argument, field.name, field.default)
    return p


def _add_option(add_argument: Callable[..., object], name: str, default: object) -> None:
    """The argument of a field of DrawOptions."""
    spec = SPECS[name]
    help = spec.help.replace("%", "%%") + ("" if default is None else f" (default {default})")
    metavar = "NAME" if name == "style" else spec.range.replace(", ", "|").replace(" to ", "..")
    flag = f"--{name.replace('_', '-')}"
    if spec.minimum is None and spec.choices:
        add_argument(flag, choices=spec.choices, default=default, help=help)
    else:
        add_argument(flag, type=spec.parse, default=default, metavar=metavar, help=help)


def draw_options(args: argparse.Namespace) -> DrawOptions:
    """The options of a drawing that were given. Raises OptionError."""
    return DrawOptions(**{name: getattr(args, name) for name in SPECS})


def _checked(parse: Callable[[str], object]) -> Callable[[str], object]:
    """A parser of an argument whose errors become those of argparse."""

    def parse_argument(text: str) -> object:
        try:
            return parse(text)
        except FacesketchError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parse_argument


def _box(text: str) -> object:
    from ..face.select import parse_box  # slow to import, as is the next

    return parse_box(text)


def _device(text: str) -> str:
    from ..devices import get_device

    return str(get_device(text))


def _batch_size(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= MAX_BATCH_SIZE):
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {MAX_BATCH_SIZE}, not {text}")
    return int(text)


def _shard(text: str) -> Shard:
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(f"must be K/N with K from 1 to N, such as 3/64, not {text}")
    return Shard(int(number), int(count))


def _pen_width(text: str) -> float:
    try:
        width = float(text)
    except ValueError:
        width = 0.0
    if not MIN_PEN_MM <= width <= MAX_PEN_MM:
        raise argparse.ArgumentTypeError(f"must be a number from {MIN_PEN_MM} to {MAX_PEN_MM}, not {text}")
    return width

"""What can be said on the command line, and the help that tells of it."""

from __future__ import annotations

import argparse
import contextlib

from .. import DEFAULT, available
from ..detail import STROKES
from ..devices import DeviceError, device
from ..faces.choose import Box, read_box
from ..faces.face import NoFaceError
from ..look import FRAMES, GROUNDS
from ..version import __version__

SIZES = (256, 512, 1024, "auto")
USAGE = "facesketch IN... --out OUT [options]\n       facesketch export NAME --onnx FILE [options]"
EXAMPLES = """examples:
  facesketch me.jpg --out sketch.png                       the largest face of a photo, drawn
  facesketch me.jpg --out sketch.png --size 1024           1024 pixels wide
  facesketch me.jpg --out sketch.png --ground clear        nothing behind the person
  facesketch photos/ --out sketches/                       a folder: one PNG each, me.jpg becomes sketches/me.png
  facesketch photos/ --out sketches/ --recursive           its folders too, in the same folders
  facesketch group.jpg --out all.png --frame photo         every face, drawn over the photo
  facesketch group.jpg --out her.png --box 690,140,110,120 the face in that box
  facesketch sketch.png --out photo.png --to photo         back
  curl ... | facesketch - --out - > sketch.png             standard input to standard output
  facesketch export pix2pix --onnx pix2pix.onnx            a model for other programs; see export --help

Nothing of yours is overwritten: an OUT that is one of the pictures given, or that facesketch did not make, is left as
it is and told, unless --force is given. It exits with 0 when all is done, 1 when some failed, 2 on wrong usage."""


def parser() -> argparse.ArgumentParser:
    """The command line's arguments."""
    p = argparse.ArgumentParser(
        prog="facesketch",
        usage=USAGE,
        description="Turn face photos into pencil sketches, or sketches into photos.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument("inputs", nargs="+", metavar="IN", help="pictures, folders of pictures, or - for standard input")
    p.add_argument("--version", action="version", version=f"facesketch {__version__}")
    _files(p.add_argument_group("files"))
    _model(p.add_argument_group("the model"))
    _faces(p.add_argument_group("which face, and in what frame"))
    _look(p.add_argument_group("how it looks"))
    return p


def _files(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--out",
        required=True,
        help="a file for one picture (its suffix decides the format), - for standard output, else a folder; what ends "
        "in / is a folder, made where there is none",
    )
    group.add_argument("--recursive", action="store_true", help="the folders in a folder too; OUT keeps their tree")
    group.add_argument("--force", action="store_true", help="overwrite files that facesketch did not make")
    group.add_argument("--json", action="store_true", help="print one JSON object a picture: in, out, faces, seconds")


def _model(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--to", choices=("sketch", "photo"), default="sketch", help="what to make of the pictures (sketch)"
    )
    group.add_argument(
        "--model",
        metavar="NAME",
        help=f"{', '.join(available())}, a folder, or a Hub repo user/name[@revision] ({DEFAULT})",
    )
    group.add_argument(
        "--style",
        metavar="NAME",
        help="one of a model's several ways to draw, such as shaded or line; by default its first",
    )
    group.add_argument(
        "--device", type=_device, default="auto", help="cpu, cuda, cuda:1 or mps; auto: a GPU where there is one (auto)"
    )
    group.add_argument(
        "--batch",
        type=count,
        default=0,
        metavar="N",
        help="pictures drawn at once, to the same pixels; on a processor 1 is quickest (8 on a GPU, else 1)",
    )


def _faces(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--frame",
        choices=FRAMES,
        default="crop",
        help="crop: the face alone; paper, photo: the whole picture, with the faces drawn on white or over it (crop)",
    )
    group.add_argument(
        "--faces",
        choices=("largest", "all"),
        help="the largest alone, or all: OUT.png, OUT-face2.png and on (largest; in a whole picture all)",
    )
    group.add_argument(
        "--box", type=box, metavar="X,Y,WIDTH,HEIGHT", help="the face in that box of pixels, from brow to chin"
    )
    group.add_argument(
        "--align",
        choices=("auto", "never"),
        default="auto",
        help="auto: look for faces; never: the whole picture is one face already, and the answer has its size (auto)",
    )


def _look(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--size",
        type=width,
        choices=SIZES,
        default="auto",
        help="how many pixels wide a face is; auto: as in the picture",
    )
    group.add_argument(
        "--ground",
        choices=GROUNDS,
        default="paper",
        help="what is not the person: paper leaves it white, clear transparent, keep draws it (paper)",
    )
    group.add_argument(
        "--strokes",
        type=share,
        default=STROKES,
        metavar="0..1",
        help=f"how much of the model's own hand is seen: 0 is smooth, 1 all of it ({STROKES})",
    )
    group.add_argument(
        "--detail", choices=("on", "off"), default="on", help="off: no more than the generator draws, 256 pixels (on)"
    )


def box(text: str) -> Box:
    """A box's four numbers. Raises argparse.ArgumentTypeError."""
    try:
        return read_box(text)
    except NoFaceError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _device(text: str) -> str:
    """A device that is there. Raises argparse.ArgumentTypeError."""
    try:
        return str(device(text))
    except DeviceError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def width(text: str) -> int | str:
    """One of SIZES, where it is one."""
    return int(text) if text.isdecimal() else text


def count(text: str) -> int:
    """A number from 1 to 64. Raises argparse.ArgumentTypeError."""
    if not (text.isdecimal() and 1 <= int(text) <= 64):
        raise argparse.ArgumentTypeError(f"it is a number from 1 to 64, not {text}")
    return int(text)


def share(text: str) -> float:
    """A number from 0 to 1. Raises argparse.ArgumentTypeError."""
    with contextlib.suppress(ValueError):
        if 0 <= (value := float(text)) <= 1:
            return value
    raise argparse.ArgumentTypeError(f"it is a number from 0 to 1, such as 0.5, not {text}")

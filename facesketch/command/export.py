"""facesketch export NAME --onnx FILE."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image

from .. import available, load, read_image
from ..faces.matte import FOLDER as MATTE
from ..files import below
from ..formats import ImageError, suffixes
from ..hub.checked import NoModelError, WeightsError
from ..look import ChoiceError

EXAMPLES = """examples:
  facesketch export pix2pix --onnx pix2pix.onnx                    photo to sketch, in float32
  facesketch export pix2pix --onnx back.onnx --direction sketch_to_photo
  facesketch export pix2pix --onnx small.onnx --int8 photos/       in int8, a quarter of the bytes
  facesketch export matte --onnx matte.onnx                        who is person, what is ground
  facesketch export detector --onnx detector.onnx                  where the face is

The graph takes x, float32, B x 3 x 256 x 256 in [-1, 1]: a face whose eyes lie at 3/8 and 5/8 of the width and at half
the height of a frame of 4 x 5, squeezed to the square. y has the same shape and range. The detector takes BGR pixels of
0 to 255, 1 x 3 x 640 x 640."""


def parser() -> argparse.ArgumentParser:
    """The arguments of facesketch export."""
    p = argparse.ArgumentParser(
        prog="facesketch export",
        description="Write a model as an ONNX file, for programs that have no PyTorch.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument("name", metavar="NAME", help=f"{', '.join(available())}, matte, detector, a folder, or a Hub repo")
    p.add_argument("--onnx", required=True, type=Path, metavar="FILE", help="the file to write")
    p.add_argument("--direction", default="", help="photo_to_sketch or sketch_to_photo; by default the model's first")
    p.add_argument("--style", metavar="NAME", help="the style that it is to draw in; by default the model's first")
    p.add_argument("--int8", type=Path, metavar="DATA", help="a folder of photos to calibrate int8 on, some hundred")
    p.add_argument("--force", action="store_true", help="overwrite a FILE that is there")
    return p


def run(argv: list[str], say: Callable[[str], None], told: Callable[[Exception], str]) -> int:
    """What facesketch export does; told words an error. Returns 0, or 1 where it failed; wrong usage exits with 2."""
    from ..export import DETECTOR, ExportError, export, export_detector  # PyTorch's exporter is slow to import

    p = parser()
    args = p.parse_args(argv)
    if args.onnx.is_dir():
        p.error(f"{args.onnx} is a folder.")
    if args.onnx.exists() and not args.force:
        p.error(f"{args.onnx} is there already; --force overwrites it.")
    try:
        if args.name == DETECTOR:
            if args.direction or args.style or args.int8:
                p.error("The detector has no directions, styles or int8.")
            export_detector(args.onnx)
            print(f"{args.name} -> {args.onnx}")
            return 0
        own = MATTE if args.name == MATTE.name and not Path(args.name).is_dir() else args.name
        model = load(str(own))
        photos = list(_photos(args.int8, say)) if args.int8 else []
        if args.int8 and not photos:
            raise ExportError(f"{args.int8} holds no pictures to calibrate int8 on.")
        apart = export(model, args.onnx, args.direction, args.style, photos)
    except (NoModelError, ChoiceError) as error:
        p.error(str(error))
    except (ExportError, WeightsError, OSError) as error:
        say(told(error))
        return 1
    print(f"{args.name} -> {args.onnx}: at most {apart:.2g} levels of 255 from PyTorch's answer")
    return 0


def _photos(folder: Path, say: Callable[[str], None]) -> Iterator[Image.Image]:
    """The pictures of a folder and its folders; one that cannot be read is named. Raises OSError."""
    for path in below(folder):
        if path.suffix.lower() in suffixes():
            try:
                yield read_image(path)
            except ImageError as error:
                say(f"{path}: {error}")

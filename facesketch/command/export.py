"""facesketch export NAME --onnx FILE."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image

from .. import available_models, load_model
from ..errors import ExportError, ImageError, ModelNotFoundError, OptionError, WeightsError
from ..files import walk_files
from ..image.formats import suffixes
from ..image.io import read_image
from ..weights_dir import MATTE_DIR

EXAMPLES = """examples:
  facesketch export pix2pix --onnx pix2pix.onnx                    photo to sketch, float32
  facesketch export pix2pix --onnx back.onnx --direction sketch_to_photo
  facesketch export pix2pix --onnx small.onnx --int8 photos/       int8, a quarter of the size
  facesketch export matte --onnx matte.onnx                        the matting model
  facesketch export detector --onnx detector.onnx                  the face detector

The graph takes x, float32, B x 3 x 256 x 256 in [-1, 1]: a 4:5 face crop, with the eyes at 3/8 and 5/8 of its width and
half its height, resized to the square. y has the same shape and range. The detector takes BGR pixels from 0 to 255,
1 x 3 x 640 x 640."""


def parser() -> argparse.ArgumentParser:
    """The arguments of facesketch export."""
    p = argparse.ArgumentParser(
        prog="facesketch export",
        description="Write a model as an ONNX file, for programs without PyTorch.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument(
        "name", metavar="NAME", help=f"{', '.join(available_models())}, matte, detector, a folder, or a Hub repo"
    )
    p.add_argument("--onnx", required=True, type=Path, metavar="FILE", help="the file to write")
    p.add_argument("--direction", default="", help="photo_to_sketch or sketch_to_photo (default: the model's first)")
    p.add_argument("--style", metavar="NAME", help="the style to draw in (default: the model's first)")
    p.add_argument("--int8", type=Path, metavar="DATA", help="a folder of about a hundred photos to calibrate int8 on")
    p.add_argument("--force", action="store_true", help="overwrite an existing FILE")
    return p


def run(argv: list[str], print_error: Callable[[str], None], error_message: Callable[[Exception], str]) -> int:
    """Run facesketch export. Returns 0, or 1 where it failed; wrong usage exits with 2."""
    from ..export import DETECTOR, export, export_detector  # PyTorch's exporter is slow to import

    p = parser()
    args = p.parse_args(argv)
    if args.onnx.is_dir():
        p.error(f"{args.onnx} is a folder.")
    if args.onnx.exists() and not args.force:
        p.error(f"{args.onnx} exists; --force overwrites it.")
    try:
        if args.name == DETECTOR:
            if args.direction or args.style or args.int8:
                p.error("The detector has no directions, styles or int8.")
            export_detector(args.onnx)
            print(f"{args.name} -> {args.onnx}")
            return 0
        model = load_model(str(MATTE_DIR) if args.name == MATTE_DIR.name else args.name)
        photos = list(_read_photos(args.int8, print_error)) if args.int8 else []
        if args.int8 and not photos:
            raise ExportError("export.no_pictures", path=args.int8)
        exported = export(model, args.onnx, args.direction, args.style, photos)
    except (ModelNotFoundError, OptionError) as error:
        p.error(str(error))
    except (ExportError, WeightsError, OSError) as error:
        print_error(error_message(error))
        return 1
    if exported.n_skipped:
        print_error(f"Pictures without a face, skipped in the calibration: {exported.n_skipped}.")
    print(f"{args.name} -> {args.onnx}: differs from PyTorch by at most {exported.max_abs_diff:.2g} of 255 levels")
    return 0


def _read_photos(folder: Path, print_error: Callable[[str], None]) -> Iterator[Image.Image]:
    """The pictures of a folder and its subfolders; one that cannot be read is reported. Raises OSError."""
    for path in walk_files(folder):
        if path.suffix.lower() in suffixes():
            try:
                yield read_image(path)
            except ImageError as error:
                print_error(f"{path}: {error}")

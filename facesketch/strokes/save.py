"""Writing drawings in strokes: as a picture, as SVG, for a pen plotter, or as a replay."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from ..errors import OptionError
from ..files import atomic_write
from ..image.save import STROKE_FORMATS, output_format, save_image
from ..options import MAX_PEN_MM, MIN_PEN_MM
from .pen import to_pen_svg
from .sheet import Sheet
from .svg import to_svg
from .video import check_replay_format, encode_replay


def needs_strokes(path: Path, replay: bool = False, pen_mm: float | None = None) -> bool:
    """Whether what is written to a path must be a drawing in strokes.

    Raises OptionError for an unknown suffix, and one that a replay or the lines of a pen cannot be written to.
    """
    format = output_format(path)
    if pen_mm is not None:
        if replay or format != "SVG":
            raise OptionError("save.pen_needs_svg")
        if not MIN_PEN_MM <= pen_mm <= MAX_PEN_MM:
            raise OptionError(
                "option.out_of_range", name="pen", minimum=MIN_PEN_MM, maximum=MAX_PEN_MM, value=str(pen_mm)
            )
    if replay or format == "MP4":
        check_replay_format(format)
    return replay or format in STROKE_FORMATS


def save_drawing(
    image: Image.Image, sheet: Sheet | None, path: Path, replay: bool = False, pen_mm: float | None = None
) -> None:
    """Write a drawing in the format of the path's suffix, completely or not at all.

    image: the drawing as a picture. sheet: its strokes; None if it has none. replay: write how it is drawn, as MP4, GIF
    or WebP; MP4 is always a replay. pen_mm: write an SVG file for a plotter with a pen of this width. Raises
    OptionError, as needs_strokes does and where strokes are needed and missing, and OSError.
    """
    if not needs_strokes(path, replay, pen_mm):
        save_image(image, path)
        return
    if sheet is None:
        raise OptionError("save.no_strokes")
    format = output_format(path)
    if pen_mm is not None:
        data = to_pen_svg(sheet, pen_mm).encode()
    elif format == "SVG":
        data = to_svg(sheet, paper=image.mode != "RGBA").encode()
    else:
        data = encode_replay(sheet, format)
    atomic_write(path, data)

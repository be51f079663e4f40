"""A replay as a file: MP4, or an animated GIF or WebP that plays once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from ..errors import OptionError
from ..image.save import MAKER, encode
from ..version import __version__
from .replay import frames
from .sheet import Sheet
from .styles import Color

REPLAY_FORMATS = ("MP4", "GIF", "WEBP")
CROP_WIDTH, MAX_WIDTH = 512, 1024  # pixels of a face crop, and of a sheet with several
SECONDS = 6.0
FPS = 20  # a frame takes a multiple of 10 ms, the unit of GIF
HOLD = 1.0  # seconds that the finished drawing is shown, of SECONDS
GIF_COLORS = 32


def check_replay_format(format: str) -> None:
    """Raises OptionError where no replay can be written in a format of image.save.OUTPUT_FORMATS."""
    if format not in REPLAY_FORMATS:
        raise OptionError("save.no_replay", format=format, formats=", ".join(REPLAY_FORMATS))
    if format == "MP4" and find_spec("imageio_ffmpeg") is None:
        raise OptionError("save.no_video")


def encode_replay(sheet: Sheet, format: str, width: int | None = None, seconds: float = SECONDS) -> bytes:
    """The sheet being drawn, as the bytes of a file. The same sheet gives the same bytes, in MP4 with the same ffmpeg.

    format: one of REPLAY_FORMATS. width: in pixels; by default such that a face crop has CROP_WIDTH. seconds: including
    HOLD. Raises OptionError for another format, or MP4 without the package imageio-ffmpeg, and OSError.
    """
    check_replay_format(format)
    width = width or min(round(CROP_WIDTH / sheet.tooth_size), MAX_WIDTH)
    drawn = frames(sheet, width, seconds - HOLD, FPS)
    if format == "MP4":
        return _encode_mp4(drawn, sheet.size(width))
    pictures = [Image.fromarray(frame) for frame in drawn]
    options: dict[str, object] = {"quality": 80, "method": 0, "loop": 1}
    if format == "GIF":
        palette = _palette(pictures[-1], sheet.style.paper)
        pictures = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
        options = {"optimize": False}
    durations = [round(1000 / FPS)] * (len(pictures) - 1) + [round(1000 * HOLD)]
    return encode(pictures[0], format, save_all=True, append_images=pictures[1:], duration=durations, **options)


def _palette(picture: Image.Image, paper: Color) -> Image.Image:
    """An image whose palette has the main colors of a picture, those near the paper's color made equal to it."""
    image = picture.quantize(GIF_COLORS)
    colors = np.array(image.getpalette()).reshape(-1, 3)
    distance = np.abs(colors - paper).max(axis=1)
    colors[distance <= max(distance.min(), 8)] = paper  # Pillow's search for the nearest color is that coarse
    image.putpalette(colors.ravel().tolist())
    return image


def _encode_mp4(drawn: Iterator[np.ndarray], size: tuple[int, int]) -> bytes:
    """H.264 in 4:2:0, which browsers and phones play. An odd width or height is made even by repeating the edge."""
    from imageio_ffmpeg import write_frames  # optional

    width, height = size
    even = width + width % 2, height + height % 2
    colors = "scale=out_color_matrix=bt709:out_range=tv,setparams=color_primaries=bt709:color_trc=bt709"
    options = [
        *("-vf", f"{colors},tpad=stop_mode=clone:stop_duration={HOLD}", "-preset", "veryfast", "-crf", "20"),
        *("-threads", "2", "-fflags", "+bitexact", "-flags:v", "+bitexact"),  # or the bytes depend on the machine
        *("-metadata", f"comment={MAKER} {__version__}", "-movflags", "+faststart"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "replay.mp4"
        writer = write_frames(
            path, even, fps=FPS, codec="libx264", quality=None, macro_block_size=1, output_params=options,
            ffmpeg_log_level="error",
        )  # fmt: skip
        with closing(writer):
            writer.send(None)
            for frame in drawn:
                writer.send(np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), "edge"))
        return path.read_bytes()

"""A sheet being drawn: when each stroke is drawn, as frames and as data for a page."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from .canvas import WIDTH_STEP, crisp_edges, darkness, deposit
from .order import hilbert_distance, middles
from .sheet import HIGHLIGHT, Sheet
from .simplify import simplify
from .stroke import LAYERS, Strokes
from .styles import Style

LIFT = 0.015  # how long the pencil takes from one stroke to the next, in widths of the sheet drawn meanwhile
TRAVEL = 0.25  # the same for each width of the sheet between them
UNITS = 10_000  # of replay_data per width of the sheet
DATA_TOLERANCE = 0.001  # of replay_data: half a pixel of a drawing 512 wide
PACE = 0.6  # how much slower than average a layer begins and ends, and how much faster its middle is


@dataclass(frozen=True, eq=False)
class Replay:
    """strokes: in the order in which a person would draw them. times: float64, M, not falling: when the pencil is at
    each point, from 0 to 1.
    """

    strokes: Strokes
    times: np.ndarray


def plan_replay(sheet: Sheet) -> Replay:
    """Order the strokes and time them: layer after layer; in each, the features of the face, then the rest of it, then
    hair and clothes.

    The pencil slows down where a stroke bends, by the two-thirds power law of hand movements (Lacquaniti, Terzuolo and
    Viviani, 1983): its speed is proportional to the cube root of the radius. It also takes time to move to the next
    stroke, and each layer begins and ends slowly. A layer's share of the time grows with the cube root of its effort,
    so that thousands of strokes of shading leave time for the contours.
    """
    strokes = sheet.strokes.select(sheet.strokes.lengths > 1)
    if not len(strokes):
        return Replay(strokes, np.empty(0))
    at = middles(strokes)
    regions = _regions(at) if sheet.tooth_size == 1 else np.zeros(len(at))  # of a face crop, unlike several faces
    order = np.lexsort((hilbert_distance(at, max(1, sheet.aspect)), regions, strokes.layers))
    strokes = strokes.select(order)
    effort = _effort(strokes)
    times, begin = np.empty(len(effort)), 0.0
    owner = np.repeat(strokes.layers, strokes.lengths)
    shares = np.cbrt(np.bincount(owner, effort, len(LAYERS)))
    for index, share in enumerate(shares / shares.sum()):
        done = np.cumsum(effort[owner == index])
        done /= done[-1:]
        times[owner == index] = begin + share * (done + PACE / (2 * np.pi) * np.sin(2 * np.pi * done))
        begin += share
    return Replay(strokes, np.minimum(times, 1))


def frames(sheet: Sheet, width: int, seconds: float, fps: float) -> Iterator[np.ndarray]:
    """The drawing growing from empty paper to the finished sheet: RGB, uint8, H x W x 3.

    seconds: from the first frame to the last, which is sheet.render(width) exactly. Each pixel moves from the paper's
    color to its final one by as much of its darkness as is drawn, so that a frame costs only where something is new.
    """
    replay = plan_replay(sheet)
    strokes = replace(replay.strokes, widths=_class_widths(replay.strokes.widths))
    finished = np.asarray(sheet.render(width))
    is_white = strokes.layers == HIGHLIGHT
    size = sheet.size(width)
    blank = np.zeros(size[::-1], np.float32)
    inks = [_Ink(strokes.select(is_white == white), sheet.style, size) for white in (False, True)]
    paper, penciled = sheet.colorize(blank, blank), finished
    if is_white.any():
        penciled = sheet.colorize(sheet.deposits(width)[0], blank)
    changes = [np.subtract(penciled, paper, dtype=np.float32), np.subtract(finished, penciled, dtype=np.float32)]
    frame, now = paper.copy(), paper.astype(np.float32)
    count, begin = max(round(seconds * fps), 1), 0
    for number in range(count - 1):
        yield frame.copy()
        end = int(np.searchsorted(replay.times, (number + 1) / count, "right"))
        part = _points_between(strokes, begin, end)
        begin = end
        for ink, change, chosen in zip(
            inks, changes, (part.layers != HIGHLIGHT, part.layers == HIGHLIGHT), strict=True
        ):
            if chosen.any():
                box, progress = ink.add(part.select(chosen))
                now[box] += change[box] * progress[..., None]
                frame[box] = np.round(np.clip(now[box], 0, 255))
    yield finished


def replay_data(sheet: Sheet) -> dict[str, object]:
    """What a page needs to replay the drawing on a canvas, as JSON can hold it.

    width, height: of the sheet, in units of 1 / UNITS of its width. paper, pencil, highlight: RGB, 0 to 255. grade: the
    darkest value, 0 to 1. layers: names. counts: how many strokes each layer has, in this order. The others are arrays
    of little-endian numbers in base64, for strokes in the order in which they are drawn:

    lengths: uint16, the number of points of each stroke. points: int16, x and y of all points. widths: uint16, in
    units. pressure: uint8, the mean of each stroke, where 255 is 1. ends: uint16, when each stroke is finished, where
    65535 is the end of the replay. About 30 bytes of text per stroke.
    """
    replay = plan_replay(sheet)
    strokes = simplify(replay.strokes, DATA_TOLERANCE)
    ends = replay.times[replay.strokes.starts[1:] - 1]
    pressed = np.add.reduceat(replay.strokes.pressure, replay.strokes.starts[:-1]) / replay.strokes.lengths
    style = sheet.style
    return {
        "width": UNITS,
        "height": round(UNITS * sheet.aspect),
        "paper": style.paper,
        "pencil": style.pencil,
        "highlight": style.highlight,
        "grade": style.grade,
        "layers": LAYERS,
        "counts": np.bincount(strokes.layers, minlength=len(LAYERS)).tolist(),
        "lengths": _base64(strokes.lengths, np.uint16),
        "points": _base64(strokes.points * UNITS, np.int16),
        "widths": _base64(strokes.widths * UNITS, np.uint16),
        "pressure": _base64(pressed * 255, np.uint8),
        "ends": _base64(ends * 65535, np.uint16),
    }


def _base64(values: np.ndarray, type: type[np.integer]) -> str:
    """Rounded to this type, as far as it can hold them; little-endian."""
    limits = np.iinfo(type)
    rounded = np.clip(np.round(values), limits.min, limits.max).astype(np.dtype(type).newbyteorder("<"))
    return base64.b64encode(rounded.tobytes()).decode()


class _Ink:
    """How much of its final darkness each pixel has from one pencil, whose strokes are added piece by piece.

    strokes: all that will be added, with widths from _class_widths. size: in pixels.
    """

    def __init__(self, strokes: Strokes, style: Style, size: tuple[int, int]):
        self.width, self.height = size
        self.style = style
        self.deposited = np.zeros(size[::-1], np.float32)
        self.final = np.maximum(_smooth_darkness(deposit(strokes, size), style), 1e-4)
        self.progress = np.zeros(size[::-1], np.float32)

    def add(self, strokes: Strokes) -> tuple[tuple[slice, slice], np.ndarray]:
        """Where the strokes are, and by how much the progress there grows, which ends at 1: float32, H x W."""
        x, y, width, height = self._box(strokes)
        scale = self.width / width
        moved = (strokes.points - np.array([x, y], np.float32) / self.width) * np.float32(scale)
        added = deposit(replace(strokes, points=moved, widths=strokes.widths * np.float32(scale)), (width, height))
        box = slice(y, min(y + height, self.height)), slice(x, min(x + width, self.width))
        self.deposited[box] += added[: box[0].stop - y, : box[1].stop - x]
        progress = np.minimum(_smooth_darkness(self.deposited[box], self.style) / self.final[box], 1)
        growth = progress - self.progress[box]
        self.progress[box] = progress
        return box, growth

    def _box(self, strokes: Strokes) -> tuple[int, int, int, int]:
        """Left, top, width and height of a box of pixels around the strokes.

        Its width is one at which deposit keeps the width classes of the whole sheet: by a power of WIDTH_STEP smaller.
        """
        margin = 2 * float(strokes.widths.max()) * self.width + 4
        points = strokes.points * np.float32(self.width)
        left, top = np.clip(np.floor(points.min(axis=0) - margin), 0, (self.width - 1, self.height - 1)).astype(int)
        right, bottom = np.clip(np.ceil(points.max(axis=0) + margin), 1, (self.width, self.height)).astype(int)
        steps = np.floor(np.log(self.width / max(right - left, 8)) / np.log(WIDTH_STEP))
        width = round(self.width / WIDTH_STEP**steps)
        return int(min(left, self.width - width)), int(top), width, int(max(bottom - top, 2))


def _smooth_darkness(deposited: np.ndarray, style: Style) -> np.ndarray:
    """The darkness on paper without tooth, 0 to 1."""
    dark = darkness(deposited, style.grade, rough=0, tooth=np.zeros(1))
    return crisp_edges(dark) if style.crisp else dark


def _class_widths(widths: np.ndarray) -> np.ndarray:
    """Widths as deposit rounds them to classes."""
    return np.float32(WIDTH_STEP) ** np.round(np.log(np.maximum(widths, 1e-6)) / np.log(WIDTH_STEP)).astype(np.float32)


def _regions(points: np.ndarray) -> np.ndarray:
    """0 for eyes, nose and mouth, as the crop's template places them; 1 for the rest of the face, 2 for the hair and
    whatever surrounds the head, 3 for the clothes: int64, N.
    """
    x, y = points.T
    region = np.full(len(points), 2)
    region[y > 1.08] = 3
    region[np.hypot((x - 0.5) / 0.36, (y - 0.7) / 0.42) < 1] = 1
    region[np.hypot((x - 0.5) / 0.25, (y - 0.72) / 0.25) < 1] = 0
    return region


def _effort(strokes: Strokes) -> np.ndarray:
    """How long the pencil takes to reach each point from the one before, up to a factor: float64, M."""
    step = np.diff(strokes.points, axis=0, prepend=strokes.points[:1]).astype(np.float64)
    length = np.hypot(*step.T)
    angle = np.arctan2(step[:, 1], step[:, 0])
    turn = np.abs((np.diff(angle, prepend=angle[:1]) + np.pi) % (2 * np.pi) - np.pi)
    curvature = turn / np.maximum(length, 1e-4)
    effort = length * (1 + np.cbrt(np.minimum(curvature, 400) / 10))
    first = strokes.starts[:-1]
    effort[first] = LIFT + TRAVEL * length[first]  # from the end of the stroke before
    return effort


def _points_between(strokes: Strokes, begin: int, end: int) -> Strokes:
    """What is drawn from one point to another, counted over all strokes. A stroke goes on at its last point."""
    if end <= begin:
        return Strokes.empty()
    first = int(np.searchsorted(strokes.starts, begin, "right")) - 1
    begin = max(begin - 1, int(strokes.starts[first]))
    stop = int(np.searchsorted(strokes.starts, end, "left"))
    starts = np.clip(strokes.starts[first : stop + 1], begin, end) - begin
    part, owners = slice(begin, end), slice(first, stop)
    return Strokes(strokes.points[part], strokes.pressure[part], starts, strokes.widths[owners], strokes.layers[owners])

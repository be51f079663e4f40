"""A sheet as SVG: each stroke is one filled path, wide where the pencil presses and thin where it lifts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ..image.save import MAKER
from ..version import __version__
from .canvas import FULL_WIDTH, darkness, deposit_of_darkness
from .sheet import Sheet
from .simplify import simplify
from .stroke import LAYERS, Strokes
from .styles import Color, Style

WIDTH_MM = 150.0
TOLERANCE_MM = 0.03  # of the curves and of their widths: under a pixel at 800 dpi
UNITS_PER_MM = 100  # coordinates have two decimals
OPACITY_LEVELS = 24
EDGE = 1.1  # a uniform mark as wide as this times a Gaussian's width at half maximum leaves as much on the paper
INK_DARKNESS = 0.4  # where crisp_edges is a half
BROAD = 4 / 512  # of strokes whose soft edges are visible, as widths


def to_svg(sheet: Sheet, width_mm: float = WIDTH_MM, paper: bool = True) -> str:
    """The text of an SVG file in millimeters; its layers are those of Inkscape.

    Opaque strokes of one color over each other darken the paper by the formula of canvas.darkness. The paper's tooth is
    left out. paper: draw the paper's color behind the strokes; otherwise it is transparent.
    """
    height_mm, style = width_mm * sheet.aspect, sheet.style
    size = f'width="{_number(width_mm)}" height="{_number(height_mm)}"'
    blurs = np.unique(_blur_classes(sheet.strokes, style.crisp)).tolist()
    filters = "".join(_blur_filter(each, width_mm, size) for each in blurs if each)
    body = [f"<defs>{filters}</defs>"] if filters else []
    if paper:
        body.append(f'<rect id="paper" {size} {_fill(style.paper)}/>')
    for name in LAYERS:
        color = style.highlight if name == "highlight" else _mix(style.paper, style.pencil, style.grade)
        content = "\n".join(_outlines(sheet.strokes.layer(name), style, width_mm))
        if content:
            body.append(layer_group(name, name, _fill(color), content))
    return document(width_mm, height_mm, body)


def document(width_mm: float, height_mm: float, body: Iterable[str]) -> str:
    """An SVG file with this content, whose unit is the millimeter."""
    width, height = _number(width_mm), _number(height_mm)
    return "\n".join(
        [
            f"<!-- {MAKER} {__version__} -->",
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
            f'width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}">',
            *body,
            "</svg>\n",
        ]
    )


def layer_group(id: str, label: str, attributes: str, content: str) -> str:
    """A layer of Inkscape."""
    group = f'<g id="{id}" inkscape:groupmode="layer" inkscape:label="{label}" {attributes}>'
    return f"{group}\n{content}\n</g>"


def polylines(units: np.ndarray, lengths: Sequence[int], end: str = "") -> Iterator[str]:
    """Path data of several polylines, in relative coordinates without needless characters.

    units: int64, M x 2, the points of all, in 1 / UNITS_PER_MM mm. lengths: the number of points of each. end: "z"
    closes them.
    """
    steps = np.diff(units, axis=0, prepend=0)
    starts = np.cumsum([0, *lengths])
    steps[starts[:-1]] = units[starts[:-1]]
    values, positions = np.unique(steps, return_inverse=True)
    moves = (steps[:, 0] != 0) | (steps[:, 1] != 0)
    texts = [_number(value / UNITS_PER_MM) for value in values.tolist()]
    rows = positions.reshape(-1, 2).tolist()
    for first, last in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        x, y = (texts[index] for index in rows[first])
        parts, previous = ["M", x, _separated(x, y)], "l"
        for row in range(first + 1, last):
            if moves[row]:
                for index in rows[row]:
                    parts.append(_separated(previous, texts[index]))
                    previous = texts[index]
        yield "".join(parts) + end


def _separated(previous: str, text: str) -> str:
    """A number after another or after a command, with a space where the grammar of path data needs one."""
    if previous == "l":
        return "l" + text
    return text if text[0] == "-" or (text[0] == "." and "." in previous) else " " + text


def _number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def _fill(color: Color) -> str:
    return 'fill="#{:02x}{:02x}{:02x}"'.format(*color)


def _mix(first: Color, second: Color, share: float) -> Color:
    """The color that has a share of the second, 0 to 1."""
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _outlines(strokes: Strokes, style: Style, width_mm: float) -> Iterator[str]:
    """The paths of strokes, in groups of equal blur and opacity, whatever their order: they have one color."""
    strokes = strokes.select((strokes.lengths > 1) & (strokes.widths > 0))
    if not len(strokes):
        return
    level, half = _shapes(strokes, style.crisp)
    half *= np.repeat(width_mm * strokes.widths, strokes.lengths)
    in_mm = replace(strokes, points=strokes.points * np.float32(width_mm), pressure=half)
    points, lengths = _outline_points(simplify(in_mm, TOLERANCE_MM, half[:, None]))
    units = np.round(points * UNITS_PER_MM).astype(np.int64)
    paths = np.array([f'<path d="{data}"/>' for data in polylines(units, lengths.tolist(), "z")], object)
    is_visible = np.maximum.reduceat(half, strokes.starts[:-1]) > 0.5 / UNITS_PER_MM
    blur = _blur_classes(strokes, style.crisp)
    for blur_class in np.unique(blur[is_visible]).tolist():
        chosen = is_visible & (blur == blur_class)
        groups = []
        for each in np.unique(level[chosen]).tolist():
            content = "\n".join(paths[chosen & (level == each)])
            groups.append(f'<g fill-opacity="{_number(each / OPACITY_LEVELS)}">\n{content}\n</g>')
        content = "\n".join(groups)
        yield f'<g filter="url(#blur{blur_class})">\n{content}\n</g>' if blur_class else content


def _shapes(strokes: Strokes, crisp: bool) -> tuple[np.ndarray, np.ndarray]:
    """The opacity of each stroke, in OPACITY_LEVELS, and at each point half the width of its outline per its own width.

    A stroke of pencil is as opaque as where it is darkest, and narrower where it is lighter. Ink is black where the
    stroke is darker than INK_DARKNESS.
    """
    if crisp:
        threshold = deposit_of_darkness(np.array(INK_DARKNESS), 1)
        above = np.maximum(np.log(np.maximum(strokes.pressure, 1e-6) / threshold), 0)
        return np.full(len(strokes), OPACITY_LEVELS), np.sqrt(2 * above) / FULL_WIDTH
    alpha = darkness(strokes.pressure, grade=1, rough=0, tooth=np.zeros(1))
    level = np.ceil(np.maximum.reduceat(alpha, strokes.starts[:-1]) * OPACITY_LEVELS).astype(int)
    return level, EDGE / 2 * alpha * OPACITY_LEVELS / np.repeat(np.maximum(level, 1), strokes.lengths)


def _blur_classes(strokes: Strokes, crisp: bool) -> np.ndarray:
    """The octave of a broad stroke's width above BROAD, from 1 on; 0 for strokes that need no blur."""
    octave = np.floor(np.log2(np.maximum(strokes.widths / BROAD, 1e-6))).astype(int) + 1
    return np.maximum(octave, 0) * (not crisp)


def _blur_filter(blur_class: int, width_mm: float, size: str) -> str:
    """The edge of a broad stroke is soft: with this blur a bar of its width has the variance of its Gaussian."""
    width = BROAD * 2 ** (blur_class - 0.5) * width_mm
    deviation = width * (1 / FULL_WIDTH**2 - EDGE**2 / 12) ** 0.5
    blur = f'<feGaussianBlur stdDeviation="{_number(deviation)}"/>'
    return f'<filter id="blur{blur_class}" filterUnits="userSpaceOnUse" x="0" y="0" {size}>{blur}</filter>'


def _outline_points(strokes: Strokes) -> tuple[np.ndarray, np.ndarray]:
    """The outlines of strokes whose pressure is half their width at each point: points, and the number of each.

    One side from the first point to the last, then the other side back to the first.
    """
    points, first, last = strokes.points, strokes.starts[:-1], strokes.starts[1:] - 1
    row = np.arange(len(points))
    before, after = np.maximum(row - 1, np.repeat(first, strokes.lengths)), row + 1
    after[last] = last
    tangent = points[after] - points[before]
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    side = np.stack([-tangent[:, 1], tangent[:, 0]], 1) * strokes.pressure[:, None]
    offset = np.repeat(strokes.starts[:-1], strokes.lengths)  # each outline takes twice the rows of its stroke
    outlines = np.empty((2 * len(points), 2), np.float32)
    outlines[row + offset] = points + side
    outlines[np.repeat(2 * strokes.starts[1:], strokes.lengths) - 1 - (row - offset)] = points - side
    return outlines, 2 * strokes.lengths

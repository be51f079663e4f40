"""Drawings as people make them: fewer, bolder and less exact lines than a model's, and schematic faces."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from facesketch.face.face import Face
from facesketch.strokes.sheet import Sheet
from facesketch.strokes.simplify import simplify
from facesketch.strokes.stroke import LAYERS, Strokes
from facesketch.strokes.styles import STYLES, Style

# All lengths are in units of the sheet's width. Ranges are those of uniform random numbers.
KEPT = (0.35, 1.0)  # share of the strokes that are kept
WIDER, SLIGHTLY_WIDER = (0.8, 2.5), (0.8, 1.3)  # factors of the widths of contours alone, and of all strokes
STROKE_SHIFT = 0.008  # standard deviation, at most, of a stroke's shift
WARP, WARP_GRID = 0.015, (5, 4)  # standard deviation, at most, of the shift of whole features; rows and columns
PEN_WIDTH = (0.006, 0.02)  # of a schematic face's lines
FACE_RADII = (0.215, 0.315)  # of the oval around the face, from its center below the eyes
EYE_RADII = (0.055, 0.024)
HAIR_SPACING = (0.018, 0.05)  # of the lines that hair is drawn with
HAIR_CONTRAST = 0.18  # luma, 0 to 1, that hair is darker than skin


def abstracted(sheet: Sheet, rng: np.random.Generator) -> Sheet:
    """A sheet with some of its strokes left out, wider, shifted and warped; half of the time contours alone."""
    strokes, style = sheet.strokes, sheet.style
    contours = strokes.layer("contour")
    if len(contours) and rng.random() < 0.5:
        lengths = contours.lengths
        strokes = contours.select(lengths >= np.quantile(lengths, rng.uniform(0, 0.6)))
        style = _pen(style, rng)
        widths = strokes.widths * np.float32(rng.uniform(*WIDER))
        pressure = strokes.pressure if rng.random() < 0.5 else np.full_like(strokes.pressure, rng.uniform(0.5, 1.2))
        strokes = replace(strokes, widths=widths, pressure=pressure)
    else:
        strokes = replace(strokes, widths=strokes.widths * np.float32(rng.uniform(*SLIGHTLY_WIDER)))
    strokes = strokes.select(rng.random(len(strokes)) < rng.uniform(*KEPT))
    if rng.random() < 0.3:
        strokes = simplify(strokes, rng.uniform(0.002, 0.008))
    return replace(sheet, strokes=warped(strokes, rng), style=style)


def schematic(photo: np.ndarray, matte: np.ndarray, face: Face, rng: np.random.Generator) -> Sheet:
    """A face as somebody draws it who cannot draw: an oval, almonds for eyes, a line for the mouth, hair in scribbles.

    photo: gray, and matte: of the person, both float32, H x W in [0, 1], aligned. face: found in the photo.
    """
    height, width = photo.shape
    right, left, nose, mouth_right, mouth_left = (np.array(point) / width for point in face.landmarks)
    middle = (right + left) / 2
    lines = _outlines(matte > 0.5, width)
    skin = float(np.median(photo[_oval_mask(photo.shape, middle)]))
    hair = ((photo < skin - HAIR_CONTRAST) & (matte > 0.5)).astype(np.uint8)
    hair[round(min(0.99 * height, (mouth_right[1] + 0.02) * width)) :] = 0
    hair[_oval_mask(photo.shape, _at(middle, 0, 0.02), 0.9)] = 0
    hair = np.asarray(cv2.morphologyEx(hair, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), np.uint8)
    lines += _outlines(hair > 0, width)
    if rng.random() < 0.7:
        lines += _scribble(hair > 0, width, rng)
    lines.append(_ellipse(_at(middle, 0, 0.1), FACE_RADII, rng, (-0.1, np.pi + 0.1) if rng.random() < 0.6 else None))
    for eye, side in ((right, -1), (left, 1)):
        lines.append(_ellipse(eye, EYE_RADII, rng))
        lines.append(_ellipse(eye, (0.016, 0.016), rng))
        if rng.random() < 0.6:
            lines.append(_ellipse(eye, (0.006, 0.006), rng))
        lift = rng.uniform(0.05, 0.075)
        lines.append(_curve(_at(eye, -0.06 * side, 0.01 - lift), _at(eye, 0.065 * side, -lift), rng.uniform(0, 0.02)))
    base = _at(nose, 0, 0.025)
    lines.append(_curve(_at(base, -0.04, 0), _at(base, 0.04, 0), rng.uniform(-0.03, -0.01)))
    if rng.random() < 0.5:
        lines.append(np.stack([_at(middle, rng.uniform(-0.03, 0.03), 0.06), _at(base, rng.choice([-0.04, 0.04]), 0)]))
    smile = rng.uniform(-0.035, 0.005)
    lines.append(_curve(mouth_right, mouth_left, smile))
    if rng.random() < 0.6:
        lines += [
            _curve(mouth_right, mouth_left, smile - rng.uniform(0.02, 0.04)),
            _curve(mouth_right, mouth_left, rng.uniform(0.005, 0.02)),
        ]
    lines = [_resampled(line) for line in lines if len(line) > 1]
    lengths = np.array([len(line) for line in lines])
    pen = rng.uniform(*PEN_WIDTH)
    points = np.concatenate(lines).astype(np.float32)
    strokes = Strokes.from_arrays(points, np.ones(len(points)), lengths, np.full(len(lines), pen), LAYERS[0])
    return Sheet(warped(strokes, rng), _pen(STYLES["line"], rng), height / width)


def warped(strokes: Strokes, rng: np.random.Generator) -> Strokes:
    """The strokes, each shifted a little, and the whole sheet warped smoothly, so that features move."""
    shift = rng.normal(0, rng.uniform(0, STROKE_SHIFT), (len(strokes), 2)).repeat(strokes.lengths, axis=0)
    field = rng.normal(0, rng.uniform(0, WARP), (*WARP_GRID, 2)).astype(np.float32)
    smooth = cv2.resize(field, (64, 80), interpolation=cv2.INTER_CUBIC)
    x, y = np.clip((strokes.points * 64).astype(int), 0, (63, 79)).T
    return replace(strokes, points=(strokes.points + shift + smooth[y, x]).astype(np.float32))


def _pen(style: Style, rng: np.random.Generator) -> Style:
    """The style with another pencil: gray to black, on white paper, sometimes ink."""
    gray = int(rng.integers(0, 90))
    ink = bool(rng.random() < 0.3)
    return replace(style, paper=(255, 255, 255), pencil=(gray,) * 3, highlights=0.0, crisp=ink, grade=1.0)


def _oval_mask(shape: tuple[int, int], middle: np.ndarray, scale: float = 1.0) -> np.ndarray:
    """The face's oval around a point between the eyes: booleans, H x W."""
    height, width = shape
    y, x = np.mgrid[:height, :width] / width
    radii = 0.17 * scale, 0.24 * scale
    return np.hypot((x - middle[0]) / radii[0], (y - middle[1] - 0.1) / radii[1]) < 1


def _outlines(mask: np.ndarray, width: int) -> list[np.ndarray]:
    """The outlines of the larger parts of a mask as lines, without what lies on the sheet's edge."""
    found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    height = mask.shape[0]
    lines = []
    for contour in found:
        if cv2.contourArea(contour) < 0.004 * mask.size:
            continue
        points = contour[:, 0].astype(np.float32)
        kernel = max(3, round(0.03 * width)) | 1
        smooth = cv2.blur(np.concatenate([points[-kernel:], points, points[:kernel]]), (1, kernel))[kernel:-kernel]
        inside = np.all(np.abs(smooth / (width, height) - 0.5) < 0.48, axis=1)
        lines += [part / width for part in _visible_parts(smooth, inside) if len(part) > 8]
    return lines


def _visible_parts(line: np.ndarray, visible: np.ndarray) -> list[np.ndarray]:
    """The pieces of a line, N x 2, between the points that are not visible (booleans, N)."""
    cuts = np.flatnonzero(np.diff(visible.astype(int))) + 1
    parts = zip(np.split(line, cuts), np.split(visible, cuts), strict=True)
    return [part for part, shown in parts if shown[0]]


def _scribble(mask: np.ndarray, width: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Parallel lines within a mask."""
    height, angle, spacing = mask.shape[0], rng.uniform(0, np.pi), rng.uniform(*HAIR_SPACING)
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    t = np.arange(-1.2, 1.2, 0.008)
    lines = []
    for offset in np.arange(-1.0, 1.0, spacing):
        points = (0.5, 0.6) + across * (offset + rng.normal(0, spacing / 5)) + t[:, None] * along
        x, y = np.round(points * width).astype(int).T
        visible = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        visible[visible] = mask[y[visible], x[visible]]
        lines += [part for part in _visible_parts(points, visible) if len(part) > 3]
    return lines


def _at(point: np.ndarray, right: float, down: float) -> np.ndarray:
    """The point so far from another one."""
    return point + np.array([right, down])


def _ellipse(
    center: np.ndarray, radii: tuple[float, float], rng: np.random.Generator, span: tuple[float, float] | None = None
) -> np.ndarray:
    """An ellipse drawn by hand, from one angle to another (radians) or closed."""
    begin, end = span or (0.0, 2 * np.pi + 0.2)
    angles = np.linspace(begin, end, 40)
    radii_ = np.array(radii) * rng.uniform(0.85, 1.15, 2)
    return center + rng.normal(0, 0.003, 2) + np.stack([np.cos(angles), np.sin(angles)], 1) * radii_


def _curve(begin: np.ndarray, end: np.ndarray, sag: float) -> np.ndarray:
    """A parabola between two points, whose middle is sag above the line between them."""
    t = np.linspace(0, 1, 16)[:, None]
    return np.asarray(begin) * (1 - t) + np.asarray(end) * t - np.array([0, 4 * sag]) * t * (1 - t)


def _resampled(line: np.ndarray, spacing: float = 0.006) -> np.ndarray:
    """A polyline with points at equal distances."""
    length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = np.linspace(0, length[-1], max(2, round(length[-1] / spacing)))
    return np.stack([np.interp(at, length, line[:, i]) for i in range(2)], 1)

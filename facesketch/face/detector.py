"""Face detection: a Detector protocol, and YuNet with a search over scales and rotations behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from cv2.data import haarcascades
from PIL import Image

from ..errors import WeightsError
from ..image.affine import invert, scaling, similarity, transform_points
from ..image.color import flatten_to_rgb
from ..image.warp import warp
from ..object_pool import Pool
from .face import Face

# Thresholds without a source were chosen on the pictures of `python -m benchmarks.faces`.
MIN_SCORE, MIN_SCORE_ROTATED = 0.8, 0.87  # of a face; a motorcycle reaches 0.76, a cat upside down 0.83
CONFIDENT_SCORE, UPRIGHT_ROLL = 0.92, 10.0  # a lower score, or more degrees of roll, is a reason to look again
LONG_SIDE, LONG_SIDE_FINE = 640, 2400  # pixels of the longer side that is searched, and of a second, finer search
FINE_SEARCH_WIDTH = 40  # of 640 pixels: smaller faces are searched for again in the finer picture
MIN_SIDE = 96  # pixels of each side that YuNet is given: with up to 32 it reads uninitialized memory
TILE, TILE_OVERLAP = 960, 200  # pixels of what is searched at once, at 70 bytes each; the overlap holds a whole face
DARK_LEVEL, MAX_GAIN = 160, 8.0  # of 255: a darker picture is brightened, by at most that factor
ROTATIONS = range(0, 360, 30)  # degrees
UPRIGHT_SIDE, UPRIGHT_FACE = 320, 120  # pixels of the picture, and of the face in it, that is detected again
EYE_UNIT, EYE_REACH = 72, 0.42  # pixels between the eyes when they are refined; the search radius, in that distance
EYE_INSET = 0.012  # of the eyes' distance: the cascade's centers lie that far outside CUFS's labeled ones


class Detector(Protocol):
    """What find_faces needs: another detector is one class with this method."""

    def detect(self, pixels: np.ndarray, min_score: float) -> list[Face]:
        """The faces in RGB pixels (uint8, H x W x 3, sides of at least MIN_SIDE), at least min_score from 0 to 1."""
        ...


class YuNetDetector:
    """YuNet (Wu et al. 2023), embedded as OpenCV Zoo's face_detection_yunet_2023mar.onnx (MIT license)."""

    WEIGHTS = Path(__file__).with_name("face_detection_yunet_2023mar.onnx")
    SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"

    def __init__(self) -> None:
        self._networks = Pool(self._load)

    @classmethod
    def _load(cls) -> cv2.FaceDetectorYN:
        return cv2.FaceDetectorYN.create(str(cls.weights_path()), "", (320, 320), 0.3, 0.3, 500)

    @classmethod
    @cache
    def weights_path(cls) -> Path:
        """The network's ONNX file. Raises WeightsError where it is missing or damaged."""
        if not cls.WEIGHTS.is_file() or hashlib.sha256(cls.WEIGHTS.read_bytes()).hexdigest() != cls.SHA256:
            raise WeightsError("weights.detector", file=cls.WEIGHTS.name)
        return cls.WEIGHTS

    def detect(self, pixels: np.ndarray, min_score: float) -> list[Face]:
        with self._networks.borrow() as network:
            network.setScoreThreshold(min_score)
            network.setInputSize((pixels.shape[1], pixels.shape[0]))
            rows = network.detect(np.ascontiguousarray(pixels[:, :, ::-1]))[1]
        return [self._face(row) for row in (() if rows is None else rows)]

    @staticmethod
    def _face(row: np.ndarray) -> Face:
        """A row of YuNet's output: x, y, width, height, five landmarks, score."""
        width, height = float(row[2]), float(row[3])
        center_x, center_y = (row[:2] + row[2:4] / 2).tolist()
        landmarks = tuple((x, y) for x, y in row[4:14].reshape(5, 2).tolist())
        return Face((center_x - width / 2, center_y - height / 2, width, height), landmarks, float(row[14]))


DEFAULT_DETECTOR: Detector = YuNetDetector()
EYE_CASCADES = Pool(lambda: cv2.CascadeClassifier(str(Path(haarcascades) / "haarcascade_eye_tree_eyeglasses.xml")))


def find_faces(image: Image.Image, min_score: float = MIN_SCORE, detector: Detector = DEFAULT_DETECTOR) -> list[Face]:
    """The faces of an image with a score of at least min_score, the largest first.

    The picture is searched at 640 pixels on its longer side, and at up to 2400 where it is large and shows no faces or
    very small ones. Where the upright search is not confident, it is repeated at half the size, upright and in steps of
    30 degrees. So an upright face is found if it is 24 pixels and a hundredth of the longer side wide, a rotated one
    from four hundredths on. The eyes are then refined by OpenCV's cascade. The same picture gives the same faces, from
    any thread. Raises ImageError for what is not an image.
    """
    image = flatten_to_rgb(image)
    faces = _detect_at_scale(detector, image, LONG_SIDE, min_score)
    large = max(image.size)
    if large > LONG_SIDE and (not faces or min(f.box[2] for f in faces) < FINE_SEARCH_WIDTH * large / LONG_SIDE):
        faces = _distinct([*faces, *_detect_at_scale(detector, image, min(LONG_SIDE_FINE, large), min_score)])
    return sorted((_refine_eyes(image, face) for face in faces), key=lambda face: -face.box[2] * face.box[3])


def _detect_at_scale(detector: Detector, image: Image.Image, long_side: int, min_score: float) -> list[Face]:
    """Faces at one scale, with rotations tried where the upright search is not confident."""
    scale = long_side / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    if scale < 1:  # first by a whole factor, which takes little time and memory
        reduction = int(1 / scale)
        small = cv2.resize(np.asarray(image.reduce(reduction) if reduction > 1 else image), (width, height))
    else:
        small = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))
    level = np.percentile(small[::4, ::4].max(-1), 99)
    if level < DARK_LEVEL:  # scores and landmarks are worse in the dark
        small = cv2.convertScaleAbs(small, alpha=min(MAX_GAIN, 255 / max(level, 1)))
    faces = _upright(detector, small, _detect_tiled(detector, small, min_score))
    if not faces or any(face.score < CONFIDENT_SCORE for face in faces):
        factor = max(2.0, long_side / LONG_SIDE)
        half_size = (max(1, round(width / factor)), max(1, round(height / factor)))
        half = cv2.resize(small, half_size, interpolation=cv2.INTER_AREA)
        to_small = scaling(width / half.shape[1], height / half.shape[0])
        rotated = [
            _transform(face, to_small) for angle in ROTATIONS for face in _detect(detector, half, min_score, angle)
        ]
        faces = _upright(detector, small, [*faces, *rotated])
        faces = [face for face in faces if abs(face.roll) < 45 or face.score > MIN_SCORE_ROTATED]
    to_image = scaling(image.width / width, image.height / height)
    return [_transform(face, to_image) for face in faces]


def _detect_tiled(detector: Detector, pixels: np.ndarray, min_score: float) -> list[Face]:
    """The faces in a picture of any size, searched in tiles; a face that one tile cuts is whole in another."""
    height, width = pixels.shape[:2]
    faces = []
    for top, bottom in _tiles(height):
        for left, right in _tiles(width):
            for face in _detect(detector, pixels[top:bottom, left:right], min_score):
                x, y, w, h = face.box
                cut = [x < 1 and left > 0, y < 1 and top > 0]
                cut += [x + w > right - left - 1 and right < width, y + h > bottom - top - 1 and bottom < height]
                if not any(cut):
                    faces.append(_transform(face, np.array([[1.0, 0, left], [0, 1, top]])) if left or top else face)
    return faces


def _tiles(length: int) -> Iterator[tuple[int, int]]:
    """Start and end of each tile along a side."""
    start = 0
    while start + TILE < length:
        yield start, start + TILE
        start += TILE - TILE_OVERLAP
    yield start, length


def _detect(detector: Detector, pixels: np.ndarray, min_score: float, angle: float = 0.0) -> list[Face]:
    """The faces in RGB pixels, which are first rotated counterclockwise by angle degrees."""
    missing = [max(0, MIN_SIDE - side) for side in pixels.shape[:2]]
    if any(missing):  # padded on the right and below, so that coordinates stay
        pixels = cv2.copyMakeBorder(pixels, 0, missing[0], 0, missing[1], cv2.BORDER_REPLICATE)
    if not angle:
        return detector.detect(pixels, min_score)
    size = np.array(pixels.shape[1::-1])
    matrix = cv2.getRotationMatrix2D((0, 0), angle, 1)
    width, height = np.abs(matrix[:, :2]) @ size
    matrix[:, 2] = (np.array([width, height]) - 1) / 2 - matrix[:, :2] @ ((size - 1) / 2)
    rotated = cv2.warpAffine(pixels, matrix, (round(width), round(height)), borderMode=cv2.BORDER_REPLICATE)
    return [_transform(face, invert(matrix)) for face in detector.detect(rotated, min_score)]


def _transform(face: Face, matrix: np.ndarray) -> Face:
    """A face in other coordinates."""
    box = np.array(face.box, float)
    width, height = box[2:] * np.hypot(*matrix[:, 0])
    center = np.array([[box[0] + box[2] / 2, box[1] + box[3] / 2]])
    x, y = transform_points(center, matrix)[0] - (width / 2, height / 2)
    landmarks = transform_points(np.array(face.landmarks, float), matrix).tolist()
    return replace(
        face, box=(float(x), float(y), float(width), float(height)), landmarks=tuple((px, py) for px, py in landmarks)
    )


def _distinct(faces: list[Face]) -> list[Face]:
    """Each face once, by its best detection."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: -face.score):
        if all(np.hypot(*(face.center - k.center)) > 0.5 * max(face.box[2], k.box[2]) for k in kept):
            kept.append(face)
    return kept


def _upright(detector: Detector, pixels: np.ndarray, faces: list[Face]) -> list[Face]:
    """Each face once; those that are rotated are detected again, upright."""
    return _distinct(
        [
            _redetect_upright(detector, pixels, face) if abs(face.roll) > UPRIGHT_ROLL else face
            for face in _distinct(faces)
        ]
    )


def _redetect_upright(detector: Detector, pixels: np.ndarray, face: Face) -> Face:
    """The face detected again in a crop that is rotated upright around it."""
    half = np.array([np.cos(np.radians(face.roll)), np.sin(np.radians(face.roll))]) * face.box[2] / 2
    middle, reach = UPRIGHT_SIDE / 2, UPRIGHT_FACE / 2
    target = np.array([[middle - reach, middle], [middle + reach, middle]])
    matrix = similarity(np.array([face.center - half, face.center + half]), target)
    crop = warp(Image.fromarray(pixels), matrix, (UPRIGHT_SIDE, UPRIGHT_SIDE), None)
    near = [f for f in _detect(detector, crop, 0.5) if np.hypot(*(f.center - middle)) < reach]
    if not near:
        return face
    best = _transform(max(near, key=lambda f: f.score), invert(matrix))
    return replace(best, score=max(best.score, face.score))


def _refine_eyes(image: Image.Image, face: Face, again: bool = True) -> Face:
    """The eyes by OpenCV's cascade (Lienhart 2002), each within EYE_REACH of where the detector has it."""
    reach = round(EYE_REACH * EYE_UNIT)
    expected = np.array([[reach, reach], [reach + EYE_UNIT, reach]], float)
    matrix = similarity(np.array(face.landmarks[:2]), expected)
    strip = cv2.cvtColor(warp(image, matrix, (2 * reach + EYE_UNIT, 2 * reach), None), cv2.COLOR_RGB2GRAY)
    eyes = np.array([_find_eye(strip, point, reach) for point in expected])
    eyes += [[EYE_INSET * EYE_UNIT, 0], [-EYE_INSET * EYE_UNIT, 0]]
    if abs(np.hypot(*(eyes[1] - eyes[0])) / EYE_UNIT - 1) > 0.2:  # one of them is no eye
        return face
    far = np.hypot(*(eyes - expected).T).max() > 0.15 * EYE_UNIT  # then the patches were not centered on the eyes
    found = transform_points(eyes, invert(matrix)).tolist()
    face = replace(face, landmarks=(*((x, y) for x, y in found), *face.landmarks[2:]))
    return _refine_eyes(image, face, again=False) if far and again else face


def _find_eye(strip: np.ndarray, point: np.ndarray, reach: int) -> np.ndarray:
    """The median of the cascade's detections of an eye around a point, in the pixels and in their mirror image."""
    left = round(point[0]) - reach
    centers = []
    with EYE_CASCADES.borrow() as cascade:
        for side in (1, -1):
            patch = np.ascontiguousarray(strip[:, left : left + 2 * reach][:, ::side])
            for x, y, w, h in cascade.detectMultiScale(patch, 1.1, 0, minSize=(reach * 4 // 5,) * 2):
                centers.append((point[0] + side * (x + (w - 1) / 2 - reach + 0.5) - 0.5, y + (h - 1) / 2))
    return np.median(centers, 0) if centers else point

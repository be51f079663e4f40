"""Face detection on portraits, in strips, blur and large photos, and without people; and another Detector."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from pictures import PORTRAITS, two_portraits
from PIL import Image, ImageFilter

from benchmarks.faces import WITHOUT_PEOPLE, picture_without_people
from facesketch import Face, ImageError, WeightsError, find_faces, read_image
from facesketch.face.detector import MIN_SCORE, MIN_SIDE, Detector, YuNetDetector

STRIPS = """
from PIL import Image
from benchmarks.faces import picture_without_people
from facesketch import face_in_box, find_faces
for _ in range(5):
    for size in ((640, 24), (24, 640), (300, 16), (64, 1), (640, 50)):
        assert find_faces(Image.new("RGB", size, "white")) == [], size
    assert find_faces(picture_without_people("coffee").crop((0, 180, 600, 200))) == []
assert face_in_box(picture_without_people("brick"), (20, 90, 300, 6)).score == 0
"""


@pytest.fixture(params=PORTRAITS, ids=lambda path: path.stem)
def image(request) -> Image.Image:
    return read_image(request.param)


@cache
def portrait(index: int, width: int = 0) -> tuple[Image.Image, Face]:
    """One of the two portraits, scaled so that its face is width pixels wide (0: not scaled), and its face."""
    image = read_image(PORTRAITS[index])
    if width:
        scale = width / portrait(index)[1].box[2]
        image = image.resize([round(side * scale) for side in image.size], Image.Resampling.LANCZOS)
    return image, find_faces(image)[0]


def tiled(name: str, width: int, height: int) -> Image.Image:
    """A picture without people, repeated over a larger one."""
    pixels = np.asarray(picture_without_people(name))
    times = (-(-height // pixels.shape[0]), -(-width // pixels.shape[1]), 1)
    return Image.fromarray(np.tile(pixels, times)[:height, :width])


def eye_error(faces: list[Face], face: Face, x: float = 0, y: float = 0) -> float:
    """The largest error of an eye, relative to the eyes' distance, of the nearest face to a face moved by x, y."""
    eyes = np.array(face.landmarks[:2])
    distance = np.hypot(*(eyes[1] - eyes[0]))
    errors = (np.hypot(*(np.array(f.landmarks[:2]) - eyes - (x, y)).T).max() / distance for f in faces)
    return min(errors, default=np.inf)


def test_same_picture_gives_same_faces_from_any_thread(image):
    with ThreadPoolExecutor(4) as pool:
        assert all(faces == find_faces(image) for faces in pool.map(find_faces, [image] * 8))


@pytest.mark.parametrize("name", WITHOUT_PEOPLE)
def test_no_face_in_pictures_without_people(name):
    assert find_faces(picture_without_people(name)) == []


def test_roll_and_yaw(image):
    face = find_faces(image)[0]
    assert abs(face.roll) < 10 and abs(face.yaw) < 15 and face.warnings == ()
    rotated = find_faces(image.rotate(-90, expand=True))[0]  # clockwise
    assert rotated.roll == pytest.approx(face.roll + 90, abs=3)
    sideways = replace(face, landmarks=((0, 0), (2, 0), (2, 1), (0, 2), (2, 2)))
    assert sideways.yaw == pytest.approx(45) and sideways.warnings[0].code == "warning.face_sideways"


def test_larger_face_comes_first():
    faces = find_faces(two_portraits())
    assert len(faces) == 2 and faces[0].box[0] < 520 < faces[1].box[0]


@pytest.mark.parametrize("given", [np.zeros((250, 200, 3), np.uint8), "photo.jpg", None, b"bytes"], ids=type)
def test_what_is_not_an_image_is_refused(given):
    with pytest.raises(ImageError) as error:
        find_faces(given)
    assert error.value.message.code == "image.not_pil" and type(given).__name__ in str(error.value)


@pytest.mark.parametrize(
    "number", [pytest.param(1, marks=pytest.mark.slow), *(pytest.param(n, marks=pytest.mark.long) for n in (2, 3))]
)
def test_strips_have_no_faces_and_never_crash(number):
    """In separate processes: what uninitialized memory does to the detector differs from one to the next."""
    done = subprocess.run([sys.executable, "-c", STRIPS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]


@pytest.mark.parametrize("index", range(2))
def test_face_in_a_strip_is_found_in_its_place(index):
    """The detector sees a strip of first 22 and then 82 pixels, padded both times."""
    small, face = portrait(index, 56)
    small = small.crop((0, 0, small.width, 110))
    for x in (300, 2800):
        for flip in (None, Image.Transpose.TRANSPOSE):
            strip = tiled("gravel", 3200, 110)
            strip.paste(small, (x, 0))
            faces = find_faces(strip if flip is None else strip.transpose(flip).transpose(flip))
            assert len(faces) == 1 and eye_error(faces, face, x) < 0.15


@pytest.mark.parametrize("sigma", [0.05, 0.065, 0.08])
@pytest.mark.parametrize("width", [160, 1000])
@pytest.mark.parametrize("index", range(2))
def test_blurred_face_is_found_upright(index, width, sigma):
    """sigma is a share of the face's width; width is the picture's, in pixels."""
    image, face = portrait(index)
    soft = image.filter(ImageFilter.GaussianBlur(sigma * face.box[2]))
    soft = soft.resize((width, round(width * image.height / image.width)), Image.Resampling.LANCZOS)
    found = find_faces(soft)
    assert len(found) == 1
    landmarks = tuple((x * image.width / width, y * image.width / width) for x, y in found[0].landmarks)
    assert abs(found[0].roll - face.roll) < 20 and eye_error([replace(face, landmarks=landmarks)], face) < 0.35


@pytest.mark.parametrize("name", WITHOUT_PEOPLE)
@pytest.mark.parametrize("sigma", [2, 5])
def test_no_face_in_blurred_pictures_without_people(name, sigma):
    image = picture_without_people(name)
    assert find_faces(image.filter(ImageFilter.GaussianBlur(sigma * image.width / 256))) == []


@pytest.mark.parametrize("background", ["coffee", "grass"])
def test_faces_of_100_to_160_pixels_in_48_megapixels(background):
    photo = tiled(background, 8000, 6000)
    places = [(0, 100, 500, 600), (1, 115, 4100, 300), (0, 130, 7400, 2900), (1, 145, 2300, 3700), (1, 160, 150, 5300)]
    for index, width, x, y in places:
        photo.paste(portrait(index, width)[0], (x, y))
    faces = find_faces(photo)
    assert len(faces) == len(places)
    for index, width, x, y in places:
        assert eye_error(faces, portrait(index, width)[1], x, y) < 0.15, (index, width)


@pytest.mark.parametrize("name", ["coffee", "chelsea", "stereo_motorcycle"])
def test_no_face_in_48_megapixels_without_people(name):
    assert find_faces(tiled(name, 8000, 6000)) == []


class MarkerDetector:
    """A Detector that takes each red square for a face, and records the pictures it was given."""

    def __init__(self, score: float = 0.99):
        self.score, self.seen = score, []

    def detect(self, pixels: np.ndarray, min_score: float) -> list[Face]:
        self.seen.append((pixels.dtype, pixels.shape, min_score))
        rows, columns = np.nonzero((pixels == (255, 0, 0)).all(-1))
        if not len(rows) or self.score < min_score:
            return []
        x, y = float(columns.min()), float(rows.min())
        width, height = float(np.ptp(columns) + 1), float(np.ptp(rows) + 1)
        landmarks = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))
        return [Face((x, y, width, height), tuple((x + u * width, y + v * height) for u, v in landmarks), self.score)]


def with_square(size: tuple[int, int], box: tuple[int, int, int, int]) -> Image.Image:
    image = Image.new("RGB", size, "white")
    image.paste("red", box)
    return image


def test_another_detector_is_one_class_with_one_method():
    detector: Detector = MarkerDetector()
    image = with_square((640, 480), (200, 100, 300, 220))
    face = find_faces(image, detector=detector)[0]
    assert face.box == pytest.approx((200, 100, 100, 120), abs=1) and face.score == 0.99
    assert np.allclose(face.landmarks[2], (250, 172), atol=1)
    assert detector.seen == [(np.uint8, (480, 640, 3), MIN_SCORE)]
    assert find_faces(Image.new("RGB", (640, 480), "white"), detector=MarkerDetector()) == []
    assert find_faces(image, detector=MarkerDetector(score=0.5)) == []
    assert len(find_faces(image, 0.4, MarkerDetector(score=0.5))) == 1


def test_detector_results_are_in_pixels_of_the_picture():
    """A picture of another size than the one that is searched: the box is scaled back."""
    face = find_faces(with_square((1280, 960), (400, 200, 600, 440)), detector=MarkerDetector())[0]
    assert face.box == pytest.approx((400, 200, 200, 240), abs=3)


def test_detector_is_given_sides_of_at_least_min_side():
    detector = MarkerDetector()
    find_faces(Image.new("RGB", (640, 24), "white"), detector=detector)
    assert all(min(shape[:2]) >= MIN_SIDE for _, shape, _ in detector.seen)


def test_a_damaged_detector_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "detector.onnx").write_bytes(b"damaged")
    monkeypatch.setattr(YuNetDetector, "WEIGHTS", tmp_path / "detector.onnx")
    YuNetDetector.weights_path.cache_clear()
    try:
        with pytest.raises(WeightsError, match=r"detector\.onnx is missing or damaged"):
            find_faces(Image.new("RGB", (96, 96)), detector=YuNetDetector())
    finally:
        YuNetDetector.weights_path.cache_clear()

"""Finding faces and bringing them to the template, on the two public-domain portraits."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from facesketch import NoFaceError, align, find_faces, read_image
from facesketch.faces import EYES, TEMPLATE, align_pair, crop_face, similarity

PORTRAITS = sorted((Path(__file__).parent.parent / "examples").glob("*.jpg"))


@pytest.fixture(params=PORTRAITS, ids=lambda path: path.stem)
def portrait(request) -> Image.Image:
    return read_image(request.param)


def test_similarity_by_hand():
    """Twice the size, turned a quarter to the left."""
    matrix = similarity(np.array([[0, 0], [1, 0]]), np.array([[5, 7], [5, 5]]))
    assert np.allclose(matrix, [[0, 2, 5], [-2, 0, 7]])


def test_eyes_land_on_the_template(portrait):
    crop, matrix = align(portrait, find_faces(portrait)[0], size=400)
    assert crop.size == (400, 500) and crop.mode == "RGB"
    eyes = np.array(find_faces(portrait)[0].points[:2])
    assert np.allclose(eyes @ matrix[:, :2].T + matrix[:, 2], np.array(EYES) * 2, atol=1e-6)
    again = np.array(find_faces(crop)[0].points[:2]) / 2  # the detector, asked again, sees the eyes there too
    assert np.abs(again - EYES).max() < 6


def test_a_large_photo_gives_the_same_crop(portrait):
    """Four times the pixels: the same eyes to 3 pixels of the crop, and no aliasing where the crop shrinks them."""
    large = portrait.resize((portrait.width * 4, portrait.height * 4), Image.Resampling.LANCZOS)
    face, again = find_faces(portrait)[0], find_faces(large)[0]
    crop, matrix = align(portrait, face)
    scale = np.hypot(*matrix[:, 0])
    assert np.abs(np.array(again.points[:2]) / 4 - face.points[:2]).max() * scale < 3
    points = tuple((4 * x + 1.5, 4 * y + 1.5) for x, y in face.points)
    shrunk, _ = align(large, replace(face, points=points))
    assert np.abs(np.asarray(crop, float) - np.asarray(shrunk, float)).mean() < 4


def test_outside_the_photo_is_white(portrait):
    face = find_faces(portrait)[0]
    x, y, w, h = face.box
    tight = portrait.crop((round(x), round(y), round(x + w), round(y + h)))
    crop = np.asarray(crop_face(tight)[0])
    assert (crop[:4] == 255).all() and (crop[-4:] == 255).all()


def test_the_same_picture_gives_the_same_faces_from_any_thread(portrait):
    with ThreadPoolExecutor(4) as pool:
        assert all(faces == find_faces(portrait) for faces in pool.map(find_faces, [portrait] * 8))


@pytest.mark.parametrize("name", ["brick", "coins", "coffee", "chelsea", "grass", "moon"])
def test_no_face_where_there_is_nobody(name):
    image = Image.fromarray(getattr(data, name)()).convert("RGB")
    assert find_faces(image) == []
    with pytest.raises(NoFaceError):
        crop_face(image)


def test_a_pair_in_the_frame_is_left_alone():
    photo, sketch = Image.new("RGB", TEMPLATE, "red"), Image.new("RGB", TEMPLATE, "white")
    assert align_pair(photo, sketch) == (photo, sketch)


def test_a_pair_of_one_size_moves_together(portrait):
    photo, sketch = align_pair(portrait, portrait.convert("L").convert("RGB"))
    assert photo.size == sketch.size == TEMPLATE
    assert np.abs(np.asarray(photo.convert("L"), int) - np.asarray(sketch.convert("L"), int)).mean() < 1


def test_a_pair_of_two_sizes_meets_in_the_frame(portrait):
    bigger = portrait.resize((portrait.width * 3 // 2, portrait.height * 3 // 2))
    photo, sketch = align_pair(portrait, bigger)
    assert np.abs(np.asarray(photo, float) - np.asarray(sketch, float)).mean() < 12
    assert align_pair(portrait, None)[1] is None

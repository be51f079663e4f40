"""Finding faces and bringing them to the template, on the two public-domain portraits."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.faces import NOBODY, nobody, shifts
from facesketch import NoFaceError, align, choose, face_in_box, find_faces, paste, read_image
from facesketch.faces.choose import SMALLEST, read_box
from facesketch.faces.crop import align_pair, crop_face
from facesketch.faces.geometry import EYES, TEMPLATE, fit, framed, inverse, move, scaling, similarity
from facesketch.faces.warp import GROUND

PORTRAITS = sorted((Path(__file__).parents[2] / "examples").glob("*.jpg"))


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
    assert np.allclose(move(eyes, matrix), move(np.array(EYES), scaling(2)), atol=1e-6)
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


def test_the_same_picture_gives_the_same_faces_from_any_thread(portrait):
    with ThreadPoolExecutor(4) as pool:
        assert all(faces == find_faces(portrait) for faces in pool.map(find_faces, [portrait] * 8))


@pytest.mark.parametrize("name", NOBODY)
def test_no_face_where_there_is_nobody(name):
    image = nobody(name)
    assert find_faces(image) == []
    with pytest.raises(NoFaceError):
        crop_face(image)


def test_turned_dark_small_and_damaged_portraits_are_aligned_alike(portrait):
    off = shifts(portrait)
    assert len(off) == 30 and max(off.values()) < np.inf
    assert np.mean(np.array(list(off.values())) < 6) >= 0.95, off


def test_roll_and_yaw(portrait):
    face = find_faces(portrait)[0]
    assert abs(face.roll) < 10 and abs(face.yaw) < 15 and face.warnings == ()
    turned = find_faces(portrait.rotate(-90, expand=True))[0]  # clockwise
    assert turned.roll == pytest.approx(face.roll + 90, abs=3)
    aside = replace(face, points=((0, 0), (2, 0), (2, 1), (0, 2), (2, 2)))
    assert aside.yaw == pytest.approx(45) and "side" in aside.warnings[0]


def test_a_turned_head_is_scaled_by_its_height():
    frontal, turned = (((-a, 0), (a, 0), (0, 30), (-20, 50), (20, 50)) for a in (25, 10))
    scales = [np.hypot(*fit(points, 200)[:, 0]) for points in (frontal, turned)]
    assert scales == pytest.approx([1, 50 / 42.5])


def test_small_faces_are_warned_of_and_smaller_ones_refused(portrait):
    width = find_faces(portrait)[0].box[2]

    def at(pixels: float) -> Image.Image:
        return portrait.resize([round(side * pixels / width) for side in portrait.size], Image.Resampling.LANCZOS)

    assert any("pixels wide" in warning for warning in choose(at(48))[0].warnings)
    with pytest.raises(NoFaceError, match=f"at least {SMALLEST}"):
        choose(at(19))


def both() -> Image.Image:
    """The two portraits side by side, one turned by 30 degrees."""
    first, second = map(read_image, PORTRAITS)
    sheet = Image.new("RGB", (1200, 700), "gray")
    sheet.paste(first.rotate(30, Image.Resampling.BICUBIC, fillcolor="gray"), (20, 100))
    sheet.paste(second, (620, 50))
    return sheet


def test_two_faces_are_found_the_larger_first_and_a_box_chooses():
    image = both()
    faces = find_faces(image)
    assert len(faces) == 2 and faces[0].box[0] > 600 > faces[1].box[0]
    assert face_in_box(image, faces[1].box) == faces[1]
    rough = tuple(round(v) + d for v, d in zip(faces[1].box, (-12, -9, 25, 20), strict=True))
    assert choose(image, rough) == [faces[1]]


def test_a_box_where_no_face_is_seen_takes_the_usual_proportions():
    face = face_in_box(nobody("brick"), (100, 100, 120, 160))
    assert face.score == 0 and face.roll == 0 and face.box == (100, 100, 120, 160)
    crop, _ = align(nobody("brick"), face)
    assert crop.size == (256, 320)
    for box, told in (((900, 900, 50, 50), "outside"), ((10, 10, 0, 20), "more than 0 pixels")):
        with pytest.raises(NoFaceError, match=told):
            face_in_box(nobody("brick"), box)
    assert read_box("1, 2.5,3,4") == (1, 2.5, 3, 4)
    for text in ("1,2,3", "a,b,c,d", "1,2,3,inf"):
        with pytest.raises(NoFaceError, match="A box is"):
            read_box(text)


def test_a_sketch_goes_back_where_its_crop_came_from(portrait):
    """The crop itself, pasted: the photo in the middle of the crop, the sheet outside, and no step at its edge."""
    turned = portrait.rotate(20, Image.Resampling.BICUBIC, fillcolor="white")
    crop, matrix = align(turned, find_faces(turned)[0], size=512)
    pasted = paste(Image.new("RGB", turned.size, "white"), crop, matrix)
    x, y = move(np.array([[255.5, 319.5]]), inverse(matrix))[0].round().astype(int)
    middle = (slice(y - 40, y + 40), slice(x - 40, x + 40))
    assert np.abs(np.asarray(pasted, int)[middle] - np.asarray(turned, int)[middle]).mean() < 6
    black = Image.new("RGB", crop.size)
    assert paste(turned, black, matrix).getpixel((int(x), int(y))) == (0, 0, 0)
    sheet = paste(Image.new("RGB", turned.size, "white"), black, matrix).convert("L")
    assert sheet.size == turned.size and np.abs(np.diff(np.asarray(sheet, int), axis=1)).max() < 60


def test_a_second_face_leaves_the_first_its_part():
    white, black = Image.new("RGB", (200, 250), "white"), Image.new("RGB", (200, 250), "black")
    here, there = np.array([[1.0, 0, -50], [0, 1, -50]]), np.array([[1.0, 0, -150], [0, 1, -50]])
    sheet = paste(paste(Image.new("RGB", (400, 350), "red"), white, here), black, there, [here])
    row = np.asarray(sheet)[175]
    assert (row[160] == 255).all() and (row[240] == 0).all() and 0 < row[200, 0] < 255


def test_a_picture_in_the_frame_passes_through():
    points = ((74.0, 125.5), (125.2, 124.8), (100, 150), (80, 178), (120, 178))
    assert framed(TEMPLATE, fit(points, 256), 256)
    far = tuple((x + 9, y) for x, y in points)
    assert not framed(TEMPLATE, fit(far, 256), 256) and not framed((250, 250), fit(points, 256), 256)
    twice = tuple((2 * x + 0.5, 2 * y + 0.5) for x, y in ((75, 126), (125, 126), (100, 150), (80, 178), (120, 178)))
    assert framed((400, 500), fit(twice, 256), 256)
    assert not framed((400, 500), fit(tuple((x, y + 4) for x, y in twice), 256), 256)


def test_outside_the_photo_is_the_training_ground(portrait):
    face = find_faces(portrait)[0]
    shifted = portrait.crop((round(face.box[0]), round(face.box[1]), portrait.width, portrait.height))
    crop = np.asarray(align(shifted, find_faces(shifted)[0])[0])
    assert (crop[:6, :6] == GROUND).all()


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


def test_a_drawing_elsewhere_on_its_sheet_is_aligned_by_its_own_face(portrait):
    sheet = Image.new("RGB", (900, 900), "white")
    sheet.paste(portrait.convert("L"), (300, 200))
    photo, sketch = (find_faces(frame)[0] for frame in align_pair(portrait, sheet))
    assert np.abs(np.array(photo.points[:2]) - sketch.points[:2]).max() < 4

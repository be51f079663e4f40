"""Aligning faces to the template, on the two public-domain portraits."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import draw_face
from pictures import HOPPER, PORTRAITS
from PIL import Image

from benchmarks.faces import WITHOUT_PEOPLE, alignment_errors, picture_without_people
from facesketch import NoFaceError, align_face, find_faces, paste, read_image
from facesketch.face.align import align_pair, clamp_size, coverage_mask, crop_face, native_crop_width
from facesketch.face.template import EYES, TEMPLATE_SIZE, is_aligned, template_transform
from facesketch.image.affine import invert, scaling, similarity, transform_points
from facesketch.image.warp import WHITE


@pytest.fixture(params=PORTRAITS, ids=lambda path: path.stem)
def portrait(request) -> Image.Image:
    return read_image(request.param)


def test_similarity_by_hand():
    """Twice the size, rotated a quarter to the left."""
    matrix = similarity(np.array([[0, 0], [1, 0]]), np.array([[5, 7], [5, 5]]))
    assert np.allclose(matrix, [[0, 2, 5], [-2, 0, 7]])


def test_eyes_are_on_the_template(portrait):
    aligned = align_face(portrait, find_faces(portrait)[0], width=400)
    assert aligned.image.size == (400, 500) and aligned.image.mode == "RGB"
    eyes = np.array(find_faces(portrait)[0].landmarks[:2])
    expected = transform_points(np.array(EYES), scaling(2))
    assert np.allclose(transform_points(eyes, aligned.transform), expected, atol=1e-6)
    again = np.array(find_faces(aligned.image)[0].landmarks[:2]) / 2  # the detector finds them there too
    assert np.abs(again - EYES).max() < 6


def test_large_photo_gives_the_same_crop(portrait):
    """Four times the pixels: the same eyes to 3 pixels of the crop, and no aliasing where the crop shrinks them."""
    large = portrait.resize((portrait.width * 4, portrait.height * 4), Image.Resampling.LANCZOS)
    face, again = find_faces(portrait)[0], find_faces(large)[0]
    aligned = align_face(portrait, face)
    scale = np.hypot(*aligned.transform[:, 0])
    assert np.abs(np.array(again.landmarks[:2]) / 4 - face.landmarks[:2]).max() * scale < 3
    landmarks = tuple((4 * x + 1.5, 4 * y + 1.5) for x, y in face.landmarks)
    shrunk = align_face(large, replace(face, landmarks=landmarks)).image
    assert np.abs(np.asarray(aligned.image, float) - np.asarray(shrunk, float)).mean() < 4


def test_gray_crop_is_nearly_the_luma_of_the_color_crop(portrait):
    face = find_faces(portrait)[0]
    color, gray = (align_face(portrait, face, 300, mode=mode) for mode in ("RGB", "L"))
    assert gray.image.mode == "L" and (gray.transform == color.transform).all()
    assert np.abs(np.asarray(gray.image, float) - np.asarray(color.image.convert("L"), float)).mean() < 1


@pytest.mark.parametrize("name", WITHOUT_PEOPLE)
def test_no_crop_without_a_face(name):
    with pytest.raises(NoFaceError) as error:
        crop_face(picture_without_people(name))
    assert error.value.message.code == "face.not_found"


def test_rotated_dark_small_and_damaged_portraits_are_aligned_alike(portrait):
    errors = alignment_errors(portrait)
    assert len(errors) == 30 and max(errors.values()) < np.inf
    assert np.mean(np.array(list(errors.values())) < 6) >= 0.95, errors


def test_head_turned_to_the_side_is_scaled_by_its_height():
    frontal, sideways = (((-a, 0), (a, 0), (0, 30), (-20, 50), (20, 50)) for a in (25, 10))
    scales = [np.hypot(*template_transform(landmarks, 200)[:, 0]) for landmarks in (frontal, sideways)]
    assert scales == pytest.approx([1, 50 / 42.5])


def test_crop_pasted_back_is_where_it_came_from(portrait):
    """The photo inside the crop, the canvas outside, and no step at the edge."""
    rotated = portrait.rotate(20, Image.Resampling.BICUBIC, fillcolor="white")
    aligned = align_face(rotated, find_faces(rotated)[0], width=512)
    pasted = paste(Image.new("RGB", rotated.size, "white"), aligned.image, aligned.transform)
    x, y = transform_points(np.array([[255.5, 319.5]]), invert(aligned.transform))[0].round().astype(int)
    middle = (slice(y - 40, y + 40), slice(x - 40, x + 40))
    assert np.abs(np.asarray(pasted, int)[middle] - np.asarray(rotated, int)[middle]).mean() < 6
    black = Image.new("RGB", aligned.image.size)
    assert paste(rotated, black, aligned.transform).getpixel((int(x), int(y))) == (0, 0, 0)
    sheet = paste(Image.new("RGB", rotated.size, "white"), black, aligned.transform).convert("L")
    assert sheet.size == rotated.size and np.abs(np.diff(np.asarray(sheet, int), axis=1)).max() < 60


def test_is_aligned():
    landmarks = ((74.0, 125.5), (125.2, 124.8), (100, 150), (80, 178), (120, 178))
    assert is_aligned(TEMPLATE_SIZE, template_transform(landmarks, 256), 256)
    far = tuple((x + 9, y) for x, y in landmarks)
    assert not is_aligned(TEMPLATE_SIZE, template_transform(far, 256), 256)
    assert not is_aligned((250, 250), template_transform(landmarks, 256), 256)
    twice = tuple((2 * x + 0.5, 2 * y + 0.5) for x, y in ((75, 126), (125, 126), (100, 150), (80, 178), (120, 178)))
    assert is_aligned((400, 500), template_transform(twice, 256), 256)
    assert not is_aligned((400, 500), template_transform(tuple((x, y + 4) for x, y in twice), 256), 256)


def test_outside_the_photo_is_white(portrait):
    face = find_faces(portrait)[0]
    shifted = portrait.crop((round(face.box[0]), round(face.box[1]), portrait.width, portrait.height))
    crop = np.asarray(align_face(shifted, find_faces(shifted)[0]).image)
    assert (crop[:6, :6] == WHITE).all()


def test_native_crop_width():
    photo = read_image(HOPPER)
    face = find_faces(photo)[0]
    assert 300 < native_crop_width(face, photo.size) < 350
    large = replace(face, landmarks=tuple((8 * x, 8 * y) for x, y in face.landmarks))
    assert native_crop_width(large, (photo.width * 8, photo.height * 8)) == 1024
    aligned = align_face(photo, face, 400).image
    assert native_crop_width(find_faces(aligned)[0], aligned.size, is_drawing=True) == 400


def test_coverage_fades_where_the_photo_ends_inside_its_crop():
    """The crop's upper fifth is above the photo."""
    above = np.array([[1.0, 0, 0], [0, 1, 50]])
    coverage = coverage_mask((200, 400), above, (200, 250))
    assert (coverage[:50] == 0).all() and (coverage[75:] == 1).all() and (np.diff(coverage[:, 100]) >= 0).all()
    assert np.diff(coverage[:, 100]).max() < 0.15  # no line along the cut
    for whole in (scaling(1.28), scaling(0.5)):  # a picture that is a crop already is covered to its edge
        size = tuple(np.rint(np.array([200, 250]) * whole[0, 0]).astype(int))
        assert (coverage_mask((200, 250), whole, size) == 1).all()


@pytest.mark.parametrize(
    ("given", "max_width", "expected"),
    [
        ((200, 250), 1024, (256, 256)),
        ((512, 640), 1024, (512, 640)),
        ((6000, 7500), 1024, (1024, 1280)),
        ((6000, 7500), 512, (512, 640)),
        ((16, 5000), 1024, (256, 1280)),
    ],
)
def test_clamp_size(given, max_width, expected):
    assert clamp_size(Image.new("RGB", given), max_width).size == expected


def test_aligned_pair_stays():
    photo, sketch = Image.new("RGB", TEMPLATE_SIZE, "red"), Image.new("RGB", TEMPLATE_SIZE, "white")
    assert align_pair(photo, sketch) == (photo, sketch)


def test_pair_of_one_size_is_aligned_by_one_transform(portrait):
    photo, sketch = align_pair(portrait, portrait.convert("L").convert("RGB"))
    assert photo.size == sketch.size == TEMPLATE_SIZE
    assert np.abs(np.asarray(photo.convert("L"), int) - np.asarray(sketch.convert("L"), int)).mean() < 1


def test_pair_of_two_sizes_is_aligned(portrait):
    larger = portrait.resize((portrait.width * 3 // 2, portrait.height * 3 // 2))
    photo, sketch = align_pair(portrait, larger)
    assert np.abs(np.asarray(photo, float) - np.asarray(sketch, float)).mean() < 12
    assert align_pair(portrait, None)[1] is None


def test_drawing_elsewhere_on_its_sheet_is_aligned_by_its_own_face(portrait):
    sheet = Image.new("RGB", (900, 900), "white")
    sheet.paste(portrait.convert("L"), (300, 200))
    photo, sketch = (find_faces(image)[0] for image in align_pair(portrait, sheet))
    assert np.abs(np.array(photo.landmarks[:2]) - sketch.landmarks[:2]).max() < 4


def test_picture_without_a_face_has_no_pair():
    with pytest.raises(NoFaceError):
        align_pair(Image.new("RGB", (300, 300), "gray"), draw_face(0)[1])

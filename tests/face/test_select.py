"""Selecting faces: the largest, the one in a box, and the warnings about a face."""

import numpy as np
import pytest
from pictures import HOPPER, PORTRAITS
from PIL import Image

from benchmarks.faces import picture_without_people
from facesketch import Face, ImageError, NoFaceError, align_face, face_in_box, find_faces, read_image, select_faces
from facesketch.face.select import MIN_FACE_WIDTH, iou, parse_box

PHOTO = read_image(HOPPER)  # its face is from 180, 122 to 355, 333


def codes(face: Face) -> list[str]:
    return [warning.code for warning in face.warnings]


def rotated_and_upright() -> Image.Image:
    """The two portraits side by side, one rotated by 30 degrees."""
    first, second = map(read_image, PORTRAITS)
    sheet = Image.new("RGB", (1200, 700), "gray")
    sheet.paste(first.rotate(30, Image.Resampling.BICUBIC, fillcolor="gray"), (20, 100))
    sheet.paste(second, (620, 50))
    return sheet


@pytest.mark.parametrize("path", PORTRAITS, ids=lambda path: path.stem)
def test_small_faces_have_a_warning_and_smaller_ones_are_refused(path):
    portrait = read_image(path)
    width = find_faces(portrait)[0].box[2]

    def at(pixels: float) -> Image.Image:
        return portrait.resize([round(side * pixels / width) for side in portrait.size], Image.Resampling.LANCZOS)

    assert "warning.face_small" in codes(select_faces(at(48))[0])
    with pytest.raises(NoFaceError) as error:
        select_faces(at(19))
    assert error.value.message.code == "face.too_small" and error.value.message.params["minimum"] == MIN_FACE_WIDTH


def test_two_faces_are_found_the_larger_first_and_a_box_selects_one():
    image = rotated_and_upright()
    faces = find_faces(image)
    assert len(faces) == 2 and faces[0].box[0] > 600 > faces[1].box[0]
    assert face_in_box(image, faces[1].box) == faces[1]
    rough = tuple(round(v) + d for v, d in zip(faces[1].box, (-12, -9, 25, 20), strict=True))
    assert select_faces(image, rough) == [faces[1]]


def test_box_without_a_face_gets_average_proportions():
    wall = picture_without_people("brick")
    face = face_in_box(wall, (100, 100, 120, 160))
    assert face.score == 0 and face.roll == 0 and face.box == (100, 100, 120, 160)
    assert align_face(wall, face).image.size == (256, 320)
    for box, code in (((900, 900, 50, 50), "face.box_outside"), ((10, 10, 0, 20), "face.box_empty")):
        with pytest.raises(NoFaceError) as error:
            face_in_box(wall, box)
        assert error.value.message.code == code


def test_parse_box():
    assert parse_box("1, 2.5,3,4") == (1, 2.5, 3, 4)
    for text in ("1,2,3", "a,b,c,d", "1,2,3,inf"):
        with pytest.raises(NoFaceError) as error:
            parse_box(text)
        assert error.value.message.code == "face.box_malformed" and text in str(error.value)


@pytest.mark.parametrize("text", ["10,10,-5,20", "10,10,5,0", "1,1,-0.5,-3"])
def test_empty_box_is_refused(text):
    for use in (parse_box, lambda text: select_faces(PHOTO, tuple(map(float, text.split(","))))):
        with pytest.raises(NoFaceError) as error:
            use(text)
        assert error.value.message.code == "face.box_empty"


@pytest.mark.parametrize(
    ("box", "truncated"),
    [
        ((0, 0, 512, 600), False),
        ((0, 110, 512, 600), False),
        ((0, 0, 512, 345), False),
        ((0, 171, 512, 600), True),
        ((0, 195, 512, 600), True),
        ((0, 0, 512, 290), True),
        ((250, 0, 512, 600), True),
    ],
    ids=["whole", "from the brow", "to the chin", "cut above the eyes", "at the eyes", "at the mouth", "half"],
)
def test_face_cut_by_the_edge_of_the_picture(box, truncated):
    face = select_faces(PHOTO.crop(box))[0]
    assert face.is_truncated == truncated == ("warning.face_truncated" in codes(face))


def test_assumed_face_has_a_warning():
    wall = Image.new("RGB", (400, 400), "gray")
    assert codes(select_faces(wall, (100, 100, 150, 180))[0]) == ["warning.face_assumed"]
    assert not select_faces(PHOTO, (180, 122, 175, 211))[0].warnings


def test_iou():
    assert iou((0, 0, 10, 10), (0, 0, 10, 10)) == 1
    assert iou((0, 0, 10, 10), (5, 0, 10, 10)) == pytest.approx(1 / 3)
    assert iou((0, 0, 10, 10), (10, 0, 10, 10)) == 0


@pytest.mark.parametrize("given", [np.zeros((250, 200, 3), np.uint8), "photo.jpg", HOPPER, None, b"bytes"], ids=type)
def test_what_is_not_an_image_is_refused(given):
    with pytest.raises(ImageError) as error:
        select_faces(given)
    assert error.value.message.code == "image.not_pil" and type(given).__name__ in str(error.value)

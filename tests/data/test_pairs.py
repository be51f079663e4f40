"""Folders to pairs, and pairs to pictures."""

import pytest
import torch
from conftest import cufs, draw_face, put

from train.config import Config
from train.data.pairs import DataError, Item, pairs, read_pair

PLAIN = Config("plain", "pix2pix", "unet", 4, epochs=1, batch=2, size=64, crop=64)


CPU = torch.device("cpu")


def test_photos_and_sketches_with_equal_names(faces):
    folder = faces(3)
    found = pairs(folder)
    assert [(p.id, p.person) for p in found] == [("000", "000"), ("001", "001"), ("002", "002")]
    assert found[1].photo == folder / "photos" / "001.jpg" and found[1].sketch == folder / "sketches" / "001.png"
    assert pairs(str(folder)) == found


def test_nested_folders_of_equal_names(tmp_path):
    photo, sketch = draw_face(0)
    for group in ("a", "b"):
        put(tmp_path / "photos" / group / "1.png", photo)
        put(tmp_path / "sketches" / group / "1.jpg", sketch)
    assert [p.id for p in pairs(tmp_path)] == ["a/1", "b/1"]
    assert [p.sketch.parent.name for p in pairs(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize(
    ("photos", "sketches"),
    [
        ("CUHK_training_cropped_photos/photos", "CUHK_training_cropped_sketches/sketches"),
        ("Training photo", "Training sketch"),
        ("photos", "sketches"),
        ("", ""),
        ("all", "all"),
    ],
)
def test_cufs_as_it_comes(tmp_path, photos, sketches):
    cufs(tmp_path, 2, photos, sketches)
    found = pairs(tmp_path)
    assert [p.photo.stem for p in found] == ["f-000-01", "f-000-02", "f-001-01", "f-001-02"]
    assert [p.sketch.stem for p in found] == ["F2-000-01-sz1", "F2-000-02-sz1", "F2-001-01-sz1", "F2-001-02-sz1"]
    assert len({p.person for p in found}) == 2 and found[0].person == found[1].person


def test_cufs_training_and_testing_parts_beside_each_other(tmp_path):
    for part, photo_name, sketch_name in (
        ("Training", "m-001-01", "M2-001-01-sz1"),
        ("Testing", "m1-001-01", "m1-001-01-sz1"),
    ):
        photo, sketch = draw_face(0)
        put(tmp_path / f"{part} photo" / f"{photo_name}.jpg", photo)
        put(tmp_path / f"{part} sketch" / f"{sketch_name}.jpg", sketch)
    found = pairs(tmp_path)
    assert [(p.photo.stem, p.sketch.stem) for p in found] == [
        ("m1-001-01", "m1-001-01-sz1"),
        ("m-001-01", "M2-001-01-sz1"),
    ]
    assert len({p.person for p in found}) == 2


def test_what_has_no_partner_or_is_no_picture_is_left_out(faces):
    folder = faces(2)
    put(folder / "photos" / "alone.png", draw_face(9)[0])
    (folder / "photos" / "notes.txt").write_text("words")
    (folder / "sketches" / "notes.txt").write_text("words")
    assert [p.id for p in pairs(folder)] == ["000", "001"]


@pytest.mark.parametrize("make", ["nothing", "empty", "photos only"])
def test_no_data(tmp_path, make):
    folder = tmp_path / "data"
    if make != "nothing":
        folder.mkdir()
    if make == "photos only":
        put(folder / "photos" / "1.png", draw_face(0)[0])
    with pytest.raises(DataError) as error:
        pairs(folder)
    text = str(error.value)
    assert "CUFS" in text and str(folder) in text
    assert text.endswith(".") and "\n" not in text


def test_two_files_in_one_place(faces):
    for role, name in (("photos", "001.png"), ("sketches", "001.jpg")):
        folder = faces(2, folder=role)
        put(folder / role / name, draw_face(0)[0])
        with pytest.raises(DataError, match=rf"^Two {role} .*001\.(jpg|png) .*001\.(jpg|png)\.$"):
            pairs(folder)


def test_read_pair_is_native_and_the_sketch_gray(faces):
    photo, sketch = read_pair(Item(pairs(faces(1))[0]))
    assert photo.size == sketch.size == (200, 250) and photo.mode == sketch.mode == "RGB"
    red, green, blue = sketch.split()
    assert red == green == blue


def test_turns_are_eight(faces):
    pair = pairs(faces(1))[0]
    seen = {read_pair(Item(pair, turn))[0].tobytes() for turn in range(8)}
    assert len(seen) == 8

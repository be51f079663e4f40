"""Folders -> pairs, and pairs -> images."""

import pytest
from conftest import cufs, draw_face, put

from train.data.pairs import DataError, Item, find_pairs, read_pair


def test_photos_and_sketches_with_equal_names(faces):
    folder = faces(3)
    pairs = find_pairs(folder)
    assert [(p.id, p.person) for p in pairs] == [("000", "000"), ("001", "001"), ("002", "002")]
    assert pairs[1].photo == folder / "photos" / "001.jpg" and pairs[1].sketch == folder / "sketches" / "001.png"
    assert find_pairs(str(folder)) == pairs


def test_nested_folders_with_equal_names(tmp_path):
    photo, sketch = draw_face(0)
    for group in ("a", "b"):
        put(tmp_path / "photos" / group / "1.png", photo)
        put(tmp_path / "sketches" / group / "1.jpg", sketch)
    assert [p.id for p in find_pairs(tmp_path)] == ["a/1", "b/1"]
    assert [p.sketch.parent.name for p in find_pairs(tmp_path)] == ["a", "b"]


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
def test_cufs_as_downloaded(tmp_path, photos, sketches):
    cufs(tmp_path, 2, photos, sketches)
    pairs = find_pairs(tmp_path)
    assert [p.photo.stem for p in pairs] == ["f-000-01", "f-000-02", "f-001-01", "f-001-02"]
    assert [p.sketch.stem for p in pairs] == ["F2-000-01-sz1", "F2-000-02-sz1", "F2-001-01-sz1", "F2-001-02-sz1"]
    assert len({p.person for p in pairs}) == 2 and pairs[0].person == pairs[1].person


def test_training_and_testing_parts_of_cufs_in_one_folder(tmp_path):
    for part, photo_name, sketch_name in (
        ("Training", "m-001-01", "M2-001-01-sz1"),
        ("Testing", "m1-001-01", "m1-001-01-sz1"),
    ):
        photo, sketch = draw_face(0)
        put(tmp_path / f"{part} photo" / f"{photo_name}.jpg", photo)
        put(tmp_path / f"{part} sketch" / f"{sketch_name}.jpg", sketch)
    pairs = find_pairs(tmp_path)
    assert [(p.photo.stem, p.sketch.stem) for p in pairs] == [
        ("m1-001-01", "m1-001-01-sz1"),
        ("m-001-01", "M2-001-01-sz1"),
    ]
    assert len({p.person for p in pairs}) == 2


def test_images_without_partner_and_other_files_are_skipped(faces):
    folder = faces(2)
    put(folder / "photos" / "alone.png", draw_face(9)[0])
    (folder / "photos" / "notes.txt").write_text("words")
    (folder / "sketches" / "notes.txt").write_text("words")
    assert [p.id for p in find_pairs(folder)] == ["000", "001"]


@pytest.mark.parametrize("make", ["nothing", "empty", "photos only"])
def test_no_data_is_one_sentence(tmp_path, make):
    folder = tmp_path / "data"
    if make != "nothing":
        folder.mkdir()
    if make == "photos only":
        put(folder / "photos" / "1.png", draw_face(0)[0])
    with pytest.raises(DataError) as error:
        find_pairs(folder)
    text = str(error.value)
    assert "CUFS" in text and str(folder) in text
    assert text.endswith(".") and "\n" not in text


def test_two_files_with_one_id(faces):
    for role, name in (("photos", "001.png"), ("sketches", "001.jpg")):
        folder = faces(2, folder=role)
        put(folder / role / name, draw_face(0)[0])
        with pytest.raises(DataError, match=rf"^Two {role} .*001\.(jpg|png) .*001\.(jpg|png)\.$"):
            find_pairs(folder)


def test_images_have_their_native_size_and_the_sketch_is_gray(faces):
    photo, sketch = read_pair(Item(find_pairs(faces(1))[0]))
    assert photo.size == sketch.size == (200, 250) and photo.mode == sketch.mode == "RGB"
    red, green, blue = sketch.split()
    assert red == green == blue


def test_there_are_eight_orientations(faces):
    pair = find_pairs(faces(1))[0]
    seen = {read_pair(Item(pair, orientation))[0].tobytes() for orientation in range(8)}
    assert len(seen) == 8

"""Data folders as they are found: what pairs, which person an image shows, and which part folders name."""

import json
import unicodedata
from pathlib import Path

import pytest
from conftest import cufs, draw_face, ids, put
from PIL import Image
from test_split import split
from typer.testing import CliRunner

from facesketch.files import walk_files
from train.__main__ import app
from train.data.align import align
from train.data.check import examine
from train.data.names import persons
from train.data.pairs import DataError, Item, find_pairs, read_pair
from train.data.split import make_split
from train.presets import PRESETS


def make_pairs(root: Path, photos: dict[str, str]) -> Path:
    """A folder of pairs: photo's path -> sketch's path."""
    for number, (photo, sketch) in enumerate(photos.items()):
        for path, image in zip((photo, sketch), draw_face(number), strict=True):
            put(root / path, image)
    return root


def test_a_test_part_that_folders_name_is_used(tmp_path):
    names = [(part, i) for part in ("train", "test") for i in range(4)]
    make_pairs(tmp_path / "plain", {f"{part}/photos/{i}.png": f"{part}/sketches/{i}.png" for part, i in names})
    for seed in range(3):
        parts = split(tmp_path / "plain", seed=seed, validation=0.3)
        assert ids(parts.test) == [f"test/{i}" for i in range(4)]
        assert all(name.startswith("train/") for name in ids([*parts.train, *parts.val]))


def test_the_parts_of_cufs_are_used(tmp_path):
    cufs(tmp_path, 3, "Training photo", "Training sketch")
    for side, number in (("photo", "f-101-01"), ("sketch", "f-101-01-sz1")):
        put(tmp_path / f"Testing {side}" / f"{number}.jpg", draw_face(7)[side == "sketch"])
    parts = split(tmp_path)
    assert ids(parts.test) == ["Testing/f-101-01"] and len(parts.train) == 6


@pytest.mark.parametrize("end", ["/{}", "-0{}", "_{}", " {}"])
def test_the_images_of_a_person_stay_in_one_part(tmp_path, end):
    names = [f"{person}{end.format(shot)}" for person in ("anna", "ben", "cleo", "dora", "emil") for shot in (1, 2, 3)]
    make_pairs(tmp_path, {f"photos/{name}.png": f"sketches/{name}.png" for name in names})
    for seed in range(5):
        parts = split(tmp_path, seed=seed, validation=0.3)
        found = [
            {name.rstrip("0123456789")[:-1].rstrip("0-_/ ") for name in ids(part)}
            for part in (parts.train, parts.val, parts.test)
        ]
        assert len(parts.test) == 3 and sum(map(len, found)) == 5


def test_a_long_series_of_numbers_is_a_series_of_persons():
    series = [f"face-{number:03d}" for number in range(100)]
    assert set(persons(series).values()) == set(series)
    named = [f"{sex}-{number}" for sex in ("m", "f") for number in range(40)]
    assert set(persons(named).values()) == set(named)
    assert len(set(persons([f"cuhk/{i}" for i in range(88)] + [f"ar/{i}" for i in range(99)]).values())) == 187


def test_links_and_two_unicode_forms(tmp_path):
    composed, decomposed = (unicodedata.normalize(form, "zoë") for form in ("NFC", "NFD"))
    make_pairs(
        tmp_path / "real", {f"photos/{composed}.png": f"sketches/{decomposed}.jpg", "photos/b.png": "sketches/b.png"}
    )
    (tmp_path / "data").mkdir()
    for side in ("photos", "sketches"):
        (tmp_path / "data" / side).symlink_to(tmp_path / "real" / side)
    assert [pair.id for pair in find_pairs(tmp_path / "data")] == ["b", composed]
    text = json.dumps({"train": ["b"], "test": [decomposed]}, ensure_ascii=False)
    for encoding in ("utf-8", "utf-8-sig"):
        (tmp_path / "data" / "split.json").write_text(text, encoding=encoding)
        assert ids(split(tmp_path / "data").test) == [composed]


def test_photo_and_sketch_side_by_side_in_one_file(tmp_path):
    for number in range(5):
        photo, sketch = draw_face(number)
        both = Image.new("RGB", (400, 250))
        both.paste(photo, (0, 0))
        both.paste(sketch, (200, 0))
        put(tmp_path / ("test" if number == 4 else "train") / f"{number}.png", both)
    pairs = find_pairs(tmp_path)
    assert [pair.id for pair in pairs] == ["test/4", *(f"train/{i}" for i in range(4))]
    photo, sketch = read_pair(Item(pairs[0]))
    assert photo.tobytes() == draw_face(4)[0].tobytes()
    assert sketch.tobytes() == draw_face(4)[1].convert("RGB").tobytes()
    assert ids(split(tmp_path).test) == ["test/4"]


@pytest.mark.parametrize("sides", [("A", "B"), ("trainA", "trainB")])
def test_a_and_b_pair_by_name_and_otherwise_only_for_cyclegan(tmp_path, sides):
    make_pairs(tmp_path / "same", {f"{sides[0]}/{i}.png": f"{sides[1]}/{i}.png" for i in range(4)})
    assert all(pair.paired for pair in find_pairs(tmp_path / "same")) and len(find_pairs(tmp_path / "same")) == 4
    make_pairs(tmp_path / "apart", {f"{sides[0]}/photo{i}.png": f"{sides[1]}/drawing{i}.png" for i in range(5)})
    pairs = find_pairs(tmp_path / "apart")
    assert len(pairs) == 5 and not any(pair.paired for pair in pairs)
    assert sum(make_split(pairs, tmp_path / "apart", PRESETS["cyclegan"]).counts.values()) == 5
    with pytest.raises(DataError, match="only CycleGAN trains without pairs"):
        split(tmp_path / "apart")


def test_fs2k_as_downloaded(tmp_path):
    rows = [(style, number) for style in (1, 2) for number in (1, 2, 3)]
    make_pairs(tmp_path, {f"photo/photo{s}/image000{n}.jpg": f"sketch/sketch{s}/sketch000{n}.png" for s, n in rows})
    assert [pair.id for pair in find_pairs(tmp_path)] == [f"{s}/000{n}" for s, n in rows]
    for part, kept in (("train", rows[:4]), ("test", rows[4:])):
        content = [{"image_name": f"photo{s}/image000{n}", "style": s} for s, n in kept]
        (tmp_path / f"anno_{part}.json").write_text(json.dumps(content))
    assert ids(split(tmp_path).test) == ["2/0002", "2/0003"]


def test_if_nothing_pairs_the_error_says_what_was_found(tmp_path):
    make_pairs(tmp_path, {f"photos/me{i}.png": f"sketches/drawing{i}.png" for i in range(6)})
    with pytest.raises(DataError, match=r"6 photos, named like me0\.png, and 6 sketches, named like drawing0\.png"):
        find_pairs(tmp_path)


def test_align_writes_aligned_pairs_and_overwrites_nothing(tmp_path):
    portrait = Image.open(Path(__file__).parents[2] / "examples" / "grace_hopper.jpg")
    put(tmp_path / "in" / "photos" / "grace.jpg", portrait)
    put(tmp_path / "in" / "sketches" / "grace.png", portrait.convert("L").resize((256, 300)))
    for side in ("photos", "sketches"):
        put(tmp_path / "in" / side / "wall.png", Image.new("RGB", (300, 300), "gray"))
    run = CliRunner().invoke(app, ["align", str(tmp_path / "in"), str(tmp_path / "out")])
    assert run.exit_code == 1 and "wall: No face was found." in run.output and "1 pair" in run.output
    assert {path.relative_to(tmp_path / "out").as_posix() for path in walk_files(tmp_path / "out")} == {
        "photos/grace.png", "sketches/grace.png",
    }  # fmt: skip
    assert all(Image.open(path).size == (200, 250) for path in walk_files(tmp_path / "out"))
    assert examine(tmp_path / "out", quick=True) == []
    with pytest.raises(DataError, match="exists already"):
        align(tmp_path / "in", tmp_path / "out")

"""Data folders as others lay them out: what pairs, whom a picture shows, and which part folders tell."""

import json
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import cufs, draw_face, ids, put
from PIL import Image
from test_split import PLAIN
from typer.testing import CliRunner

from facesketch.files import below
from train.__main__ import app
from train.data.align import align
from train.data.check import examine
from train.data.names import persons
from train.data.pairs import DataError, Item, pairs, read_pair
from train.data.split import split
from train.presets import PRESETS


def drawn(root: Path, photos: dict[str, str]) -> Path:
    """A folder of pairs: photo's path -> sketch's path."""
    for number, (photo, sketch) in enumerate(photos.items()):
        for path, picture in zip((photo, sketch), draw_face(number), strict=True):
            put(root / path, picture)
    return root


def test_a_test_part_that_folders_tell_is_honoured(tmp_path):
    names = [(part, i) for part in ("train", "test") for i in range(4)]
    drawn(tmp_path / "plain", {f"{part}/photos/{i}.png": f"{part}/sketches/{i}.png" for part, i in names})
    for seed in range(3):
        parts = split(pairs(tmp_path / "plain"), tmp_path / "plain", replace(PLAIN, seed=seed, validation=0.3))
        assert ids(parts["test"]) == [f"test/{i}" for i in range(4)]
        assert all(name.startswith("train/") for name in ids(parts["train"] + parts["val"]))


def test_cufs_parts_are_kept_and_a_person_in_both_is_told(tmp_path):
    cufs(tmp_path, 3, "Training photo", "Training sketch")
    for side, number in (("photo", "f-101-01"), ("sketch", "f-101-01-sz1")):
        put(tmp_path / f"Testing {side}" / f"{number}.jpg", draw_face(7)[side == "sketch"])
    parts = split(pairs(tmp_path), tmp_path, PLAIN)
    assert ids(parts["test"]) == ["Testing/f-101-01"] and len(parts["train"]) == 6


@pytest.mark.parametrize("end", ["/{}", "-0{}", "_{}", " {}"])
def test_a_persons_pictures_stay_on_one_side(tmp_path, end):
    names = [f"{who}{end.format(shot)}" for who in ("anna", "ben", "cleo", "dora", "emil") for shot in range(1, 4)]
    drawn(tmp_path, {f"photos/{name}.png": f"sketches/{name}.png" for name in names})
    found = pairs(tmp_path)
    for seed in range(5):
        parts = split(found, tmp_path, replace(PLAIN, seed=seed, validation=0.3))
        sides = [{name.rstrip("0123456789")[:-1].rstrip("0-_/ ") for name in ids(parts[part])} for part in parts]
        assert len(parts["test"]) == 3 and sum(map(len, sides)) == 5


def test_numbers_of_a_series_are_persons():
    series = [f"face-{number:03d}" for number in range(100)]
    assert set(persons(series).values()) == set(series)
    named = [f"{sex}-{number}" for sex in ("m", "f") for number in range(40)]
    assert set(persons(named).values()) == set(named)
    assert set(persons([f"cuhk/{i}" for i in range(88)] + [f"ar/{i}" for i in range(99)]).values()).__len__() == 187


def test_links_and_two_unicode_forms(tmp_path):
    composed, apart = (unicodedata.normalize(form, "zoë") for form in ("NFC", "NFD"))
    drawn(tmp_path / "real", {f"photos/{composed}.png": f"sketches/{apart}.jpg", "photos/b.png": "sketches/b.png"})
    (tmp_path / "data").mkdir()
    for side in ("photos", "sketches"):
        (tmp_path / "data" / side).symlink_to(tmp_path / "real" / side)
    assert [pair.id for pair in pairs(tmp_path / "data")] == ["b", composed]
    text = json.dumps({"train": ["b"], "test": [apart]}, ensure_ascii=False)
    for encoding in ("utf-8", "utf-8-sig"):
        (tmp_path / "data" / "split.json").write_text(text, encoding=encoding)
        assert ids(split(pairs(tmp_path / "data"), tmp_path / "data", PLAIN)["test"]) == [composed]


def test_a_photo_beside_its_sketch_in_one_picture(tmp_path):
    for number in range(5):
        photo, sketch = draw_face(number)
        both = Image.new("RGB", (400, 250))
        both.paste(photo, (0, 0))
        both.paste(sketch, (200, 0))
        put(tmp_path / ("test" if number == 4 else "train") / f"{number}.png", both)
    found = pairs(tmp_path)
    assert [pair.id for pair in found] == ["test/4", *(f"train/{i}" for i in range(4))]
    photo, sketch = read_pair(Item(found[0]))
    assert photo.tobytes() == draw_face(4)[0].tobytes()
    assert sketch.tobytes() == draw_face(4)[1].convert("RGB").tobytes()
    assert ids(split(found, tmp_path, PLAIN)["test"]) == ["test/4"]


@pytest.mark.parametrize("sides", [("A", "B"), ("trainA", "trainB")])
def test_a_and_b_pair_by_name_and_else_serve_cyclegan(tmp_path, sides):
    drawn(tmp_path / "same", {f"{sides[0]}/{i}.png": f"{sides[1]}/{i}.png" for i in range(4)})
    assert all(pair.paired for pair in pairs(tmp_path / "same")) and len(pairs(tmp_path / "same")) == 4
    drawn(tmp_path / "apart", {f"{sides[0]}/photo{i}.png": f"{sides[1]}/drawing{i}.png" for i in range(5)})
    found = pairs(tmp_path / "apart")
    assert len(found) == 5 and not any(pair.paired for pair in found)
    parts = split(found, tmp_path / "apart", PRESETS["cyclegan-cufs" if "cyclegan-cufs" in PRESETS else "cyclegan"])
    assert len(parts["train"] + parts["val"] + parts["test"]) == 5
    with pytest.raises(DataError, match="all but CycleGAN need"):
        split(found, tmp_path / "apart", PLAIN)


def test_fs2k_as_it_comes(tmp_path):
    rows = [(style, number) for style in (1, 2) for number in (1, 2, 3)]
    drawn(tmp_path, {f"photo/photo{s}/image000{n}.jpg": f"sketch/sketch{s}/sketch000{n}.png" for s, n in rows})
    assert [pair.id for pair in pairs(tmp_path)] == [f"{s}/000{n}" for s, n in rows]
    for part, kept in (("train", rows[:4]), ("test", rows[4:])):
        told = [{"image_name": f"photo{s}/image000{n}", "style": s} for s, n in kept]
        (tmp_path / f"anno_{part}.json").write_text(json.dumps(told))
    assert ids(split(pairs(tmp_path), tmp_path, PLAIN)["test"]) == ["2/0002", "2/0003"]


def test_where_nothing_pairs_it_is_said_what_was_found(tmp_path):
    drawn(tmp_path, {f"photos/me{i}.png": f"sketches/drawing{i}.png" for i in range(6)})
    with pytest.raises(DataError, match=r"6 photos, named like me0\.png, and 6 sketches, named like drawing0\.png"):
        pairs(tmp_path)


def test_align_brings_pairs_into_the_frame_and_overwrites_nothing(tmp_path, capsys):
    portrait = Image.open(Path(__file__).parents[2] / "examples" / "grace_hopper.jpg")
    put(tmp_path / "in" / "photos" / "grace.jpg", portrait)
    put(tmp_path / "in" / "sketches" / "grace.png", portrait.convert("L").resize((256, 300)))
    for side in ("photos", "sketches"):
        put(tmp_path / "in" / side / "wall.png", Image.new("RGB", (300, 300), "gray"))
    run = CliRunner().invoke(app, ["align", str(tmp_path / "in"), str(tmp_path / "out")])
    assert run.exit_code == 1 and "wall: No face was found." in run.output and "1 pair" in run.output
    assert {path.relative_to(tmp_path / "out").as_posix() for path in below(tmp_path / "out")} == {
        "photos/grace.png", "sketches/grace.png",
    }  # fmt: skip
    assert all(Image.open(path).size == (200, 250) for path in below(tmp_path / "out"))
    assert examine(tmp_path / "out", quick=True) == []
    with pytest.raises(DataError, match="is there already"):
        align(tmp_path / "in", tmp_path / "out")

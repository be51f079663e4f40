"""The parts of a run: no person on both sides, split.json, the deck's split, subsets."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import cufs, ids, persons

from train.config import Config
from train.data.pairs import DataError, Pair, pairs, read_pair
from train.data.split import split
from train.presets import PRESETS

PLAIN = Config("plain", "pix2pix", "unet", 4, epochs=1, batch=2, size=64, crop=64)


def test_no_person_on_both_sides(tmp_path):
    cufs(tmp_path, 12, "photos", "sketches")
    found = pairs(tmp_path)
    for seed in range(5):
        parts = split(found, tmp_path, replace(PLAIN, validation=0.2, seed=seed))
        train, val, test = (persons(parts[part]) for part in ("train", "val", "test"))
        assert not train & val and not train & test and not val & test
        assert len(test) == 2 and len(val) == 2 and len(train) == 8
        assert sorted(i for part in parts.values() for i in ids(part)) == sorted(p.id for p in found)
        assert all(item.turn == 0 for part in parts.values() for item in part)


def test_split_follows_from_the_seed(faces):
    folder = faces(10)
    found = pairs(folder)
    assert split(found, folder, PLAIN) == split(found, folder, PLAIN)
    assert any(
        split(found, folder, PLAIN)["test"] != split(found, folder, replace(PLAIN, seed=s))["test"] for s in range(1, 4)
    )


def test_split_json_wins(faces):
    folder = faces(10)
    named = {"train": [f"{i:03d}" for i in range(2, 8)], "test": ["001", "009"]}
    (folder / "split.json").write_text(json.dumps(named))
    parts = split(pairs(folder), folder, replace(PLAIN, validation=0.34))
    assert ids(parts["test"]) == ["001", "009"]
    assert len(parts["val"]) == 2 and set(ids(parts["train"]) + ids(parts["val"])) == set(named["train"])


def test_split_json_does_not_follow_the_seed_in_its_test_part(faces):
    folder = faces(6)
    (folder / "split.json").write_text(json.dumps({"train": ["000", "001", "002"], "test": ["005"]}))
    assert {tuple(ids(split(pairs(folder), folder, replace(PLAIN, seed=s))["test"])) for s in range(4)} == {("005",)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        "null",
        '"train"',
        "{}",
        '{"train": ["000"]}',
        '{"train": ["000"], "test": ["nobody"]}',
        '{"train": 1, "test": 2}',
        '{"train": [["000"]], "test": ["001"]}',
        '{"train": ["000", "001"], "test": ["001"]}',
        '{"train": [], "test": ["001"]}',
        '{"train": null, "test": null}',
    ],
)
def test_bad_split_json(faces, text):
    folder = faces(3)
    (folder / "split.json").write_text(text)
    with pytest.raises(DataError) as error:
        split(pairs(folder), folder, PLAIN)
    assert str(error.value).endswith(".") and "\n" not in str(error.value)


def test_split_json_with_one_person_on_both_sides(tmp_path):
    cufs(tmp_path, 2, "photos", "sketches")
    (tmp_path / "split.json").write_text(json.dumps({"train": ["f-000-01", "f-001-01"], "test": ["f-000-02"]}))
    with pytest.raises(DataError, match="f-000"):
        split(pairs(tmp_path), tmp_path, PLAIN)


def test_too_few_pairs(faces):
    folder = faces(1)
    with pytest.raises(DataError, match="too few"):
        split(pairs(folder), folder, PLAIN)


@pytest.mark.parametrize("count", [1, 5])
def test_deck_split(faces, count):
    folder = faces(count)
    parts = split(pairs(folder), folder, PRESETS["pix2pix-deck"])
    assert parts["test"] == []
    assert len(parts["train"]) == 8 * count * 8 // 10 and len(parts["train"] + parts["val"]) == 8 * count
    assert {(item.pair.id, item.turn) for item in parts["train"] + parts["val"]} == {
        (f"{i:03d}", t) for i in range(count) for t in range(8)
    }
    for item in parts["val"]:  # measured as the deck has them: squares of 256 before they are turned
        assert [picture.size for picture in read_pair(item)] == [(256, 256)] * 2
        assert read_pair(replace(item, side=0))[0].size == ((200, 250), (250, 200))[item.turn % 2]


def test_a_subset_is_trained_and_validated_on_alone_where_the_data_has_it(tmp_path):
    names = [f"{part}/{i}" for part in ("cuhk", "ar") for i in range(10)]
    found = [Pair(name, name, Path("photo"), Path("sketch")) for name in names]
    (tmp_path / "split.json").write_text(json.dumps({"train": names[2:], "test": names[:2]}))
    whole = split(found, tmp_path, replace(PRESETS["pix2pix"], validation=0.3))
    parts = split(found, tmp_path, replace(PRESETS["pix2pix"], validation=0.3, subset="cuhk"))
    for part in ("train", "val"):
        assert parts[part] == [item for item in whole[part] if item.pair.id.startswith("cuhk/")] != whole[part]
    assert parts["test"] == whole["test"]
    elsewhere = replace(PRESETS["pix2pix"], validation=0.3, subset="elsewhere")
    assert split(found, tmp_path, elsewhere) == whole
    deck = split(found, tmp_path, PRESETS["cyclegan-deck"])
    assert len(deck["train"]) == 64 and len(deck["val"]) == 16
    assert {item.pair.id.split("/")[0] for item in deck["train"] + deck["val"]} == {"cuhk"}

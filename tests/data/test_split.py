"""The parts of a run: nobody is in two parts, split.json, the deck's split, subsets."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import cufs, ids, persons

from train.config import Config, override
from train.data.pairs import DataError, Pair, find_pairs, read_pair
from train.data.split import Split, make_split
from train.presets import PRESETS

PLAIN = override(Config(), {"batch_size": 2, "model.size": 64, "data.crop_size": 64})
VALIDATION = "data.validation_fraction"


def split(folder: Path, **changes) -> Split:
    """The split of a folder under PLAIN; validation: the fraction of validation persons."""
    dotted = {VALIDATION if name == "validation" else name: value for name, value in changes.items()}
    return make_split(find_pairs(folder), folder, override(PLAIN, dotted))


def test_nobody_is_in_two_parts(tmp_path):
    cufs(tmp_path, 12, "photos", "sketches")
    for seed in range(5):
        parts = split(tmp_path, validation=0.2, seed=seed)
        train, val, test = (persons(part) for part in (parts.train, parts.val, parts.test))
        assert not train & val and not train & test and not val & test
        assert len(test) == 2 and len(val) == 2 and len(train) == 8
        items = [*parts.train, *parts.val, *parts.test]
        assert sorted(ids(items)) == sorted(pair.id for pair in find_pairs(tmp_path))
        assert all(item.orientation == 0 for item in items)
        assert parts.counts == {"train": 16, "val": 4, "test": 4}


def test_the_split_follows_from_the_seed(faces):
    folder = faces(10)
    assert split(folder) == split(folder)
    assert any(split(folder).test != split(folder, seed=seed).test for seed in range(1, 4))


def test_split_json_decides(faces):
    folder = faces(10)
    named = {"train": [f"{i:03d}" for i in range(2, 8)], "test": ["001", "009"]}
    (folder / "split.json").write_text(json.dumps(named))
    parts = split(folder, validation=0.34)
    assert ids(parts.test) == ["001", "009"]
    assert len(parts.val) == 2 and set(ids(parts.train) + ids(parts.val)) == set(named["train"])


def test_the_test_part_of_split_json_does_not_depend_on_the_seed(faces):
    folder = faces(6)
    (folder / "split.json").write_text(json.dumps({"train": ["000", "001", "002"], "test": ["005"]}))
    assert {tuple(ids(split(folder, seed=seed).test)) for seed in range(4)} == {("005",)}


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
def test_an_invalid_split_json_is_one_sentence(faces, text):
    folder = faces(3)
    (folder / "split.json").write_text(text)
    with pytest.raises(DataError) as error:
        split(folder)
    assert str(error.value).endswith(".") and "\n" not in str(error.value)


def test_a_person_in_both_parts_of_split_json(tmp_path):
    cufs(tmp_path, 2, "photos", "sketches")
    (tmp_path / "split.json").write_text(json.dumps({"train": ["f-000-01", "f-001-01"], "test": ["f-000-02"]}))
    with pytest.raises(DataError, match="f-000"):
        split(tmp_path)


def test_too_few_pairs(faces):
    with pytest.raises(DataError, match="too few"):
        split(faces(1))


@pytest.mark.parametrize("count", [1, 5])
def test_the_decks_split(faces, count):
    folder = faces(count)
    parts = make_split(find_pairs(folder), folder, PRESETS["pix2pix-deck"])
    assert list(parts.test) == []
    items = [*parts.train, *parts.val]
    assert len(parts.train) == 8 * count * 8 // 10 and len(items) == 8 * count
    expected = {(f"{i:03d}", orientation) for i in range(count) for orientation in range(8)}
    assert {(item.pair.id, item.orientation) for item in items} == expected
    for item in parts.val:  # measured like the deck's: resized to squares before they are rotated
        assert [image.size for image in read_pair(item)] == [(256, 256)] * 2
        native = read_pair(replace(item, size=0))[0].size
        assert native == ((200, 250), (250, 200))[item.orientation % 2]


def test_training_and_validation_are_limited_to_a_subset_that_the_data_have(tmp_path):
    names = [f"{folder}/{i}" for folder in ("cuhk", "ar") for i in range(10)]
    pairs = [Pair(name, name, Path("photo"), Path("sketch")) for name in names]
    (tmp_path / "split.json").write_text(json.dumps({"train": names[2:], "test": names[:2]}))

    def of_subset(subset: str) -> Split:
        return make_split(pairs, tmp_path, override(PRESETS["pix2pix"], {VALIDATION: 0.3, "data.subset": subset}))

    whole, parts = of_subset(""), of_subset("cuhk")
    for part, whole_part in ((parts.train, whole.train), (parts.val, whole.val)):
        assert part == [item for item in whole_part if item.pair.id.startswith("cuhk/")] != whole_part
    assert parts.test == whole.test
    assert of_subset("elsewhere") == whole
    deck = make_split(pairs, tmp_path, PRESETS["cyclegan-deck"])
    assert len(deck.train) == 64 and len(deck.val) == 16
    assert {item.pair.id.split("/")[0] for item in [*deck.train, *deck.val]} == {"cuhk"}

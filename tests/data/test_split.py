"""The parts of a run: nobody is in two parts, split.json, the deck's split, subsets."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import cufs, draw_face, ids, persons, put

from train.config import Config, override
from train.data.pairs import DataError, Pair, find_pairs, read_pair
from train.data.split import Split, make_split, person_hash
from train.presets import PRESETS

PLAIN = override(Config(), {"batch_size": 2, "model.size": 64, "data.crop_size": 64})
VALIDATION = "data.validation_fraction"


def split(folder: Path, **changes) -> Split:
    """The split of a folder under PLAIN; validation: the fraction of validation persons."""
    dotted = {VALIDATION if name == "validation" else name: value for name, value in changes.items()}
    return make_split(find_pairs(folder), folder, override(PLAIN, dotted))


def parts_of(split: Split) -> dict[str, str]:
    """Each item's part by the name of its file."""
    parts = {"train": split.train, "val": split.val, "test": split.test}
    return {item.pair.photo.name: name for name, items in parts.items() for item in items}


def collection(root: Path, **counts: int) -> Path:
    """A folder for each name, with so many pairs in photos/ and sketches/."""
    for folder, count in counts.items():
        for number in range(count):
            for side, image in zip(("photos", "sketches"), draw_face(0, (8, 10)), strict=True):
                put(root / folder / side / f"{folder}{number:03d}.png", image)
    return root


def test_nobody_is_in_two_parts(tmp_path):
    cufs(tmp_path, 12, "photos", "sketches")
    for validation, count in ((0.0, 0), (0.2, 2), (0.4, 3)):
        parts = split(tmp_path, validation=validation)
        train, val, test = (persons(part) for part in (parts.train, parts.val, parts.test))
        assert not train & val and not train & test and not val & test
        assert len(test) == 3 and len(val) == count and len(train) == 9 - count
        items = [*parts.train, *parts.val, *parts.test]
        assert sorted(ids(items)) == sorted(pair.id for pair in find_pairs(tmp_path))
        assert all(item.orientation == 0 for item in items)
        assert parts.counts == {"train": 18 - 2 * count, "val": 2 * count, "test": 6}


def test_the_seed_and_the_order_do_not_change_the_split(faces):
    folder = faces(10)
    pairs, config = find_pairs(folder), override(PLAIN, {VALIDATION: 0.2})
    assert split(folder, validation=0.2).val and split(folder).test
    for seed in range(5):
        assert split(folder, validation=0.2, seed=seed) == split(folder, validation=0.2)
        shuffled = random.Random(seed).sample(pairs, len(pairs))
        assert parts_of(make_split(shuffled, folder, config)) == parts_of(split(folder, validation=0.2))


def test_other_folders_and_other_persons_do_not_change_a_persons_part(tmp_path):
    """Given with their folder, alone, together with another, or with both; and as persons are added."""
    root, config = collection(tmp_path / "data", cuhk=30, ar=20), override(PLAIN, {VALIDATION: 0.2})
    whole = parts_of(split(root, validation=0.2))
    assert len(whole) == 50 and set(whole.values()) == {"train", "val", "test"}
    found = {}
    for folders in ([root / "cuhk"], [root / "ar"], [root / "ar", root / "cuhk"], [root, root / "cuhk"], [root]):
        of_folders = parts_of(make_split(find_pairs(folders), folders, config))
        assert of_folders.items() <= whole.items(), folders
        found |= of_folders
    assert found == whole
    subset = make_split(find_pairs(root), root, override(config, {"data.subset": "cuhk"}))
    assert parts_of(replace(subset, test=[])).items() <= whole.items()
    few = collection(tmp_path / "few", cuhk=7)
    assert parts_of(split(few, validation=0.2)).items() <= whole.items()


def test_the_parts_that_a_folder_names_do_not_decide_for_another(tmp_path):
    """split.json, or folders called train and test, in one of several data folders."""
    mine = collection(tmp_path / "mine", a=20)
    alone = parts_of(split(mine, validation=0.2))
    named, sorted_ = collection(tmp_path / "named", b=4), collection(tmp_path / "sorted", train=4, test=2)
    (named / "split.json").write_text(json.dumps({"train": ["b/b000", "b/b001"], "test": ["b/b002"]}))
    for other, test in ((named, {"b002.png"}), (sorted_, {"test000.png", "test001.png"})):
        folders = [mine, other]
        parts = parts_of(make_split(find_pairs(folders), folders, override(PLAIN, {VALIDATION: 0.2})))
        assert {name: part for name, part in parts.items() if name.startswith("a")} == alone
        assert {name for name, part in parts.items() if part == "test" and not name.startswith("a")} == test


def test_the_deck_has_one_shuffle_for_all_seeds(faces):
    """The one that seed 0 had."""
    pairs, folder = find_pairs(faces(3)), Path()
    items = [(pair.id, orientation) for pair in pairs for orientation in range(8)]
    random.Random(0).shuffle(items)
    for seed in (0, 1, 7):
        parts = make_split(pairs, folder, override(PRESETS["pix2pix-deck"], {"seed": seed}))
        assert [(item.pair.id, item.orientation) for item in [*parts.train, *parts.val]] == items


def test_validation_has_enough_persons_of_a_subset():
    """CUHK's training persons, as split.json of CUFS names them: a few cannot select a step."""
    pairs = [Pair(f"cuhk/train-{i:02d}", f"cuhk/train-{i:02d}", Path("photo"), Path("sketch")) for i in range(88)]
    for preset in ("cyclegan-fullres", "cyclegan", "cyclegan-web"):
        fraction = PRESETS[preset].data.validation_fraction
        assert sum(person_hash(pair.person).val < fraction for pair in pairs) >= 10
    assert len({PRESETS[name].data.validation_fraction for name in PRESETS}) == 1, "a parent trains on no child's"


def test_unpaired_photos_are_of_training_persons(tmp_path):
    """Nothing is learned from validation persons outside the subset either."""
    for number in range(20):
        photo, sketch = draw_face(number, (8, 10))
        for side, image in (("photos", photo), ("sketches", sketch), ("mattes", sketch)):
            put(tmp_path / ("cuhk" if number < 5 else "line") / side / f"{number}.png", image)
    config = override(PRESETS["cyclegan-web"], {VALIDATION: 0.3})
    parts, whole = (
        make_split(find_pairs(tmp_path), tmp_path, override(config, changes)) for changes in ({}, {"data.subset": ""})
    )
    assert set(ids(parts.unpaired)) == {name for name in ids(whole.train) if name.startswith("line/")}
    assert any(name.startswith("line/") for name in ids(whole.val))


def test_split_json_decides(faces):
    folder = faces(10)
    named = {"train": [f"{i:03d}" for i in range(2, 8)], "test": ["001", "009"]}
    (folder / "split.json").write_text(json.dumps(named))
    parts = split(folder, validation=0.05)
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


def test_photos_without_sketches_are_trained_on_where_a_model_draws_them(tmp_path):
    folder = collection(tmp_path, some=6)
    for number in range(6):
        put(folder / "other" / "photos" / f"other{number}.png", draw_face(0, (8, 10))[0])
        put(folder / "other" / "mattes" / f"other{number}.png", draw_face(0, (8, 10))[1])
    drawn = make_split(find_pairs(folder), folder, override(PLAIN, {"data.synthetic_ratio": 0.5, VALIDATION: 0.0}))
    plain = make_split(find_pairs(folder), folder, override(PLAIN, {VALIDATION: 0.0}))
    assert not any("other" in item.pair.id for part in (plain.train, plain.val, plain.test) for item in part)
    assert any("other" in item.pair.id for item in drawn.train)
    assert not any("other" in item.pair.id for part in (drawn.val, drawn.test) for item in part)
    assert {item for item in drawn.train if "other" not in item.pair.id} == set(plain.train)

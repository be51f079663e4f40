"""Persons that a model was trained on are known again, whatever folder is given, and nobody else is taken for them."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import draw_face, ids, put

from benchmarks import overlap as benchmark
from facesketch import WEIGHTS_DIR
from facesketch.models.config import ParentModel, PersonHashes
from train.config import Config, override
from train.data.overlap import Ancestry, id_hash, leave_out, record
from train.data.pairs import DataError, Folders, find_pairs
from train.data.split import Split, make_split
from train.presets import PRESETS

MINE = sorted(f"mine/{number}" for number in range(12))
ALL = override(Config(), {"data.validation_fraction": 0.0})


@pytest.fixture
def cufs(tmp_path) -> Path:
    """Pairs 0 to 11 in CUFS/cuhk and CUFS/ar, and in another data set."""
    for folder in ("CUFS/cuhk", "CUFS/ar", "mine"):
        for number in range(12):
            for side, image in zip(("photos", "sketches"), draw_face(number, (8, 10)), strict=True):
                put(tmp_path / folder / side / f"{number}.png", image)
    return tmp_path / "CUFS"


def everybody(folders: Folders) -> Split:
    """All pairs of folders in train and in test."""
    split = make_split(find_pairs(folders), folders, ALL)
    return replace(split, train=[*split.train, *split.test], test=[*split.train, *split.test], val=[])


def left(of: Folders, trained_on: Folders) -> list[str]:
    """The ids that a model trained on all of some folders can be measured on."""
    split, hashes = everybody(of), record(everybody(trained_on), Ancestry()).trained_on
    try:
        return sorted(ids(leave_out(split, hashes).split.test))
    except DataError:  # that nobody is left
        return []


def test_a_person_is_known_again_whatever_folder_is_given(cufs):
    for trained_on in (cufs, cufs.parent, [cufs, cufs / "cuhk"]):
        for of in (cufs, cufs / "cuhk", cufs / "ar", [cufs / "ar", cufs]):
            assert left(of, trained_on) == []
        assert left(cufs.parent, trained_on) == ([] if trained_on == cufs.parent else MINE)
    assert left(cufs / "cuhk", cufs / "cuhk") == []
    assert not any(name.startswith("cuhk/") for name in left(cufs, cufs / "cuhk"))


def test_persons_of_other_data_with_the_same_names_are_not_left_out(cufs):
    assert left(cufs.parent / "mine", cufs) == [name.removeprefix("mine/") for name in MINE]


def test_shots_of_a_person_are_known_by_the_person(tmp_path):
    """Also if the names around them differ, which distinguish persons from series."""
    names = {
        "all": ["anna-1", "anna-2", "ben-1", "ben-2"],
        "few": ["anna-3", "carl-1"],
        "person": ["f-001-01", "f-002-01"],
    }
    names |= {"again": ["f-001-02", "f-009-01"]}
    for folder, stems in names.items():
        for number, stem in enumerate(stems):
            for side, image in zip(("photos", "sketches"), draw_face(number, (8, 10)), strict=True):
                put(tmp_path / folder / side / f"{stem}.png", image)
    assert left(tmp_path / "few", tmp_path / "all") == ["carl-1"]
    assert left(tmp_path / "few", tmp_path / "person") == ["anna-3", "carl-1"]
    assert left(tmp_path / "again", tmp_path / "person") == ["f-009-01"]


def test_who_is_left_out_is_one_sentence_with_numbers(faces):
    """By their hash 000 is tested on, and 003, 006 and 008 are validated on."""
    folder = faces(9)
    split = make_split(find_pairs(folder), folder, override(Config(), {"data.validation_fraction": 0.2}))
    nobody, some = (leave_out(split, frozenset(map(id_hash, names))) for names in ([], ["003", "006", "001"]))
    assert nobody.split == split and str(nobody) == ""
    assert ids(some.split.val) == ["008"] and ids(some.split.test) == ["000"] and some.split.train == split.train
    assert str(some) == "2 of 3 validation persons are left out, because the model was trained on them."
    both = leave_out(split, frozenset(map(id_hash, ["003", "000"])))
    assert str(both).startswith("1 of 3 validation persons and 1 of 1 test persons are left out")
    with pytest.raises(DataError, match=r"trained on all 4 persons .* nobody is left"):
        leave_out(split, frozenset(map(id_hash, ["000", "003", "006", "008"])))


def test_a_record_has_every_part_and_the_persons_of_the_parents(faces):
    folder = faces(9)
    split = make_split(find_pairs(folder), folder, override(Config(), {"data.validation_fraction": 0.2}))
    ancestry = Ancestry({"photo_to_sketch": (ParentModel("mine"),)}, frozenset(map(id_hash, ["001", "other"])))
    persons = record(split, ancestry)
    assert persons.val.split() == sorted(map(id_hash, ["003", "006", "008"])) and persons.test == id_hash("000")
    assert persons.train.split() == sorted(map(id_hash, ["001", "002", "004", "005", "007"]))
    assert persons.parents == id_hash("other") and persons.trained_on >= ancestry.trained_on
    unpaired = record(replace(split, train=split.train[:1], unpaired=split.train[1:]), Ancestry())
    assert unpaired == replace(persons, parents="")


def test_a_continued_preset_validates_on_nobody_that_the_preset_before_it_trained_on(cufs):
    stages = {
        name: make_split(find_pairs(cufs), cufs, PRESETS[name])
        for name in ("cyclegan-halfres", "cyclegan-fullres", "cyclegan", "cyclegan-web")
    }
    learned = frozenset().union(*(record(split, Ancestry()).trained_on for split in stages.values()))
    assert all(str(leave_out(split, learned)) == "" for split in stages.values() if split.val or split.test)


@pytest.mark.parametrize(
    ("name", "direction", "row"),
    [
        ("cyclegan", "photo_to_sketch", "3 of 3 | 0 of 202"),
        ("cyclegan", "sketch_to_photo", "0 of 0 | 0 of 202"),
        ("pix2pix", "photo_to_sketch", "0 of 8 | 0 of 202"),
        ("pix2pix", "sketch_to_photo", "0 of 8 | 0 of 202"),
        ("matte", "photo_to_matte", "0 of 82 | 0 of 104"),
    ],
)
def test_the_overlap_of_embedded_models_is_as_in_quality_md(name, direction, row, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["overlap", str(WEIGHTS_DIR / name)])
    benchmark.main()
    (found,) = (line for line in capsys.readouterr().out.splitlines() if f"| {direction} |" in line)
    assert found.endswith(f"| {row} |")
    text = (Path(__file__).parents[2] / "docs" / "quality.md").read_text()
    assert "python -m benchmarks.overlap" in text and f"`weights/{name}` | {direction} | {row} |" in text


def test_overlaps_are_counted_by_part():
    persons = PersonHashes(train="a b", val="b c d", test="", parents="d")
    assert benchmark.overlaps(persons, "val", persons.trained_on) == "2 of 3"
    assert benchmark.overlaps(persons, "test", persons.trained_on) == "0 of 0"

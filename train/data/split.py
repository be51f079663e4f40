"""Divide pairs into training, validation and test parts, by person."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from facesketch import Model

from ..config import Config
from .names import nfc, parse_path, part_of, persons
from .pairs import DataError, Folders, Item, Pair, as_paths, find_pairs

TEST_FRACTION = 0.2  # of the persons, held out if the data do not name a test part


@dataclass(frozen=True)
class Split:
    """The parts of a run. unpaired: training photos outside the subset, used without their sketches."""

    train: Sequence[Item]
    val: Sequence[Item]
    test: Sequence[Item]
    unpaired: Sequence[Item] = ()

    @property
    def counts(self) -> dict[str, int]:
        """The number of items by part; unpaired only if there are any."""
        counts = {"train": len(self.train), "val": len(self.val), "test": len(self.test)}
        return counts | ({"unpaired": len(self.unpaired)} if self.unpaired else {})

    def sha256(self) -> str:
        """What identifies the data of a run: which pairs are in which part, and how many bytes their files have."""
        lines = []
        for part in fields(self):
            for item in getattr(self, part.name):
                pair = item.pair
                sizes = [path.stat().st_size for path in (pair.photo, pair.sketch, pair.matte) if path]
                lines.append(f"{part.name} {pair.id} {item.orientation} {sizes}")
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True)
class TrainTest:
    """The pairs that a data set gives for training (and validation) and for testing."""

    train: list[Pair]
    test: list[Pair]


def make_split(pairs: list[Pair], folders: Folders, config: Config) -> Split:
    """Divide pairs as config.data asks.

    "person": split.json names train and test; without it folders called train and test do; without these a fifth of
    the persons, as file names distinguish them, is held out. Validation persons are drawn from the training persons.
    "deck": every pair as a square in 8 orientations, shuffled, 8:2 into train and val, so that a person can be in both.
    Train and val are limited to config.data.subset; if the data do not have it, all pairs are used. A run that learns
    mattes uses only pairs that have one. Raises DataError if split.json does not fit the data, or nothing is left to
    train on.
    """
    data, folder = config.data, as_paths(folders)[0]
    learns_mattes = config.model.direction == "photo_to_matte"
    if config.method != "cyclegan" and not all(pair.paired for pair in pairs):
        raise DataError(f"{folder} contains no pairs, since no file names match; only CycleGAN trains without pairs.")
    shuffle = random.Random(config.seed).shuffle
    usable = {pair for pair in pairs if pair.matte or not learns_mattes}
    in_subset = {pair for pair in usable if belongs_to(pair, data.subset)} or usable
    if data.split == "deck":
        items = [Item(pair, i, config.model.size) for pair in pairs if pair in in_subset for i in range(8)]
        shuffle(items)
        n_train = len(items) * 8 // 10
        return Split(items[:n_train], items[n_train:], [])
    parts, person_of = _train_and_test(pairs, folders, shuffle)
    training_persons = sorted({person_of[pair] for pair in parts.train})
    shuffle(training_persons)
    val_persons = set(training_persons[: round(len(training_persons) * data.validation_fraction)])
    train = [pair for pair in parts.train if pair in in_subset and person_of[pair] not in val_persons]
    if not train:
        kind = "pair(s) with a matte" if learns_mattes else "pair(s)"
        raise DataError(f"{folder} has {len(usable)} {kind}: too few to train on some and test on others.")
    return Split(
        train=[Item(pair) for pair in train],
        val=[Item(pair) for pair in parts.train if pair in in_subset and person_of[pair] in val_persons],
        test=[Item(pair) for pair in parts.test if pair in usable],
        unpaired=[Item(pair) for pair in parts.train if data.unpaired and pair not in in_subset and pair.matte],
    )


def belongs_to(pair: Pair, subset: str) -> bool:
    """Whether a pair is in a subset, which is a folder of the data; "" is all of them."""
    return not subset or pair.id.startswith(f"{subset}/")


def split_of_model(model: Model, folders: Folders) -> Split:
    """The split of data folders that a model was trained with. Raises DataError."""
    try:
        config = Config.from_dict(model.config.provenance.training)
    except ValueError as error:
        raise DataError("The model's config.json has no valid training config, which decides the split.") from error
    return make_split(find_pairs(folders), folders, config)


def _train_and_test(
    pairs: list[Pair], folders: Folders, shuffle: Callable[[list], None]
) -> tuple[TrainTest, dict[Pair, str]]:
    """The pairs to train and test on, and each pair's person. Raises DataError."""
    parts = read_split_json(pairs, folders)
    if parts is not None:
        return parts, {pair: pair.person for pair in pairs}
    by_name = persons(pair.id for pair in pairs)
    person_of = {pair: by_name[pair.id] for pair in pairs}
    parts = split_by_folders(pairs, folders)
    if parts is None:
        shuffled = sorted(set(person_of.values()))
        shuffle(shuffled)
        held_out = set(shuffled[: max(1, int(len(shuffled) * TEST_FRACTION))])
        parts = TrainTest(
            [pair for pair in pairs if person_of[pair] not in held_out],
            [pair for pair in pairs if person_of[pair] in held_out],
        )
    return parts, person_of


def split_by_folders(pairs: list[Pair], folders: Folders) -> TrainTest | None:
    """The parts that folders called train and test give, or FS2K's anno_test.json; None if neither is there.

    Pairs that neither names are trained on. Raises DataError if a person is in both parts.
    """
    listed = {pair_id for folder in as_paths(folders) for pair_id in _read_fs2k_list(folder / "anno_test.json")}
    test = [pair for pair in pairs if part_of(pair.id) == "test" or pair.id in listed]
    if not test:
        return None
    held_out = set(test)
    train = [pair for pair in pairs if pair not in held_out]
    shared = sorted({pair.person for pair in train} & {pair.person for pair in test})
    if shared:
        raise DataError(f"{as_paths(folders)[0]} has {shared[0]} in both train and test.")
    return TrainTest(train, test)


def _read_fs2k_list(path: Path) -> list[str]:
    """The ids in one of FS2K's lists: photo1/image0110 is 1/0110. Raises DataError."""
    if not path.exists():
        return []
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
        return [parse_path(Path(f"{row['image_name']}.jpg"))[2] for row in rows]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"{path} is not a JSON list of objects with an image_name.") from error


def read_split_json(pairs: list[Pair], folders: Folders) -> TrainTest | None:
    """The parts that the split.json files of folders name; None if no folder has one. Raises DataError."""
    paths = [path for folder in as_paths(folders) if (path := folder / "split.json").exists()]
    if not paths:
        return None
    by_id = {nfc(pair.id): pair for pair in pairs}
    parts = [_read_one_split_json(path, by_id) for path in paths]
    return TrainTest([pair for part in parts for pair in part.train], [pair for part in parts for pair in part.test])


def _read_one_split_json(path: Path, by_id: dict[str, Pair]) -> TrainTest:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        train_ids, test_ids = list(content["train"]), list(content["test"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"{path} is not a JSON object with lists train and test.") from error
    try:
        parts = TrainTest([by_id[nfc(name)] for name in train_ids], [by_id[nfc(name)] for name in test_ids])
    except (KeyError, TypeError) as error:
        raise DataError(f"{path} names {error}, which is not in the data.") from error
    shared = {pair.person for pair in parts.train} & {pair.person for pair in parts.test}
    if shared:
        raise DataError(f"{path} puts {sorted(shared)[0]} in both train and test.")
    return parts

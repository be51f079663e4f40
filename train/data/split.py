"""Divide pairs into training, validation and test parts, by person."""

from __future__ import annotations

import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from facesketch import Model

from ..config import Config
from .names import data_set_of, nfc, parse_path, part_of, persons
from .pairs import DataError, Folders, Item, Pair, as_paths, find_pairs

SPLIT_FILE = "split.json"
TEST_FRACTION = 0.2  # of the persons, held out if the data do not name a test part
DECK_SEED = 0  # of the deck's shuffle, whatever the run's seed, so that all its runs have the same validation images


@dataclass(frozen=True)
class Split:
    """The parts of a run. unpaired: training photos outside the subset, used without their sketches."""

    train: Sequence[Item]
    val: Sequence[Item]
    test: Sequence[Item]
    unpaired: Sequence[Item] = ()
    person_of: Mapping[Pair, str] = field(default_factory=dict)

    def persons(self, items: Iterable[Item]) -> set[str]:
        """The ids of the persons that items show."""
        return {self.person_of[item.pair] for item in items}

    @property
    def counts(self) -> dict[str, int]:
        """The number of items by part; unpaired only if there are any."""
        counts = {"train": len(self.train), "val": len(self.val), "test": len(self.test)}
        return counts | ({"unpaired": len(self.unpaired)} if self.unpaired else {})

    def sha256(self) -> str:
        """What identifies the data of a run: which pairs are in which part, and how many bytes their files have."""
        lines = []
        for part in ("train", "val", "test", "unpaired"):
            for item in getattr(self, part):
                pair = item.pair
                sizes = [path.stat().st_size for path in (pair.photo, pair.sketch, pair.matte) if path]
                lines.append(f"{part} {pair.id} {item.orientation} {sizes}")
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True)
class TrainTest:
    """The pairs that a data set gives for training (and validation) and for testing."""

    train: list[Pair]
    test: list[Pair]


def make_split(pairs: list[Pair], folders: Folders, config: Config) -> Split:
    """Divide pairs as config.data asks.

    "person": see train_and_test; of its training persons, those are for validation whose hash is below
    config.data.validation_fraction. The fraction is one for all presets, so that a run validates on nobody that the run
    before it trained on, and large enough that a subset has enough persons to select a step by: CUHK's 88 training
    persons have 12 at 0.1, and had 3 to 5 at 0.06.
    "deck": every pair as a square in 8 orientations, shuffled, 8:2 into train and val, so that a person can be in both;
    always the same shuffle.
    Train and val are limited to config.data.subset; if the data do not have it, all pairs are used. A run that learns
    mattes uses only pairs that have one, and any other run only those with a sketch; where a model draws sketches,
    photos with a matte are trained on without one. Raises DataError if split.json does not fit the data, or nothing is
    left to train on.
    """
    data, folder = config.data, as_paths(folders)[0]
    learns_mattes = config.model.direction == "photo_to_matte"
    if config.method != "cyclegan" and not all(pair.paired for pair in pairs):
        raise DataError(f"{folder} contains no pairs, since no file names match; only CycleGAN trains without pairs.")
    usable = {pair for pair in pairs if (pair.matte if learns_mattes else pair.sketch)}
    person_of = persons_of(pairs, folders)
    in_subset = {pair for pair in usable if belongs_to(pair, data.subset)} or usable
    with_drawn = in_subset | {pair for pair in pairs if data.synthetic_ratio and pair.matte}
    if data.split == "deck":
        items = [Item(pair, i, config.model.size) for pair in pairs if pair in in_subset for i in range(8)]
        random.Random(DECK_SEED).shuffle(items)
        n_train = len(items) * 8 // 10
        return Split(items[:n_train], items[n_train:], [], person_of=person_of)
    parts = train_and_test(pairs, folders)
    is_val = {pair: person_hash(person_of[pair]).val < data.validation_fraction for pair in parts.train}
    train = [pair for pair in parts.train if pair in with_drawn and not is_val[pair]]
    if not train:
        kind = "pair(s) with a matte" if learns_mattes else "pair(s)"
        raise DataError(f"{folder} has {len(usable)} {kind}: too few to train on some and test on others.")
    return Split(
        train=[Item(pair) for pair in train],
        val=[Item(pair) for pair in parts.train if pair in in_subset and is_val[pair]],
        test=[Item(pair) for pair in parts.test if pair in usable],
        unpaired=[
            Item(pair)
            for pair in parts.train
            if data.unpaired and pair not in in_subset and pair.matte and not is_val[pair]
        ],
        person_of=person_of,
    )


def belongs_to(pair: Pair, subset: str) -> bool:
    """Whether a pair is in a subset, which is a folder of the data; "" is all of them."""
    return not subset or pair.id.startswith(f"{subset}/")


def split_of_model(model: Model, folders: Folders) -> Split:
    """The split of data folders that a model was trained with. Raises DataError."""
    try:
        config = Config.from_dict(model.config.origin.training)
    except ValueError as error:
        raise DataError("The model's config.json has no valid training config, which decides the split.") from error
    return make_split(find_pairs(folders), folders, config)


def train_and_test(pairs: list[Pair], folders: Folders) -> TrainTest:
    """The pairs to train and test on, each folder of folders by itself, so that no other folder changes its parts.

    The folder's split.json decides; without it folders in it called train and test do; without these the persons are
    tested on whose hash is below TEST_FRACTION. Raises DataError.
    """
    named = read_split_json(pairs, folders)
    parts = [named] if named else []
    decided = {*named.train, *named.test} if named else set()
    for folder, members in _by_folder(pairs, folders).items():
        rest = [pair for pair in members if pair not in decided]
        if rest and not (folder / SPLIT_FILE).exists():
            parts.append(split_by_folders(rest, folder) or _split_by_hash(rest, folder))
    return TrainTest([pair for part in parts for pair in part.train], [pair for part in parts for pair in part.test])


@dataclass(frozen=True)
class PersonHash:
    """Two independent numbers in [0, 1) that decide a person's part."""

    test: float
    val: float


def person_hash(person: str) -> PersonHash:
    """The hash of a person, which depends on nothing but the last part of the person's id, in lower case.

    Folders before it are left out, because they depend on which folder is given: cuhk/f-005 of --data CUFS is f-005 of
    --data CUFS/cuhk. Persons of two data sets with one name have the same part, which does no harm.
    """
    digest = hashlib.sha256(nfc(person.rsplit("/", 1)[-1]).lower().encode()).digest()
    test, val = (int.from_bytes(digest[i : i + 8], "big") / 2**64 for i in (0, 8))
    return PersonHash(test, val)


def persons_of(pairs: list[Pair], folders: Folders) -> dict[Pair, str]:
    """The person of each pair, as names say; each data set within each folder is judged by itself."""
    data_sets: dict[tuple[Path, str], list[Pair]] = defaultdict(list)
    for folder, members in _by_folder(pairs, folders).items():
        for pair in members:
            data_sets[folder, data_set_of(pair.id, pair.photo)].append(pair)
    found: dict[Pair, str] = {}
    for (_, data_set), members in data_sets.items():
        start = f"{data_set}/" if data_set else ""
        by_name = persons(pair.id.removeprefix(start) for pair in members)
        found |= {pair: start + by_name[pair.id.removeprefix(start)] for pair in members}
    return found


def _by_folder(pairs: list[Pair], folders: Folders) -> dict[Path, list[Pair]]:
    """The pairs whose photos are in each of folders, in the order of folders."""
    paths = as_paths(folders)
    found: dict[Path, list[Pair]] = {path: [] for path in paths}
    for pair in pairs:
        found[next((path for path in paths if pair.photo.is_relative_to(path)), paths[0])].append(pair)
    return found


def _split_by_hash(pairs: list[Pair], folder: Path) -> TrainTest:
    person_of = persons_of(pairs, folder)
    test = [pair for pair in pairs if person_hash(person_of[pair]).test < TEST_FRACTION]
    held_out = set(test)
    return TrainTest([pair for pair in pairs if pair not in held_out], test)


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
    paths = [path for folder in as_paths(folders) if (path := folder / SPLIT_FILE).exists()]
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
        train, test = ([by_id[nfc(name)] for name in names] for names in (train_ids, test_ids))
    except (KeyError, TypeError) as error:
        raise DataError(f"{path} names {error}, which is not in the data.") from error
    shared = {pair.person for pair in train} & {pair.person for pair in test}
    if shared:
        raise DataError(f"{path} puts {sorted(shared)[0]} in both train and test.")
    return TrainTest(train, test)

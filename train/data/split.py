"""Pairs divided into train, val and test, by person."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

from ..config import Config
from .names import nfc, parse_path, part_of
from .names import persons as persons_of
from .pairs import DataError, Folders, Item, Pair, folders


def split(found: list[Pair], data: Folders, config: Config) -> dict[str, list[Item]]:
    """Divide pairs into train, val and test items.

    By person: split.json in the folder decides what is train and test, else folders of these names do, else a fifth of
    the persons is test, as names tell them; val is taken from the training persons. "deck": all pairs as squares, in
    eight turns, shuffled, 8:2 into train and val, as the deck does (which lets one person stand on both sides). Of
    train and val only what lies in config.subset is given, where the data has it; where mattes are the target, only
    what has one. Where config.wild asks for them, wild are the training photos outside the subset that have mattes.
    Raises DataError where split.json does not fit, or nothing is left.
    """
    if config.method != "cyclegan" and not all(pair.paired for pair in found):
        raise DataError(f"{folders(data)[0]} holds no pairs, which all but CycleGAN need: no names are equal.")
    shuffle = random.Random(config.seed).shuffle
    usable = {pair for pair in found if pair.matte or config.target != "matte"}
    within = {pair for pair in usable if not config.subset or pair.id.startswith(f"{config.subset}/")} or usable
    if config.split == "deck":
        items = [Item(pair, turn, config.size) for pair in found if pair in within for turn in range(8)]
        shuffle(items)
        cut = len(items) * 8 // 10
        return {"train": items[:cut], "val": items[cut:], "test": []}
    named, who = _train_and_test(found, data, shuffle)
    persons = sorted({who[pair] for pair in named["train"]})
    shuffle(persons)
    held = set(persons[: round(len(persons) * config.validation)])
    parts = {
        "train": [p for p in named["train"] if p in within and who[p] not in held],
        "val": [p for p in named["train"] if p in within and who[p] in held],
        "test": [p for p in named["test"] if p in usable],
    }
    if config.wild:
        parts["wild"] = [p for p in named["train"] if p not in within and p.matte]
    if not parts["train"]:
        kind = "pair(s) with a matte" if config.target == "matte" else "pair(s)"
        raise DataError(f"{folders(data)[0]} has {len(usable)} {kind}: too few to train on some and test on others.")
    return {part: [Item(pair) for pair in members] for part, members in parts.items()}


def _train_and_test(
    found: list[Pair], data: Folders, shuffle: Callable[[list], None]
) -> tuple[dict[str, list[Pair]], dict[Pair, str]]:
    """The pairs of train and test, and each pair's person. Raises DataError."""
    named = read_split(found, data)
    if named is not None:
        return named, {pair: pair.person for pair in found}
    known = persons_of(pair.id for pair in found)
    who = {pair: known[pair.id] for pair in found}
    named = by_folders(found, data)
    if named is None:
        persons = sorted(set(who.values()))
        shuffle(persons)
        held = set(persons[: max(1, len(persons) // 5)])
        named = {"train": [p for p in found if who[p] not in held], "test": [p for p in found if who[p] in held]}
    return named, who


def by_folders(found: list[Pair], data: Folders) -> dict[str, list[Pair]] | None:
    """The train and test pairs that folders called train and test tell, or FS2K's anno_test.json; None where none does.

    What neither tells is trained on. Raises DataError where a person would be on both sides.
    """
    listed = {name for folder in folders(data) for name in _listed(folder / "anno_test.json")}
    test = [pair for pair in found if part_of(pair.id) == "test" or pair.id in listed]
    if not test:
        return None
    train = [pair for pair in found if pair not in set(test)]
    shared = sorted({pair.person for pair in train} & {pair.person for pair in test})
    if shared:
        raise DataError(f"{folders(data)[0]} has {shared[0]} in both train and test.")
    return {"train": train, "test": test}


def _listed(path: Path) -> list[str]:
    """The ids that one of FS2K's lists names: photo1/image0110 is 1/0110. Raises DataError."""
    if not path.exists():
        return []
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
        return [parse_path(Path(f"{row['image_name']}.jpg"))[2] for row in rows]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"{path} is not a JSON list of objects with an image_name.") from error


def read_split(found: list[Pair], data: Folders) -> dict[str, list[Pair]] | None:
    """The train and test pairs that the split.json of a folder names, or of several together; None where none has one.

    Raises DataError.
    """
    paths = [path for folder in folders(data) if (path := folder / "split.json").exists()]
    if not paths:
        return None
    by_id = {nfc(pair.id): pair for pair in found}
    parts: dict[str, list[Pair]] = {"train": [], "test": []}
    for path in paths:
        for part, members in _named(path, by_id).items():
            parts[part] += members
    return parts


def _named(path: Path, by_id: dict[str, Pair]) -> dict[str, list[Pair]]:
    """The train and test pairs that one split.json names. Raises DataError."""
    try:
        named = json.loads(path.read_text(encoding="utf-8-sig"))
        names = {part: list(named[part]) for part in ("train", "test")}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"{path} is not a JSON object with lists train and test.") from error
    try:
        parts = {part: [by_id[nfc(name)] for name in members] for part, members in names.items()}
    except (KeyError, TypeError) as error:
        raise DataError(f"{path} names {error}, which the folder does not hold.") from error
    shared = {p.person for p in parts["train"]} & {p.person for p in parts["test"]}
    if shared:
        raise DataError(f"{path} puts {sorted(shared)[0]} in both train and test.")
    return parts

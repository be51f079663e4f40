"""Pairs divided into train, val and test, by person."""

from __future__ import annotations

import json
import random
from pathlib import Path

from ..config import Config
from .pairs import DataError, Folders, Item, Pair, folders


def split(found: list[Pair], data: Folders, config: Config) -> dict[str, list[Item]]:
    """Divide pairs into train, val and test items.

    By person: split.json in the folder decides what is train and test, else a fifth of the persons is test; val is
    taken from the training persons. "deck": all pairs as squares, in eight turns, shuffled, 8:2 into train and val, as
    the deck does (which lets one person stand on both sides). Of train and val only what lies in config.subset is
    given, where the data has it; where mattes are the target, only what has one. Raises DataError where split.json does
    not fit, or nothing is left.
    """
    shuffle = random.Random(config.seed).shuffle
    usable = {pair for pair in found if pair.matte or config.target != "matte"}
    within = {pair for pair in usable if not config.subset or pair.id.startswith(f"{config.subset}/")} or usable
    if config.split == "deck":
        items = [Item(pair, turn, config.size) for pair in found if pair in within for turn in range(8)]
        shuffle(items)
        cut = len(items) * 8 // 10
        return {"train": items[:cut], "val": items[cut:], "test": []}
    named = read_split(found, data)
    if named is None:
        persons = sorted({pair.person for pair in found})
        shuffle(persons)
        held = set(persons[: max(1, len(persons) // 5)])
        named = {"train": [p for p in found if p.person not in held], "test": [p for p in found if p.person in held]}
    persons = sorted({pair.person for pair in named["train"]})
    shuffle(persons)
    held = set(persons[: round(len(persons) * config.validation)])
    parts = {
        "train": [p for p in named["train"] if p in within and p.person not in held],
        "val": [p for p in named["train"] if p in within and p.person in held],
        "test": [p for p in named["test"] if p in usable],
    }
    if not parts["train"]:
        kind = "pair(s) with a matte" if config.target == "matte" else "pair(s)"
        raise DataError(f"{folders(data)[0]} has {len(usable)} {kind}: too few to train on some and test on others.")
    return {part: [Item(pair) for pair in members] for part, members in parts.items()}


def read_split(found: list[Pair], data: Folders) -> dict[str, list[Pair]] | None:
    """The train and test pairs that the split.json of a folder names, or of several together; None where none has one.

    Raises DataError.
    """
    paths = [path for folder in folders(data) if (path := folder / "split.json").exists()]
    if not paths:
        return None
    by_id = {pair.id: pair for pair in found}
    parts: dict[str, list[Pair]] = {"train": [], "test": []}
    for path in paths:
        for part, members in _named(path, by_id).items():
            parts[part] += members
    return parts


def _named(path: Path, by_id: dict[str, Pair]) -> dict[str, list[Pair]]:
    """The train and test pairs that one split.json names. Raises DataError."""
    try:
        named = json.loads(path.read_text())
        names = {part: list(named[part]) for part in ("train", "test")}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"{path} is not a JSON object with lists train and test.") from error
    try:
        parts = {part: [by_id[name] for name in members] for part, members in names.items()}
    except (KeyError, TypeError) as error:
        raise DataError(f"{path} names {error}, which the folder does not hold.") from error
    shared = {p.person for p in parts["train"]} & {p.person for p in parts["test"]}
    if shared:
        raise DataError(f"{path} puts {sorted(shared)[0]} in both train and test.")
    return parts

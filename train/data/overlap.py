"""Leave out persons that a model was trained on; config.json records them by the hash of their id.

A run records a person as the path that names it within the data folder, such as cuhk/train-00. Another run may be given
another folder, so a person is known to it by every end of the path on disk: train-00, cuhk/train-00, CUFS/cuhk/train-00
and so on. Persons with the same name in two data sets differ by the folder above, unless one was recorded without one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from facesketch.models.config import ParentModel, PersonHashes

from .names import nfc, parse_path, possible_persons
from .pairs import DataError, Item, Pair
from .split import Split

HEX_DIGITS = 8


@dataclass(frozen=True)
class Ancestry:
    """What a run starts from: the parents of each direction, and the hashes of the persons that they learned from."""

    parents: Mapping[str, tuple[ParentModel, ...]] = field(default_factory=dict)
    trained_on: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LeftOut:
    """A split without the persons that a model learned from, and the persons left out of val and test."""

    split: Split
    val: frozenset[str]
    test: frozenset[str]

    def __str__(self) -> str:
        """A sentence with numbers; "" if nobody is left out."""
        sides = ((self.val, self.split.val, "validation"), (self.test, self.split.test, "test"))
        parts = [
            f"{len(left_out)} of {len(left_out | self.split.persons(rest))} {name} persons"
            for left_out, rest, name in sides
            if left_out
        ]
        return " and ".join(parts) + " are left out, because the model was trained on them." if parts else ""


def id_hash(person: str) -> str:
    """The first digits of the SHA-256 of a person's id, in lower case."""
    return hashlib.sha256(nfc(person).lower().encode()).hexdigest()[:HEX_DIGITS]


def known_as(pair: Pair) -> set[str]:
    """The hashes under which a model may have recorded the person of a pair."""
    path = parse_path(pair.photo.absolute())[2].strip("/")
    return {
        id_hash("/".join(names[start:]))
        for possible in possible_persons(path) | possible_persons(pair.id)
        for names in (possible.split("/"),)
        for start in range(len(names))
    }


def overlap(split: Split, items: Iterable[Item], trained_on: frozenset[str]) -> frozenset[str]:
    """The persons of items whose hash is in trained_on."""
    pairs = {item.pair for item in items} if trained_on else set()
    return frozenset(split.person_of[pair] for pair in pairs if known_as(pair) & trained_on)


def leave_out(split: Split, trained_on: frozenset[str]) -> LeftOut:
    """A split whose val and test parts are without the persons in trained_on. Raises DataError if both become empty."""

    def without(items: Sequence[Item], persons: frozenset[str]) -> list[Item]:
        return [item for item in items if split.person_of[item.pair] not in persons]

    val, test = (overlap(split, items, trained_on) for items in (split.val, split.test))
    rest = replace(split, val=without(split.val, val), test=without(split.test, test))
    if (val or test) and not (rest.val or rest.test):
        raise DataError(
            f"The model was trained on all {len(val | test)} persons of the validation and test parts, "
            "so nobody is left to measure it on."
        )
    return LeftOut(rest, val, test)


def record(split: Split, ancestry: Ancestry) -> PersonHashes:
    """The persons of a run, as config.json has them; those of unpaired photos are in train."""
    train, val, test = (
        {id_hash(person) for person in split.persons(items)}
        for items in ([*split.train, *split.unpaired], split.val, split.test)
    )
    parts = {"train": train, "val": val, "test": test, "parents": ancestry.trained_on - train}
    return PersonHashes(**{name: " ".join(sorted(hashes)) for name, hashes in parts.items()})

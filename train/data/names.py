"""What the names in a data folder tell: what is photo or sketch, what pairs, whom a picture shows, and which part."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

CUFS_NAME = re.compile(r"([fm])(\d?)-(\d+)-(\d+)(?:-sz\d+)?", re.IGNORECASE)
FS2K_NAME = re.compile(r"(?:image|sketch)(\d{4})", re.IGNORECASE)
ROLE = re.compile(r"(photo|sketch|matte)(?:es|s)?", re.IGNORECASE)
SIDE = re.compile(r"(train|test|val)?[ _-]?([AB])")  # as CycleGAN's data are laid out: A is photos, B sketches
PART = re.compile(r"(train|test|val)(?:ing|idation)?", re.IGNORECASE)
SHOT = re.compile(r"(.*[^\d_ -])[_ -]+\d+")  # anna-01, anna_1: one of several pictures of a person
MOST_SHOTS = 30  # more pictures than that under one name are numbered persons


def parse_path(path: Path) -> tuple[str | None, str, str]:
    """A relative path's role (photo, sketch, matte, or None), its key for pairing, and its id.

    Keys are in one Unicode form and in lower case, so that what two file systems wrote pairs.
    """
    folders, stem = path.parts[:-1], path.stem
    role = next((match[1].lower() for part in reversed(folders) if (match := ROLE.search(part))), None)
    parent = [ROLE.sub("", part).strip(" _-") for part in folders]
    if role is None:
        sides = [SIDE.fullmatch(part) for part in folders]
        role = next(({"A": "photo", "B": "sketch"}[side[2]] for side in reversed(sides) if side), None)
        parent = [(side[1] or "") if side else part for side, part in zip(sides, parent, strict=True)]
    name = CUFS_NAME.fullmatch(stem)
    if name:  # sketches of the training part carry a 2 that their photos do not
        stem = f"{name[1]}{name[2].replace('2', '')}-{name[3]}-{name[4]}".lower()
        role = role or ("sketch" if "-sz" in path.stem.lower() else "photo")
    elif role and (name := FS2K_NAME.fullmatch(stem)):
        stem = name[1]
    identity = nfc("/".join([*(part for part in parent if part), stem]))
    return role, identity.lower(), identity


def nfc(name: str) -> str:
    """A name in the one Unicode form that names are compared in."""
    return unicodedata.normalize("NFC", name)


def part_of(identity: str) -> str:
    """The part that an id's folders tell, "train" (val too, as some of train is validated on) or "test"; else ""."""
    told = [match[1].lower() for folder in identity.split("/")[:-1] if (match := PART.fullmatch(folder))]
    return "" if not told else "test" if told[-1] == "test" else "train"


def person(identity: str) -> str:
    """CUFS names end in the number of the shot: the person is what stands before it; any other id is a person."""
    return identity.rsplit("-", 1)[0] if CUFS_NAME.fullmatch(identity.rsplit("/", 1)[-1]) else identity


def persons(identities: Iterable[str]) -> dict[str, str]:
    """Each id's person, where nothing but names tells: id -> person.

    Pictures in one of several folders (anna/1), or with one name before a number (anna-01, anna_1), are one person's,
    up to 30 of them; what has more is a series of persons, as is the only folder or name there is.
    """
    who = {identity: person(identity) for identity in identities}
    for group in (_folder, _name):
        rest = {identity: found for identity in who if who[identity] == identity and (found := group(identity))}
        counts = Counter(rest.values())
        if len(counts) > 1:
            who |= {identity: name for identity, name in rest.items() if counts[name] <= MOST_SHOTS}
    return who


def _folder(identity: str) -> str | None:
    folders = identity.split("/")[:-1]
    return None if not folders or PART.fullmatch(folders[-1]) else "/".join(folders)


def _name(identity: str) -> str | None:
    found = SHOT.fullmatch(identity.rsplit("/", 1)[-1])
    return f"{identity.rpartition('/')[0]}/{found[1]}".lower() if found else None

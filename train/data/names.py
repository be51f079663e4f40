"""What file and folder names of a data set say: role of an image, id for pairing, person, part of the split."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path

CUFS_NAME = re.compile(r"([fm])(\d?)-(\d+)-(\d+)(?:-sz\d+)?", re.IGNORECASE)  # f-005-01, F2-005-01-sz1
FS2K_NAME = re.compile(r"(?:image|sketch)(\d{4})", re.IGNORECASE)  # image0110, sketch0110
ROLE = re.compile(r"(photo|sketch|matte)(?:es|s)?", re.IGNORECASE)
DOMAIN = re.compile(r"(train|test|val)?[ _-]?([AB])")  # the folders of CycleGAN's data sets: A photos, B sketches
PART = re.compile(r"(train|test|val)(?:ing|idation)?", re.IGNORECASE)
SHOT = re.compile(r"(.*[^\d_ -])[_ -]+\d+")  # anna-01, anna_1: one of several images of a person
MAX_SHOTS = 30  # a name with more numbers than this is taken for a series of persons


def parse_path(path: Path) -> tuple[str | None, str, str]:
    """The role (photo, sketch, matte or None), the key for pairing and the id of a path relative to its data folder.

    Keys are lower case and in one Unicode form, so that names written by different file systems pair.
    """
    folders, stem = path.parts[:-1], path.stem
    role = next((match[1].lower() for part in reversed(folders) if (match := ROLE.search(part))), None)
    parent = [ROLE.sub("", part).strip(" _-") for part in folders]
    if role is None:
        domains = [DOMAIN.fullmatch(part) for part in folders]
        role = next(({"A": "photo", "B": "sketch"}[match[2]] for match in reversed(domains) if match), None)
        parent = [(match[1] or "") if match else part for match, part in zip(domains, parent, strict=True)]
    name = CUFS_NAME.fullmatch(stem)
    if name:  # sketches of the training part have a 2 in their names that their photos lack
        stem = f"{name[1]}{name[2].replace('2', '')}-{name[3]}-{name[4]}".lower()
        role = role or ("sketch" if "-sz" in path.stem.lower() else "photo")
    elif role and (name := FS2K_NAME.fullmatch(stem)):
        stem = name[1]
    pair_id = nfc("/".join([*(part for part in parent if part), stem]))
    return role, pair_id.lower(), pair_id


def nfc(name: str) -> str:
    """A name in the Unicode form in which names are compared."""
    return unicodedata.normalize("NFC", name)


def part_of(pair_id: str) -> str:
    """The part that an id's folders name: "train" (also for val, which is drawn from train), "test", or ""."""
    parts = [match[1].lower() for folder in pair_id.split("/")[:-1] if (match := PART.fullmatch(folder))]
    return "" if not parts else "test" if parts[-1] == "test" else "train"


def person(pair_id: str) -> str:
    """The person of an id: of a CUFS name what precedes the number of the shot, else the whole id."""
    return pair_id.rsplit("-", 1)[0] if CUFS_NAME.fullmatch(pair_id.rsplit("/", 1)[-1]) else pair_id


def persons(pair_ids: Iterable[str]) -> dict[str, str]:
    """The person of each id of one data set, judged by all names together: id -> person.

    Up to MAX_SHOTS images in one of several folders (anna/1), or with one name before a number (anna-01, anna_1), show
    one person. A larger group is a series of persons, and so are the only folder or name there is, and train-01.
    """
    found = {pair_id: person(pair_id) for pair_id in pair_ids}
    for group_of in (_folder, _name):
        groups = {pair_id: group for pair_id in found if found[pair_id] == pair_id and (group := group_of(pair_id))}
        counts = Counter(groups.values())
        if len(counts) > 1:
            found |= {pair_id: group for pair_id, group in groups.items() if counts[group] <= MAX_SHOTS}
    return found


def possible_persons(pair_id: str) -> set[str]:
    """Every person that an id may show, depending on the names around it: itself, and what persons() finds."""
    found = {pair_id, person(pair_id), _folder(pair_id), _name(pair_id)}
    return {each for each in found if each}


def data_set_of(pair_id: str, photo: Path) -> str:
    """The folders of an id that are above photos/ or A/: "cuhk" of cuhk/photos/anna/1.jpg, "" of photos/anna/1.jpg.

    Folders above are collections, and those below can be persons. Without a folder that names a role, all are below.
    """
    folders = pair_id.split("/")[:-1]
    below = len(list(takewhile(lambda part: not (ROLE.search(part) or DOMAIN.fullmatch(part)), photo.parts[-2::-1])))
    return "/".join(folders[: max(0, len(folders) - below)])


def _folder(pair_id: str) -> str | None:
    folders = pair_id.split("/")[:-1]
    return None if not folders or PART.fullmatch(folders[-1]) else "/".join(folders)


def _name(pair_id: str) -> str | None:
    match = SHOT.fullmatch(pair_id.rsplit("/", 1)[-1])
    if not match or PART.fullmatch(match[1]):
        return None
    return f"{pair_id.rpartition('/')[0]}/{match[1]}".lower()

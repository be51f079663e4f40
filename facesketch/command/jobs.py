"""Which pictures are drawn, and where each goes: folders looked through, names that are nobody else's."""

from __future__ import annotations

import contextlib
import mimetypes
import os
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..files import below
from ..formats import suffixes
from .results import FORMATS, made_here, suffix_known

STREAM = Path("-")  # standard input or output
RAW = {".3fr", ".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".raf", ".raw", ".rw2"}  # cameras' own, no pictures yet


@dataclass
class Plan:
    """jobs: each picture with the file it goes to; failed and notes: sentences, for what is not drawn."""

    jobs: list[tuple[Path, Path]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Names:
    """Names for results: no two are one, in letter case or Unicode form either, and no file of the user's is hit.

    inputs: the pictures that are drawn. force lets a result take the place of its own picture, or of a file that
    facesketch did not make.
    """

    def __init__(self, inputs: Iterable[Path], force: bool):
        self.force = force
        self.taken: set[str] = set()
        self.inputs = {identity: path for path in inputs if (identity := _identity(path))}

    def take(self, target: Path) -> Path:
        """The name itself, or where another result has it the first of name-2, name-3 and on that none has."""
        number, name = 1, target
        while (key := _key(name)) in self.taken:
            number += 1
            name = target.with_name(f"{target.stem}-{number}{target.suffix}")
        if target != STREAM:
            self.taken.add(key)
        return name

    def check(self, target: Path, source: Path) -> None:
        """Raises ValueError with a sentence where nothing may be written, and OSError."""
        if target == STREAM or not target.exists():
            return
        if target.is_dir():
            raise ValueError(f"{target} is a folder.")
        own = _identity(source) == _identity(target)
        if _identity(target) in self.inputs and not (self.force and own):
            hint = "; --force overwrites it" if own else ""
            raise ValueError(f"{target} is one of the pictures given, and is left as it is{hint}.")
        told = target.stat()
        if not self.force and stat.S_ISREG(told.st_mode) and told.st_size and not made_here(target):
            raise ValueError(f"{target} is there already and was not made by facesketch; --force overwrites it.")


def plan(inputs: Sequence[str], out: str, recursive: bool, force: bool) -> tuple[Plan, Names]:
    """Each picture with the file it goes to. Raises ValueError for wrong usage, in a sentence, and OSError."""
    for given in (*inputs, out):
        if not given:  # as from a variable that is not set, and no name of the folder one is in
            raise ValueError("A name is empty.")
        if "://" in given:
            raise ValueError(f"{given} is an address; curl ADDRESS | facesketch - --out OUT draws what is there.")
    target, made, found = Path(out), Plan(), []
    streamed = out in ("-", "/dev/stdout")
    into = not streamed and (out.endswith(("/", os.sep)) or target.is_dir())
    for path in map(Path, inputs):
        if path != STREAM and path.is_dir():
            found += [(file, file.relative_to(path).parent) for file in _pictures(path, target, recursive, made)]
        else:
            found.append((path, Path()))
    names = Names((file for file, _ in found), force)
    single = len(inputs) == 1 and (inputs[0] == "-" or not Path(inputs[0]).is_dir())
    if single and not into:
        made.jobs = [(found[0][0], names.take(STREAM if streamed else _writable(target)))]
        return made, names
    if streamed or (target.exists() and not target.is_dir()):
        raise ValueError(f"{out} is {'one stream' if streamed else 'a file'}; several pictures need a folder.")
    if not into and suffix_known(target):
        raise ValueError(f"Several pictures need a folder; {out}/ would be one.")
    for file, folder in found:
        stem = "stdin" if file == STREAM else file.stem
        made.jobs.append((file, names.take(target / folder / f"{stem}.png")))
    return made, names


def _writable(target: Path) -> Path:
    if target.suffix and not suffix_known(target):
        raise ValueError(f"{target}: pictures are written as {', '.join(FORMATS)}.")
    return target


def _pictures(folder: Path, out: Path, recursive: bool, made: Plan) -> list[Path]:
    """The pictures in a folder, but for results of an earlier run; what is passed over is told in made."""

    def unlisted(error: OSError) -> None:
        made.failed.append(f"{error.filename}: The folder cannot be listed ({error.strerror}).")

    known, deeper = suffixes(), False
    found: list[Path] = []
    passed: Counter[str] = Counter()
    try:
        files = below(folder, unlisted) if recursive else (path for path in sorted(folder.iterdir()))
        for path in files:
            if path.name.startswith("."):
                continue
            if path.suffix.lower() not in known:
                kind = mimetypes.guess_type(path.name)[0] or ""
                if path.is_file() and (kind.startswith("image/") or path.suffix.lower() in RAW):
                    passed[path.suffix.lower()] += 1
            elif path.is_dir() or not _earlier(path, folder, out):
                found += [] if path.is_dir() else [path]
    except OSError as error:
        unlisted(error)
        return []
    if passed:
        counted = ", ".join(f"{count} {suffix}" for suffix, count in sorted(passed.items()))
        made.notes.append(f"{folder}: passed over, as they cannot be read: {counted}.")
    if not found and not recursive:
        deeper = any(path.suffix.lower() in known for path in below(folder, lambda error: None))
    if not found:
        hint = ", but in its folders there are; --recursive takes them too." if deeper else "."
        made.failed.append(f"{folder}: There are no pictures in this folder{hint}")
    return found


def _earlier(path: Path, folder: Path, out: Path) -> bool:
    """Whether a file in a folder is a result of an earlier run into the same folder, or into one within it."""
    inside = os.path.realpath(path).startswith(os.path.join(os.path.realpath(out), ""))
    return inside and (os.path.realpath(out) != os.path.realpath(folder) or made_here(path))


def _identity(path: Path) -> tuple[int, int] | None:
    """What makes a file itself, whatever name or link leads to it; None where there is none."""
    with contextlib.suppress(OSError, ValueError):
        told = path.stat()
        return told.st_dev, told.st_ino
    return None


def _key(path: Path) -> str:
    """One string for all names that some file system takes for one."""
    return unicodedata.normalize("NFC", os.path.realpath(path)).casefold()

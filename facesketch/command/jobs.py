"""Which pictures are drawn, and which file each is written to."""

from __future__ import annotations

import contextlib
import glob
import mimetypes
import os
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..files import walk_files
from ..image.formats import suffixes
from ..image.save import OUTPUT_FORMATS, output_format, written_by_facesketch

STREAM = Path("-")  # standard input or output
CAMERA_RAW = {".3fr", ".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".raf", ".raw", ".rw2"}


@dataclass(frozen=True)
class FileJob:
    """A picture to draw, and the file that its drawing is written to."""

    source: Path
    target: Path


@dataclass
class Plan:
    """jobs: what is drawn. errors: sentences about inputs that cannot be. notes: about files that are skipped."""

    jobs: list[FileJob] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class OutputNamer:
    """Unique names for outputs, also where a file system ignores case or Unicode form, that hit no file of the user's.

    inputs: the pictures that are drawn. force allows replacing a drawing's own picture, and files that facesketch did
    not write.
    """

    def __init__(self, inputs: Iterable[Path], force: bool):
        self.force = force
        self.reserved: set[str] = set()
        self.inputs = {key: path for path in inputs if (key := _file_key(path))}

    def reserve(self, target: Path) -> Path:
        """The name itself, or if another output has it, the first free one of name-2, name-3, ..."""
        number, name = 1, target
        while (key := _name_key(name)) in self.reserved:
            number += 1
            name = target.with_name(f"{target.stem}-{number}{target.suffix}")
        if target != STREAM:
            self.reserved.add(key)
        return name

    def check(self, target: Path, source: Path) -> None:
        """Raise ValueError where nothing may be written, and OSError."""
        if target == STREAM or not target.exists():
            return
        if target.is_dir():
            raise ValueError(f"{target} is a folder.")
        is_own = _file_key(source) == _file_key(target)
        if _file_key(target) in self.inputs and not (self.force and is_own):
            hint = "; --force overwrites it" if is_own else ""
            raise ValueError(f"{target} is one of the inputs and is skipped{hint}.")
        status = target.stat()
        is_file = stat.S_ISREG(status.st_mode) and status.st_size > 0
        if is_file and not self.force and not written_by_facesketch(target):
            raise ValueError(f"{target} exists and was not written by facesketch; --force overwrites it.")


def plan_jobs(
    inputs: Sequence[str], out: str, recursive: bool, force: bool, suffix: str = ".png"
) -> tuple[Plan, OutputNamer]:
    """Each input with the file that it is written to. Raises ValueError for wrong usage, in a sentence, and OSError.

    suffix: of the files in an output folder.
    """
    for given in (*inputs, out):
        if not given:  # as from a shell variable that is not set; as a path it would be the current folder
            raise ValueError("A file name is empty.")
        if "://" in given:
            raise ValueError(f"{given} is a URL; use curl URL | facesketch - --out OUT.")
    inputs = [path for given in inputs for path in _expanded(given)]
    target, plan, found = Path(out), Plan(), list[tuple[Path, Path]]()
    to_stdout = out in ("-", "/dev/stdout")
    into_folder = not to_stdout and (out.endswith(("/", os.sep)) or target.is_dir())
    for path in map(Path, inputs):
        if path != STREAM and path.is_dir():
            found += [(file, file.relative_to(path).parent) for file in _find_pictures(path, target, recursive, plan)]
        else:
            found.append((path, Path()))
    names = OutputNamer((file for file, _ in found), force)
    single = len(inputs) == 1 and (inputs[0] == "-" or not Path(inputs[0]).is_dir())
    if single and not into_folder:
        output_format(target)
        plan.jobs = [FileJob(found[0][0], names.reserve(STREAM if to_stdout else target))]
        return plan, names
    if to_stdout or (target.exists() and not target.is_dir()):
        kind = "standard output" if to_stdout else "a file"
        raise ValueError(f"{out} is {kind}; the drawings of a folder, or of several pictures, need a folder.")
    if not into_folder and target.suffix.lower() in OUTPUT_FORMATS:
        raise ValueError(f"The drawings of a folder, or of several pictures, need a folder, such as {out}/.")
    for file, folder in found:
        stem = "stdin" if file == STREAM else file.stem
        plan.jobs.append(FileJob(file, names.reserve(target / folder / f"{stem}{suffix}")))
    return plan, names


def _expanded(given: str) -> list[str]:
    """The files that a pattern such as *.jpg matches, which cmd.exe leaves to the program; any other name unchanged."""
    if not any(sign in given for sign in "*?[") or os.path.lexists(given):
        return [given]
    return sorted(glob.glob(given, recursive=True)) or [given]


def _find_pictures(folder: Path, out: Path, recursive: bool, plan: Plan) -> list[Path]:
    """The pictures in a folder, except the outputs of an earlier run; what is skipped is noted in the plan."""

    def on_error(error: OSError) -> None:
        plan.errors.append(f"{error.filename}: The folder cannot be listed ({error.strerror}).")

    known, in_subfolders = suffixes(), False
    found: list[Path] = []
    skipped: Counter[str] = Counter()
    try:
        files = walk_files(folder, on_error) if recursive else iter(sorted(folder.iterdir()))
        for path in files:
            if path.name.startswith("."):
                continue
            if path.suffix.lower() not in known:
                mime_type = mimetypes.guess_type(path.name)[0] or ""
                if path.is_file() and (mime_type.startswith("image/") or path.suffix.lower() in CAMERA_RAW):
                    skipped[path.suffix.lower()] += 1
            elif not path.is_dir() and not _is_earlier_output(path, folder, out):
                found.append(path)
    except OSError as error:
        on_error(error)
        return []
    if skipped:
        counts = ", ".join(f"{count} {suffix}" for suffix, count in sorted(skipped.items()))
        plan.notes.append(f"{folder}: skipped files of formats that cannot be read: {counts}.")
    if not found and not recursive:
        in_subfolders = any(path.suffix.lower() in known for path in walk_files(folder, lambda error: None))
    if not found:
        hint = ", but its subfolders have some; --recursive includes them." if in_subfolders else "."
        plan.errors.append(f"{folder}: There are no pictures in this folder{hint}")
    return found


def _is_earlier_output(path: Path, folder: Path, out: Path) -> bool:
    """Whether a file in a folder was written by an earlier run into the same folder, or into a subfolder."""
    inside = os.path.realpath(path).startswith(os.path.join(os.path.realpath(out), ""))
    return inside and (os.path.realpath(out) != os.path.realpath(folder) or written_by_facesketch(path))


def _file_key(path: Path) -> tuple[int, int] | None:
    """Device and inode of a file, links followed; None where there is none."""
    with contextlib.suppress(OSError, ValueError):
        status = path.stat()
        return status.st_dev, status.st_ino
    return None


def _name_key(path: Path) -> str:
    """One string for all paths that some file system treats as the same."""
    return unicodedata.normalize("NFC", os.path.realpath(path)).casefold()

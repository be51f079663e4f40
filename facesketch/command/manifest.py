"""Many pictures: a list that is read while it is drawn, one shard of it, and what is done already.

Nothing is kept about a picture once its line is printed, so memory does not grow with the list. A target's name follows
from its source alone, and a finished target gets its source's time of modification: what is done is known without a
log, also by another shard, another number of shards, or another machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import atomic_write
from ..image.formats import suffixes
from ..options import DrawOptions
from ..version import __version__
from .jobs import FileJob, OutputNamer

if TYPE_CHECKING:
    from ..pipeline import Pipeline
    from .drawing import FaceChoice, JobResult

SETTINGS_FILE = "facesketch.json"  # in the output folder: what its drawings were made with
ELSEWHERE = "elsewhere"  # in the output folder: drawings of pictures that are not below the current folder


@dataclass(frozen=True)
class Shard:
    """Shard number (from 1) of count. A picture's shard follows from its path, not from its place in the list."""

    number: int = 1
    count: int = 1

    def has(self, path: Path) -> bool:
        """Whether a picture, by its path below the output folder, belongs to this shard."""
        digest = hashlib.sha256(os.fsencode(path.as_posix())).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.number - 1


@dataclass(frozen=True)
class Entry:
    """A picture of the list, as it was listed, and its path below the output folder without the drawing's suffix."""

    listed: str
    source: Path
    relative: Path


class PathNamer(OutputNamer):
    """Names of outputs that follow from the source alone: `a.jpg` becomes `a.jpg.png`, so no two share one."""

    def __init__(self, force: bool):
        super().__init__((), force)

    def reserve(self, target: Path) -> Path:
        return target


class SettingsError(ValueError):
    """The output folder holds drawings that were made with other settings."""


def entries(manifest: str, out: Path) -> Iterator[Entry]:
    """The pictures of a text file with one path per line, of standard input (-), or of a folder and its subfolders.

    Paths in a text are relative to the current folder. Of a folder, hidden files, the output folder and files whose
    suffix is not that of a picture are left out. Raises OSError.
    """
    if manifest != "-" and os.path.isdir(manifest):
        known, own = suffixes(), os.path.realpath(out)
        for path in _files(manifest, own, frozenset()):
            if os.path.splitext(path)[1].lower() in known:
                yield Entry(path, Path(path), Path(os.path.relpath(path, manifest)))
        return
    here = Path.cwd()
    with open(
        sys.stdin.fileno() if manifest == "-" else manifest,
        encoding="utf-8",
        errors="surrogateescape",  # names that are no UTF-8
        closefd=manifest != "-",
    ) as lines:
        for line in lines:
            if listed := line.rstrip("\n"):
                source = Path(os.path.abspath(listed))
                inside = source.is_relative_to(here)
                drive = source.drive.replace(":", "").strip("\\/")
                yield Entry(
                    listed, source, source.relative_to(here) if inside else Path(ELSEWHERE, drive, *source.parts[1:])
                )


def _files(folder: str, excluded: str, ancestors: frozenset[str]) -> Iterator[str]:
    """The files of a folder in the order of the file system, as sorting would need them all in memory."""
    real = os.path.realpath(folder)
    if real in ancestors or real == excluded:
        return
    with os.scandir(folder) as found:
        for each in found:
            if each.name.startswith("."):
                continue
            if each.is_dir():
                yield from _files(each.path, excluded, ancestors | {real})
            else:
                yield each.path


def check_settings(out: Path, settings: dict[str, object]) -> None:
    """Write the settings into a new output folder. Raises SettingsError where it has others, and OSError."""
    path = out / SETTINGS_FILE
    wanted = json.loads(json.dumps(settings))
    if not path.exists():
        atomic_write(path, (json.dumps(wanted, indent=2) + "\n").encode())
    try:
        found = json.loads(path.read_bytes())  # perhaps by another shard that started at the same time
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SettingsError(f"{path} is damaged; use another folder.")
    different = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if different:
        raise SettingsError(f"{out} holds drawings made with another {different[0]}; use another folder.")


def settings_of(pipeline: Pipeline, options: DrawOptions, **others: object) -> dict[str, object]:
    """What decides how a picture is drawn."""
    return {
        "version": __version__,
        "model": pipeline.model.config.sha256,
        "to": pipeline.target,
        **asdict(options),
        **others,
    }


@dataclass(frozen=True)
class ListRun:
    """How the pictures of a list are drawn. save: writes a result's drawings and returns their paths."""

    pipeline: Pipeline
    options: DrawOptions
    faces: FaceChoice
    names: PathNamer
    save: Callable[[JobResult], list[str]]
    explain: Callable[[Exception], str]
    batch_size: int

    def draw(self, manifest: str, out: Path, suffix: str, shard: Shard) -> Counter[str]:
        """Draw what is not done yet, print a JSON object per picture, and count "drawn", "unchanged" and "failed"."""
        counts: Counter[str] = Counter()
        mine = (entry for entry in entries(manifest, out) if shard.has(entry.relative))
        while batch := list(islice(mine, self.batch_size)):
            for line in self._lines(batch, out, suffix):
                counts[str(line["status"])] += 1
                print(json.dumps(line), flush=True)
        return counts

    def _lines(self, batch: list[Entry], out: Path, suffix: str) -> Iterator[dict[str, object]]:
        to_draw: dict[Path, tuple[Entry, FileJob, int]] = {}
        for entry in batch:
            target = out / entry.relative.parent / f"{entry.relative.name}{suffix}"
            try:
                modified = entry.source.stat().st_mtime_ns  # before it is read: a later change is seen the next time
                if target in to_draw or _modified(target) == modified:
                    yield {"in": entry.listed, "status": "unchanged", "out": [str(target)]}
                    continue
            except OSError as error:
                yield {"in": entry.listed, "status": "failed", "error": self.explain(error)}
                continue
            to_draw[target] = entry, FileJob(entry.source, target), modified
        from .drawing import draw_jobs

        jobs = [job for _, job, _ in to_draw.values()]
        results = draw_jobs(self.pipeline, jobs, self.options, self.faces, self.names, self.batch_size)
        for (entry, job, modified), result in zip(to_draw.values(), results, strict=True):
            try:
                written = self.save(result)
                os.utime(job.target, ns=(modified, modified))  # last: now the picture is done
            except Exception as error:  # pictures and disks raise all kinds of errors
                yield {"in": entry.listed, "status": "failed", "error": self.explain(error)}
                continue
            yield {
                "in": entry.listed,
                "status": "drawn",
                "out": written,
                "faces": result.n_faces,
                "seconds": round(result.seconds, 3),
                "warnings": list(result.warnings),
            }


def _modified(path: Path) -> int | None:
    """When a file was modified, in nanoseconds; None where there is none."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return None

"""Atomic writes and directory walking."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

TEMPORARY = ".facesketch-"  # what temporary names begin with
ABANDONED_AFTER = 3600  # seconds since the last write to a temporary file; no write takes that long


def atomic_write(path: Path, data: bytes) -> None:
    """Write data so that path holds either its old content or all of data, whenever the process or machine may stop.

    Several processes and threads may write one path at once: the last one wins, and a reader never sees a mixture. A
    symbolic link stays and its target is written; a device or a pipe is written to directly. Raises OSError, also for a
    read-only file, and leaves nothing behind; what a killed process has left is deleted by a later process.
    """
    mode = _mode(path)
    if mode is not None and not stat.S_ISREG(mode):
        with path.open("wb") as stream:
            stream.write(data)
        return
    path = Path(os.path.realpath(path))
    if mode is not None and (not mode & 0o222 or not os.access(path, os.W_OK)):
        raise PermissionError(errno.EACCES, "The file is read-only", str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temp_path(path)
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except BaseException as error:  # also on Ctrl-C
        if isinstance(error, OSError):
            error.filename = str(path)  # not the temporary name
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _temp_path(path: Path) -> Path:
    """A new file in the same folder, whose name is short however long that of path is."""
    _delete_abandoned(path.parent)
    return path.with_name(f"{TEMPORARY}{secrets.token_hex(16)}.tmp")


@lru_cache(maxsize=1024)
def _delete_abandoned(folder: Path) -> None:
    """Delete what killed processes have left in a folder; once, as listing a large folder takes long."""
    for abandoned in folder.glob(f"{TEMPORARY}*.tmp"):
        with contextlib.suppress(OSError):  # another process may delete it first
            if time.time() - abandoned.stat().st_mtime > ABANDONED_AFTER:
                abandoned.unlink()


def _mode(path: Path) -> int | None:
    """The mode of an existing file, links followed; None where there is none."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _sync(folder: Path) -> None:
    """Flush a folder's entries to the disk, on systems that can (Windows cannot)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def walk_files(
    folder: Path, on_error: Callable[[OSError], None] | None = None, ancestors: frozenset[str] = frozenset()
) -> Iterator[Path]:
    """The files in a folder and its subfolders, sorted by name; links to folders are followed.

    Names that begin with a dot are skipped, and so is a link that leads back to one of its ancestors. on_error is
    called for each folder that cannot be listed; without it, the error is raised.
    """
    real = os.path.realpath(folder)
    if real in ancestors:
        return
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        if on_error is None:
            raise
        on_error(error)
        return
    for path in (folder / name for name in names if not name.startswith(".")):
        if path.is_dir():
            yield from walk_files(path, on_error, ancestors | {real})
        else:
            yield path

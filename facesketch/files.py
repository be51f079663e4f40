"""Files that are never half there, and folders looked through."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Write data so that path holds what it held before or all of data, whenever the process or the machine may stop.

    A link stays, and the file that it leads to is written; a device or a pipe is written into. Raises OSError, also for
    a file that is read-only, with nothing left behind.
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
    temporary = beside(path)
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except BaseException as error:  # Ctrl-C too leaves nothing behind
        if isinstance(error, OSError):
            error.filename = str(path)  # not the name in between
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def beside(path: Path) -> Path:
    """Where the bytes of a file lie until they are whole: a name that is nobody else's, however long path's is."""
    return path.with_name(f".facesketch-{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}.tmp")


def _mode(path: Path) -> int | None:
    """The mode of what is there, links followed; None where nothing is."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _sync(folder: Path) -> None:
    """Bring a folder's new names to the disk, where a system opens and syncs folders (Windows does not)."""
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def below(
    folder: Path, failed: Callable[[OSError], None] | None = None, above: frozenset = frozenset()
) -> Iterator[Path]:
    """The files in a folder and in its folders, in the order of their names; a folder that is a link is followed.

    Names that begin with a dot are left out, and so is a link that leads back to a folder it lies in (above are those).
    failed is called with the error of each folder that cannot be listed; without it, that is raised.
    """
    real = os.path.realpath(folder)
    if real in above:
        return
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        if failed is None:
            raise
        failed(error)
        return
    for path in (folder / name for name in names if not name.startswith(".")):
        if path.is_dir():
            yield from below(path, failed, above | {real})
        else:
            yield path

"""The folder of what visitors upload and are shown: for this user alone, and emptied after an hour."""

from __future__ import annotations

import os
import stat
import tempfile
import time
from collections.abc import Collection
from pathlib import Path

from facesketch import ImageError

KEPT = 3600  # seconds
NOT_UPLOADED = "Upload the picture itself: addresses and names of files are not taken."
EXPIRED = "The picture is no longer here, as uploads are deleted after an hour; choose it again."


def prepare() -> Path:
    """Make the folder, readable by this user alone, and have Gradio use it. To be called before Gradio is imported.

    It is GRADIO_TEMP_DIR where that is set, else one of the user's own, the same at every start, so that what a killed
    demo has left is deleted by the next.
    """
    named = os.environ.get("GRADIO_TEMP_DIR")
    folder = Path(named or Path(tempfile.gettempdir()) / f"facesketch-{os.getuid() if hasattr(os, 'getuid') else 0}")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not named and not _ours(folder):
        folder = Path(tempfile.mkdtemp(prefix="facesketch-"))
    folder = folder.resolve()
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    return folder


def _ours(folder: Path) -> bool:
    """Whether it is a real folder of this user's that nobody else may look into."""
    about = folder.lstat()
    mine = not hasattr(os, "getuid") or about.st_uid == os.getuid()
    return stat.S_ISDIR(about.st_mode) and mine and (os.name != "posix" or not about.st_mode & 0o077)


def uploaded(path: str) -> str:
    """A path that a visitor names, if it is a file in the folder; a link is none. Raises ImageError.

    Of what lies elsewhere nothing is asked, not even whether it is there.
    """
    folder = os.environ["GRADIO_TEMP_DIR"]
    if not os.path.isabs(path) or "\0" in path or os.path.commonpath([folder, os.path.abspath(path)]) != folder:
        raise ImageError(NOT_UPLOADED)
    try:
        about = os.lstat(path)
        real = os.path.realpath(path, strict=True)
    except OSError as error:
        raise ImageError(EXPIRED) from error
    if real != path or not stat.S_ISREG(about.st_mode):
        raise ImageError(NOT_UPLOADED)
    return path


def sweep(kept: Collection[str] = (), age: float = KEPT) -> None:
    """Delete files in the folder that are older than age in seconds, whoever made them, except those in kept."""
    before = time.time() - age
    for place, folders, files in os.walk(os.environ["GRADIO_TEMP_DIR"], topdown=False):
        for path in (os.path.join(place, name) for name in files):
            if path not in kept:
                _delete(path, before, os.unlink)
        for path in (os.path.join(place, name) for name in folders):
            _delete(path, before, os.rmdir)


def _delete(path: str, before: float, how) -> None:
    """Delete one thing that has not changed since before, where that is possible: a folder that holds none is."""
    try:
        if os.lstat(path).st_ctime <= before:
            how(path)
    except OSError:
        pass  # it is gone already, or a folder still in use

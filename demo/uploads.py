"""The folder of uploads and results, private and emptied after an hour, and which parts of it a request may name."""

from __future__ import annotations

import base64
import os
import stat
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import PngImagePlugin

from .i18n import UserError
from .startup import StartError

CHECKOUT = Path(__file__).resolve().parents[1]
ANOTHER_FOLDER = "GRADIO_TEMP_DIR names another folder, outside the program's."
PROBE_BYTES = 2**16  # that are written at the start, to see whether it is possible
MAX_AGE = 3600  # seconds that files are kept
JPEG_PREFIX, MAX_FRAME_CHARS = "data:image/jpeg;base64,", 2**20  # a frame of the live camera
PngImagePlugin.MAX_TEXT_MEMORY = 2**20  # bytes of a PNG's texts that are kept in memory; longer ones are skipped
PICTURES = Path(__file__).with_name("pictures")  # the page's own: python docs/portraits.py draws them


def prepare_folder() -> Path:
    """Create the folder, readable by this user only, and make Gradio use it. Call it before gradio is imported.

    It is GRADIO_TEMP_DIR if that is set; if not, the same one at every start, so that the sweep also deletes what a
    killed server left behind. Raises StartError where it cannot be written, and where it is in the checkout, which may
    be published.
    """
    named = os.environ.get("GRADIO_TEMP_DIR")
    folder = Path(named) if named else _default_folder()
    if folder.resolve().is_relative_to(CHECKOUT):
        raise StartError(f"Uploads cannot be kept in {folder}, inside {CHECKOUT}; {ANOTHER_FOLDER}")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not named and not _is_private(folder):
            folder = Path(tempfile.mkdtemp(prefix="facesketch-"))
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"0" * PROBE_BYTES)
    except OSError as error:
        raise StartError(f"Uploads cannot be kept in {folder} ({error.strerror}); {ANOTHER_FOLDER}") from error
    folder = folder.resolve()
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    return folder


def _default_folder() -> Path:
    """The folder of this user among the system's temporary files. Raises StartError where there are none."""
    try:
        parent = Path(tempfile.gettempdir())
    except FileNotFoundError as error:
        raise StartError(f"There is no folder for temporary files; {ANOTHER_FOLDER}") from error
    return parent / f"facesketch-{os.getuid() if hasattr(os, 'getuid') else 0}"


def _is_private(folder: Path) -> bool:
    """Whether it is a real folder of this user's that nobody else can read."""
    status = folder.lstat()
    owned = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    return stat.S_ISDIR(status.st_mode) and owned and (os.name != "posix" or not status.st_mode & 0o077)


def uploaded_path(path: Any) -> str:
    """A path from a request, if it is a regular file in the folder and no link leads there. Raises UserError.

    Nothing outside the folder is touched, not even to see whether it exists.
    """
    folder = os.environ["GRADIO_TEMP_DIR"]
    if not isinstance(path, str) or not os.path.isabs(path) or "\0" in path:
        raise UserError("error.upload.only")
    if os.path.commonpath([folder, os.path.abspath(path)]) != folder:
        raise UserError("error.upload.only")
    try:
        status = os.lstat(path)
        real = os.path.realpath(path, strict=True)
    except OSError as error:
        raise UserError("error.upload.expired") from error
    if real != path or not stat.S_ISREG(status.st_mode):
        raise UserError("error.upload.only")
    return path


def uploaded_file(value: Any) -> str:
    """The path of the uploaded file that a value of a request describes. Raises UserError."""
    if not isinstance(value, dict) or str(value.get("url") or "").startswith("data:"):
        raise UserError("error.upload.only")
    return uploaded_path(value.get("path"))


def camera_frame(url: Any) -> bytes:
    """The JPEG in a data: URL, as a browser sends a frame of its camera. Raises UserError."""
    if not isinstance(url, str) or not url.startswith(JPEG_PREFIX) or len(url) > MAX_FRAME_CHARS:
        raise UserError("error.upload.only")
    try:
        return base64.b64decode(url[len(JPEG_PREFIX) :], validate=True)
    except ValueError as error:
        raise UserError("error.upload.only") from error


def sweep(max_age: float = MAX_AGE) -> None:
    """Delete what is in the folder and has not changed for max_age seconds, whoever made it."""
    before = time.time() - max_age
    for place, folders, files in os.walk(os.environ["GRADIO_TEMP_DIR"], topdown=False):
        for name in files:
            _delete_if_older(os.path.join(place, name), before, os.unlink)
        for name in folders:
            _delete_if_older(os.path.join(place, name), before, os.rmdir)


def _delete_if_older(path: str, before: float, delete: Callable[[str], None]) -> None:
    """Delete a file or an empty folder that has not changed since before."""
    try:
        if os.lstat(path).st_ctime <= before:
            delete(path)
    except OSError:
        pass  # already gone, or a folder that is not empty

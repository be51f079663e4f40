"""Models from the Hugging Face Hub: downloaded within a deadline, and pinned to the commit that was found."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelNotFoundError, WeightsError
from ..messages import Message
from ..models.config import CONFIG_FILE
from .weights_io import WEIGHTS_FILE

FILES = (CONFIG_FILE, WEIGHTS_FILE, "README.md")
DEADLINE = 60.0  # seconds, for a whole repo; FACESKETCH_HUB_DEADLINE sets another
SNAPSHOT_SCRIPT = Path(__file__).with_name("snapshot.py")
HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")
ADDRESS = re.compile(
    r"(?:https?://)?(?P<host>[^/]+)/(?P<repo>[^/?#]+/[^/?#]+)(?:/(?:tree|blob|resolve|commit)/(?P<revision>[^/?#]+))?"
    r"(?:[/?#].*)?"
)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RepoId:
    """A repo on the Hub, "user/name", and a branch, tag or commit of it; None for the default branch."""

    name: str
    revision: str | None = None


def fetch(repo: str, revision: str | None = None) -> Path:
    """Download a model from the Hub, at a branch, tag or commit, into the Hub's cache.

    Returns the snapshot's folder, whose name is the commit. Where the Hub fails, what the cache has of that revision is
    used. Raises ModelNotFoundError for what is not a repo's name, and WeightsError, at the latest at the deadline.
    """
    if repo.count("/") != 1 or repo.startswith((".", "/", "~")):
        raise ModelNotFoundError("hub.no_folder", name=repo)
    from huggingface_hub.errors import HFValidationError  # slow to import, and rarely needed
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(repo)
    except HFValidationError as error:
        raise ModelNotFoundError("hub.invalid_repo_id", name=repo) from error
    wanted = f"{repo}@{revision}" if revision else repo
    folder = _download(repo, revision or "")
    if isinstance(folder, Message):
        raise WeightsError("hub.fetch_failed", repo=wanted, reason=folder)
    log.info("%s is at commit %s.", wanted, folder.name)
    return folder


def parse_repo_id(address: str) -> RepoId:
    """The repo in "user/name", "user/name@revision" or the address of a page on the Hub.

    Raises ModelNotFoundError for another site's address.
    """
    found = ADDRESS.fullmatch(address)
    if found and found["host"] in HOSTS:
        return RepoId(found["repo"], found["revision"])
    if "://" in address:
        raise ModelNotFoundError("hub.not_a_hub_url", url=address)
    name, _, revision = address.partition("@")
    return RepoId(name, revision or None)


def evict(folder: Path) -> None:
    """Delete a damaged snapshot's files from the cache, so that the next fetch downloads them again."""
    with contextlib.suppress(OSError):
        for path in (folder / CONFIG_FILE, folder / WEIGHTS_FILE):
            for file in (path.resolve(), path):  # the blob, and the link to it
                file.unlink(missing_ok=True)


def explain_error(error: Exception) -> Message:
    """Why the Hub's client failed, to complete a sentence."""
    from . import snapshot  # imports the Hub's client

    return _reason(**snapshot.explain(error))


def _reason(reason: str, text: str) -> Message:
    return Message("hub.reason.other", {"text": text}) if reason == "other" else Message(f"hub.reason.{reason}")


def _download(repo: str, revision: str) -> Path | Message:
    """The snapshot's folder, or why there is none."""
    try:
        seconds = float(os.environ.get("FACESKETCH_HUB_DEADLINE") or DEADLINE)
    except ValueError as error:
        raise WeightsError("hub.invalid_deadline") from error
    quiet = {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, str(SNAPSHOT_SCRIPT), repo, revision, *FILES]
    try:
        done = subprocess.run(
            command, env={**os.environ, **quiet}, capture_output=True, encoding="utf-8", timeout=seconds
        )
        answer = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return _cached(repo, revision) or Message("hub.reason.deadline", {"seconds": f"{seconds:g}"})
    except (IndexError, ValueError):
        return Message("hub.reason.crashed")
    return Path(answer["folder"]) if "folder" in answer else _reason(**answer)


def _cached(repo: str, revision: str) -> Path | None:
    """The snapshot of that revision in the cache, without asking the Hub."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        cached = snapshot_download(repo, revision=revision or None, allow_patterns=list(FILES), local_files_only=True)
    except LocalEntryNotFoundError:
        return None
    return Path(cached)

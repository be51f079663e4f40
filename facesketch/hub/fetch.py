"""Models from the Hugging Face Hub: fetched within a deadline, and pinned to the commit that was found."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

from .checked import CONFIG, WEIGHTS, NoModelError, WeightsError

FILES = (CONFIG, WEIGHTS, "README.md")
DEADLINE = 60.0  # seconds, for all of a repo; FACESKETCH_HUB_DEADLINE sets another
REASONS = {  # by the name of the client's error, whose classes have no base in common
    "GatedRepoError": "its owner gives access on request, on its page",
    "RepositoryNotFoundError": "there is no such repo, or it is private and the token does not open it",
    "401": "the Hub does not accept the token, which may have expired; hf auth login sets another",
    "RevisionNotFoundError": "the repo has no such revision",
    "LocalEntryNotFoundError": "the Hub cannot be reached or fails to answer",
    "HTTPError": "the Hub cannot be reached or fails to answer",
}
# A process of its own can be ended at the deadline, where the client would go on for minutes in its threads.
FETCH = """
import json, sys
from huggingface_hub import snapshot_download
repo, revision, *files = sys.argv[1:]
try:
    print(json.dumps({"folder": snapshot_download(repo, revision=revision or None, allow_patterns=files)}))
except Exception as error:
    status = str(getattr(getattr(error, "response", None), "status_code", ""))
    print(json.dumps({"kinds": [kind.__name__ for kind in type(error).__mro__] + [status], "text": str(error)}))
"""
HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")
ADDRESS = re.compile(
    r"(?:https?://)?(?P<host>[^/]+)/(?P<repo>[^/?#]+/[^/?#]+)(?:/(?:tree|blob|resolve|commit)/(?P<revision>[^/?#]+))?"
    r"(?:[/?#].*)?"
)
log = logging.getLogger(__name__)


def fetch(repo: str, revision: str | None = None) -> Path:
    """Fetch the files of a model from the Hub, at a branch, tag or commit, into the Hub's cache.

    Returns the snapshot's folder, whose name is the commit. Where the Hub fails, what the cache has of that revision
    is taken. Raises WeightsError, at the latest at the deadline.
    """
    if repo.count("/") != 1 or repo.startswith((".", "/", "~")):
        raise NoModelError(f"There is no folder {repo}.")
    from huggingface_hub.errors import HFValidationError  # the Hub's client is two thirds of the time to import
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(repo)
    except HFValidationError as error:
        raise NoModelError(f"{repo} is neither a folder nor the name of a Hub repo.") from error
    wanted = f"{repo}@{revision}" if revision else repo
    answer = _ask(repo, revision or "")
    if "folder" not in answer:
        raise WeightsError(f"{wanted} could not be fetched from the Hub: {reason(answer['kinds'], answer['text'])}.")
    folder = Path(answer["folder"])
    log.info("%s is at commit %s.", wanted, folder.name)
    return folder


def repo_of(address: str) -> tuple[str, str | None]:
    """The repo and revision that "user/name", "user/name@revision" or a Hub page's whole address means.

    Raises NoModelError for an address elsewhere.
    """
    found = ADDRESS.fullmatch(address)
    if found and found["host"] in HOSTS:
        return found["repo"], found["revision"]
    if "://" in address:
        raise NoModelError(f"{address} is no address of a model on the Hub; user/name[@revision] names one.")
    repo, _, revision = address.partition("@")
    return repo, revision or None


def forget(folder: Path) -> None:
    """Take a damaged snapshot's files out of the cache, so that the next fetch is not served with them."""
    with contextlib.suppress(OSError):
        for path in (folder / CONFIG, folder / WEIGHTS):
            for file in (path.resolve(), path):  # the blob, and the link to it
                file.unlink(missing_ok=True)


def reason(kinds: list[str], text: str) -> str:
    """Why the Hub's client failed, in words, from the names of its error's classes, its status, and its own text."""
    if "token" in text and "expired" in text:  # with the class of a repo that is not there
        return REASONS["401"]
    told = next((why for kind, why in REASONS.items() if kind in kinds), None)
    return told or next(iter(text.strip().splitlines()), "").rstrip(".") or "its client broke off"


def _ask(repo: str, revision: str) -> dict:
    """What FETCH answers: folder, or kinds and text of an error."""
    try:
        seconds = float(os.environ.get("FACESKETCH_HUB_DEADLINE") or DEADLINE)
    except ValueError as error:
        raise WeightsError("FACESKETCH_HUB_DEADLINE is a number of seconds.") from error
    quiet = {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", FETCH, repo, revision, *FILES]
    try:
        done = subprocess.run(
            command, env={**os.environ, **quiet}, capture_output=True, encoding="utf-8", timeout=seconds
        )
        return json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        kept = _cached(repo, revision)
        return {"folder": kept} if kept else {"kinds": [], "text": f"it did not come within {seconds:g} s"}
    except (IndexError, ValueError):
        return {"kinds": [], "text": ""}


def _cached(repo: str, revision: str) -> str | None:
    """The snapshot of that revision that the cache has, asking nobody."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return snapshot_download(repo, revision=revision or None, allow_patterns=list(FILES), local_files_only=True)
    except LocalEntryNotFoundError:
        return None

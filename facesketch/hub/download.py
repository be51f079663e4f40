"""Models from the Hugging Face Hub: downloaded within a deadline, and pinned to the commit that was found."""

from __future__ import annotations

import contextlib
import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path
from threading import RLock, Thread
from urllib.parse import unquote

from ..errors import ModelNotFoundError, WeightsError
from ..messages import Message
from ..models.config import CONFIG_FILE
from .weights_io import WEIGHTS_FILE

FILES = (CONFIG_FILE, WEIGHTS_FILE)
DEADLINE = 60.0  # seconds, for a whole repo; FACESKETCH_HUB_DEADLINE sets another
HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")
PAGE = re.compile(  # of a repo, after the host; a pull request is a branch called refs/pr/NUMBER
    r"(?P<repo>[^/?#]+/[^/?#]+)"
    r"(?:/(?:tree|blob|resolve|raw|blame|commit|commits)/(?P<revision>refs/pr/\d+|[^/?#]+)|/discussions/(?P<pr>\d+))?"
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
    folder = _download(repo, revision)
    if isinstance(folder, Message):
        raise WeightsError("hub.fetch_failed", repo=wanted, reason=folder)
    log.info("%s is at commit %s.", wanted, folder.name)
    return folder


def parse_repo_id(address: str) -> RepoId:
    """The repo in "user/name", "user/name@revision", or the address of a page of it, on the Hub or at HF_ENDPOINT.

    Raises ModelNotFoundError for another site's address.
    """
    place = address.partition("://")[2] or address
    endpoint = os.environ.get("HF_ENDPOINT", "").partition("://")[2].rstrip("/")
    for host in filter(None, (*HOSTS, endpoint)):
        found = PAGE.fullmatch(place[len(host) + 1 :])
        if found and place[: len(host) + 1].lower() == f"{host}/".lower():
            revision = f"refs/pr/{found['pr']}" if found["pr"] else unquote(found["revision"] or "")
            return RepoId(unquote(found["repo"]), revision or None)
    if "://" in address:
        raise ModelNotFoundError("hub.not_a_hub_url", url=address)
    name, _, revision = address.partition("@")
    return RepoId(name, revision or None)


def evict(folder: Path) -> None:
    """Delete a damaged snapshot from the cache, so that the next fetch downloads what no other snapshot uses again."""
    from huggingface_hub import scan_cache_dir
    from huggingface_hub.errors import CacheNotFound

    with contextlib.suppress(CacheNotFound, OSError):
        scan_cache_dir(folder.parents[2]).delete_revisions(folder.name).execute()


def explain_error(error: Exception) -> Message:
    """Why the Hub's client failed, to complete a sentence."""
    text = next(iter(str(error).strip().splitlines()), "").rstrip(".")
    code = _reason(error)
    if code == "other" and not text:
        code = "crashed"
    return Message(f"hub.reason.{code}", {"text": text} if code in ("other", "proxy") else {})


def _reason(error: Exception) -> str:
    """The last part of the code of a reason, hub.reason.CODE."""
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HTTPError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    if "token" in str(error) and "expired" in str(error):  # raised as RepositoryNotFoundError
        return "token"
    if isinstance(error, GatedRepoError):
        return "gated"
    if isinstance(error, RepositoryNotFoundError):
        return "not_found"
    if isinstance(error, HfHubHTTPError) and error.response.status_code == 401:
        return "token"
    if isinstance(error, RevisionNotFoundError):
        return "no_revision"
    if isinstance(error, OfflineModeIsEnabled):
        return "offline"
    # The HTTP client raises ImportError or ValueError where it cannot use a proxy, and else its ProxyError
    if isinstance(error, ImportError | ValueError | HTTPError) and "proxy" in f"{type(error)} {error}".lower():
        return "proxy"
    return "unreachable" if isinstance(error, LocalEntryNotFoundError | HfHubHTTPError | HTTPError) else "other"


def _download(repo: str, revision: str | None) -> Path | Message:
    """The snapshot's folder, or why there is none."""
    try:
        seconds = float(os.environ.get("FACESKETCH_HUB_DEADLINE") or DEADLINE)
    except ValueError as error:
        raise WeightsError("hub.invalid_deadline") from error
    answers: list[Path | Message] = []
    # The client's own timeouts are those of a single request. A daemon thread does not delay the end of the program.
    thread = Thread(target=lambda: answers.append(_snapshot(repo, revision, seconds)), daemon=True)
    thread.start()
    thread.join(seconds)
    if answers:
        return answers[0]
    return _cached(repo, revision) or Message("hub.reason.deadline", {"seconds": f"{seconds:g}"})


def _snapshot(repo: str, revision: str | None, timeout: float) -> Path | Message:
    """The folder with a repo's files, after what is missing in the cache was downloaded, or why there is none.

    timeout: in seconds, for the Hub's first answer.
    """
    try:
        from huggingface_hub import HfApi, hf_hub_download
        from huggingface_hub.errors import RemoteEntryNotFoundError
        from huggingface_hub.utils import tqdm

        # The default lock is one between processes. Where those are not forked, as in Python 3.14, it starts a process
        # that has the working directory on its path.
        tqdm.set_lock(RLock())
        try:
            HfApi().model_info(
                repo, revision=revision, timeout=timeout
            )  # fails at once where downloads would be tried again
        except Exception as error:
            return _cached(repo, revision) or explain_error(error)
        folder = None
        for file in FILES:  # the first one says which commit the others are of
            with contextlib.suppress(RemoteEntryNotFoundError):  # the error on loading says which file is missing
                folder = Path(hf_hub_download(repo, file, revision=folder.name if folder else revision)).parent
        return folder or Message("hub.reason.no_model")
    except Exception as error:  # whatever the client raises is reported in one line
        return explain_error(error)


def _cached(repo: str, revision: str | None) -> Path | None:
    """The snapshot of that revision in the cache, without asking the Hub."""
    from huggingface_hub import try_to_load_from_cache

    paths = [try_to_load_from_cache(repo, file, revision=revision) for file in FILES]
    return Path(str(paths[0])).parent if all(isinstance(path, str) for path in paths) else None

"""Download one snapshot from the Hub; a script of its own, so that it can be ended at a deadline.

python snapshot.py REPO REVISION FILE... prints {"folder": PATH}, or {"reason": CODE, "text": TEXT} where it fails. CODE
is a part of the library's message codes (hub.reason.CODE). It imports nothing of facesketch, to start quickly.
"""

import json
import sys

from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

UNREACHABLE = (LocalEntryNotFoundError, HfHubHTTPError, HTTPError)  # HTTPError: of the HTTP client that it uses


def reason(error: Exception) -> str:
    """Why the Hub's client failed."""
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
    return "unreachable" if isinstance(error, UNREACHABLE) else "other"


def explain(error: Exception) -> dict[str, str]:
    """Why the Hub's client failed, as main reports it."""
    text = next(iter(str(error).strip().splitlines()), "").rstrip(".")
    code = reason(error)
    return {"reason": "crashed" if code == "other" and not text else code, "text": text}


def main(repo: str, revision: str, *files: str) -> dict[str, str]:
    """Download the files of a repo, at a revision or "" for the default branch."""
    try:
        return {"folder": snapshot_download(repo, revision=revision or None, allow_patterns=list(files))}
    except Exception as error:  # whatever the client raises is reported in one line
        return explain(error)


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))

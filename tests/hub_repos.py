"""The local Hub's repos, with commits, branches and tags."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

TOKENS = {"hf_writer": True, "hf_reader": False}
LFS = (".safetensors", ".png")


class Refusal(Exception):
    """A response other than 200, with X-Error-Code and X-Error-Message."""

    def __init__(self, status: int, code: str = "", message: str = ""):
        self.status, self.code, self.message = status, code, message


@dataclass
class Repo:
    """commits: id -> path -> bytes. branches, tags: name -> commit."""

    private: bool = False
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def commit(self, branch: str, files: dict[str, bytes]) -> str:
        sha = hashlib.sha1(repr((len(self.commits), sorted(files))).encode()).hexdigest()
        self.commits[sha], self.branches[branch] = files, sha
        return sha

    def resolve(self, revision: str) -> str:
        sha = self.branches.get(revision) or self.tags.get(revision) or revision
        if sha not in self.commits:
            raise Refusal(404, "RevisionNotFound")
        return sha


def oid(path: str, data: bytes) -> str:
    """A file's id: its SHA-256 for LFS, else git's blob id."""
    if path.endswith(LFS):
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()

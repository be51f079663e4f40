"""A small Hugging Face Hub on 127.0.0.1: repos, commits, LFS, branches and tags, for the real huggingface_hub to use.

Tokens: "hf_writer" belongs to the user "user"; "hf_reader" may only read; any other is refused.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import yaml

TOKENS = {"hf_writer": True, "hf_reader": False}
LFS = (".safetensors", ".png")
NAME = r"([\w.-]+/[\w.-]+)"


class Refusal(Exception):
    """An answer other than 200: status, X-Error-Code, X-Error-Message."""

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


class Hub(ThreadingHTTPServer):
    """faults: (method, regular expression for the path, what goes wrong there), the newest first; requests: a log."""

    daemon_threads, block_on_close = True, False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.repos: dict[str, Repo] = {}
        self.blobs: dict[str, bytes] = {}
        self.faults: list[tuple[str, str, str]] = []
        self.requests: list[str] = []
        self.closing = threading.Event()

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # clients that hang up are what some tests are about
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.path = unquote(urlsplit(self.path).path)
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.requests.append(f"{self.command} {self.path}")
        self.fault = next((f[2] for f in self.server.faults if f[0] == self.command and re.search(f[1], self.path)), "")
        if self.fault == "stall":
            self.server.closing.wait()
        if self.fault in ("stall", "hang up"):
            self.close_connection = True
            return
        try:
            if self.fault.isdigit():
                raise Refusal(int(self.fault))
            self.route()
        except Refusal as refusal:
            headers = {"X-Error-Code": refusal.code, "X-Error-Message": refusal.message}
            self.answer(b"{}", refusal.status, {name: value for name, value in headers.items() if value})

    do_HEAD = do_POST = do_PUT = do_GET

    def route(self) -> None:
        for method, pattern, function in ROUTES:
            found = re.fullmatch(pattern, self.path)
            if found and method == self.command:
                return function(self, *found.groups())
        raise Refusal(404)

    def answer(self, data: bytes | dict | list, status: int = 200, headers: dict | None = None) -> None:
        kind = "application/octet-stream" if isinstance(data, bytes) else "application/json"
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": len(data), **(headers or {})}.items():
            self.send_header(name, str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if self.fault == "half" else data)
        self.close_connection = self.close_connection or self.fault == "half"

    def writes(self) -> bool:
        """Whether the token may write. Refuses an unknown one."""
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token and token not in TOKENS:
            raise Refusal(401, message="Invalid credentials in Authorization header")
        return TOKENS.get(token, False)

    def repo(self, name: str, write: bool = False) -> Repo:
        may, repo = self.writes(), self.server.repos.get(name)
        if repo is None or (repo.private and not self.headers.get("Authorization")):
            raise Refusal(404 if self.headers.get("Authorization") else 401, "RepoNotFound")
        if write and not may:
            raise Refusal(403, message="You need write access")
        return repo

    def create(self) -> None:
        asked = json.loads(self.body)
        name = f"{asked['organization']}/{asked['name']}"
        if not self.headers.get("Authorization"):
            raise Refusal(401)
        if not self.writes() or asked["organization"] != "user":
            raise Refusal(403, message="You don't have the rights to create a model under this namespace")
        url = f"{self.server.url}/{'spaces/' if asked.get('type') == 'space' else ''}{name}"
        if name in self.server.repos:
            return self.answer({"url": url}, 409)
        repo = self.server.repos[name] = Repo(asked.get("visibility") == "private")
        repo.commit("main", {".gitattributes": b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n"})
        return self.answer({"url": url})

    def validate(self) -> None:
        asked = json.loads(self.body)
        front = yaml.safe_load(asked["content"].split("---")[1])
        needed = ("sdk", "app_file") if asked["repoType"] == "space" else ("license", "library_name")
        wrong = [{"message": f"{key} is missing"} for key in needed if not front.get(key)]
        self.answer({"errors": wrong, "warnings": []}, 400 if wrong else 200)

    def preupload(self, name: str, revision: str) -> None:
        repo = self.repo(name, write=True)
        held = repo.commits[repo.resolve(revision)]
        modes = []
        for file in json.loads(self.body)["files"]:
            path = file["path"]
            answer = {"path": path, "uploadMode": "lfs" if path.endswith(LFS) else "regular", "shouldIgnore": False}
            modes.append(answer | ({"oid": oid(path, held[path])} if path in held else {}))
        self.answer({"files": modes})

    def batch(self, name: str) -> None:
        self.repo(name, write=True)
        objects = json.loads(self.body)["objects"]
        for item in objects:
            if item["oid"] not in self.server.blobs:
                actions = {"upload": f"/lfs/{item['oid']}", "verify": f"/lfs/{item['oid']}/verify"}
                item["actions"] = {key: {"href": self.server.url + path} for key, path in actions.items()}
        self.answer({"transfer": "basic", "objects": objects})

    def put(self, sha: str) -> None:
        if hashlib.sha256(self.body).hexdigest() != sha:
            raise Refusal(422)
        self.server.blobs[sha] = self.body
        self.answer(b"")

    def verify(self, sha: str) -> None:
        if len(self.server.blobs.get(sha, b"")) != json.loads(self.body)["size"]:
            raise Refusal(422)
        self.answer({})

    def commit(self, name: str, revision: str) -> None:
        repo = self.repo(name, write=True)
        files = dict(repo.commits[repo.resolve(revision)])
        for line in map(json.loads, self.body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.server.blobs[value["oid"]]
            elif line["key"] == "deletedFile":
                del files[value["path"]]
        sha = repo.commit(revision, files)
        self.answer({"commitUrl": f"{self.server.url}/{name}/commit/{sha}", "commitOid": sha, "hookOutput": ""})

    def tag(self, name: str, revision: str) -> None:
        repo, tag = self.repo(name, write=True), json.loads(self.body)["tag"]
        if tag in repo.tags:
            raise Refusal(409)
        repo.tags[tag] = repo.resolve(revision)
        self.answer({})

    def branch(self, name: str, branch: str) -> None:
        repo = self.repo(name, write=True)
        if branch in repo.branches:
            raise Refusal(409)
        repo.branches[branch] = repo.branches["main"]
        self.answer({})

    def refs(self, name: str) -> None:
        repo = self.repo(name)
        kinds = {"branches": ("heads", repo.branches), "tags": ("tags", repo.tags)}
        listed = {
            kind: [{"name": ref, "ref": f"refs/{place}/{ref}", "targetCommit": sha} for ref, sha in held.items()]
            for kind, (place, held) in kinds.items()
        }
        self.answer({**listed, "converts": []})

    def info(self, name: str, revision: str = "main") -> None:
        repo = self.repo(name)
        self.answer({"id": name, "modelId": name, "sha": repo.resolve(revision), "private": repo.private, "tags": []})

    def tree(self, name: str, revision: str) -> None:
        repo = self.repo(name)
        entries = []
        for path, data in repo.commits[repo.resolve(revision)].items():
            lfs = {"oid": oid(path, data), "size": len(data), "pointerSize": 130}
            entry = {"type": "file", "path": path, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
            entries.append(entry | ({"lfs": lfs} if path.endswith(LFS) else {}))
        self.answer(entries)

    def resolve(self, name: str, revision: str, path: str) -> None:
        repo = self.repo(name)
        sha = repo.resolve(revision)
        if path not in repo.commits[sha]:
            raise Refusal(404, "EntryNotFound")
        data = repo.commits[sha][path]
        headers = {"X-Repo-Commit": sha, "ETag": f'"{oid(path, data)}"', "X-Linked-Size": len(data)}
        if self.fault == "damage":
            data = data[:-1] + bytes([data[-1] ^ 1])
        self.answer(data, headers=headers)


def oid(path: str, data: bytes) -> str:
    """A file's id: SHA-256 for LFS, else git's."""
    if path.endswith(LFS):
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


MODELS = rf"/api/(?:models|spaces)/{NAME}"
ROUTES = [
    ("POST", "/api/repos/create", Handler.create),
    ("POST", "/api/validate-yaml", Handler.validate),
    ("POST", rf"{MODELS}/preupload/(.+)", Handler.preupload),
    ("POST", rf"/(?:spaces/)?{NAME}\.git/info/lfs/objects/batch", Handler.batch),
    ("PUT", "/lfs/([0-9a-f]{64})", Handler.put),
    ("POST", "/lfs/([0-9a-f]{64})/verify", Handler.verify),
    ("POST", rf"{MODELS}/commit/(.+)", Handler.commit),
    ("POST", rf"{MODELS}/tag/(.+)", Handler.tag),
    ("POST", rf"{MODELS}/branch/(.+)", Handler.branch),
    ("GET", rf"{MODELS}/refs", Handler.refs),
    ("GET", rf"{MODELS}", Handler.info),
    ("GET", rf"{MODELS}/revision/(.+)", Handler.info),
    ("GET", rf"{MODELS}/tree/(.+)", Handler.tree),
    ("HEAD", rf"/{NAME}/resolve/([^/]+)/(.+)", Handler.resolve),
    ("GET", rf"/{NAME}/resolve/([^/]+)/(.+)", Handler.resolve),
]


@contextmanager
def running() -> Iterator[Hub]:
    """A Hub that answers until the block ends."""
    hub = Hub()
    thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.closing.set()
        hub.shutdown()
        hub.server_close()

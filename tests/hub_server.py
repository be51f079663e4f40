"""A small Hugging Face Hub on 127.0.0.1, with repos, commits, LFS, branches and tags, for huggingface_hub to use.

Tokens: "hf_writer" belongs to the user "user"; "hf_reader" may only read; any other is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from hub_repos import LFS, Refusal, Repo, oid
from hub_writing import WriteHandler

NAME = r"([\w.-]+/[\w.-]+)"


class Hub(ThreadingHTTPServer):
    """faults: (method, regular expression of the path, fault), of which the first that matches counts. requests: a log.

    A fault is an HTTP status, or "stall", "hang up", "half" (of the bytes are sent) or "damage" (one byte is wrong).
    """

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
        if not isinstance(sys.exc_info()[1], ConnectionError):  # some tests let the client hang up
            super().handle_error(request, client_address)


class Handler(WriteHandler):
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
            self.respond(b"{}", refusal.status, {name: value for name, value in headers.items() if value})

    do_HEAD = do_POST = do_PUT = do_GET

    def route(self) -> None:
        for method, pattern, function in ROUTES:
            found = re.fullmatch(pattern, self.path)
            if found and method == self.command:
                return function(self, *found.groups())
        raise Refusal(404)

    def respond(self, data: bytes | dict | list, status: int = 200, headers: dict | None = None) -> None:
        content_type = "application/octet-stream" if isinstance(data, bytes) else "application/json"
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": len(data), **(headers or {})}.items():
            self.send_header(name, str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if self.fault == "half" else data)
        self.close_connection = self.close_connection or self.fault == "half"

    def refs(self, name: str) -> None:
        repo = self.repo(name)
        kinds = {"branches": ("heads", repo.branches), "tags": ("tags", repo.tags)}
        listed = {
            kind: [{"name": ref, "ref": f"refs/{place}/{ref}", "targetCommit": sha} for ref, sha in held.items()]
            for kind, (place, held) in kinds.items()
        }
        self.respond({**listed, "converts": []})

    def info(self, name: str, revision: str = "main") -> None:
        repo = self.repo(name)
        self.respond({"id": name, "modelId": name, "sha": repo.resolve(revision), "private": repo.private, "tags": []})

    def tree(self, name: str, revision: str) -> None:
        repo = self.repo(name)
        entries = []
        for path, data in repo.commits[repo.resolve(revision)].items():
            lfs = {"oid": oid(path, data), "size": len(data), "pointerSize": 130}
            entry = {"type": "file", "path": path, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
            entries.append(entry | ({"lfs": lfs} if path.endswith(LFS) else {}))
        self.respond(entries)

    def resolve(self, name: str, revision: str, path: str) -> None:
        repo = self.repo(name)
        sha = repo.resolve(revision)
        if path not in repo.commits[sha]:
            raise Refusal(404, "EntryNotFound")
        data = repo.commits[sha][path]
        headers = {"X-Repo-Commit": sha, "ETag": f'"{oid(path, data)}"', "X-Linked-Size": len(data)}
        if self.fault == "damage":
            data = data[:-1] + bytes([data[-1] ^ 1])
        self.respond(data, headers=headers)


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
    ("HEAD", rf"/{NAME}/resolve/(refs/pr/\d+|feature/[^/]+|[^/]+)/(.+)", Handler.resolve),
    ("GET", rf"/{NAME}/resolve/(refs/pr/\d+|feature/[^/]+|[^/]+)/(.+)", Handler.resolve),
]


@contextmanager
def running() -> Iterator[Hub]:
    """A Hub that serves until the block ends."""
    hub = Hub()
    thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.closing.set()
        hub.shutdown()
        hub.server_close()

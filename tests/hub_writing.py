"""The local Hub's write requests: creating repos, uploading files, commits, branches and tags."""

from __future__ import annotations

import base64
import hashlib
import json
from http.server import BaseHTTPRequestHandler

import yaml
from hub_repos import LFS, TOKENS, Refusal, Repo, oid


class WriteHandler(BaseHTTPRequestHandler):
    """Handlers of write requests. server: the Hub. body: the request's."""

    def may_write(self) -> bool:
        """Whether the token may write. Raises Refusal for an unknown token."""
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token and token not in TOKENS:
            raise Refusal(401, message="Invalid credentials in Authorization header")
        return TOKENS.get(token, False)

    def repo(self, name: str, write: bool = False) -> Repo:
        may_write, repo = self.may_write(), self.server.repos.get(name)
        if repo is None or (repo.private and not self.headers.get("Authorization")):
            raise Refusal(404 if self.headers.get("Authorization") else 401, "RepoNotFound")
        if write and not may_write:
            raise Refusal(403, message="You need write access")
        return repo

    def create(self) -> None:
        request = json.loads(self.body)
        name = f"{request['organization']}/{request['name']}"
        if not self.headers.get("Authorization"):
            raise Refusal(401)
        if not self.may_write() or request["organization"] != "user":
            raise Refusal(403, message="You don't have the rights to create a model under this namespace")
        url = f"{self.server.url}/{'spaces/' if request.get('type') == 'space' else ''}{name}"
        if name in self.server.repos:
            return self.respond({"url": url}, 409)
        repo = self.server.repos[name] = Repo(request.get("visibility") == "private")
        repo.commit("main", {".gitattributes": b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n"})
        return self.respond({"url": url})

    def validate(self) -> None:
        request = json.loads(self.body)
        front = yaml.safe_load(request["content"].split("---")[1])
        needed = ("sdk", "app_file") if request["repoType"] == "space" else ("license", "library_name")
        wrong = [{"message": f"{key} is missing"} for key in needed if not front.get(key)]
        self.respond({"errors": wrong, "warnings": []}, 400 if wrong else 200)

    def preupload(self, name: str, revision: str) -> None:
        repo = self.repo(name, write=True)
        held = repo.commits[repo.resolve(revision)]
        modes = []
        for file in json.loads(self.body)["files"]:
            path = file["path"]
            mode = {"path": path, "uploadMode": "lfs" if path.endswith(LFS) else "regular", "shouldIgnore": False}
            modes.append(mode | ({"oid": oid(path, held[path])} if path in held else {}))
        self.respond({"files": modes})

    def batch(self, name: str) -> None:
        self.repo(name, write=True)
        objects = json.loads(self.body)["objects"]
        for item in objects:
            if item["oid"] not in self.server.blobs:
                actions = {"upload": f"/lfs/{item['oid']}", "verify": f"/lfs/{item['oid']}/verify"}
                item["actions"] = {key: {"href": self.server.url + path} for key, path in actions.items()}
        self.respond({"transfer": "basic", "objects": objects})

    def put(self, sha: str) -> None:
        if hashlib.sha256(self.body).hexdigest() != sha:
            raise Refusal(422)
        self.server.blobs[sha] = self.body
        self.respond(b"")

    def verify(self, sha: str) -> None:
        if len(self.server.blobs.get(sha, b"")) != json.loads(self.body)["size"]:
            raise Refusal(422)
        self.respond({})

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
        self.respond({"commitUrl": f"{self.server.url}/{name}/commit/{sha}", "commitOid": sha, "hookOutput": ""})

    def tag(self, name: str, revision: str) -> None:
        repo, tag = self.repo(name, write=True), json.loads(self.body)["tag"]
        if tag in repo.tags:
            raise Refusal(409)
        repo.tags[tag] = repo.resolve(revision)
        self.respond({})

    def branch(self, name: str, branch: str) -> None:
        repo = self.repo(name, write=True)
        if branch in repo.branches:
            raise Refusal(409)
        repo.branches[branch] = repo.branches["main"]
        self.respond({})

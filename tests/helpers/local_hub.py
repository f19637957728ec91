"""A server on loopback that speaks as much of the Hugging Face Hub's HTTP interface as s2f uses."""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "hf_of_the_owner"


@dataclass
class Repository:
    """A repository: the files of its last commit on each branch."""

    private: bool = False
    gated: bool = False
    branches: dict[str, dict[str, bytes]] = field(default_factory=lambda: {"main": {}})
    messages: list[str] = field(default_factory=list)

    def commit(self, branch: str) -> str:
        listed = {path: hashlib.sha256(content).hexdigest() for path, content in self.files(branch).items()}
        return hashlib.sha1(json.dumps(listed, sort_keys=True).encode()).hexdigest()

    def files(self, revision: str) -> dict[str, bytes]:
        """The files of a branch or a commit; raises KeyError if there is neither."""
        if revision in self.branches:
            return self.branches[revision]
        return next(files for name, files in self.branches.items() if self.commit(name) == revision)


@dataclass
class Hub:
    """The hub: its repositories by `owner/name`, and what it was asked for."""

    url: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    """Large files by their SHA-256."""
    requests: list[str] = field(default_factory=list)
    may_write: bool = True


class Refusal(Exception):
    """A status and the hub's code for it."""


class Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.requests.append(f"{self.command} {path}")
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        try:
            self._route(path, body)
        except Refusal as refusal:
            status, code = refusal.args
            self._send(status, b"{}", {"X-Error-Code": code} if code else {})

    do_GET = do_HEAD = do_POST = do_PUT = answer  # noqa: N815

    def _route(self, path: str, body: bytes) -> None:
        if path == "/api/validate-yaml":
            return self._json({"errors": [], "warnings": []})
        if path == "/api/repos/create":
            wanted = json.loads(body)
            name = f"{wanted.get('organization') or 'owner'}/{wanted['name']}"
            self._require_write()
            if name in self.hub.repositories:
                return self._json({"url": f"{self.hub.url}/{name}"}, 409)
            self.hub.repositories[name] = Repository(
                private=wanted.get("visibility") == "private" or wanted.get("private", False)
            )
            return self._json({"url": f"{self.hub.url}/{name}"})
        if path.startswith("/upload/"):
            self.hub.uploads[path.rpartition("/")[2]] = body
            return self._send(200, b"")
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/(\w+)/(.+))?", path):
            return self._interface(match[1], match[2] or "revision", match[3] or "main", body)
        if match := re.fullmatch(r"/([^/]+/[^/]+)\.git/info/lfs/objects/batch", path):
            return self._batch(json.loads(body)["objects"])
        if match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            return self._download(match[1], match[2], match[3])
        raise Refusal(404, "")

    def _interface(self, name: str, action: str, revision: str, body: bytes) -> None:
        repository = self._find(name)
        if action == "branch":
            self._require_write()
            repository.branches.setdefault(revision, dict(repository.branches["main"]))
            return self._json({}, 201)
        try:
            files = repository.files(revision)
        except (KeyError, StopIteration):
            raise Refusal(404, "RevisionNotFound") from None
        if action == "preupload":
            return self._json(
                {
                    "files": [
                        {
                            "path": file["path"],
                            "uploadMode": "lfs" if file["path"].endswith(".safetensors") else "regular",
                            "shouldIgnore": False,
                        }
                        for file in json.loads(body)["files"]
                    ]
                }
            )
        if action == "commit":
            self._require_write()
            return self._commit(name, revision, [json.loads(line) for line in body.splitlines()])
        siblings = [{"rfilename": path} for path in files]
        return self._json({"id": name, "sha": repository.commit(revision), "siblings": siblings})

    def _commit(self, name: str, branch: str, lines: list[dict[str, Any]]) -> None:
        repository = self.hub.repositories[name]
        for line in lines:
            value = line["value"]
            if line["key"] == "header":
                repository.messages.append(value["summary"])
            elif line["key"] == "file":
                repository.branches[branch][value["path"]] = base64.b64decode(value["content"])
            else:
                repository.branches[branch][value["path"]] = self.hub.uploads[value["oid"]]
        sha = repository.commit(branch)
        self._json({"success": True, "commitOid": sha, "commitUrl": f"{self.hub.url}/{name}/commit/{sha}"})

    def _batch(self, objects: list[dict[str, Any]]) -> None:
        for each in objects:
            each["actions"] = {"upload": {"href": f"{self.hub.url}/upload/{each['oid']}"}}
        self._json({"transfer": "basic", "objects": objects})

    def _download(self, name: str, revision: str, path: str) -> None:
        repository = self._find(name)
        if repository.gated:
            raise Refusal(403, "GatedRepo")
        content = repository.files(revision)[path]
        etag = f'"{hashlib.sha256(content).hexdigest()}"'
        self._send(200, content, {"ETag": etag, "X-Repo-Commit": repository.commit(revision)})

    def _find(self, name: str) -> Repository:
        authorization = self.headers.get("Authorization", "")
        if authorization not in ("", f"Bearer {TOKEN}"):
            raise Refusal(401, "")
        repository = self.hub.repositories.get(name)
        if repository is None or (repository.private and not authorization):
            raise Refusal(404 if authorization else 401, "RepoNotFound")
        return repository

    def _require_write(self) -> None:
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refusal(401, "")
        if not self.hub.may_write:
            raise Refusal(403, "")

    def _json(self, content: Any, status: int = 200) -> None:
        self._send(status, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Keep stderr clean."""


@contextmanager
def serving() -> Iterator[Hub]:
    """Run a hub until the block ends."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("HubHandler", (Handler,), {"hub": hub}))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()

"""A hub of a few files, as huggingface_hub asks it."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

COMMIT = "c0ffee" * 6 + "c0ff"


class Hub:
    """Models by name, each with its files.

    Attributes:
        token: what it lets in; None = everybody.
        asked: paths, in the order they were asked for.
    """

    def __init__(self) -> None:
        self.models: dict[str, dict[str, bytes]] = {}
        self.token: str | None = None
        self.asked: list[str] = []
        self.url = ""

    def answer(self, path: str, authorization: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        self.asked.append(path)
        if self.token is not None and authorization != f"Bearer {self.token}":
            return 401, {}, b'{"error": "Invalid credentials"}'
        for name, files in self.models.items():
            if path.startswith(f"/api/models/{name}/revision/"):
                return self._info(name, files)
            if path.startswith(f"/api/models/{name}/tree/"):
                return _json([_leaf(file, data) for file, data in files.items()])
            if path.startswith(f"/{name}/resolve/"):
                file = path.removeprefix(f"/{name}/resolve/").partition("/")[2]
                if file in files:
                    headers = {"ETag": f'"{_etag(files[file])}"', "X-Repo-Commit": COMMIT}
                    return 200, headers, files[file]
        return 404, {"X-Error-Code": "RepoNotFound"}, b"{}"

    def _info(self, name: str, files: dict[str, bytes]) -> tuple[int, dict[str, str], bytes]:
        siblings = [{"rfilename": file, "size": len(data)} for file, data in files.items()]
        return _json({"id": name, "modelId": name, "sha": COMMIT, "siblings": siblings})


def _leaf(file: str, data: bytes) -> dict[str, Any]:
    return {"type": "file", "path": file, "size": len(data), "oid": _etag(data)}


def _json(document: Any) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, json.dumps(document).encode()


def _etag(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


@contextmanager
def running() -> Iterator[Hub]:
    """A hub on a free port."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            status, headers, body = hub.answer(path, self.headers.get("Authorization", ""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

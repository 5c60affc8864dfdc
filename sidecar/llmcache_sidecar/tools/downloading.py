"""Downloading a model from the hub: lock, progress, and words for what can go wrong."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from .errors import ToolError

_MARKS: Final = ".llmcache"
_WAIT_S: Final = 2.0

_OTHER_FORMATS: Final = [
    "*.bin", "*.pt", "*.pth", "*.h5", "*.msgpack", "*.onnx", "*.gguf", "original/**",
]  # fmt: skip
"""The same weights once more, where there are safetensors of them, which vLLM prefers."""


class Teller:
    """Tells how far a download is: a line in the log, and a file for whoever looks.

    Args:
        file: written as JSON with model, bytes and total; None = none.
        every_s: seconds between two words.
    """

    def __init__(self, file: Path | None, every_s: float) -> None:
        self._file = file
        self._every = every_s

    def say(self, text: str) -> None:
        """One line."""
        print(text, file=sys.stderr, flush=True)

    def progress(self, model: str, have: int, total: int) -> None:
        """How far it is."""
        share = f" ({have * 100 // total} %)" if total else ""
        self.say(f"{model}: {have / 1e9:.2f} of {total / 1e9:.2f} GB{share}")
        self._write({"model": model, "bytes": have, "total": total})

    def done(self) -> None:
        """Everything is there."""
        self._write({"done": True})

    @contextlib.contextmanager
    def watching(self, model: str, folder: Path, total: int) -> Iterator[None]:
        """Tell again and again what `folder` holds, until the block ends."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(self._every):
                self.progress(model, min(_bytes_in(folder), total) if total else 0, total)

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _write(self, document: dict[str, Any]) -> None:
        if self._file is None:
            return
        # Whoever reads sees a whole document: the new one takes the old one's place.
        new = self._file.with_suffix(".new")
        with contextlib.suppress(OSError):
            new.write_text(json.dumps(document), "utf-8")
            new.replace(self._file)


def fetch(model: str, revision: str, cache: Path, token: str | None, teller: Teller) -> None:
    """Download one model, unless it is there.

    Raises:
        ToolError: the hub refuses it, can't be reached, or the volume is too small.
    """
    mark = (
        cache / _MARKS / f"{hashlib.sha256(f'{model}@{revision}'.encode()).hexdigest()[:32]}.json"
    )
    if _is_there(mark):
        teller.say(f"{model}@{revision}: there already")
        return
    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        with _lock(cache / _MARKS / "lock", teller):
            if _is_there(mark):
                teller.say(f"{model}@{revision}: downloaded by another pod")
                return
            folder = _download(model, revision, cache, token, teller)
            mark.write_text(json.dumps({"folder": str(folder.relative_to(cache))}), "utf-8")
    except HfHubHTTPError as error:
        raise ToolError(_said(model, revision, error)) from None
    except HFValidationError:
        raise ToolError(
            f"{model!r} is no name of a model on the hub, such as owner/model"
        ) from None
    except (OSError, httpx.HTTPError) as error:
        raise ToolError(
            f"{model}@{revision}: {error}. Check that the volume is large enough "
            "and can be written, and that this node reaches the hub (HF_ENDPOINT for a mirror)"
        ) from None
    teller.say(f"{model}@{revision}: complete")


def _download(model: str, revision: str, cache: Path, token: str | None, teller: Teller) -> Path:
    info = HfApi(token=token).model_info(model, revision=revision, files_metadata=True)
    files = {sibling.rfilename: sibling.size or 0 for sibling in info.siblings or ()}
    ignored = _OTHER_FORMATS if any(name.endswith(".safetensors") for name in files) else []
    total = sum(size for name, size in files.items() if not _matches(name, ignored))
    teller.progress(model, 0, total)
    blobs = cache / f"models--{model.replace('/', '--')}" / "blobs"
    with teller.watching(model, blobs, total):
        found = snapshot_download(
            model,
            revision=revision,
            cache_dir=cache,
            token=token,
            ignore_patterns=ignored or None,
        )
    return Path(found)


def _matches(name: str, patterns: list[str]) -> bool:
    return any(
        name.startswith(pattern[:-2]) if pattern.endswith("**") else name.endswith(pattern[1:])
        for pattern in patterns
    )


def _said(model: str, revision: str, error: HfHubHTTPError) -> str:
    status = error.response.status_code
    if isinstance(error, GatedRepoError) or status in (401, 403):
        return (
            f"{model}: the hub said {status}: the token was refused. Name a valid token whose owner "
            "has accepted the model's terms"
        )
    if isinstance(error, RevisionNotFoundError):
        return f"{model}: the hub has no revision {revision}"
    if isinstance(error, RepositoryNotFoundError) or status == 404:
        return f"{model}: the hub said {status}: there is no such model, or it needs a token"
    return f"{model}: the hub said {status}; it is tried again"


def _is_there(mark: Path) -> bool:
    try:
        folder = json.loads(mark.read_text("utf-8"))["folder"]
    except (OSError, ValueError, KeyError):
        return False
    return (mark.parent.parent / str(folder)).is_dir()


@contextlib.contextmanager
def _lock(path: Path, teller: Teller) -> Iterator[None]:
    """Hold the lock; the kernel (or the file server) lets go of it when the process ends."""
    with path.open("a") as file:
        waiting = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not waiting:
                    teller.say("another pod downloads; waiting for it")
                waiting = True
                time.sleep(_WAIT_S)
        yield


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.glob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total

"""What the bundled cross-encoder says of pairs, kept between runs."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Final

from llmcache_sidecar.adapters.cross_encoder.bundled import FOLDER, load_bundled
from llmcache_sidecar.ports.cross_encoder import CrossEncoderError

from .embedding import CACHE

_AT_ONCE: Final = 500


class Comparisons:
    """Pair to logit, remembered on disk under the model's identity."""

    def __init__(self, cache: Path = CACHE) -> None:
        self._encoder = load_bundled()
        identity = hashlib.sha256((FOLDER / "model.onnx").read_bytes()).hexdigest()[:16]
        cache.mkdir(parents=True, exist_ok=True)
        self._store = sqlite3.connect(cache / f"{identity}.pairs.sqlite", isolation_level=None)
        self._store.execute("PRAGMA journal_mode=WAL")
        self._store.execute("CREATE TABLE IF NOT EXISTS pairs (texts TEXT PRIMARY KEY, logit REAL)")
        self._known: dict[str, float | None] = dict(
            self._store.execute("SELECT texts, logit FROM pairs")
        )
        self._new: list[tuple[str, float | None]] = []

    def of(self, one: str, other: str) -> float | None:
        """The logit; None where the model can't read a text."""
        texts = json.dumps(sorted((one, other)))
        if texts not in self._known:
            try:
                logit: float | None = self._encoder.compare(one, other)
            except CrossEncoderError:
                logit = None
            self._known[texts] = logit
            self._new.append((texts, logit))
            if len(self._new) >= _AT_ONCE:
                self.keep()
        return self._known[texts]

    def keep(self) -> None:
        """Write what is new."""
        new, self._new = self._new, []
        self._store.executemany("INSERT OR REPLACE INTO pairs VALUES (?, ?)", new)

"""What was embedded a moment ago is not embedded again.

An answer that was served by meaning is not stored under the words that asked for it, so whoever asks in
those words again costs another embedding; and so does what the cache may not keep. People repeat
themselves: a vector is a pure function of its text, and small beside what it costs.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from typing import Final

from ...domain.vectors import EmbeddingModel, Vector
from .observing import EmbedderStatus, RunningEmbedder

_MAX_BYTES: Final = 4 * 1024**2
_OVERHEAD: Final = 300
"""Bytes of a digest, an array's head and a place in the index, about."""


class RememberingEmbedder:
    """A `RunningEmbedder` in front of another one, which it asks for new texts only.

    Each owner's texts are remembered apart: whether somebody else asked the same must not be told by
    the time that an answer takes. Texts are kept as keyed digests. Failures are not remembered.
    """

    def __init__(self, inner: RunningEmbedder, max_bytes: int = _MAX_BYTES) -> None:
        """Remember what `inner` says, the last used first, in at most `max_bytes` bytes (about 2,000
        vectors of 384 dimensions)."""
        self._inner = inner
        self._max_bytes = max_bytes
        self._key = os.urandom(32)
        self._vectors: OrderedDict[bytes, Vector] = OrderedDict()
        self._bytes = 0
        self._model: EmbeddingModel | None = None
        self._remembered = 0

    @property
    def model(self) -> EmbeddingModel | None:
        """See `ports.embedder.Embedder`."""
        return self._inner.model

    @property
    def status(self) -> EmbedderStatus:
        """Of the inner one."""
        return self._inner.status

    @property
    def figures(self) -> dict[str, int | float | str]:
        """The inner one's, and how many texts were remembered."""
        return {**self._inner.figures, "remembered": self._remembered}

    def start(self) -> None:
        """Start the inner one."""
        self._inner.start()

    async def ready(self) -> EmbeddingModel:
        """See `RunningEmbedder`."""
        return await self._inner.ready()

    async def embed(self, text: str, owner: str = "") -> Vector:
        """See `ports.embedder.Embedder`."""
        model = self._inner.model
        if model is not self._model:
            self._model = model
            self._forget()
        name = self._name(text, owner)
        vector = self._vectors.get(name)
        if vector is not None and model is not None:
            self._vectors.move_to_end(name)
            self._remembered += 1
            return vector
        vector = await self._inner.embed(text, owner)
        if self._inner.model is model:
            self._keep(name, vector)
        return vector

    async def embed_many(self, texts: list[str]) -> list[Vector]:
        """See `ports.embedder.Embedder`."""
        return await self._inner.embed_many(texts)

    async def aclose(self) -> None:
        """See `ports.embedder.Embedder`."""
        self._forget()
        await self._inner.aclose()

    def _name(self, text: str, owner: str) -> bytes:
        said = f"{len(owner)}:{owner}{text}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(said, key=self._key, digest_size=16).digest()

    def _keep(self, name: bytes, vector: Vector) -> None:
        if name in self._vectors:
            return
        vector.setflags(write=False)  # it is many requests' own from now on
        self._vectors[name] = vector
        self._bytes += vector.nbytes + _OVERHEAD
        while self._bytes > self._max_bytes:
            _, oldest = self._vectors.popitem(last=False)
            self._bytes -= oldest.nbytes + _OVERHEAD

    def _forget(self) -> None:
        self._vectors.clear()
        self._bytes = 0

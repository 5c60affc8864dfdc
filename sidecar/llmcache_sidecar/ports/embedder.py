"""Text to vector."""

from __future__ import annotations

from typing import Protocol

from ..domain.vectors import EmbeddingModel, Vector


class EmbeddingError(Exception):
    """No vector came; the message says why and what to do. Never holds the text."""


class TextTooLong(EmbeddingError):
    """The text does not fit the model's window. It is never cut: cut texts look alike."""


class EmbeddingOverdue(EmbeddingError):
    """The deadline passed, or would have."""


class EmbeddingOverload(EmbeddingOverdue):
    """Because of the other texts that were ahead, not because the model was slow or stood still."""


class TextUnreadable(EmbeddingError):
    """Nothing to embed, or characters that the model has no token for: one stand-in token for all
    of them makes strangers alike, as cutting does."""


class EmbeddingLoadError(EmbeddingError):
    """The model can't be used at all: a broken folder, a missing package, a wrong dimension.

    Attributes:
        transient: trying again later may help (a download that failed).
    """

    def __init__(self, message: str, *, transient: bool = False) -> None:
        super().__init__(message)
        self.transient = transient


class Encoder(Protocol):
    """A loaded model that works in the calling thread. Made by a loader, off the event loop."""

    @property
    def model(self) -> EmbeddingModel: ...

    def encode(self, text: str) -> Vector:
        """The vector of one text. Raises `EmbeddingError`."""
        ...

    def encode_many(self, texts: list[str]) -> list[Vector]:
        """The vectors of several, each the same as alone (for examples and calibration)."""
        ...

    def close(self) -> None:
        """Free the memory. Idempotent."""
        ...


class Embedder(Protocol):
    """An embedding model for the request path: never blocks the event loop, never raises anything
    but `EmbeddingError`, never takes longer than its deadline, queueing included."""

    @property
    def model(self) -> EmbeddingModel | None:
        """None while it is loading or when it can't be loaded."""
        ...

    async def embed(self, text: str, owner: str = "") -> Vector:
        """The vector of one text within the deadline. Raises `EmbeddingError`.

        Args:
            owner: who asks. Where texts wait, owners take turns: who brings many waits for their
                own, not others for them.
        """
        ...

    async def embed_many(self, texts: list[str]) -> list[Vector]:
        """Many, in the background, without a deadline and behind every request."""
        ...

    async def aclose(self) -> None:
        """Release threads and connections. Idempotent."""
        ...

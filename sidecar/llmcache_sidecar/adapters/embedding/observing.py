"""How embedders tell what happened, without knowing who listens."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ...domain.vectors import EmbeddingModel
from ...ports.embedder import Embedder


class Trouble(StrEnum):
    """Why no vector came; a closed list, fit for a metric's label."""

    NOT_READY = "not_ready"
    """The model is loading, or can't be loaded."""
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    OVERLOAD = "overload"
    """Refused at once: it could not have been in time, or the queue was full."""
    DEADLINE = "deadline"
    CIRCUIT_OPEN = "circuit_open"
    MODEL_ERROR = "model_error"
    DEFECT = "defect"
    """An exception that the port does not allow: a bug of ours, survived."""


class EmbeddingObserver(Protocol):
    """Told of every text. Called on the hot path: must not block or raise."""

    def embedded(self, seconds: float) -> None:
        """A request got its vector, that long after it asked."""
        ...

    def failed(self, trouble: Trouble) -> None:
        """A request got none."""
        ...


class Silent:
    """Listens to nothing."""

    def embedded(self, seconds: float) -> None:
        """Do nothing."""

    def failed(self, trouble: Trouble) -> None:
        """Do nothing."""


class Tally:
    """Keeps the sums."""

    def __init__(self) -> None:
        self.vectors = 0
        self.seconds = 0.0
        self.troubles: Counter[Trouble] = Counter()

    def embedded(self, seconds: float) -> None:
        """Add one."""
        self.vectors += 1
        self.seconds += seconds

    def failed(self, trouble: Trouble) -> None:
        """Add one."""
        self.troubles[trouble] += 1


class EmbedderState(StrEnum):
    """Whether there are vectors."""

    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class EmbedderStatus:
    """What statistics and /readyz show.

    Attributes:
        reason: what went wrong last, for people; empty when nothing did.
        attempts: to load, the present one included.
        retrying: FAILED now, and tried again later.
    """

    state: EmbedderState
    reason: str = ""
    attempts: int = 0
    retrying: bool = False


class RunningEmbedder(Embedder, Protocol):
    """An embedder that is started and says how it is."""

    @property
    def status(self) -> EmbedderStatus: ...

    @property
    def figures(self) -> dict[str, int | float | str]: ...

    def start(self) -> None: ...

    async def ready(self) -> EmbeddingModel:
        """Wait until it is loaded; `EmbeddingLoadError` when it never will be."""
        ...

"""The semantic level, as the configuration says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llmcache_api import SidecarConfig

from ..adapters.sealing import PayloadSealer
from ..domain.ids import EntryId
from ..domain.purge import PurgeRecord
from ..domain.vectors import EmbeddingModel, Neighbour, PartitionId, Vector, VectorPoint
from ..pipeline.meaning import ContentJudge
from ..pipeline.semantic_look_up import Verifier
from ..ports.clock import Clock
from ..ports.embedder import Embedder
from ..ports.sealer import Sealer
from ..ports.vector_store import PointWriter, VectorSearch
from ..telemetry.account import Account


@dataclass(frozen=True, slots=True)
class NoVectors:
    """Stands where there is no vector store: nothing is found, nothing is taken."""

    async def search(
        self, partition: PartitionId, vector: Vector, limit: int, now: float
    ) -> list[Neighbour]:
        """Nothing."""
        return []

    def offer(self, point: VectorPoint) -> bool:
        """Refuse."""
        return False

    def drop(self, ids: Sequence[EntryId]) -> None:
        """Nothing to do."""

    def forget(self, record: PurgeRecord) -> None:
        """Nothing to do."""


class NoClasses:
    """Stands where no class of content is told apart."""

    version = "none"

    def judge(self, text: str, vector: Vector | None, watched: frozenset[str]) -> tuple[()]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True)
class Semantic:
    """The parts of the semantic level.

    Attributes:
        embedder: None where there is to be no embedding model.
        search, points: the two sides of the vector store.
        judge: gives the present judge of content classes.
        model: gives the embedding model once it is loaded.
    """

    embedder: Embedder | None
    search: VectorSearch
    points: PointWriter
    sealer: Sealer
    judge: Callable[[], ContentJudge]
    verifier: Callable[[EmbeddingModel, float | None], tuple[Verifier, float]]
    model: Callable[[], EmbeddingModel | None]


def make_semantic(config: SidecarConfig, account: Account, clock: Clock) -> Semantic:
    """Build them; a `ConfigError` says which file or package is missing."""
    nothing = NoVectors()
    classes = NoClasses()

    def verifier(model: EmbeddingModel, threshold: float | None) -> tuple[Verifier, float]:
        raise NotImplementedError

    return Semantic(
        embedder=None,
        search=nothing,
        points=nothing,
        sealer=PayloadSealer(),
        judge=lambda: classes,
        verifier=verifier,
        model=lambda: None,
    )

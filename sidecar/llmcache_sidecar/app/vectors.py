"""Where vectors live, as the configuration says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from llmcache_api import ConfigError, SidecarConfig, VectorsSection

from ..adapters.vectors.guarded import GuardedVectorStore
from ..adapters.vectors.memory import MemoryVectorStore
from ..adapters.vectors.upkeep import Upkeep
from ..adapters.vectors.write_queue import VectorWriteQueue
from ..domain.vectors import EmbeddingModel
from ..ports.clock import Clock
from ..ports.turns import Turns
from ..ports.vector_store import VectorStore
from ..telemetry.account import Account
from .stores import Observer

_MEMORY_DEADLINE_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Vectors:
    """The chosen vector store.

    Attributes:
        kind: memory, qdrant or pgvector.
        guarded: answers searches within its deadline.
        queue: what is to be written.
        upkeep: what takes points, and removes them.
    """

    kind: str
    guarded: GuardedVectorStore
    queue: VectorWriteQueue
    upkeep: Upkeep
    memory: MemoryVectorStore | None

    def start(self, model: EmbeddingModel) -> None:
        """Open it for `model`, now or as soon as it is there."""
        self.queue.start(model)
        self.upkeep.start()

    def figures(self) -> dict[str, int | str]:
        """What statistics show."""
        figures: dict[str, int | str] = {
            "kind": self.kind,
            "open": int(self.queue.is_open),
            "reads": self.guarded.state.value,
            "writes": self.guarded.write_state.value,
            "writeQueuePoints": self.queue.entries,
            "removals": self.upkeep.pending,
        }
        if self.queue.trouble:
            figures["trouble"] = self.queue.trouble
        if self.memory is not None:
            figures |= {"points": len(self.memory), "bytes": self.memory.bytes}
        return figures

    def reload(self, section: VectorsSection) -> None:
        """Take over the deadline of another configuration of the same store."""
        server = section.qdrant or section.pgvector
        if server is not None:
            self.guarded.deadline_s = server.deadline

    async def aclose(self) -> None:
        """Write what can be written, and close. Idempotent."""
        await self.upkeep.aclose()
        await self.queue.aclose()
        await self.guarded.aclose()


def make_vectors(config: SidecarConfig, account: Account, clock: Clock, turns: Turns) -> Vectors:
    """Build it, unopened; a `ConfigError` says which file or package is missing."""
    section = config.stores.vectors
    troubles = Observer(account)
    memory = None
    if section.qdrant is not None:
        kind, deadline, store = "qdrant", section.qdrant.deadline, _qdrant(config)
    elif section.pgvector is not None:
        kind, deadline, store = "pgvector", section.pgvector.deadline, _pgvector(config)
    else:
        store = memory = MemoryVectorStore(section.memory.max_size, turns=turns)
        kind, deadline = "memory", _MEMORY_DEADLINE_S
    guarded = GuardedVectorStore(store, deadline, clock=clock, observer=troubles)
    queue = VectorWriteQueue(guarded, observer=troubles)
    return Vectors(kind, guarded, queue, Upkeep(guarded, queue, clock), memory)


def _qdrant(config: SidecarConfig) -> VectorStore:
    section = config.stores.vectors.qdrant
    assert section is not None
    try:
        from ..adapters.vectors.qdrant import QdrantVectorStore
        from ..adapters.vectors.qdrant_settings import (
            QdrantSettings,
            QdrantSettingsError,
            Quantization,
        )
    except ImportError as error:
        raise ConfigError(
            [f"stores.vectors.qdrant: needs a package that is not installed ({error.name}); "
             "install llmcache[qdrant]"]
        ) from None  # fmt: skip
    try:
        return QdrantVectorStore(
            QdrantSettings(
                url=section.url,
                namespace=config.response_cache.namespace,
                prefer_grpc=section.grpc_port is not None,
                grpc_port=section.grpc_port or 6334,
                api_key_file=section.api_key_file,
                ca_file=section.ca_file,
                quantization=Quantization(section.quantization.value),
            )
        )
    except QdrantSettingsError as error:
        raise ConfigError([f"stores.vectors.qdrant: {error}"]) from None


def _pgvector(config: SidecarConfig) -> VectorStore:
    section = config.stores.vectors.pgvector
    assert section is not None
    try:
        from ..adapters.vectors.pgvector import PgVectorStore
        from ..adapters.vectors.pgvector_settings import PgVectorSettings, PgVectorSettingsError
    except ImportError as error:
        raise ConfigError(
            [f"stores.vectors.pgvector: needs a package that is not installed ({error.name}); "
             "install llmcache[pgvector]"]
        ) from None  # fmt: skip
    try:
        return PgVectorStore(
            PgVectorSettings(
                dsn=section.dsn,
                namespace=config.response_cache.namespace,
                password_file=section.password_file,
                ca_file=section.ca_file,
            )
        )
    except PgVectorSettingsError as error:
        raise ConfigError([f"stores.vectors.pgvector: {error}"]) from None

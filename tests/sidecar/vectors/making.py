"""Vectors and points for tests."""

from __future__ import annotations

import secrets
from typing import Any

import numpy as np

from llmcache_sidecar.domain.ids import EntryId, ExactKey, TenantId
from llmcache_sidecar.domain.purge import LogPosition, Purge, PurgeRecord, PurgeScope
from llmcache_sidecar.domain.vectors import EmbeddingModel, PartitionId, Vector, VectorPoint

NOW = 1_700_000_000.0
DIMENSIONS = 8


def a_model(dimensions: int = DIMENSIONS, identity: str | None = None) -> EmbeddingModel:
    """A model that no other test has."""
    return EmbeddingModel("a/model", identity or secrets.token_hex(8), dimensions)


def a_partition() -> PartitionId:
    """A partition that no other test has."""
    return PartitionId(secrets.token_bytes(32))


def unit(*numbers: float, dimensions: int = DIMENSIONS) -> Vector:
    """A vector of length 1 that begins like this and goes on with zeros."""
    vector = np.zeros(dimensions, np.float32)
    vector[: len(numbers)] = numbers
    return vector / np.linalg.norm(vector).astype(np.float32)


def at_cosine(cosine: float, dimensions: int = DIMENSIONS) -> Vector:
    """A vector with this cosine to `unit(1)`."""
    return unit(cosine, float(np.sqrt(1.0 - cosine * cosine)), dimensions=dimensions)


def a_point(vector: Vector | None = None, **fields: Any) -> VectorPoint:
    """A point that lives for an hour from `NOW`; every field can be set."""
    values: dict[str, Any] = {
        "id": EntryId(secrets.token_hex(16)),
        "key": ExactKey(secrets.token_bytes(32)),
        "vector": unit(1.0) if vector is None else vector,
        "partition": PartitionId(b"p" * 32),
        "tenant": TenantId("t" * 32),
        "model": "served/model",
        "created_at": NOW,
        "expires_at": NOW + 3600.0,
        "position": LogPosition(1_700_000_000_000, 3),
        "tags": ("docs",),
        "payload": b"\x00\xffpayload",
    }
    values.update(fields)
    return VectorPoint(**values)


def a_purge(scope: PurgeScope, value: str, position: LogPosition) -> PurgeRecord:
    """A purge at its place in the log."""
    return PurgeRecord(Purge(scope, value), position)

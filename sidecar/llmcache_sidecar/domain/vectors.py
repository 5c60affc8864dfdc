"""Embeddings, and what is kept beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .ids import EntryId, ExactKey, TenantId
from .purge import LogPosition

Vector: TypeAlias = NDArray[np.float32]
"""One embedding: shape (dimensions,), float32, of length 1, so that a dot product is the cosine."""

PartitionId = NewType("PartitionId", bytes)
"""SHA-256 (32 bytes) of everything that shapes an answer but the query's own text: the hard filter
before any search (see `keys.partition`). Tenant, model fingerprint and namespace are part of it."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured of a model by `llmcache calibrate`.

    Attributes:
        similarity: the least cosine of a candidate, 0 to 1.
        score: the least probability that the verifier must give, 0 to 1.
    """

    similarity: float
    score: float


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    """Which model made a vector. Vectors of two models never meet.

    Attributes:
        name: for people, such as sentence-transformers/all-MiniLM-L6-v2.
        identity: names weights, tokenizer, pooling and precision (hex, 16 characters): part of the
            collection's name, so that two models can live side by side during a change.
        dimensions: length of a vector.
        window: tokens that fit, or None where that can't be known.
        batch_invariant: a text's vector does not depend on what else is in its batch.
        calibration: what lies in its folder; None where nothing was measured, or is built in.
    """

    name: str
    identity: str
    dimensions: int
    window: int | None = None
    batch_invariant: bool = True
    calibration: Calibration | None = None


@dataclass(frozen=True, slots=True)
class VectorPoint:
    """One vector and the entry it points to.

    Attributes:
        id: of the entry; a point has no other name.
        key: where the entry's body lives in the exact store.
        created_at, expires_at: Unix time in seconds, those of the entry.
        position: the entry's place in the purge log.
        payload: what verification needs (the entry's query text), sealed where bodies are. Opaque
            to the store; a few hundred bytes.
    """

    id: EntryId
    key: ExactKey
    vector: Vector
    partition: PartitionId
    tenant: TenantId
    model: str
    created_at: float
    expires_at: float
    position: LogPosition
    tags: tuple[str, ...] = ()
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A point that a search found.

    Attributes:
        similarity: cosine to the vector that was searched for, -1 to 1, exact to 1e-3 at least.
    """

    id: EntryId
    key: ExactKey
    similarity: float
    created_at: float
    expires_at: float
    payload: bytes

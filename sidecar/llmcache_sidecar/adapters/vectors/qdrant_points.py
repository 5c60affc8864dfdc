"""A point as Qdrant keeps it, and the filters that find it again.

Partition and payload are bytes, and JSON has none: hex and base64. The payload's names are the
format: a sidecar of another version reads what this one wrote.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import Any, Final
from uuid import UUID, uuid5

from qdrant_client import models

from ...domain.ids import EntryId, ExactKey
from ...domain.purge import LogPosition, PurgeRecord, PurgeScope
from ...domain.vectors import Neighbour, PartitionId, VectorPoint

INDEXES: Final[dict[str, Any]] = {
    # What belongs together lies together on disk. Searches name a partition and nothing else: only
    # there does a graph of its own pay.
    "partition": models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True),
    "tenant": models.KeywordIndexParams(
        type=models.KeywordIndexType.KEYWORD, is_tenant=True, enable_hnsw=False
    ),
    "model": models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, enable_hnsw=False),
    "tags": models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, enable_hnsw=False),
    "expires_at": models.FloatIndexParams(type=models.FloatIndexType.FLOAT, enable_hnsw=False),
}
NEEDED: Final = ["id", "key", "created_at", "expires_at", "payload"]

_HEX: Final = re.compile(r"[0-9a-f]{32}")
_NAMES: Final = UUID("5b0b6a54-6f0f-4c2b-9d0e-3c1f3f0c8f51")


def as_wanted(field: str, have: models.PayloadIndexInfo | None) -> bool:
    """Whether an index is there and is kept as `INDEXES` says; one that is not is built anew by asking
    for it again. Servers that tell no parameters are believed."""
    if have is None:
        return False
    if have.params is None:
        return True
    return bool(getattr(have.params, "is_tenant", False)) == bool(
        getattr(INDEXES[field], "is_tenant", False)
    )


def point_id(entry_id: EntryId) -> str:
    """The entry's id as a UUID; ids of another form get one by their hash."""
    if _HEX.fullmatch(entry_id):
        return str(UUID(entry_id))
    return str(uuid5(_NAMES, entry_id.encode(errors="backslashreplace").hex()))


def to_qdrant(point: VectorPoint) -> models.PointStruct:
    """What is stored."""
    return models.PointStruct(
        id=point_id(point.id),
        vector=point.vector.tolist(),
        payload={
            "id": point.id,
            "key": b64encode(point.key).decode(),
            "partition": point.partition.hex(),
            "tenant": point.tenant,
            "model": point.model,
            "tags": list(point.tags),
            "created_at": point.created_at,
            "expires_at": point.expires_at,
            "position_ms": point.position.milliseconds,
            "position_seq": point.position.sequence,
            "payload": b64encode(point.payload).decode(),
        },
    )


def neighbour(found: models.ScoredPoint) -> Neighbour | None:
    """What was stored; None for a point that this format does not explain."""
    stored = found.payload or {}
    try:
        return Neighbour(
            EntryId(stored["id"]),
            ExactKey(b64decode(stored["key"])),
            min(max(found.score, -1.0), 1.0),
            float(stored["created_at"]),
            float(stored["expires_at"]),
            b64decode(stored["payload"]),
        )
    except (KeyError, ValueError, TypeError):
        return None


def in_partition(partition: PartitionId, living_at: float | None = None) -> models.Filter:
    """Points of one partition; with `living_at` those that have not expired then."""
    must: list[Any] = [_equals("partition", partition.hex())]
    if living_at is not None:
        must.append(models.FieldCondition(key="expires_at", range=models.Range(gt=living_at)))
    return models.Filter(must=must)


def expired(now: float) -> models.Filter:
    """Points that have expired at `now`."""
    return models.Filter(
        must=[models.FieldCondition(key="expires_at", range=models.Range(lte=now))]
    )


def forgotten(record: PurgeRecord) -> models.Filter:
    """Points that `record` names and that are from before it."""
    must: list[Any] = [_before(record.position)]
    value = record.purge.value
    match record.purge.scope:
        case PurgeScope.ENTRY:
            must.append(models.HasIdCondition(has_id=[point_id(EntryId(value))]))
        case PurgeScope.TAG:
            must.append(_equals("tags", value))
        case PurgeScope.TENANT:
            must.append(_equals("tenant", value))
        case PurgeScope.MODEL:
            must.append(_equals("model", value))
        case PurgeScope.ALL:
            pass
    return models.Filter(must=must)


def _before(position: LogPosition) -> models.Filter:
    same = models.Range(gte=position.milliseconds, lte=position.milliseconds)
    return models.Filter(
        should=[
            models.FieldCondition(key="position_ms", range=models.Range(lt=position.milliseconds)),
            models.Filter(
                must=[
                    models.FieldCondition(key="position_ms", range=same),
                    models.FieldCondition(
                        key="position_seq", range=models.Range(lt=position.sequence)
                    ),
                ]
            ),
        ]
    )


def _equals(key: str, value: str) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchValue(value=value))

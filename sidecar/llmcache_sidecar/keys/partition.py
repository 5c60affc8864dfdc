"""The partition: everything that shapes an answer but the question's own text."""

from __future__ import annotations

import hashlib
from typing import Final

import orjson

from ..apis.questions import Place, without
from ..domain.ids import Fingerprint, TenantId
from ..domain.request import RequestFacts
from ..domain.vectors import PartitionId
from .canonical import canonical_body
from .exact import asked_of, binding_form

PARTITION_VERSION: Final = 1


def partition_id(
    facts: RequestFacts,
    place: Place,
    temperature: float | None,
    namespace: str,
    tenant: TenantId,
    fingerprint: Fingerprint,
    query: str = "",
) -> PartitionId:
    """SHA-256 over all that two requests must have in common before their questions are compared.

    The arguments are those of `keys.exact.exact_key`; a hit in another partition is impossible by
    construction. What stands around the question in its own string is part of it.
    """
    body = canonical_body(facts._replace(body=without(facts.body, place.path)))
    parts = (
        PARTITION_VERSION,
        *asked_of(temperature, namespace, tenant, fingerprint, query),
        facts.api.value,
        binding_form(facts),
        body,
        place.path,
        place.before,
        place.after,
    )
    return PartitionId(hashlib.sha256(orjson.dumps(parts)).digest())

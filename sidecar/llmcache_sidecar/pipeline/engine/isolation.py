"""Keeping tenants apart in the engine's own prefix cache."""

from __future__ import annotations

from typing import Final

from ...domain.ids import TenantId
from ...domain.json import JsonObject
from ...keys.tenant import TenantHasher

_FIELD: Final = "cache_salt"
_LONGEST: Final = 128
_FORBIDDEN: Final = frozenset("@/\\\0")


class Isolation:
    """Gives every request a salt of its tenant's.

    A prefix that another tenant has asked before is answered sooner, which tells that it was asked.
    The salt is a keyed hash, so that nobody can write another tenant's.
    """

    def __init__(self, hasher: TenantHasher) -> None:
        self._hasher = hasher

    def salted(self, body: JsonObject, tenant: TenantId) -> JsonObject:
        """The body with its salt: the tenant's, and the client's own in it. A salt that the engine
        would refuse stays as it is, and is refused."""
        own = body.get(_FIELD)
        if own is not None and not _is_taken(own):
            return body
        text = own if isinstance(own, str) else ""
        return {**body, _FIELD: self._hasher.tenant("cache-salt", tenant, text)}


def _is_taken(salt: object) -> bool:
    return (
        isinstance(salt, str)
        and 0 < len(salt) <= _LONGEST
        and not any(character in _FORBIDDEN for character in salt)
    )

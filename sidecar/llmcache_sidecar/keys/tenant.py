"""Tenants: who may share answers, as keyed hashes."""

from __future__ import annotations

import hashlib
import hmac

from ..domain.ids import TenantId

SHARED = TenantId("shared")
"""The one tenant of scope Shared."""


class TenantHasher:
    """Names tenants by a keyed hash, so that neither a key nor a user can be read from a store.

    The hash is BLAKE2b in its keyed mode (RFC 7693), a MAC like HMAC at a third of its time; it is
    computed for every request.

    Args:
        key: at least 16 bytes. Replicas that share a store share it; another key is another set of
            tenants.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError(f"the tenant key has {len(key)} bytes; it takes at least 16")
        self._key = hashlib.blake2b(key, digest_size=32).digest()

    def tenant(self, scope: str, *names: str) -> TenantId:
        """The tenant that `names` make up within `scope` (which keeps kinds of names apart)."""
        text = "\0".join((scope, *(f"{len(name)}:{name}" for name in names)))
        digest = hashlib.blake2b(
            text.encode(errors="surrogateescape"), key=self._key, digest_size=16
        )
        return TenantId(digest.hexdigest())

    def credential(self, key: str) -> bytes:
        """A digest of a caller's key, for look-ups that must not hold the key itself."""
        return hashlib.blake2b(
            b"credential\0" + key.encode(errors="surrogateescape"), key=self._key, digest_size=16
        ).digest()


def same_digest(left: bytes, right: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left, right)

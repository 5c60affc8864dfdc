"""Which replica asks the engine, where several would ask the same."""

from __future__ import annotations

from typing import Protocol

from ..domain.ids import ExactKey


class Leases(Protocol):
    """Short leases on exact keys, shared by the replicas that share a store.

    A lease is held under a token that its holder made up; it ends by itself unless it is renewed.
    Trouble raises `ports.exact_store.StoreError`.
    """

    async def take(self, key: ExactKey, token: str, seconds: float) -> bool:
        """Take the lease for so long; False when somebody holds it, whoever that is."""
        ...

    async def renew(self, key: ExactKey, token: str, seconds: float) -> bool:
        """Hold it for so long from now on; False when it is not held under `token` any more."""
        ...

    async def release(self, key: ExactKey, token: str) -> bool:
        """End it; False when it was not held under `token` any more, and then nothing is done."""
        ...

    async def held(self, key: ExactKey) -> bool:
        """Whether anybody holds it now."""
        ...

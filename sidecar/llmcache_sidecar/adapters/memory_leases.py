"""Leases within one process: what several pipelines of a test share."""

from __future__ import annotations

from ..domain.ids import ExactKey
from ..ports.clock import Clock, SystemClock


class MemoryLeases:
    """See `ports.leases.Leases`."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._monotonic = (clock or SystemClock()).monotonic
        self._leases: dict[ExactKey, tuple[str, float]] = {}

    async def take(self, key: ExactKey, token: str, seconds: float) -> bool:
        """See `ports.leases.Leases`."""
        if self._holder(key) is not None:
            return False
        self._leases[key] = (token, self._monotonic() + seconds)
        return True

    async def renew(self, key: ExactKey, token: str, seconds: float) -> bool:
        """See `ports.leases.Leases`."""
        if self._holder(key) != token:
            return False
        self._leases[key] = (token, self._monotonic() + seconds)
        return True

    async def release(self, key: ExactKey, token: str) -> bool:
        """See `ports.leases.Leases`."""
        if self._holder(key) != token:
            return False
        del self._leases[key]
        return True

    async def held(self, key: ExactKey) -> bool:
        """See `ports.leases.Leases`."""
        return self._holder(key) is not None

    def _holder(self, key: ExactKey) -> str | None:
        token, until = self._leases.get(key, (None, 0.0))
        if token is not None and self._monotonic() >= until:
            del self._leases[key]
            return None
        return token

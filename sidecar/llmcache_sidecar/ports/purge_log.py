"""The record of purges that every replica follows."""

from __future__ import annotations

from typing import Protocol

from ..domain.purge import LogPosition, LogSlice, Purge, PurgeRecord


class PurgeLog(Protocol):
    """An append-only log of purges, shared by the replicas that share a store.

    Trouble raises `ports.exact_store.StoreError`.
    """

    async def append(self, purge: Purge) -> PurgeRecord:
        """Write `purge` at the end. When this returns, every later reading shows it."""
        ...

    async def read(self, after: LogPosition) -> LogSlice:
        """Everything after a place (`LogPosition()` = from the start)."""
        ...

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        ...

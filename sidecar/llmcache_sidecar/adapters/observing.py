"""How adapters tell what went wrong, without knowing who listens."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Protocol


class Operation(StrEnum):
    """What was being done to a store."""

    GET = "get"
    PUT = "put"
    DELETE = "delete"
    FIND = "find"
    SCAN = "scan"
    CHECK = "check"
    LEASE = "lease"


class Reason(StrEnum):
    """Why it was not done; a closed list, fit for a metric's label."""

    DEADLINE = "deadline"
    CIRCUIT_OPEN = "circuit_open"
    STORE_ERROR = "store_error"
    DEFECT = "defect"
    """An exception that the port does not allow: a bug of ours, survived."""

    UNKNOWN_FORMAT = "unknown_format"
    DAMAGED = "damaged"
    """Truncated, or changed since it was written."""
    NOT_AUTHENTIC = "not_authentic"
    UNKNOWN_KEY = "unknown_key"
    """Encrypted with a key that is not (or no longer) configured, or by a store that has none."""
    OTHER_KEY = "other_key"
    """Stored under another exact key than it was made for."""

    TOO_LARGE = "too_large"
    QUEUE_FULL = "queue_full"
    QUEUE_CLOSED = "queue_closed"
    WORKER_RESTARTED = "worker_restarted"


class StoreObserver(Protocol):
    """Told of every look-up or write that did not happen as wished."""

    def count(self, operation: Operation, reason: Reason, amount: int = 1) -> None:
        """Take note. Called on the hot path: must not block or raise."""
        ...


class Silent:
    """Listens to nothing."""

    def count(self, operation: Operation, reason: Reason, amount: int = 1) -> None:
        """Do nothing."""


class Tally:
    """Keeps the sums."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[Operation, Reason]] = Counter()

    def count(self, operation: Operation, reason: Reason, amount: int = 1) -> None:
        """Add `amount`."""
        self.counts[operation, reason] += amount

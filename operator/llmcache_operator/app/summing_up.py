"""From what a pass saw to what it says: the pure summary, with the sidecars' reports and the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..cluster.store import CacheKey
from ..domain import LLMCache, Observed, Telling
from ..rendering import Rendering
from ..status import Ledger, previous_of, summarize
from .caches import Seen
from .polling import Polling


@dataclass(frozen=True)
class Told:
    """What a pass has to say.

    Attributes:
        status: the whole status, as the API has it.
    """

    status: Mapping[str, Any]
    events: tuple[Telling, ...] = ()


class SummingUp:
    """Keeps every LLMCache's ledger between two passes; the stored one lags behind it.

    Args:
        polling: told which sidecars there are; tells what they said last.
    """

    def __init__(self, polling: Polling) -> None:
        self._polling = polling
        self._ledgers: dict[CacheKey, tuple[str, Ledger]] = {}

    def __call__(
        self, cache: LLMCache, rendering: Rendering, observed: Observed, seen: Seen, now: datetime
    ) -> Told:
        """Status and Events."""
        versions = {model.name: model.config_version for model in rendering.models}
        self._polling.aim(cache, observed, versions)
        uid, ledger = self._ledgers.get(seen.key, ("", None))
        summary = summarize(
            cache,
            rendering,
            observed,
            self._polling.heard(cache),
            previous_of(seen.status),
            now,
            ledger if uid == seen.uid else None,
        )
        self._ledgers[seen.key] = (seen.uid, summary.ledger)
        status = summary.status.model_dump(mode="json", by_alias=True, exclude_none=True)
        return Told(status, summary.events)

    def forget(self, key: CacheKey) -> None:
        """The resource is gone."""
        self._ledgers.pop(key, None)
        self._polling.forget(key)

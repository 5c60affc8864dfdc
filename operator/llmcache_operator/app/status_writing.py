"""When a status is written: at once if something is different, figures at most once a minute."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..cluster.api import Api
from ..cluster.statuses import merge_patch, patch_status
from ..cluster.store import CacheKey
from .caches import Caches
from .metrics import Metrics

FIGURES_EVERY_S: Final = 60.0
"""Least time between two writes that only bring figures; up to half of it more, by chance."""

_FIGURES: Final = frozenset({"cache"})
_MODEL_FIGURES: Final = frozenset({"prefixHitRate"})


@dataclass(frozen=True)
class _Last:
    uid: str
    next_figures: float


class StatusWriter:
    """Writes statuses.

    Args:
        clock: monotonic seconds.
    """

    def __init__(
        self,
        api: Api,
        caches: Caches,
        metrics: Metrics,
        clock: Callable[[], float],
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._api = api
        self._caches = caches
        self._metrics = metrics
        self._clock = clock
        self._draw = draw
        self._last: dict[CacheKey, _Last] = {}

    async def write(self, key: CacheKey, uid: str, status: Mapping[str, Any]) -> float:
        """Write what changed, now or not yet.

        Returns:
            In how many seconds what was held back may be written; 0 = nothing was.

        Raises:
            ClusterError: it could not be written.
        """
        seen = self._caches.get(key)
        if seen is None or seen.uid != uid:
            return 0.0
        patch = merge_patch(seen.status, status)
        if not patch:
            return 0.0
        now, last = self._clock(), self._last.get(key)
        if (
            last is not None
            and last.uid == uid
            and now < last.next_figures
            and _only_figures(seen.status, status)
        ):
            return last.next_figures - now
        stored = await patch_status(self._api, key, uid, patch)
        self._metrics.status_writes.inc()
        self._last[key] = _Last(uid, now + FIGURES_EVERY_S * (1 + self._draw() / 2))
        self._caches.wrote_status(stored)
        return 0.0

    def forget(self, key: CacheKey) -> None:
        """The resource is gone."""
        self._last.pop(key, None)


def _only_figures(before: Any, after: Mapping[str, Any]) -> bool:
    return isinstance(before, Mapping) and not merge_patch(_without(before), _without(after))


def _without(status: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in status.items() if name not in _FIGURES}
    models = status.get("models")
    if isinstance(models, list | tuple):
        kept["models"] = [
            {name: value for name, value in model.items() if name not in _MODEL_FIGURES}
            for model in models
            if isinstance(model, Mapping)
        ]
    return kept

"""The sidecars are asked for their figures now and then, and a pass follows where they are news."""

from __future__ import annotations

import asyncio
import base64
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from ..cluster.errors import ClusterError
from ..cluster.store import CacheKey
from ..domain import LLMCache, Manifest, ObjectKey, Observed, SidecarReport
from ..domain.report import StoreState
from ..rendering import ADMIN_TOKEN_KEY, admin_secret_name
from ..sidecars import Answers, Target, targets_of

log = logging.getLogger(__name__)

_TICK_S: Final = 0.5
_FIRST_S: Final = 2.0
"""After a sidecar appeared, it is asked soon."""


_TOLERATED: Final = 2
"""A sidecar that misses so many rounds in a row has nothing to say any more. One that has ended is
not asked at all, and forgotten at once."""


class Reader(Protocol):
    """Asks sidecars; raises nothing."""

    async def read(self, targets: Sequence[Target], token: str) -> Answers: ...


@dataclass
class _Aim:
    """One resource, and what was heard of it."""

    uid: str
    secret: ObjectKey
    targets: tuple[Target, ...]
    due: float
    versions: dict[str, str | None] = field(default_factory=dict)
    hurry_s: float = _FIRST_S
    token: str | None = None
    reports: dict[str, SidecarReport] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)
    asking: asyncio.Task[None] | None = field(default=None, repr=False)

    def hear(self, targets: Sequence[Target], answers: Answers) -> bool:
        """Take a round's answers; whether they are news."""
        before = dict(self.reports)
        for target in targets:
            self.missed[target.pod_uid] = self.missed.get(target.pod_uid, 0) + 1
        for report in answers.reports:
            self.missed[report.pod_uid] = 0
            self.reports[report.pod_uid] = report
        self.drop()
        return self.reports != before

    @property
    def pending(self) -> bool:
        """Whether one of them has yet to take its configuration, or to say so, or to hear of its
        store."""
        return len(self.reports) < len(self.targets) or any(
            report.config_version != self.versions.get(report.model)
            or report.exact_store is StoreState.SILENT
            for report in self.reports.values()
        )

    def pause(self, every_s: float) -> float:
        """Seconds until the next round: few at first while something is pending, then more."""
        if not self.pending:
            self.hurry_s = _FIRST_S
            return every_s
        pause = min(self.hurry_s, every_s)
        self.hurry_s *= 2
        return pause

    def drop(self) -> None:
        """Forget who is not asked any more, and who does not answer."""
        asked = {target.pod_uid for target in self.targets}
        self.missed = {uid: count for uid, count in self.missed.items() if uid in asked}
        self.reports = {
            uid: report
            for uid, report in self.reports.items()
            if self.missed.get(uid, _TOLERATED) < _TOLERATED
        }


class Polling:
    """Asks the sidecars of each resource that a pass has aimed at.

    Args:
        get: reads an object of the cluster.
        changed: called with the key of a resource whose sidecars say something else than before.
        clock: monotonic seconds.
        every_s: seconds between two rounds, 20 % more or less.
    """

    def __init__(
        self,
        get: Callable[[ObjectKey], Awaitable[Manifest]],
        reader: Reader,
        changed: Callable[[CacheKey], None],
        clock: Callable[[], float],
        every_s: float,
    ) -> None:
        self._get = get
        self._reader = reader
        self._changed = changed
        self._clock = clock
        self._every_s = every_s
        self._aims: dict[CacheKey, _Aim] = {}

    def aim(self, cache: LLMCache, observed: Observed, versions: Mapping[str, str | None]) -> None:
        """These are the sidecars of a resource now.

        Args:
            versions: of the configuration that each model's sidecars should run. Those that run
                another one are asked again soon, and then less and less often.
        """
        key, targets = CacheKey(cache.namespace, cache.name), targets_of(cache, observed)
        aim = self._aims.get(key)
        if aim is not None and aim.uid != cache.uid:
            self.forget(key)
            aim = None
        if aim is None:
            secret = ObjectKey("v1", "Secret", cache.namespace, admin_secret_name(cache))
            aim = self._aims[key] = _Aim(cache.uid, secret, (), self._clock() + self._every_s)
        if aim.versions != versions:
            aim.versions, aim.hurry_s = dict(versions), _FIRST_S
            aim.due = min(aim.due, self._clock() + _FIRST_S)
        if aim.targets != targets:
            aim.targets = targets
            aim.due = min(aim.due, self._clock() + _FIRST_S)
            aim.drop()

    def heard(self, cache: LLMCache) -> tuple[SidecarReport, ...]:
        """The last reports of a resource's sidecars."""
        aim = self._aims.get(CacheKey(cache.namespace, cache.name))
        return () if aim is None or aim.uid != cache.uid else tuple(aim.reports.values())

    def forget(self, key: CacheKey) -> None:
        """The resource is gone."""
        aim = self._aims.pop(key, None)
        if aim is not None and aim.asking is not None:
            aim.asking.cancel()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await asyncio.sleep(_TICK_S)
                now = self._clock()
                for key, aim in self._aims.items():
                    if aim.due <= now and aim.targets and aim.asking is None:
                        aim.asking = asyncio.create_task(self._ask(key, aim))
        finally:
            for key in list(self._aims):
                self.forget(key)

    async def _ask(self, key: CacheKey, aim: _Aim) -> None:
        targets = aim.targets
        try:
            if aim.token is None:
                aim.token = await self._token(aim.secret)
            answers = await self._reader.read(targets, aim.token)
            if answers.refused:
                aim.token = None  # it may have been made anew
            if aim.hear(targets, answers):
                self._changed(key)
        except ClusterError as error:
            log.info("%s: the token of the sidecars can't be read: %s", key, error)
        except Exception:
            log.exception("%s: asking the sidecars failed in a way that it never should", key)
        finally:
            aim.asking = None
            aim.due = self._clock() + aim.pause(self._every_s) * random.uniform(0.8, 1.2)

    async def _token(self, secret: ObjectKey) -> str:
        live = await self._get(secret)
        try:
            return base64.b64decode((live.get("data") or {}).get(ADMIN_TOKEN_KEY, "")).decode()
        except ValueError:
            return ""  # somebody has edited it; sidecars will say that it isn't theirs

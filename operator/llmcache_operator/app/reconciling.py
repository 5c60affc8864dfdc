"""One pass over one LLMCache: look, decide, act, tell. Reads top to bottom."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from pydantic import ValidationError

from ..cluster.acting import Cluster, Outcome
from ..cluster.errors import ClusterError
from ..cluster.events import EventLog
from ..cluster.store import CacheKey, Store
from ..domain import (
    EventType,
    LLMCache,
    Manifest,
    ObjectKey,
    Observed,
    Problem,
    Severity,
    Telling,
    Wanted,
    key_of,
)
from ..reconcile import Difference, Plan, key_of_action, lookups, reconcile
from ..reconcile.ownership import with_found
from ..rendering import Rendering
from ..status import lacking, referred
from . import unreadable
from .caches import Caches, Seen
from .logs import RESOURCE
from .metrics import Metrics
from .own_secrets import OwnSecrets
from .queue import KeyedQueue
from .status_writing import StatusWriter
from .summing_up import SummingUp

log = logging.getLogger(__name__)

PASS_DEADLINE_S: Final = 120.0
ABSENT_AGAIN_S: Final = 5.0
"""What pods wait for and is not ours is not watched; while it is missing it is looked for so often."""

REFUSED_AGAIN_S: Final = 20.0
"""What was refused for good may have been mended by somebody whom we don't watch."""


class Render(Protocol):
    """The pure rendering, with the facts of this cluster filled in."""

    def __call__(self, cache: LLMCache, observed: Observed) -> Rendering: ...


@dataclass(frozen=True)
class Parts:
    """What a pass works with."""

    caches: Caches
    store: Store
    cluster: Cluster
    queue: KeyedQueue[CacheKey]
    statuses: StatusWriter
    events: EventLog
    metrics: Metrics
    render: Render
    summing_up: SummingUp
    now: Callable[[], datetime]
    clock: Callable[[], float]
    resync_s: float
    secrets: OwnSecrets


class Reconciler:
    """Works on keys, one at a time each."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._settled: dict[CacheKey, dict[ObjectKey, frozenset[Difference]]] = {}

    async def work(self) -> None:
        """Take keys from the queue until cancelled. Run as many of these as passes may run at once."""
        queue = self._parts.queue
        while True:
            key = await queue.take()
            about = RESOURCE.set(str(key))
            try:
                await self._guarded(key)
            finally:
                RESOURCE.reset(about)
                queue.done(key)

    async def _guarded(self, key: CacheKey) -> None:
        metrics, queue = self._parts.metrics, self._parts.queue
        started = self._parts.clock()
        result = "error"
        try:
            async with asyncio.timeout(PASS_DEADLINE_S):
                result = await self._pass(key)
        except (ClusterError, TimeoutError) as error:
            metrics.errors.labels("cluster").inc()
            wait = queue.back_off(key, getattr(error, "retry_after", None) or 0.0)
            log.warning("the pass failed, again in %.1f s: %s", wait, error or repr(error))
        except Exception:
            # A mistake of ours in one resource must not stop the others.
            metrics.errors.labels("operator").inc()
            wait = queue.back_off(key)
            log.exception("the pass failed in a way that it never should, again in %.0f s", wait)
        finally:
            metrics.reconciles.labels(result).inc()
            metrics.duration.observe(self._parts.clock() - started)

    async def _pass(self, key: CacheKey) -> str:
        seen = self._parts.caches.get(key)
        if seen is None:
            self._forget(key)
            return "gone"
        if seen.deleting:
            return "gone"  # its children go by their ownerReferences
        try:
            cache = seen.parsed()
        except ValidationError as error:
            return await self._tell_unreadable(seen, unreadable.problem_of(error))

        living = self._parts.caches.living
        observed = self._parts.store.observe(cache, living)
        rendering = self._parts.render(cache, observed)
        found = await self._look_up(seen, rendering, observed)
        observed = with_found(observed, found, cache, living)

        plan = reconcile(cache, rendering, observed, self._settled.get(key))
        outcome = await self._parts.cluster.carry_out(plan)
        self._remember(key, plan, outcome)

        after = with_found(self._parts.store.observe(cache, living), found, cache, living)
        observed = replace(
            after,
            refusals=(*plan.problems, *_named(outcome.refusals, cache), *_failing(outcome)),
            absent=await self._absent(cache, after),
        )
        told = self._parts.summing_up(cache, rendering, observed, seen, self._parts.now())
        held_back = await self._parts.statuses.write(key, cache.uid, told.status)
        await self._tell(key, cache.uid, told.events)
        if observed.absent:
            self._parts.queue.add(key, ABSENT_AGAIN_S * random.uniform(0.8, 1.2))
        return self._schedule(key, plan, outcome, held_back)

    async def _look_up(
        self, seen: Seen, rendering: Rendering, observed: Observed
    ) -> dict[ObjectKey, Manifest]:
        """What the watches don't tell. Secrets that were there a moment ago still are."""
        secrets = tuple(key_of(one.manifest) for one in rendering.secrets)
        known = await self._parts.secrets.of(seen.key, seen.essence, secrets)
        others = lookups(rendering.objects, observed)
        return {**known, **await self._parts.cluster.look_up(others)}

    async def _absent(self, cache: LLMCache, observed: Observed) -> frozenset[Wanted]:
        """What waiting pods refer to and is not there: only Events of the pods would say it."""
        wanted = referred(cache, observed)
        asked = sorted({one.object for one in wanted} - observed.objects.keys())
        return lacking(wanted, await self._parts.cluster.look_up_what_may_be_seen(asked))

    def _remember(self, key: CacheKey, plan: Plan, outcome: Outcome) -> None:
        for action in outcome.done:
            what, target = type(action).__name__, key_of_action(action)
            self._parts.metrics.actions.labels(what, target.kind).inc()
            log.info("%s %s: %s", what, target, getattr(action, "why", "") or "as decided")
        settled = self._settled.setdefault(key, {})
        settled.update(outcome.settled)
        for problem in outcome.refusals:
            log.warning("%s: %s", problem.reason, problem.message)

    def _schedule(self, key: CacheKey, plan: Plan, outcome: Outcome, held_back: float) -> str:
        queue = self._parts.queue
        if held_back:
            queue.add(key, held_back)
        if outcome.retry:
            error = outcome.retry[0]
            self._parts.metrics.errors.labels("cluster").inc()
            wait = queue.back_off(key, error.retry_after or 0.0)
            log.info("not all could be done, again in %.1f s: %s", wait, error)
            return "retry"
        if outcome.leaving:
            log.info("the namespace is being deleted")
            queue.back_off(key, REFUSED_AGAIN_S)
            return "gone"
        if outcome.refusals or any(p.severity is Severity.STALLED for p in plan.problems):
            queue.back_off(key, REFUSED_AGAIN_S)
            return "refused"
        if plan.awaiting:
            queue.back_off(key)
            return "waiting"
        queue.forget_failures(key)
        queue.add(key, self._parts.resync_s * random.uniform(0.8, 1.2))
        return "done"

    async def _tell(self, key: CacheKey, uid: str, events: tuple[Telling, ...]) -> None:
        for event in events:
            try:
                if await self._parts.events.tell(key, uid, event):
                    self._parts.metrics.events.inc()
            except ClusterError as error:
                log.info("no Event %s: %s", event.reason, error)

    async def _tell_unreadable(self, seen: Seen, problem: Problem) -> str:
        status = unreadable.stalled_status(seen.status, problem, seen.generation, self._parts.now())
        await self._parts.statuses.write(seen.key, seen.uid, status)
        self._parts.queue.add(seen.key, self._parts.resync_s)
        await self._tell(
            seen.key, seen.uid, (Telling(EventType.WARNING, problem.reason, problem.message),)
        )
        return "refused"

    def _forget(self, key: CacheKey) -> None:
        self._settled.pop(key, None)
        self._parts.secrets.forget(key)
        self._parts.statuses.forget(key)
        self._parts.summing_up.forget(key)
        self._parts.queue.forget(key)


def _named(refusals: list[Problem], cache: LLMCache) -> tuple[Problem, ...]:
    """A model with an overlay whose pods are refused has most likely itself to thank."""
    overlaid = {
        model.name
        for model in cache.spec.models
        if (kind := model.engine or model.endpoint) is not None and kind.pod_template is not None
    }
    return tuple(
        replace(
            problem,
            reason="PodTemplateInvalid",
            message=f"the podTemplate of {problem.model} was refused; what runs stays. "
            f"{problem.message}",
        )
        if problem.reason == "ApplyRefused"
        and problem.object is not None
        and problem.object.kind == "Deployment"
        and problem.model in overlaid
        else problem
        for problem in refusals
    )


def _failing(outcome: Outcome) -> tuple[Problem, ...]:
    """A webhook that is down, or an API server in trouble: people look at the status for it."""
    return tuple(
        Problem(
            "ApplyFailed",
            f"the API server could not do what it was asked to, and is asked again: {error.message}",
            Severity.WAITING,
        )
        for error in outcome.retry[:1]
        if error.status >= 500
    )

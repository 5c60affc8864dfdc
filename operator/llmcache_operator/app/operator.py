"""The whole operator: which parts there are, and how they start and end."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

import aiohttp
import kopf

from ..cluster.acting import Cluster
from ..cluster.api import Api, load_configuration
from ..cluster.discovery import Installed, answers, installed
from ..cluster.errors import ClusterError
from ..cluster.events import EventLog
from ..cluster.kinds import AUTOSCALERS, OWNED, PODS
from ..cluster.lease import Election
from ..cluster.store import CacheKey, Store
from ..cluster.watching import Watch
from ..sidecars import DEADLINE_S, SidecarReader
from . import health
from .caches import Caches, Change
from .facts import Renderer, gather
from .metrics import Metrics
from .own_secrets import OwnSecrets
from .polling import Polling
from .queue import KeyedQueue
from .reconciling import Parts, Reconciler
from .settings import Settings
from .status_writing import StatusWriter
from .summing_up import SummingUp
from .watching import Canary, registry

log = logging.getLogger(__name__)

_T = TypeVar("_T")

OWNED_DELAY_S: Final = 0.2
"""Changes of owned objects come in bursts; one pass looks at all of them."""

CRD_AGAIN_S: Final = 10.0
BUSY_AGAIN_S: Final = 2.0
STORAGE_AGAIN_S: Final = 0.5
STATUS_AGAIN_S: Final = 1.0


class LeadershipLost(Exception):
    """Another replica may act by now: this one must end at once."""


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Run until `stop` is set.

    Raises:
        LeadershipLost: the Lease could not be renewed.
        ClusterError: there is no configuration to reach a cluster with.
        OSError: the port is taken.
    """
    api = Api(await load_configuration())
    metrics = Metrics()
    state = health.Health()
    server = await health.serve(state, metrics, settings.listen)
    try:
        await _until(stop, _elected(settings, api, metrics, state, stop))
    finally:
        await server.cleanup()
        await api.close()


async def _elected(
    settings: Settings, api: Api, metrics: Metrics, state: health.Health, stop: asyncio.Event
) -> None:
    if settings.lease is None:
        metrics.leading.set(1)
        await _work(settings, api, metrics, state)
        return
    election = Election(
        api,
        settings.namespace,
        settings.lease,
        settings.identity,
        times=settings.lease_times,
        clock=time.monotonic,
    )
    state.unready = ""  # a replica that stands by is as ready as it can be
    await election.won()
    metrics.leading.set(1)
    working = asyncio.create_task(_work(settings, api, metrics, state))
    renewing = asyncio.create_task(election.lost())
    try:
        await asyncio.wait({working, renewing}, return_when=asyncio.FIRST_COMPLETED)
        if renewing.done() and not working.done():
            raise LeadershipLost(
                f"Lease {settings.namespace}/{settings.lease} could not be renewed in time, or "
                "another replica holds it; this one ends"
            )
        await working
    finally:
        metrics.leading.set(0)
        working.cancel()
        renewing.cancel()
        await asyncio.gather(working, renewing, return_exceptions=True)
        await election.release()


async def _work(settings: Settings, api: Api, metrics: Metrics, state: health.Health) -> None:
    """What the leader does."""
    state.unready = "it waits for the API server"
    await _crd(api, settings, metrics, state)
    clock = time.monotonic

    queue: KeyedQueue[CacheKey] = KeyedQueue(clock)
    store = Store(lambda key: queue.add(key, OWNED_DELAY_S))
    caches = Caches(lambda key, change: _changed(queue, key, change))
    watches = [
        Watch(kind, namespace, api, store, clock)
        for kind in (*OWNED, PODS, AUTOSCALERS)
        for namespace in settings.namespaces or (None,)
    ]
    canary = Canary(api, caches, settings.namespaces, settings.check_s)
    renderer = Renderer(
        await _in_the_end(lambda: gather(api, settings)),
        lambda: _all_again(caches, queue),
        settings.renderers,
        settings.newest,
    )
    metrics.gauge("llmcache_operator_caches", "LLMCaches that exist", lambda: len(caches))
    metrics.gauge("llmcache_operator_objects", "Live objects held", lambda: len(store))
    metrics.gauge("llmcache_operator_queue_depth", "LLMCaches that wait", lambda: len(queue))
    metrics.gauge("llmcache_operator_queue_working", "Passes now", lambda: queue.working)
    metrics.gauge("llmcache_operator_queue_soon", "Passes within a second", lambda: queue.soon(1))
    state.sickness = lambda: _sickness(watches, canary)

    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, force_close=True),
        timeout=aiohttp.ClientTimeout(total=DEADLINE_S),
    )
    polling = Polling(api.get, SidecarReader(session), queue.add, clock, settings.poll_s)

    cluster = Cluster(api, store)
    secrets = OwnSecrets(cluster.look_up, queue.add, settings.secrets_s)
    parts = Parts(
        caches=caches,
        store=store,
        cluster=cluster,
        queue=queue,
        statuses=StatusWriter(api, caches, metrics, clock),
        events=EventLog(api, settings.identity, clock),
        metrics=metrics,
        render=renderer,
        summing_up=SummingUp(polling),
        now=lambda: datetime.now(UTC),
        clock=clock,
        resync_s=settings.resync_s,
        secrets=secrets,
    )
    reconciler = Reconciler(parts)
    async with session, asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(watch.run(), name=f"watch {watch}") for watch in watches]
        for watch in watches:
            state.unready = f"the first listing of {watch} is not complete; the log says why"
            await watch.synced.wait()
        running += [
            tasks.create_task(work, name=name)
            for name, work in (
                *((f"worker {number}", reconciler.work()) for number in range(settings.workers)),
                ("canary", canary.run()),
                ("polling", polling.run()),
                ("secrets", secrets.run()),
                ("facts", renderer.keep_up(api, settings)),
            )
        ]
        state.unready = ""
        log.info("watching LLMCaches of %s", ", ".join(settings.namespaces) or "all namespaces")
        # It takes SIGTERM and SIGINT over, and returns then.
        await kopf.operator(
            registry=registry(caches, api),
            standalone=True,
            clusterwide=not settings.namespaces,
            namespaces=settings.namespaces,
            # kopf would ask for the user's name, which a numeric user of a container has not.
            identity=cast(Any, settings.identity),
        )
        state.unready = "it is stopping"
        for task in running:
            task.cancel()


def _changed(queue: KeyedQueue[CacheKey], key: CacheKey, change: Change) -> None:
    """An LLMCache changed. What failed with its former spec says nothing about this one."""
    if change is Change.STATUS:
        queue.add(key, STATUS_AGAIN_S)
    else:
        queue.forget_failures(key)
        queue.add(key)


def _all_again(caches: Caches, queue: KeyedQueue[CacheKey]) -> None:
    for number, key in enumerate(caches):
        queue.add(key, 0.01 * number)


async def _in_the_end(ask: Callable[[], Awaitable[_T]]) -> _T:
    """Ask until the API server answers: at a start it may be busy, and that is no reason to end."""
    while True:
        try:
            return await ask()
        except ClusterError as error:
            log.warning("the API server does not answer: %s", error)
        await asyncio.sleep(BUSY_AGAIN_S * random.uniform(0.5, 1.0))


async def _crd(api: Api, settings: Settings, metrics: Metrics, state: health.Health) -> None:
    """Wait for our CRD; an older one is told and worked with."""
    namespace = next(iter(settings.namespaces), None)

    async def look() -> tuple[Installed, bool]:
        found = await installed(api)
        return found, found.present and await answers(api, namespace)

    told = False
    while True:
        found, served = await _in_the_end(look)
        if served:
            break
        if found.present:
            state.unready = "the API server still prepares the storage of LLMCaches"
            await asyncio.sleep(STORAGE_AGAIN_S)
            continue
        state.unready = "the CustomResourceDefinition of LLMCache is not installed"
        if not told:
            log.error(
                "the CustomResourceDefinition llmcaches.llmcache.dev is not installed; apply "
                "crds/llmcache.dev_llmcaches.yaml of this release. Waiting for it"
            )
            told = True
        await asyncio.sleep(CRD_AGAIN_S * random.uniform(0.5, 1.0))
    metrics.crd_outdated.set(1 if found.missing else 0)
    if found.missing:
        log.error(
            "the installed CustomResourceDefinition is older than this operator and drops fields "
            "of it (%s); apply crds/llmcache.dev_llmcaches.yaml of this release",
            ", ".join(found.missing[:8]) + (", ..." if len(found.missing) > 8 else ""),
        )


def _sickness(watches: list[Watch], canary: Canary) -> Iterator[str]:
    for watch in watches:
        if watch.silent:
            yield f"the watch of {watch} is silent"
    if canary.silent:
        yield "the watch of LLMCaches is silent"


async def _until(stop: asyncio.Event, work: object) -> None:
    """Run work until it ends or is told to stop."""
    task = asyncio.ensure_future(work)  # type: ignore[call-overload]
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
    finally:
        stopping.cancel()
        task.cancel()
        await asyncio.gather(task, stopping, return_exceptions=True)

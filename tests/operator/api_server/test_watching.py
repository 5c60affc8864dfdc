"""Watches that fall silent are noticed, and cost nothing meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from kubernetes.aio import config as kubernetes_config
from kubernetes.aio.client import Configuration

from llmcache_operator.app.caches import Caches, Change
from llmcache_operator.app.watching import TOLERATED_CHECKS, Canary
from llmcache_operator.cluster.api import Api
from llmcache_operator.cluster.kinds import OWNED
from llmcache_operator.cluster.store import CacheKey, Store
from llmcache_operator.cluster.watching import SILENT_AFTER_S, Watch
from tests.cluster.control_plane import ControlPlane

from .kube import LONG_S, Json, Kube
from .manifests import llmcache

SERVICES = next(kind for kind in OWNED if kind.plural == "services")


@pytest.fixture
async def api(lone_cluster: ControlPlane) -> AsyncIterator[Api]:
    """The operator's own client."""
    configuration = Configuration()
    await kubernetes_config.load_kube_config(  # type: ignore[no-untyped-call]
        str(lone_cluster.kubeconfig), client_configuration=configuration
    )
    client = Api(configuration)
    yield client
    await client.close()


async def test_what_the_watch_did_not_deliver_is_handed_on(
    api: Api, lone_kube: Kube, lone_namespace: str
) -> None:
    news: list[tuple[CacheKey, Change]] = []
    caches = Caches(lambda key, change: news.append((key, change)))
    canary = Canary(api, caches, (lone_namespace,), 60.0)
    key = CacheKey(lone_namespace, "support")

    lone_kube.create("llmcaches", llmcache(lone_namespace))
    assert await canary.check() == 1
    assert news == [(key, Change.SPEC)]
    assert await canary.check() == 0

    lone_kube.delete("llmcaches", lone_namespace, "support")
    assert await canary.check() == 1
    assert caches.get(key) is None
    assert news[-1] == (key, Change.GONE)

    canary.behind = TOLERATED_CHECKS
    assert canary.silent


async def test_only_our_objects_come_through_a_watch_and_each_change_once(
    api: Api, lone_kube: Kube, lone_namespace: str
) -> None:
    changes: list[CacheKey] = []
    store = Store(changes.append)
    watch = Watch(SERVICES, lone_namespace, api, store, lambda: 0.0)
    running = asyncio.create_task(watch.run())
    key = CacheKey(lone_namespace, "support")
    try:
        async with asyncio.timeout(LONG_S):
            await watch.synced.wait()
            lone_kube.create("services", service(lone_namespace, "theirs", {"app": "x"}))
            lone_kube.create("services", service(lone_namespace, "ours", OURS))
            await until(lambda: changes == [key])
            assert len(store) == 1

            lone_kube.patch(
                "services", lone_namespace, "ours", {"metadata": {"labels": {"a": "b"}}}
            )
            await until(lambda: changes == [key] * 2)

            lone_kube.delete("services", lone_namespace, "ours")
            await until(lambda: len(store) == 0)
            assert changes == [key] * 3
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_watch_without_a_sign_of_life_counts_as_silent(api: Api) -> None:
    now = [0.0]
    watch = Watch(SERVICES, None, api, Store(), lambda: now[0])
    assert not watch.silent
    now[0] = SILENT_AFTER_S + 1
    assert watch.silent


OURS = {"app.kubernetes.io/managed-by": "llmcache-operator", "llmcache.dev/cache": "support"}


def service(namespace: str, name: str, labels: dict[str, str]) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"ports": [{"port": 80}]},
    }


async def until(look: object) -> None:
    """Wait until it is true; the caller bounds the time."""
    assert callable(look)
    while not look():
        await asyncio.sleep(0.05)

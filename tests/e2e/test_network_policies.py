"""Who may connect to what. Only some network plugins enforce NetworkPolicies; where none does, these are
skipped, and the summary says so; a cluster that is known to enforce them (`settings`) fails instead."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster.installing import SYSTEM
from tests.cluster.kubectl import Manifest
from tests.e2e import client
from tests.e2e.conftest import restricted
from tests.e2e.kubectl import AsyncKubectl
from tests.e2e.stage import NAME, Stage, eventually

ELSEWHERE = "llmcache-e2e-elsewhere"
REACH = (Path(__file__).resolve().parent / "reach.py").read_text()
STORES = {"redis": f"{NAME}-redis.{{}}:6379", "qdrant": f"{NAME}-qdrant.{{}}:6333"}
SECONDS = 3
LABELS = ("llmcache.dev/cache", "llmcache.dev/model")


@dataclass(frozen=True)
class Place:
    """A container that connects."""

    kubectl: AsyncKubectl
    pod: str
    container: str

    async def reaches(self, *targets: str) -> dict[str, bool]:
        """Which of these HOST:PORT it gets a connection to."""
        command = ("exec", "-i", self.pod, "-c", self.container, "--", "python3", "-c", REACH)
        order = json.dumps({"seconds": SECONDS, "targets": targets})
        text = await self.kubectl.run(*command, stdin=order)
        return dict(zip(targets, json.loads(text), strict=True))

    async def comes_to_reach(self, target: str, *, whether: bool = True) -> None:
        """Wait until it does, or doesn't."""

        async def held() -> bool:
            return (await self.reaches(target))[target] is whether

        await eventually(held, what=f"{self.pod} {'reaching' if whether else 'kept from'} {target}")


def nothing_goes_out() -> Manifest:
    """A policy of the test's own, to see whether any is enforced."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "nothing-goes-out"},
        "spec": {"podSelector": {"matchLabels": {"app": client.NAME}}, "policyTypes": ["Egress"]},
    }


async def enforced(place: Place) -> bool:
    """Whether a pod is cut off by a policy that says so; all is as before on return."""
    target = f"{NAME}-llama:8000"
    await place.comes_to_reach(target)
    await place.kubectl.apply(nothing_goes_out())
    try:
        for _ in range(8):
            if not (await place.reaches(target))[target]:
                return True
            await asyncio.sleep(1)
        return False
    finally:
        await place.kubectl.run("delete", "networkpolicy", "nothing-goes-out")
        await place.comes_to_reach(target)


@pytest.fixture(scope="module")
def neighbour(cache: Stage) -> Place:
    """A pod in the cache's namespace."""
    place = Place(cache.kubectl, client.NAME, client.NAME)
    if asyncio.run(enforced(place)):
        return place
    reason = "NetworkPolicies: this cluster's network plugin does not enforce them"
    if cache.settings.network_policies:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def stranger(cache: Stage, neighbour: Place) -> Iterator[Place]:
    """A pod in another namespace."""
    place = Place(cache.kubectl.within(ELSEWHERE), client.NAME, client.NAME)
    asyncio.run(_settle(cache, place))
    yield place
    asyncio.run(
        cache.kubectl.run("delete", "namespace", ELSEWHERE, "--wait=false", "--ignore-not-found")
    )


async def _settle(cache: Stage, place: Place) -> None:
    await restricted(place.kubectl, ELSEWHERE)
    await place.kubectl.apply(*client.manifests(cache.settings, ELSEWHERE))
    await place.kubectl.run(
        "wait", f"pod/{place.pod}", "--for=condition=Ready", "--timeout=180s", seconds=200
    )


async def sidecars(cache: Stage) -> list[Place]:
    """One of each model."""
    pods = [(await cache.pods(model))[0] for model in ("llama", "small")]
    return [Place(cache.kubectl, pod["metadata"]["name"], "sidecar") for pod in pods]


async def operator(cache: Stage) -> Place:
    """The operator's pod."""
    system = cache.kubectl.within(SYSTEM)
    [pod] = await system.list("pods", "app.kubernetes.io/component=operator")
    [container] = pod["spec"]["containers"]
    return Place(system, pod["metadata"]["name"], container["name"])


async def test_only_the_caches_own_sidecars_reach_its_stores(
    cache: Stage, neighbour: Place, stranger: Place
) -> None:
    stores = [address.format(cache.kubectl.namespace) for address in STORES.values()]
    for place in await sidecars(cache):
        for store in stores:
            await place.comes_to_reach(store)
    others = (neighbour, stranger, await operator(cache))
    reached = await asyncio.gather(*[place.reaches(*stores) for place in others])
    assert not any(any(found.values()) for found in reached), reached


async def test_another_caches_sidecars_do_not_reach_them(cache: Stage, neighbour: Place) -> None:
    """What a policy knows a sidecar by are labels: this pod wears them."""
    store = STORES["redis"].format(cache.kubectl.namespace)
    wear = ("label", "pod", neighbour.pod, "--overwrite")
    cache_label, model_label = LABELS
    try:
        await cache.kubectl.run(*wear, f"{cache_label}={NAME}", f"{model_label}=none")
        await neighbour.comes_to_reach(store)
        await cache.kubectl.run(*wear, f"{cache_label}=another")
        await neighbour.comes_to_reach(store, whether=False)
    finally:
        await cache.kubectl.run(*wear, *(f"{label}-" for label in LABELS))


async def test_clients_reach_the_front_door_alone_and_the_operator_the_admin_plane(
    cache: Stage, neighbour: Place, stranger: Place
) -> None:
    [pod, *_] = await cache.pods("llama")
    address = pod["status"]["podIP"]
    service = f"{NAME}-llama.{cache.kubectl.namespace}:8000"
    data, admin, engine = (f"{address}:{port}" for port in (8080, 8081, 8000))
    clients = (neighbour, stranger)
    await asyncio.gather(*[place.comes_to_reach(data) for place in clients])
    reached = await asyncio.gather(
        *[place.reaches(service, data, admin, engine) for place in clients]
    )
    assert reached == [{service: True, data: True, admin: False, engine: False}] * 2
    await (await operator(cache)).comes_to_reach(admin)


async def test_who_is_named_gets_in_and_who_is_not_stays_out(
    cache: Stage, neighbour: Place, stranger: Place
) -> None:
    [pod, *_] = await cache.pods("llama")
    address = pod["status"]["podIP"]
    data, admin = f"{address}:8080", f"{address}:8081"
    before = await cache.identities("llama")
    here, there = cache.kubectl.namespace, {"app": client.NAME}
    try:
        await cache.change(
            {
                "network": {"clients": [{"namespace": here}]},
                "monitoring": {"from": [{"namespace": ELSEWHERE, "podLabels": there}]},
            }
        )
        await stranger.comes_to_reach(admin)
        await stranger.comes_to_reach(data, whether=False)
        assert await neighbour.reaches(data, admin) == {data: True, admin: False}

        scraped, stats, purged = await client.Client(stranger.kubectl).ask(
            {"url": f"http://{admin}/metrics", "seconds": 30},
            {"url": f"http://{admin}/admin/v1/stats", "seconds": 30},
            {"url": f"http://{admin}/admin/v1/entries?all=true", "method": "DELETE", "seconds": 30},
        )
        assert scraped.status == 200
        assert (stats.status, purged.status) == (401, 401)
        await cache.ready()  # the operator reads each sidecar's configuration on 8081
    finally:
        await cache.change({"network": None, "monitoring": None})
    await stranger.comes_to_reach(data)
    await stranger.comes_to_reach(admin, whether=False)
    await cache.ready()
    assert await cache.identities("llama") == before

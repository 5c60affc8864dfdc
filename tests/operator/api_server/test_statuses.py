"""Statuses and Events: what is written when, and who else writes."""

from __future__ import annotations

from typing import Any

from kubernetes.aio import config as kubernetes_config
from kubernetes.aio.client import Configuration

from llmcache_operator.app.caches import Caches
from llmcache_operator.app.metrics import Metrics
from llmcache_operator.app.status_writing import FIGURES_EVERY_S, StatusWriter
from llmcache_operator.cluster.api import Api
from llmcache_operator.cluster.store import CacheKey
from tests.cluster.control_plane import ControlPlane

from .kube import Json, Kube, wait_for
from .manifests import llmcache
from .operator_process import OperatorProcess


async def test_figures_are_written_once_a_minute_and_all_else_at_once(
    lone_cluster: ControlPlane, lone_kube: Kube, lone_namespace: str
) -> None:
    made = lone_kube.create("llmcaches", llmcache(lone_namespace))
    configuration = Configuration()
    await kubernetes_config.load_kube_config(  # type: ignore[no-untyped-call]
        str(lone_cluster.kubeconfig), client_configuration=configuration
    )
    api, now = Api(configuration), [0.0]
    caches = Caches(lambda key, change: None)
    caches.see(made)
    writer = StatusWriter(api, caches, Metrics(), lambda: now[0], draw=lambda: 0.0)
    key, uid = CacheKey(lone_namespace, "support"), made["metadata"]["uid"]

    def stored() -> Any:
        return lone_kube.must("llmcaches", lone_namespace, "support").get("status")

    async def write(ready: str, requests: int) -> float:
        figures = {"since": "2026-01-01T00:00:00Z", "requests": requests}
        return await writer.write(key, uid, {"modelsReady": ready, "cache": figures})

    try:
        assert await write("0/1", 1) == 0
        assert stored()["cache"]["requests"] == 1
        version = lone_kube.must("llmcaches", lone_namespace, "support")["metadata"]
        assert await write("0/1", 1) == 0
        assert lone_kube.must("llmcaches", lone_namespace, "support")["metadata"] == version

        now[0] = 10.0
        assert await write("0/1", 2) == FIGURES_EVERY_S - 10
        assert stored()["cache"]["requests"] == 1
        assert await write("1/1", 3) == 0, "another number of ready models is no figure"
        assert stored()["cache"]["requests"] == 3

        now[0] = 10.0 + FIGURES_EVERY_S
        assert await write("1/1", 4) == 0
        assert stored()["cache"]["requests"] == 4
    finally:
        await api.close()


def test_a_status_that_somebody_mangles_is_mended(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace))
    operator.settled(kube, namespace)
    before = kube.must("llmcaches", namespace, "support")["status"]

    kube.patch(
        "llmcaches",
        namespace,
        "support",
        {"status": {"conditions": None, "modelsReady": "9/9", "observedGeneration": 99}},
        subresource="status",
    )

    def mended() -> bool:
        status = kube.must("llmcaches", namespace, "support")["status"]
        kinds = [one["type"] for one in status.get("conditions") or ()]
        return (
            status["observedGeneration"] == 1
            and status["modelsReady"] == before["modelsReady"]
            and kinds == [one["type"] for one in before["conditions"]]
        )

    wait_for("it is mended", mended)


def test_events_tell_people_what_stands_in_the_way(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    account: Json = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "support-llama", "namespace": namespace},
    }
    kube.create("serviceaccounts", account)
    kube.create("llmcaches", llmcache(namespace))
    operator.settled(kube, namespace)

    def about() -> list[Json]:
        return [
            event
            for event in kube.list("events", namespace)
            if event["involvedObject"]["kind"] == "LLMCache"
        ]

    events = wait_for("there are Events", about)
    assert "NameTaken" in {event["reason"] for event in events}
    told = [(event["reason"], event["message"]) for event in events]
    assert len(told) == len(set(told)), "nothing is told twice"

"""A setting that needs no restart reaches the pods that run; Secrets are made once."""

from __future__ import annotations

import base64

from .kube import Json, Kube, wait_for
from .manifests import llmcache
from .operator_process import OperatorProcess

CONFIG = "llmcache.dev/config"


def test_live_pods_hear_of_a_new_configuration(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace))
    operator.settled(kube, namespace)
    before = wait_for("there is a pod", lambda: pods(kube, namespace))
    assert all(CONFIG not in annotations_of(pod) for pod in before), "it was born with it"

    change(kube, namespace, "10m")
    first = heard(kube, namespace)
    operator.settled(kube, namespace)
    change(kube, namespace, "20m")
    wait_for("they hear of the next one too", lambda: heard(kube, namespace) != first)
    operator.settled(kube, namespace)

    after = pods(kube, namespace)
    assert [pod["metadata"]["uid"] for pod in after] == [pod["metadata"]["uid"] for pod in before]


def test_generated_secrets_are_made_once(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace, stores={}))
    operator.settled(kube, namespace)
    before = {item["metadata"]["name"]: item for item in kube.list("secrets", namespace)}
    assert {"support-admin", "support-redis", "support-qdrant"} <= before.keys()
    for item in before.values():
        for value in item["data"].values():
            assert len(base64.b64decode(value)) >= 32

    change(kube, namespace, "10m")
    operator.settled(kube, namespace)
    after = {item["metadata"]["name"]: item for item in kube.list("secrets", namespace)}
    assert after == before

    kube.delete("secrets", namespace, "support-admin")
    change(kube, namespace, "20m")
    operator.settled(kube, namespace)
    again = kube.must("secrets", namespace, "support-admin")
    assert again["data"] != before["support-admin"]["data"]


def change(kube: Kube, namespace: str, ttl: str) -> None:
    cache = {"exact": {"mode": "Serve", "ttl": ttl}}
    kube.patch("llmcaches", namespace, "support", {"spec": {"responseCache": cache}})


def pods(kube: Kube, namespace: str) -> list[Json]:
    return kube.list("pods", namespace, "llmcache.dev/model=llama")


def annotations_of(pod: Json) -> Json:
    found: Json = pod["metadata"].get("annotations") or {}
    return found


def heard(kube: Kube, namespace: str) -> set[str]:
    return wait_for(
        "the pods hear of it",
        lambda: {annotations_of(pod)[CONFIG] for pod in pods(kube, namespace)},
    )

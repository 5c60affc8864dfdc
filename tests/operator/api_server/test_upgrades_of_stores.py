"""Stores get other images: Qdrant from minor to minor, and whatever never ran at once."""

from __future__ import annotations

from .kube import Json, Kube, wait_for
from .manifests import llmcache
from .operator_process import OperatorProcess


def stores(tag: str) -> Json:
    return {"memory": {}, "vectors": {"qdrant": {"managed": {"image": f"qdrant/qdrant:{tag}"}}}}


def test_each_minor_has_run_before_the_next_one(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace, stores=stores("v1.12.4")))
    operator.settled(kube, namespace)

    def ask(tag: str) -> None:
        kube.patch("llmcaches", namespace, "support", {"spec": {"stores": stores(tag)}})
        operator.settled(kube, namespace)

    def runs() -> str:
        live = kube.must("statefulsets", namespace, "support-qdrant")
        image: str = live["spec"]["template"]["spec"]["containers"][0]["image"]
        return image.removeprefix("qdrant/qdrant:")

    def told() -> dict[str, str]:
        status = kube.must("llmcaches", namespace, "support")["status"]
        return {one["type"]: f"{one['reason']}: {one['message']}" for one in status["conditions"]}

    def made_from(tag: str) -> Json | None:
        pod = kube.get("pods", namespace, "support-qdrant-0")
        image = f"qdrant/qdrant:{tag}"
        return pod if pod and pod["spec"]["containers"][0]["image"] == image else None

    wait_for("its pod is made", lambda: made_from("v1.12.4"))
    ask("v1.14.1")
    assert runs() == "v1.12.4"
    assert "QdrantMinorSkipped" in told()["Degraded"]
    assert "a release of 1.13" in told()["Degraded"]

    ask("v1.13.6")
    assert runs() == "v1.13.6"
    wait_for("its pod is made", lambda: made_from("v1.13.6"))
    ask("v1.14.1")
    assert runs() == "v1.13.6"
    assert "QdrantUpgradeWaits" in str(told())

    ready = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
    status = {"phase": "Running", "conditions": [ready]}
    kube.patch("pods", namespace, "support-qdrant-0", {"status": status}, subresource="status")
    wait_for("it follows", lambda: runs() == "v1.14.1")
    operator.settled(kube, namespace)
    assert not {"QdrantMinorSkipped", "QdrantUpgradeWaits"} & {
        text.partition(":")[0] for text in told().values()
    }


def test_a_pod_that_never_ran_is_replaced_when_its_image_is_mended(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    """Nobody has to delete it: there is no kubelet here, so that no pod ever becomes ready."""
    redis: Json = {"redis": {"managed": {"image": "redis:typo"}}, "vectors": {"memory": {}}}
    kube.create("llmcaches", llmcache(namespace, stores=redis))
    wait_for("its pod is made", lambda: kube.get("pods", namespace, "support-redis-0"))
    redis["redis"]["managed"]["image"] = "redis:8.2-alpine"
    kube.patch("llmcaches", namespace, "support", {"spec": {"stores": redis}})

    def mended() -> bool:
        pod = kube.must("pods", namespace, "support-redis-0")
        return bool(pod["spec"]["containers"][0]["image"] == "redis:8.2-alpine")

    wait_for("another pod is made", mended)

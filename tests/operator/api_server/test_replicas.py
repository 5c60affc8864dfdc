"""Who holds a Deployment's number of pods."""

from __future__ import annotations

from .kube import Json, Kube, wait_for
from .manifests import engine, llmcache
from .operator_process import OperatorProcess


def models(**fields: object) -> list[Json]:
    return [{"name": "llama", "engine": engine(**fields)}]


def replicas(kube: Kube, namespace: str) -> int:
    found: int = kube.must("deployments", namespace, "support-llama")["spec"]["replicas"]
    return found


def set_models(kube: Kube, namespace: str, **fields: object) -> None:
    kube.patch("llmcaches", namespace, "support", {"spec": {"models": models(**fields)}})


def pods(kube: Kube, namespace: str, count: int) -> set[str] | None:
    """uids of the model's pods, if there are so many."""
    found = kube.list("pods", namespace, "llmcache.dev/model=llama")
    return {pod["metadata"]["uid"] for pod in found} if len(found) == count else None


def scale(kube: Kube, namespace: str, to: int) -> None:
    """As an autoscaler does."""
    kube.patch(
        "deployments",
        namespace,
        "support-llama",
        {"spec": {"replicas": to}},
        subresource="scale",
        manager="horizontal-pod-autoscaler",
    )


def test_an_unset_number_belongs_to_whoever_scales(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace, models=models()))
    operator.settled(kube, namespace)
    assert replicas(kube, namespace) == 1

    scale(kube, namespace, 3)
    set_models(kube, namespace, maxModelLen=4096)
    operator.settled(kube, namespace)

    assert replicas(kube, namespace) == 3


def test_a_number_that_is_set_comes_back(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace, models=models(replicas=2)))
    operator.settled(kube, namespace)

    scale(kube, namespace, 5)

    wait_for("it is 2 again", lambda: replicas(kube, namespace) == 2)


def test_letting_go_of_the_number_keeps_it(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace, models=models(replicas=3)))
    operator.settled(kube, namespace)
    before = wait_for("there are three pods", lambda: pods(kube, namespace, 3))

    set_models(kube, namespace)
    operator.settled(kube, namespace)

    assert replicas(kube, namespace) == 3
    assert pods(kube, namespace, 3) == before, "it was never anything else in between"
    scale(kube, namespace, 4)
    set_models(kube, namespace, maxModelLen=4096)
    operator.settled(kube, namespace)
    assert replicas(kube, namespace) == 4

    set_models(kube, namespace, maxModelLen=4096, replicas=1)
    operator.settled(kube, namespace)
    assert replicas(kube, namespace) == 1
    set_models(kube, namespace, maxModelLen=4096)
    operator.settled(kube, namespace)
    scale(kube, namespace, 2)
    operator.settled(kube, namespace)
    assert replicas(kube, namespace) == 2


def test_zero_is_a_number(operator: OperatorProcess, kube: Kube, namespace: str) -> None:
    kube.create("llmcaches", llmcache(namespace, models=models(replicas=0)))
    operator.settled(kube, namespace)
    assert replicas(kube, namespace) == 0

    scale(kube, namespace, 1)
    wait_for("it is 0 again", lambda: replicas(kube, namespace) == 0)


def test_an_autoscaler_of_a_number_that_is_set_is_told(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace, models=models(replicas=2)))
    operator.settled(kube, namespace)
    assert "ReplicasConflict" not in told(kube, namespace)

    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "support-llama"}
    kube.create(
        "horizontalpodautoscalers",
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "theirs", "namespace": namespace},
            "spec": {"scaleTargetRef": target, "maxReplicas": 5},
        },
    )
    wait_for("it is told", lambda: "ReplicasConflict" in told(kube, namespace))

    set_models(kube, namespace)
    wait_for("it is no conflict any more", lambda: "ReplicasConflict" not in told(kube, namespace))


def told(kube: Kube, namespace: str) -> str:
    """All reasons and messages of the status."""
    status = kube.must("llmcaches", namespace, "support").get("status") or {}
    parts = (*status.get("conditions", ()), *status.get("models", ()))
    return " ".join(f"{part.get('reason')} {part.get('message')}" for part in parts)

"""An LLMCache becomes objects, and only what changed is written."""

from __future__ import annotations

from .kube import Kube, wait_for
from .manifests import llmcache
from .operator_process import OperatorProcess


def test_a_resource_becomes_its_objects(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    made = kube.create("llmcaches", llmcache(namespace))

    operator.settled(kube, namespace)

    owned = kube.owned(namespace, "support")
    assert ("deployments", "support-llama") in owned
    assert ("services", "support-llama") in owned
    assert ("secrets", "support-admin") in owned
    for item in owned.values():
        (owner,) = item["metadata"]["ownerReferences"]
        assert owner["uid"] == made["metadata"]["uid"]
        assert owner["controller"]
        assert owner["blockOwnerDeletion"]
    (status,) = [item["status"] for item in kube.list("llmcaches", namespace)]
    assert status["observedGeneration"] == 1


def test_at_rest_nothing_is_written(operator: OperatorProcess, kube: Kube, namespace: str) -> None:
    kube.create("llmcaches", llmcache(namespace, stores={}))
    operator.settled(kube, namespace)
    before = versions(kube, namespace)

    # A pass for another reason than a change: an annotation that means nothing.
    kube.patch(
        "llmcaches", namespace, "support", {"metadata": {"annotations": {"example.com/a": "b"}}}
    )
    operator.settled(kube, namespace)

    assert versions(kube, namespace) == before


def test_the_children_go_with_the_resource(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace))
    operator.settled(kube, namespace)

    kube.delete("llmcaches", namespace, "support")

    wait_for("all children are gone", lambda: not kube.owned(namespace, "support"))


def versions(kube: Kube, namespace: str) -> dict[tuple[str, str], str]:
    return {
        key: item["metadata"]["resourceVersion"]
        for key, item in kube.owned(namespace, "support").items()
    }

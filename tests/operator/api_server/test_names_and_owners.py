"""Objects that were there before us, of others or of former LLMCaches."""

from __future__ import annotations

import pytest

from .kube import Json, Kube, wait_for
from .manifests import engine, llmcache
from .operator_process import OperatorProcess


@pytest.mark.parametrize("plural", ["serviceaccounts", "services", "configmaps"])
def test_an_object_of_somebody_else_is_not_touched(
    operator: OperatorProcess, kube: Kube, namespace: str, plural: str
) -> None:
    theirs = kube.create(plural, stranger(plural, namespace))
    kube.create("llmcaches", llmcache(namespace))
    operator.settled(kube, namespace)

    assert "NameTaken" in stalled(kube, namespace)
    live = kube.must(plural, namespace, "support-llama")
    assert live["metadata"]["resourceVersion"] == theirs["metadata"]["resourceVersion"]

    kube.delete(plural, namespace, "support-llama")
    wait_for(
        "ours takes its place",
        lambda: (
            (found := kube.get(plural, namespace, "support-llama"))
            and found["metadata"].get("ownerReferences")
            and "NameTaken" not in stalled(kube, namespace)
        ),
    )


def test_two_resources_that_want_one_name(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    first = llmcache(namespace, "a", models=[{"name": "b-c", "engine": engine()}])
    second = llmcache(namespace, "a-b", models=[{"name": "c", "engine": engine()}])
    uid = kube.create("llmcaches", first)["metadata"]["uid"]
    operator.settled(kube, namespace)

    kube.create("llmcaches", second)
    operator.settled(kube, namespace)

    assert "NameTaken" not in stalled(kube, namespace, "a")
    assert "NameTaken" in stalled(kube, namespace, "a-b")
    assert owner_uid(kube, namespace, "a-b-c") == uid

    kube.delete("llmcaches", namespace, "a")
    wait_for(
        "the other one takes over",
        lambda: owner_uid(kube, namespace, "a-b-c") not in {uid, None},
    )


def test_orphans_with_our_labels_are_adopted(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace))
    operator.settled(kube, namespace)
    uid = kube.must("deployments", namespace, "support-llama")["metadata"]["uid"]

    kube.delete("llmcaches", namespace, "support", orphan=True)
    wait_for("it is gone", lambda: kube.get("llmcaches", namespace, "support") is None)
    wait_for(
        "nobody owns the Deployment", lambda: owner_uid(kube, namespace, "support-llama") is None
    )
    made = kube.create("llmcaches", llmcache(namespace))
    operator.settled(kube, namespace)

    assert owner_uid(kube, namespace, "support-llama") == made["metadata"]["uid"]
    assert kube.must("deployments", namespace, "support-llama")["metadata"]["uid"] == uid


def test_children_of_a_former_resource_of_the_name_are_awaited(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    first = kube.create("llmcaches", llmcache(namespace))
    operator.settled(kube, namespace)

    kube.delete("llmcaches", namespace, "support")
    second = kube.create("llmcaches", llmcache(namespace))
    operator.settled(kube, namespace)

    assert first["metadata"]["uid"] != second["metadata"]["uid"]
    wait_for(
        "all children belong to the new one",
        lambda: (
            (owned := kube.owned(namespace, "support"))
            and ("deployments", "support-llama") in owned
            and all(
                item["metadata"]["ownerReferences"][0]["uid"] == second["metadata"]["uid"]
                for item in owned.values()
            )
        ),
    )


def test_a_removed_model_takes_its_objects_along_and_nothing_else(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    two = [{"name": name, "engine": engine()} for name in ("llama", "mistral")]
    kube.create("llmcaches", llmcache(namespace, models=two))
    operator.settled(kube, namespace)
    before = {
        key: item["metadata"]["resourceVersion"]
        for key, item in kube.owned(namespace, "support").items()
        if item["metadata"]["labels"].get("llmcache.dev/model") == "llama"
    }
    assert kube.get("deployments", namespace, "support-mistral")

    kube.patch("llmcaches", namespace, "support", {"spec": {"models": two[:1]}})
    operator.settled(kube, namespace)

    wait_for(
        "the objects of mistral are gone",
        lambda: not [key for key in kube.owned(namespace, "support") if "mistral" in key[1]],
    )
    after = kube.owned(namespace, "support")
    assert {key: after[key]["metadata"]["resourceVersion"] for key in before} == before


def test_what_others_label_like_ours_is_not_pruned(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace))
    operator.settled(kube, namespace)
    labels = kube.must("configmaps", namespace, "support-llama")["metadata"]["labels"]
    theirs = stranger("configmaps", namespace)
    theirs["metadata"] |= {"name": "extra", "labels": labels}
    kube.create("configmaps", theirs)

    kube.patch("llmcaches", namespace, "support", {"spec": {"sidecar": {"logLevel": "debug"}}})
    operator.settled(kube, namespace)

    assert kube.get("configmaps", namespace, "extra") is not None


def stranger(plural: str, namespace: str) -> Json:
    metadata = {"name": "support-llama", "namespace": namespace}
    match plural:
        case "serviceaccounts":
            return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
        case "services":
            spec = {"ports": [{"port": 80}], "selector": {"app": "theirs"}}
            return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}
        case _:
            return {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": metadata,
                "data": {"a": "b"},
            }


def stalled(kube: Kube, namespace: str, name: str = "support") -> str:
    """Reason and message of condition Stalled."""
    status = kube.must("llmcaches", namespace, name).get("status") or {}
    return " ".join(
        f"{condition['reason']} {condition['message']}"
        for condition in status.get("conditions") or ()
        if condition["type"] == "Stalled" and condition["status"] == "True"
    )


def owner_uid(kube: Kube, namespace: str, deployment: str) -> str | None:
    found = kube.get("deployments", namespace, deployment)
    owners = (found or {"metadata": {}})["metadata"].get("ownerReferences") or [{"uid": None}]
    uid: str | None = owners[0]["uid"]
    return uid

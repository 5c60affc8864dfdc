"""What others do to our objects: owned values come back, strangers' items go, the rest stays."""

from __future__ import annotations

from typing import Any

from .kube import Json, Kube, wait_for
from .manifests import engine, llmcache
from .operator_process import OperatorProcess


def test_an_edited_value_comes_back(operator: OperatorProcess, kube: Kube, namespace: str) -> None:
    kube.create("llmcaches", llmcache(namespace))
    operator.settled(kube, namespace)
    image = container(kube, namespace, "engine")["image"]
    config = kube.must("configmaps", namespace, "support-llama")["data"]

    edit(kube, namespace, {"containers": [{"name": "engine", "image": "example.com/other:1"}]})
    other = dict.fromkeys(config, "other: true")
    kube.patch("configmaps", namespace, "support-llama", {"data": other})

    wait_for(
        "both are as before",
        lambda: (
            container(kube, namespace, "engine")["image"] == image
            and kube.must("configmaps", namespace, "support-llama")["data"] == config
        ),
    )


def test_a_deleted_child_comes_back(operator: OperatorProcess, kube: Kube, namespace: str) -> None:
    kube.create("llmcaches", llmcache(namespace, stores={}))
    operator.settled(kube, namespace)
    owned = kube.owned(namespace, "support")

    for plural, name in owned:
        if plural not in {"secrets", "persistentvolumeclaims"}:
            kube.delete(plural, namespace, name)

    wait_for(
        "all are there again",
        lambda: kube.owned(namespace, "support").keys() >= owned.keys(),
    )


def test_labels_taken_off_come_back(operator: OperatorProcess, kube: Kube, namespace: str) -> None:
    kube.create("llmcaches", llmcache(namespace))
    operator.settled(kube, namespace)
    before = kube.must("services", namespace, "support-llama")["metadata"]

    labels = dict.fromkeys(before["labels"])
    kube.patch("services", namespace, "support-llama", {"metadata": {"labels": labels}})

    wait_for(
        "the labels are back",
        lambda: (
            kube.must("services", namespace, "support-llama")["metadata"].get("labels")
            == before["labels"]
        ),
    )
    assert kube.must("services", namespace, "support-llama")["metadata"]["uid"] == before["uid"]


def test_foreign_containers_volumes_and_ports_go(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace))
    operator.settled(kube, namespace)
    before = kube.must("deployments", namespace, "support-llama")["spec"]["template"]["spec"]
    ports = kube.must("services", namespace, "support-llama")["spec"]["ports"]

    edit(
        kube,
        namespace,
        {
            "containers": [
                {"name": "spy", "image": "example.com/spy:1"},
                {
                    "name": "engine",
                    "volumeMounts": [{"name": "theirs", "mountPath": "/mnt/theirs"}],
                },
            ],
            "initContainers": [{"name": "early", "image": "example.com/early:1"}],
            "volumes": [{"name": "theirs", "emptyDir": {}}],
        },
    )
    kube.patch(
        "services",
        namespace,
        "support-llama",
        {"spec": {"ports": [*ports, {"name": "engine", "port": 9000, "targetPort": 8000}]}},
    )

    wait_for(
        "only ours are left",
        lambda: (
            kube.must("deployments", namespace, "support-llama")["spec"]["template"]["spec"]
            == before
            and kube.must("services", namespace, "support-llama")["spec"]["ports"] == ports
        ),
    )


def test_selectors_and_rules_are_ours_alone(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace))
    operator.settled(kube, namespace)
    edits: dict[str, Json] = {
        "services": {"selector": {"track": "canary"}},
        "networkpolicies": {"podSelector": {"matchLabels": {"track": "canary"}}},
        "poddisruptionbudgets": {"selector": {"matchLabels": {"track": "canary"}}},
    }
    before = {plural: kube.must(plural, namespace, "support-llama")["spec"] for plural in edits}

    for plural, spec in edits.items():
        kube.patch(plural, namespace, "support-llama", {"spec": spec})

    wait_for(
        "all are as before",
        lambda: (
            before
            == {plural: kube.must(plural, namespace, "support-llama")["spec"] for plural in edits}
        ),
    )


def test_other_fields_of_others_stay(operator: OperatorProcess, kube: Kube, namespace: str) -> None:
    kube.create("llmcaches", llmcache(namespace))
    operator.settled(kube, namespace)
    restarted = {"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z"}

    kube.patch(
        "deployments",
        namespace,
        "support-llama",
        {
            "metadata": {"labels": {"example.com/mesh": "in"}},
            "spec": {"template": {"metadata": {"annotations": restarted}}},
        },
    )
    # A change of our own, so that there is an apply after it.
    change = {"sidecar": {"resources": {"requests": {"cpu": "300m"}}}}
    kube.patch("llmcaches", namespace, "support", {"spec": change})
    operator.settled(kube, namespace)

    live = kube.must("deployments", namespace, "support-llama")
    assert live["metadata"]["labels"]["example.com/mesh"] == "in"
    assert restarted.items() <= live["spec"]["template"]["metadata"]["annotations"].items()


def test_what_is_refused_beside_the_pods_is_not_blamed_on_the_overlay(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    overlay = {"metadata": {"labels": {"team": "ml"}}}
    models = [{"name": "llama", "engine": engine(podTemplate=overlay)}]
    kube.create("llmcaches", llmcache(namespace, models=models))
    operator.settled(kube, namespace)

    # Beside this the budget of ours is refused.
    by_hand = {"minAvailable": 1, "maxUnavailable": None}
    kube.patch("poddisruptionbudgets", namespace, "support-llama", {"spec": by_hand})

    wait_for(
        "the status says what was refused",
        lambda: any(
            one["type"] == "Stalled"
            and one["reason"] == "ApplyRefused"
            and one["message"].startswith("PodDisruptionBudget")
            for one in kube.must("llmcaches", namespace, "support")["status"]["conditions"]
        ),
    )


def edit(kube: Kube, namespace: str, pod_spec: Json) -> None:
    """As `kubectl edit` does."""
    kube.patch(
        "deployments",
        namespace,
        "support-llama",
        {"spec": {"template": {"spec": pod_spec}}},
        kind="strategic-merge",
    )


def container(kube: Kube, namespace: str, name: str) -> Any:
    spec = kube.must("deployments", namespace, "support-llama")["spec"]["template"]["spec"]
    return next(item for item in spec["containers"] if item["name"] == name)

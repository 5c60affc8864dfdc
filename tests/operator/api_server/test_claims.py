"""Storage grows, never shrinks and keeps its kind; weights outlive their resource."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .kube import Json, Kube, wait_for
from .manifests import engine, llmcache
from .operator_process import OperatorProcess


@pytest.fixture(scope="module", autouse=True)
def growing(kube: Kube) -> Iterator[None]:
    """A class whose claims may grow. Nothing binds them: the size that is asked for is what counts."""
    kube.create(
        "storageclasses",
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": "growing"},
            "provisioner": "example.com/none",
            "allowVolumeExpansion": True,
        },
    )
    yield
    kube.delete("storageclasses", None, "growing")


def with_weights(storage: str, *, retain: bool | None = None) -> list[Json]:
    weights: Json = {"claim": {"storage": storage, "accessMode": "ReadWriteMany"}}
    if retain is not None:
        weights["retain"] = retain
    return [{"name": "llama", "engine": engine(weights=weights)}]


def claim(kube: Kube, namespace: str, part: str) -> Json:
    (found,) = [
        item
        for item in kube.list("persistentvolumeclaims", namespace)
        if part in item["metadata"]["name"]
    ]
    return found


def size(found: Json) -> str:
    asked: str = found["spec"]["resources"]["requests"]["storage"]
    return asked


def bind(kube: Kube, namespace: str, found: Json) -> None:
    """What a provisioner would do: only a bound claim may grow."""
    name = f"{namespace}-{found['metadata']['name']}"
    reference = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "namespace": namespace,
        "name": found["metadata"]["name"],
        "uid": found["metadata"]["uid"],
    }
    kube.create(
        "persistentvolumes",
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": name},
            "spec": {
                "capacity": {"storage": size(found)},
                "accessModes": found["spec"]["accessModes"],
                "storageClassName": found["spec"].get("storageClassName", ""),
                "claimRef": reference,
                "csi": {"driver": "example.com", "volumeHandle": name},
            },
        },
    )
    wait_for(
        "the claim is bound",
        lambda: (
            kube.must("persistentvolumeclaims", namespace, found["metadata"]["name"])["status"][
                "phase"
            ]
            == "Bound"
        ),
    )


def weights_of(storage: str) -> list[Json]:
    found = with_weights(storage)
    found[0]["engine"]["weights"]["claim"]["storageClass"] = "growing"
    return found


def test_weights_grow_and_never_shrink(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace, models=weights_of("60Gi")))
    operator.settled(kube, namespace)
    bind(kube, namespace, claim(kube, namespace, "llama"))

    kube.patch("llmcaches", namespace, "support", {"spec": {"models": weights_of("80Gi")}})
    wait_for("it grows", lambda: size(claim(kube, namespace, "llama")) == "80Gi")
    operator.settled(kube, namespace)

    kube.patch("llmcaches", namespace, "support", {"spec": {"models": weights_of("70Gi")}})
    operator.settled(kube, namespace)
    assert size(claim(kube, namespace, "llama")) == "80Gi"


def test_retained_weights_outlive_the_resource_and_are_found_again(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace, models=with_weights("60Gi")))
    operator.settled(kube, namespace)
    uid = claim(kube, namespace, "llama")["metadata"]["uid"]

    kube.delete("llmcaches", namespace, "support")
    wait_for(
        "the rest is gone",
        lambda: (
            {plural for plural, _ in kube.owned(namespace, "support")} == {"persistentvolumeclaims"}
        ),
    )
    kube.create("llmcaches", llmcache(namespace, models=with_weights("60Gi")))
    operator.settled(kube, namespace)

    assert claim(kube, namespace, "llama")["metadata"]["uid"] == uid


def test_weights_that_are_not_retained_go_with_their_model(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace, models=with_weights("60Gi", retain=False)))
    operator.settled(kube, namespace)
    assert claim(kube, namespace, "llama")["metadata"]["ownerReferences"]

    kube.patch(
        "llmcaches",
        namespace,
        "support",
        {"spec": {"models": [{"name": "other", "engine": engine()}]}},
    )

    wait_for(
        "the claim is on its way out",
        lambda: all(
            item["metadata"].get("deletionTimestamp")
            for item in kube.list("persistentvolumeclaims", namespace)
        ),
    )


def qdrant(storage: str) -> Json:
    managed = {"storage": storage, "storageClass": "growing"}
    return {"memory": {}, "vectors": {"qdrant": {"managed": managed}}}


def test_a_store_grows_around_its_pod(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace, stores=qdrant("10Gi")))
    operator.settled(kube, namespace)
    wait_for("its pod is made", lambda: kube.get("pods", namespace, "support-qdrant-0"))
    pod = kube.must("pods", namespace, "support-qdrant-0")["metadata"]["uid"]
    before = kube.must("statefulsets", namespace, "support-qdrant")["metadata"]["uid"]
    bind(kube, namespace, claim(kube, namespace, "qdrant"))

    kube.patch("llmcaches", namespace, "support", {"spec": {"stores": qdrant("20Gi")}})

    def grown() -> bool:
        live = kube.must("statefulsets", namespace, "support-qdrant")
        return (
            live["metadata"]["uid"] != before
            and size(live["spec"]["volumeClaimTemplates"][0]) == "20Gi"
            and size(claim(kube, namespace, "qdrant")) == "20Gi"
        )

    wait_for("claim and template have grown", grown)
    operator.settled(kube, namespace)
    adopted = wait_for(
        "the new StatefulSet has its pod",
        lambda: [
            owner
            for owner in kube.must("pods", namespace, "support-qdrant-0")["metadata"][
                "ownerReferences"
            ]
            if owner["uid"]
            == kube.must("statefulsets", namespace, "support-qdrant")["metadata"]["uid"]
        ],
    )
    assert adopted
    assert kube.must("pods", namespace, "support-qdrant-0")["metadata"]["uid"] == pod

    kube.patch("llmcaches", namespace, "support", {"spec": {"stores": qdrant("15Gi")}})
    operator.settled(kube, namespace)
    live = kube.must("statefulsets", namespace, "support-qdrant")
    assert size(live["spec"]["volumeClaimTemplates"][0]) == "20Gi"


def redis(storage_class: str | None = None) -> Json:
    managed = {"storage": "1Gi"} | ({"storageClass": storage_class} if storage_class else {})
    return {"redis": {"managed": managed}, "vectors": {"memory": {}}}


def of_class(storage: str | None, mode: str = "ReadWriteMany") -> list[Json]:
    wanted: Json = {"storage": "60Gi", "accessMode": mode}
    if storage is not None:
        wanted["storageClass"] = storage
    overlay = {"metadata": {"labels": {"team": "ml"}}}
    return [
        {
            "name": "llama",
            "engine": engine(replicas=1, weights={"claim": wanted}, podTemplate=overlay),
        }
    ]


def claim_made(kube: Kube, namespace: str) -> str:
    """The name of its only claim, once that is there."""
    found = wait_for("its claim is there", lambda: kube.list("persistentvolumeclaims", namespace))
    name: str = found[0]["metadata"]["name"]
    return name


def told(kube: Kube, namespace: str, kind: str) -> tuple[str, str, str]:
    conditions = kube.must("llmcaches", namespace, "support")["status"]["conditions"]
    (found,) = [one for one in conditions if one["type"] == kind]
    return found["status"], found["reason"], found["message"]


def test_weights_keep_their_class_and_access_mode_and_say_so(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    kube.create("llmcaches", llmcache(namespace, models=of_class("growing")))
    operator.settled(kube, namespace)

    for models, has in (
        (of_class("another"), "class growing"),
        (of_class("growing", "ReadWriteOnce"), "ReadWriteMany"),
    ):
        kube.patch("llmcaches", namespace, "support", {"spec": {"models": models}})
        operator.settled(kube, namespace)

        status, reason, message = told(kube, namespace, "Degraded")
        assert (status, reason) == ("True", "ClaimCannotChange")
        assert f"Write {has}, or delete the claim first" in message
        assert told(kube, namespace, "Stalled")[0] == "False"

    kube.patch("llmcaches", namespace, "support", {"spec": {"models": of_class(None)}})
    operator.settled(kube, namespace)
    assert told(kube, namespace, "Degraded")[0] == "False"
    assert claim(kube, namespace, "llama")["spec"]["storageClassName"] == "growing"


@pytest.mark.parametrize(
    ("before", "after", "part"),
    [
        ({"models": of_class(None)}, {"models": of_class("growing")}, "llama"),
        (
            {"stores": redis()},
            {"stores": redis("growing")},
            "redis",
        ),
    ],
    ids=["weights", "redis"],
)
def test_a_claim_that_waits_for_a_class_takes_the_one_that_is_named(
    operator: OperatorProcess, kube: Kube, namespace: str, before: Json, after: Json, part: str
) -> None:
    """That is what the status says to do where the cluster has no default class."""
    kube.create("llmcaches", llmcache(namespace, **before))
    claim_made(kube, namespace)
    operator.settled(kube, namespace)

    kube.patch("llmcaches", namespace, "support", {"spec": after})

    wait_for(
        "the claim has the class",
        lambda: claim(kube, namespace, part)["spec"].get("storageClassName") == "growing",
    )
    operator.settled(kube, namespace)
    assert told(kube, namespace, "Stalled")[0] == "False"


def test_a_store_keeps_its_class_and_says_so(
    operator: OperatorProcess, kube: Kube, namespace: str
) -> None:
    """Its claim was made of the cluster's default class; another one is named later."""
    kube.create("llmcaches", llmcache(namespace, stores=redis()))
    name = claim_made(kube, namespace)
    default = {"spec": {"storageClassName": "growing"}}
    kube.patch("persistentvolumeclaims", namespace, name, default)
    operator.settled(kube, namespace)

    kube.patch("llmcaches", namespace, "support", {"spec": {"stores": redis("another")}})
    operator.settled(kube, namespace)

    assert (
        "class growing, and the resource asks for class another"
        in told(kube, namespace, "Degraded")[2]
    )
    assert told(kube, namespace, "Stalled")[0] == "False"

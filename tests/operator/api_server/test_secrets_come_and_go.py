"""Secrets that are not there yet, and Secrets of ours that somebody deletes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .kube import Json, Kube, wait_for
from .manifests import engine, llmcache
from .operator_process import OperatorProcess
from .person import Person

SPECS: dict[str, Json] = {
    "the password of an external Redis": {
        "stores": {
            "redis": {"external": {"url": "redis://r", "password": {"name": "theirs", "key": "k"}}},
            "vectors": {"memory": {}},
        }
    },
    "the token of Hugging Face": {
        "models": [
            {
                "name": "llama",
                "engine": engine(replicas=1, huggingFaceToken={"name": "theirs", "key": "k"}),
            }
        ]
    },
    "callers' API keys": {"auth": {"mode": "Keys", "keysFrom": [{"name": "theirs", "key": "k"}]}},
}


def secret(namespace: str, **data: str) -> Json:
    metadata = {"name": "theirs", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_secret_that_appears_later(
    person: Person, kube: Kube, namespace: str, node: str, spec: Json
) -> None:
    """Its name and key are told while it is not there, and nobody touches anything but the Secret."""
    models = [{"name": "llama", "engine": engine(replicas=1)}]
    kube.create("llmcaches", llmcache(namespace, **{"models": models, **spec}))
    person.pod()
    text = person.reads("SecretMissing")
    assert "Secret theirs, which does not exist" in text
    assert "Create it with the key k" in text

    kube.create("secrets", secret(namespace, another="x"))
    assert "Secret theirs has no key k" in person.reads("SecretKeyMissing")

    kube.patch("secrets", namespace, "theirs", {"stringData": {"k": "value"}})
    wait_for("the pod goes on", lambda: "PodStarting" in reasons(kube, namespace))
    assert "SecretKeyMissing" not in reasons(kube, namespace)


def test_a_name_that_leads_elsewhere_is_not_followed(
    person: Person, kube: Kube, namespace: str, node: str
) -> None:
    """A pod may name a Secret as it likes; whether one of another namespace has a key is nobody's."""
    kube.create("secrets", secret("default", k="value"))
    theirs = "../../default/secrets/theirs"
    source = {"secretName": theirs, "items": [{"key": "other", "path": "x"}]}
    overlay = {"spec": {"volumes": [{"name": "theirs", "secret": source}]}}
    models = [{"name": "llama", "engine": engine(replicas=1, podTemplate=overlay)}]
    kube.create("llmcaches", llmcache(namespace, models=models))
    person.pod()
    assert f"Secret {theirs}, which does not exist" in person.reads("SecretMissing")
    assert "SecretKeyMissing" not in reasons(kube, namespace)
    kube.delete("secrets", "default", "theirs")


def reasons(kube: Kube, namespace: str) -> set[str]:
    """Of all conditions."""
    status = kube.must("llmcaches", namespace, "support")["status"]
    return {condition["reason"] for condition in status["conditions"]}


def test_a_secret_of_ours_that_is_deleted_is_made_anew(
    make_operator: Callable[..., OperatorProcess], lone_kube: Kube, lone_namespace: str
) -> None:
    """They can't be watched; they are asked for once a minute, here once a second."""
    kube, namespace = lone_kube, lone_namespace
    operator = make_operator("--secrets-seconds", "1").start()
    kube.create("llmcaches", llmcache(namespace, stores={}))
    operator.settled(kube, namespace)
    before = {item["metadata"]["name"]: item for item in kube.list("secrets", namespace)}
    assert len(before) == 4

    for name in before:
        kube.delete("secrets", namespace, name)
    after = wait_for(
        "all are there again",
        lambda: found if (found := kube.list("secrets", namespace)) and len(found) == 4 else None,
    )
    operator.settled(kube, namespace)
    for item in after:
        was = before[item["metadata"]["name"]]
        assert item["metadata"]["uid"] != was["metadata"]["uid"]
        assert item["data"].keys() == was["data"].keys()
        assert item["metadata"]["ownerReferences"] == was["metadata"]["ownerReferences"]
    writes = operator.writes()
    operator.settled(kube, namespace)
    assert operator.writes() == writes
    assert operator.complaints() == []

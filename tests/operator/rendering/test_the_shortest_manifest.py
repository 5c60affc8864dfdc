"""`models: [{name, engine: {model}}]` is a whole, useful cache."""

from __future__ import annotations

from llmcache_operator.domain import key_of

from .caches import SHORTEST, cache, named, one, pod_of, rendered


def test_it_becomes_engine_redis_and_qdrant_with_what_stands_around_them() -> None:
    rendering = rendered(SHORTEST)
    kinds = sorted((key_of(item).kind, key_of(item).name) for item in rendering.objects)
    assert kinds == [
        ("ConfigMap", "support-llama"),
        ("Deployment", "support-llama"),
        ("NetworkPolicy", "support-llama"),
        ("NetworkPolicy", "support-qdrant"),
        ("NetworkPolicy", "support-redis"),
        ("PodDisruptionBudget", "support-llama"),
        ("Service", "support-llama"),
        ("Service", "support-qdrant"),
        ("Service", "support-redis"),
        ("ServiceAccount", "support-llama"),
        ("ServiceAccount", "support-qdrant"),
        ("ServiceAccount", "support-redis"),
        ("StatefulSet", "support-qdrant"),
        ("StatefulSet", "support-redis"),
    ]
    assert [secret.name for secret in rendering.secrets] == [
        "support-tenants",
        "support-admin",
        "support-redis",
        "support-qdrant",
    ]
    assert not rendering.problems
    assert not rendering.untouched


def test_every_object_is_owned_and_labelled() -> None:
    rendering = rendered(SHORTEST)
    for item in (*rendering.objects, *(secret.manifest for secret in rendering.secrets)):
        metadata = item["metadata"]
        assert metadata["labels"]["llmcache.dev/cache"] == "support"
        assert metadata["labels"]["app.kubernetes.io/managed-by"] == "llmcache-operator"
        assert metadata["ownerReferences"][0]["uid"] == "uid-1"


def test_replicas_are_left_to_an_autoscaler() -> None:
    assert "replicas" not in one(rendered(SHORTEST), "Deployment", "support-llama")["spec"]


def test_the_sidecar_is_native_and_the_engine_listens_on_loopback() -> None:
    pod = pod_of(one(rendered(SHORTEST), "Deployment", "support-llama"))
    sidecar = named(pod["initContainers"], "sidecar")
    assert sidecar["restartPolicy"] == "Always"
    vllm = named(pod["containers"], "engine")
    assert vllm["command"] == ["vllm", "serve"]
    assert vllm["args"][:5] == ["org/llama", "--host", "127.0.0.1", "--port", "8000"]
    assert "ports" not in vllm


def test_the_version_that_sidecars_report_is_in_their_file() -> None:
    rendering = rendered(SHORTEST)
    text = one(rendering, "ConfigMap", "support-llama")["data"]["sidecar.yaml"]
    assert f"configVersion: {rendering.models[0].config_version}" in text


def test_it_is_the_same_every_time() -> None:
    assert rendered(SHORTEST) == rendered(SHORTEST)
    assert cache(SHORTEST) == cache(SHORTEST)

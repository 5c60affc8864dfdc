"""What the API server lets in, and what it says to those whose manifest it refuses."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from llmcache_api.resource import LLMCacheSpec

from .conftest import ROOT
from .kube import Json, Kube, KubeError
from .manifests import engine, llmcache

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
NAMESPACE = "default"
MODEL = {"name": "llama", "engine": engine()}
SECRET = {"name": "keys", "key": "key"}
GATEWAY = {"name": "there", "endpoint": {"url": "http://vllm:8000"}}


def refusal(kube: Kube, manifest: Json) -> str:
    """What the API server says against it; empty when it takes it. Nothing is stored."""
    try:
        kube.create("llmcaches", manifest, dry_run=True)
    except KubeError as error:
        return said(error)
    return ""


def said(error: KubeError) -> str:
    return error.text.replace('\\"', '"') if error.status == 422 else f"{error.status}"


def changed(path: str, value: Any) -> Json:
    """The manifest of `llmcache` with one value; `models.0.x` goes into lists."""
    manifest = llmcache(NAMESPACE, "tried")
    manifest["spec"] = copy.deepcopy(manifest["spec"])
    place: Any = manifest["spec"]
    *parents, last = path.split(".")
    for part in parents:
        place = place[int(part)] if isinstance(place, list) else place.setdefault(part, {})
    place[last] = value
    return manifest


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_accepted(kube: Kube, path: Path) -> None:
    manifest = yaml.safe_load(path.read_text("utf-8"))
    manifest["metadata"]["namespace"] = NAMESPACE
    assert refusal(kube, manifest) == ""


ENGINE = "models.0.engine"
CACHE = "responseCache"

WRONG: tuple[tuple[str, Any, str], ...] = (
    # models
    ("models", [], "should have at least 1 items"),
    ("models", [MODEL] * 2, "Duplicate value"),
    ("models", [{**MODEL, "name": f"m{i}"} for i in range(17)], "must have at most 16 items"),
    ("models", [{**MODEL, "name": "Llama"}], "should match"),
    ("models", [{**MODEL, "name": "7b"}], "should match"),
    ("models", [{**MODEL, "name": "a" * 21}], "Too long: may not be more than 20"),
    ("models", [{**MODEL, "name": "redis"}], "takes another name"),
    ("models", [{"engine": engine()}], "models[0].name: Required value"),
    ("models", [{"name": "llama"}], "takes exactly one of engine and endpoint"),
    ("models", [{**MODEL, **GATEWAY}], "takes exactly one of engine and endpoint"),
    ("models", [{"name": "llama", "engine": {}}], "engine.model: Required value"),
    # the engine
    (f"{ENGINE}.model", "--trust-remote-code", "should match"),
    (f"{ENGINE}.replicas", -1, "should be greater than or equal to 0"),
    (f"{ENGINE}.replicas", "2", "must be of type integer"),
    (f"{ENGINE}.gpu.count", 65, "should be less than or equal to 64"),
    (f"{ENGINE}.gpu.resource", "not a resource", "should match"),
    (f"{ENGINE}.dtype", "int3", 'supported values: "auto"'),
    (f"{ENGINE}.prefixCaching.mode", False, "must be of type string"),
    (f"{ENGINE}.prefixCaching.mode", "Maybe", 'supported values: "On", "Off"'),
    (f"{ENGINE}.prefixCaching.hashAlgorithm", "md5", 'supported values: "sha256"'),
    (f"{ENGINE}.prefixCaching.cpuOffload", {}, "sizeGi: Required value"),
    (f"{ENGINE}.extraArgs", ["--host=0.0.0.0"], "takes flags that no field"),
    (f"{ENGINE}.extraArgs", ["--tensor_parallel_size=2"], "takes flags that no field"),
    (f"{ENGINE}.extraArgs", ["-tp", "2"], "takes flags that no field"),
    (f"{ENGINE}.env", [{"name": "A"}], "takes value or secretKey, exactly one"),
    (f"{ENGINE}.env", [{"name": "A-B", "value": "x"}], "should match"),
    (f"{ENGINE}.env", [{"name": "A", "value": "x"}] * 2, "Duplicate value"),
    (f"{ENGINE}.weights", {}, "takes exactly one of claim, existingClaim, ephemeral and image"),
    (
        f"{ENGINE}.weights",
        {"ephemeral": {"storage": "1Gi"}, "retain": True},
        "takes retain with claim only",
    ),
    (f"{ENGINE}.weights", {"ephemeral": {"storage": "plenty"}}, "should match"),
    (
        f"{ENGINE}.weights",
        {"claim": {"storage": "1Gi", "accessMode": "ReadWriteOnce"}},
        "ReadWriteOnce takes replicas: 1",
    ),
    (f"{ENGINE}.rollout", {"maxSurge": 0, "maxUnavailable": 0}, "with both 0 nothing"),
    (f"{ENGINE}.startupTimeout", "2 hours", "should match"),
    (f"{ENGINE}.startupTimeout", 7200, "must be of type string"),
    (f"{ENGINE}.startupTimeout", "367d", "should match"),
    (f"{ENGINE}.resources.limits", {"cpu": 2}, "must be of type string"),
    (f"{ENGINE}.scheduling.nodeSelector", {"a b": "c"}, "takes keys that match"),
    (f"{ENGINE}.chatTemplate", {"name": "t"}, "key: Required value"),
    (f"{ENGINE}.lora.adapters", [], "should have at least 1 items"),
    # endpoints
    ("models", [{"name": "a", "endpoint": {}}], "url: Required value"),
    ("models", [{"name": "a", "endpoint": {"url": "vllm:8000"}}], "should match"),
    ("models", [{"name": "a", "endpoint": {"url": "http://u:p@vllm"}}], "should match"),
    (
        "models",
        [{"name": "a", "endpoint": {"url": "http://vllm", "credentials": SECRET}}],
        "takes auth.mode Keys or None",
    ),
    # the response cache
    (f"{CACHE}.exact.mode", "On", 'supported values: "Serve", "Observe", "Off"'),
    (f"{CACHE}.exact.ttl", "1w", "should match"),
    (f"{CACHE}.semantic.threshold", 0, "takes more than 0"),
    (f"{CACHE}.semantic.threshold", 1.01, "should be less than or equal to 1"),
    (f"{CACHE}.semantic.embedding", {}, "source: Required value"),
    (f"{CACHE}.semantic.embedding", {"source": "Image"}, "takes path with source Image"),
    (f"{CACHE}.semantic.embedding", {"source": "Claim"}, "takes claim with source Claim"),
    (
        f"{CACHE}.semantic.embedding",
        {"source": "Endpoint", "url": "http://e"},
        "takes model with source Endpoint",
    ),
    (
        f"{CACHE}.semantic.embedding",
        {"source": "Bundled", "model": "x"},
        "takes model with source Hub or Endpoint only",
    ),
    (
        f"{CACHE}.semantic.embedding",
        {"source": "Bundled", "runtime": "SentenceTransformers"},
        "takes runtime SentenceTransformers with source",
    ),
    (
        f"{CACHE}.semantic.embedding",
        {"source": "Bundled", "cache": "1Gi"},
        "takes cache with source Hub only",
    ),
    (f"{CACHE}.semantic.query", {"from": "Regex"}, "takes pattern with from Regex"),
    (
        f"{CACHE}.semantic.query",
        {"from": "Regex", "pattern": "(.*)"},
        "a regular expression with a group named query",
    ),
    (f"{CACHE}.semantic.query", {"from": "JSONPointer"}, "takes pointer with from JSONPointer"),
    (f"{CACHE}.policy.maxTemperature", 2.5, "should be less than or equal to 2"),
    (f"{CACHE}.policy.bypass", ["Weather"], "takes in its lists classes of"),
    (
        f"{CACHE}.policy",
        {"bypass": ["Code"], "exactOnly": ["Code"]},
        "takes every class in one of its lists at most",
    ),
    (
        f"{CACHE}.policy",
        {"custom": [{"name": "personal", "examples": ["a"]}]},
        "takes in custom names that no built-in class has",
    ),
    (
        f"{CACHE}.policy",
        {"custom": [{"name": "Mine", "examples": []}]},
        "should have at least 1 items",
    ),
    (f"{CACHE}.policy.overrides", [{"bypass": []}], "takes models or routes, or both"),
    (
        f"{CACHE}.policy.overrides",
        [{"models": ["a"], "bypass": ["Weather"]}],
        "takes in the lists of overrides classes of",
    ),
    (f"{CACHE}.tenancy", {"scope": "Header"}, "takes header with scope Header"),
    (f"{CACHE}.tenancy", {"header": "X-Team"}, "takes header with scope Header"),
    (f"{CACHE}.limits.cacheableBody", "4 MB", "should match"),
    # keys, quality
    ("auth", {"mode": "Keys"}, "takes keysFrom with mode Keys"),
    ("auth", {"mode": "None", "keysFrom": [{"name": "a"}]}, "takes keysFrom with mode Keys"),
    ("quality.holdoutPercent", 101, "should be less than or equal to 100"),
    ("quality.holdoutPercent", 0.25, "takes steps of 0.1"),
    # stores
    ("stores", {"redis": {}}, "takes exactly one of managed and external"),
    ("stores", {"redis": {"managed": {}}, "memory": {}}, "takes at most one of redis and memory"),
    ("stores", {"redis": {"managed": {"memory": "0"}}}, "write stores.memory instead"),
    ("stores", {"redis": {"managed": {"memory": "31Mi"}}}, "32Mi or more"),
    ("stores", {"redis": {"external": {"url": "redis://:p@h"}}}, "should match"),
    ("stores", {"vectors": {}}, "takes exactly one of qdrant, pgvector and memory"),
    ("stores", {"vectors": {"pgvector": {}}}, "external: Required value"),
    ("stores", {"encryption": {"keys": []}}, "should have at least 1 items"),
    # the rest
    ("images.pullPolicy", "Sometimes", 'supported values: "Always"'),
    ("sidecar.logLevel", "trace", 'supported values: "debug"'),
    ("network.clients", [{"namespace": "Prod"}], "should match"),
)


@pytest.mark.parametrize(
    ("path", "value", "message"), WRONG, ids=[f"{path}-{n}" for n, (path, *_) in enumerate(WRONG)]
)
def test_a_wrong_manifest_is_refused_with_what_to_write(
    kube: Kube, path: str, value: Any, message: str
) -> None:
    told = refusal(kube, changed(path, value))
    assert message in told
    assert '"field":"spec' in told  # where


def test_names_fit_into_the_names_of_pods_and_services(kube: Kube) -> None:
    assert refusal(kube, llmcache(NAMESPACE, "a" * 36)) == ""
    told = refusal(kube, llmcache(NAMESPACE, "a" * 37))
    assert "takes a metadata.name of at most 36 characters" in told
    assert "lower case letters" in refusal(kube, llmcache(NAMESPACE, "7b"))
    assert "lower case letters" in refusal(kube, llmcache(NAMESPACE, "a.b"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            {"redis": {"managed": {"storage": "1Gi", "storageClass": "fast"}}},
            {"redis": {"managed": {"storage": "1Gi", "storageClass": "slow"}}},
        ),
        (
            {"vectors": {"qdrant": {"managed": {"storageClass": "fast"}}}},
            {"vectors": {"qdrant": {"managed": {}}}},
        ),
    ],
    ids=["redis", "qdrant"],
)
def test_a_class_of_storage_stays_and_the_message_says_what_to_do_instead(
    kube: Kube, namespace: str, before: Json, after: Json
) -> None:
    manifest = kube.create("llmcaches", llmcache(namespace, stores=before))
    manifest["spec"]["stores"] = after
    with pytest.raises(KubeError, match="storageClass can't be changed; make another resource"):
        kube.replace("llmcaches", manifest)


def test_an_unknown_field_is_named_where_people_ask_for_strictness(kube: Kube) -> None:
    """kubectl asks for it by default."""
    manifest = changed("responseCache.exact.tll", "1h")
    with pytest.raises(KubeError, match=r'unknown field \\"spec.responseCache.exact.tll\\"'):
        kube.create("llmcaches", manifest, strict=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"redis": {"managed": {"memory": "2Gi"}}}, {"redis": {"managed": {}}}),
        ({"memory": {"maxSize": "1Mi"}}, {"memory": {}}),
        ({"vectors": {"memory": {"maxSize": "1Mi"}}}, {"vectors": {"memory": {}}}),
    ],
    ids=["redis", "memory", "vectors"],
)
def test_a_chosen_section_stays_when_its_last_field_is_applied_away(
    kube: Kube, namespace: str, before: Json, after: Json
) -> None:
    """Server-side apply, as many deployment tools use it, makes null of an emptied section."""
    kube.apply("llmcaches", llmcache(namespace, stores=before))
    assert kube.apply("llmcaches", llmcache(namespace, stores=after))["spec"]["stores"] == after


def test_bypass_nothing_stays_a_wish(kube: Kube, namespace: str) -> None:
    before = {"policy": {"bypass": [], "maxTemperature": 1}}
    kube.apply("llmcaches", llmcache(namespace, responseCache=before))
    after: Json = {"policy": {"bypass": []}}
    stored = kube.apply("llmcaches", llmcache(namespace, responseCache=after))
    assert stored["spec"]["responseCache"] == after


@pytest.mark.parametrize("section", ["responseCache", "quality", "sidecar", "network"])
def test_a_heading_without_lines_is_as_good_as_none(kube: Kube, section: str) -> None:
    manifest = llmcache(NAMESPACE, "tried")
    manifest["spec"][section] = None
    assert refusal(kube, manifest) == ""
    LLMCacheSpec.model_validate(manifest["spec"])

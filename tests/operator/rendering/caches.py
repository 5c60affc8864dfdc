"""Resources and facts that tests render."""

from __future__ import annotations

from typing import Any

from llmcache_api.resource import LLMCacheSpec
from llmcache_operator.domain import LLMCache, Manifest
from llmcache_operator.rendering import Facts, Rendering, render

FACTS = Facts(operator_namespace="llmcache-system", kubernetes_minor=35)

SHORTEST: dict[str, Any] = {"models": [{"name": "llama", "engine": {"model": "org/llama"}}]}


def cache(spec: dict[str, Any], **fields: Any) -> LLMCache:
    """An LLMCache `support` in namespace `ai`."""
    known: dict[str, Any] = {"namespace": "ai", "name": "support", "uid": "uid-1", "generation": 1}
    return LLMCache(**(known | fields), spec=LLMCacheSpec.model_validate(spec))


def rendered(spec: dict[str, Any], **fields: Any) -> Rendering:
    """What the newest renderer makes of it."""
    return render(cache(spec, **fields), {}, FACTS)


def engine(**fields: Any) -> dict[str, Any]:
    """A spec with one engine."""
    return {"models": [{"name": "llama", "engine": {"model": "org/llama", **fields}}]}


def endpoint(**fields: Any) -> dict[str, Any]:
    """A spec with one endpoint."""
    return {"models": [{"name": "there", "endpoint": {"url": "http://vllm.other:8000", **fields}}]}


def one(rendering: Rendering, kind: str, name: str) -> Manifest:
    """The object of that kind and name."""
    (found,) = (
        item
        for item in rendering.objects
        if item["kind"] == kind and item["metadata"]["name"] == name
    )
    return found


def pod_of(manifest: Manifest) -> dict[str, Any]:
    """The pod's spec in a workload."""
    found: dict[str, Any] = manifest["spec"]["template"]["spec"]
    return found


def named(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The item of that name."""
    (found,) = (item for item in items if item["name"] == name)
    return found

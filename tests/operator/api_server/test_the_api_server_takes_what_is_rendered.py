"""Everything that builders make, held against the real API server and its `restricted` level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from llmcache_api.resource import LLMCacheSpec
from llmcache_operator.domain import LLMCache, Manifest
from llmcache_operator.rendering import RENDERERS, Facts, RendererId, Rendering, render
from tests.operator.rendering.golden import FULL
from tests.operator.rendering.specs import SPECS, Spec

from .kube import Kube

NAMESPACE = "restricted"
FACTS = Facts(operator_namespace="llmcache-system", kubernetes_minor=35)


@pytest.fixture(scope="module")
def restricted(kube: Kube) -> Iterator[str]:
    """A namespace that refuses every pod that the level does not accept."""
    body = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": NAMESPACE,
            "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
        },
    }
    kube.create("namespaces", body)
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "any", "namespace": NAMESPACE},
    }
    kube.apply("serviceaccounts", account)
    yield NAMESPACE
    kube.delete("namespaces", None, NAMESPACE)


def rendered(spec: Spec, renderer: RendererId | None = None) -> Rendering:
    cache = LLMCache(NAMESPACE, "support", "uid-1", 1, LLMCacheSpec.model_validate(spec))
    names = [*(model.name for model in cache.spec.models), "redis", "qdrant"]
    return render(cache, {} if renderer is None else dict.fromkeys(names, renderer), FACTS)


def tried(kube: Kube, rendering: Rendering) -> None:
    """Apply everything as a dry run; of workloads the pods too, since the level holds for pods."""
    for manifest in (*rendering.objects, *(secret.manifest for secret in rendering.secrets)):
        plural = _plural(manifest["kind"])
        kube.apply(plural, manifest, "llmcache-operator", dry_run=True)
        template = manifest["spec"].get("template") if "spec" in manifest else None
        if template is not None:
            kube.apply("pods", _pod(manifest, template), "llmcache-operator", dry_run=True)


def _pod(manifest: Manifest, template: dict[str, Any]) -> Manifest:
    spec = {**template["spec"], "serviceAccountName": "any"}
    for field in ("priorityClassName", "runtimeClassName"):
        spec.pop(field, None)  # they must exist
    claims = [
        {"name": claim["metadata"]["name"], "emptyDir": {}}
        for claim in manifest["spec"].get("volumeClaimTemplates", [])
    ]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            **template["metadata"],
            "name": manifest["metadata"]["name"],
            "namespace": NAMESPACE,
        },
        "spec": {**spec, "volumes": [*spec["volumes"], *claims]},
    }


def _plural(kind: str) -> str:
    plural = kind.lower()
    return f"{plural[:-1]}ies" if plural.endswith("y") else f"{plural}s"


@pytest.mark.parametrize("renderer", list(RENDERERS))
def test_a_full_resource_of_every_renderer(
    kube: Kube, restricted: str, renderer: RendererId
) -> None:
    rendering = rendered({**FULL, "monitoring": {"dashboard": True}}, renderer)
    assert not rendering.problems
    tried(kube, rendering)


@given(SPECS)
@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_resources_of_every_shape(kube: Kube, restricted: str, spec: Spec) -> None:
    spec = {key: value for key, value in spec.items() if key != "monitoring"}
    tried(kube, rendered(spec))

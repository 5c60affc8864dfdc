"""What the API server accepts, the models read, and the renderer renders or says why not."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, event, given, settings
from pydantic import ValidationError

from llmcache_api.resource import LLMCacheSpec
from llmcache_operator.domain import LLMCache
from llmcache_operator.rendering import Facts, render

from . import from_schema
from .conftest import crd
from .kube import Json, Kube, KubeError

FACTS = Facts(operator_namespace="llmcache-system", kubernetes_minor=34)
SPEC = crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]

SAID_BY_PYTHON_ONLY = ("takes a regular expression; this one is wrong",)
"""What CEL can't say: the operator says it as the condition Stalled."""


@given(from_schema.values(SPEC))
@settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
)
def test_what_is_accepted_can_be_read_and_rendered(kube: Kube, spec: Json) -> None:
    said = against(kube, spec)
    event("refused" if said else "accepted")
    read, complaint = reading(spec)
    if read is None:
        known = any(text in complaint for text in SAID_BY_PYTHON_ONLY)
        assert said or known, f"the API server accepts it, and the models say: {complaint}"
        return
    if said:
        return
    rendering = render(LLMCache("ai", "support", "uid-1", 1, read), {}, FACTS)
    assert rendering.objects or rendering.problems
    assert all(len(problem.message) > 20 for problem in rendering.problems)


def reading(spec: Json) -> tuple[LLMCacheSpec | None, str]:
    """As the operator reads it, or what the models say against it."""
    try:
        return LLMCacheSpec.model_validate(spec), ""
    except ValidationError as error:
        return None, str(error)


def against(kube: Kube, spec: Json) -> str:
    """What the API server says against it; empty when it takes it."""
    manifest: dict[str, Any] = {
        "apiVersion": "llmcache.dev/v1alpha1",
        "kind": "LLMCache",
        "metadata": {"name": "tried", "namespace": "default"},
        "spec": spec,
    }
    try:
        kube.create("llmcaches", manifest, dry_run=True)
    except KubeError as error:
        if error.status not in (400, 422):
            raise
        return error.text
    return ""

"""LLMCaches for tests."""

from __future__ import annotations

import copy
from typing import Any

from .kube import Json

ENGINE: Json = {
    "model": "meta-llama/Meta-Llama-3-8B-Instruct",
    "weights": {"ephemeral": {"storage": "60Gi"}},
}


def llmcache(namespace: str, name: str = "support", /, **spec: Any) -> Json:
    """One with a model `llama` and stores in memory, unless `spec` says otherwise."""
    body = {
        "models": [{"name": "llama", "engine": copy.deepcopy(ENGINE)}],
        "stores": {"memory": {}, "vectors": {"memory": {}}},
    } | spec
    return {
        "apiVersion": "llmcache.dev/v1alpha1",
        "kind": "LLMCache",
        "metadata": {"name": name, "namespace": namespace},
        "spec": body,
    }


def engine(**fields: Any) -> Json:
    """An engine's section."""
    return copy.deepcopy(ENGINE) | fields

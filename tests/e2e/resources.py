"""The LLMCaches of the suite."""

from __future__ import annotations

from typing import Any

from tests.cluster.kubectl import Manifest
from tests.e2e.settings import Settings

SMALL = {"requests": {"cpu": "25m", "memory": "64Mi"}}
DRAIN_SECONDS = 45
LONG_TOKENS = 1500
"""At the pace of PACE: longer than a pod's preStop."""

PACE = {
    "LLMCACHE_SIMULATOR_TTFT_MS": "30",
    "LLMCACHE_SIMULATOR_ITL_MS": "15",
    "LLMCACHE_SIMULATOR_JITTER": "0.2",
}
"""Of the simulated engine. Other engines don't look at these variables."""


def engine(settings: Settings, served: str, **fields: Any) -> Manifest:
    """An engine that serves under one name."""
    return {
        "model": settings.engine_model,
        "servedNames": [served],
        "defaultTemperature": 0,
        "drainSeconds": DRAIN_SECONDS,
        "resources": SMALL,
        "env": [{"name": name, "value": value} for name, value in PACE.items()],
        **fields,
    }


def llmcache(settings: Settings, name: str, models: list[Manifest], **spec: Any) -> Manifest:
    """An LLMCache with what all of them have in common here."""
    return {
        "apiVersion": "llmcache.dev/v1alpha1",
        "kind": "LLMCache",
        "metadata": {"name": name},
        "spec": {
            "models": models,
            "images": {"pullPolicy": settings.pull_policy},
            "responseCache": {
                "exact": {"ttl": "1h"},
                "semantic": {"ttl": "1h", "embedding": {"source": "Bundled"}},
            },
            "sidecar": {"resources": {"requests": {"cpu": "50m", "memory": "256Mi"}}},
            "quality": {"holdoutPercent": 0},
            "auth": {"mode": "Keys", "keysFrom": [{"name": "callers"}]},
            "stores": {
                "redis": {"managed": {"memory": "256Mi"}},
                "vectors": {
                    "qdrant": {
                        "managed": {
                            "storage": "1Gi",
                            "resources": {"requests": {"cpu": "25m", "memory": "128Mi"}},
                        }
                    }
                },
            },
            **spec,
        },
    }

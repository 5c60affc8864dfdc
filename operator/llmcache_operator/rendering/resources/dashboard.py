"""A Grafana dashboard of one cache, in the ConfigMap that Grafana's own sidecar looks for.

Its panels are those of `dashboards/caches.yaml`, which the Helm chart brings for all caches together:
a test holds the chart's copy to it.
"""

from __future__ import annotations

import json
from functools import cache as once
from importlib.resources import files
from typing import Any, Final

import yaml

from ...domain import Component, LLMCache, Manifest
from .. import names
from ..context import Context

_GRAFANA_LABEL: Final = "grafana_dashboard"

_CHOSEN: Final = 'namespace=~"$namespace", llmcache_dev_cache=~"$cache"'
"""How the panels name the caches that a person chooses at the top of the page."""


def build_dashboard(context: Context) -> Manifest | None:
    """The ConfigMap."""
    monitoring = context.spec.monitoring
    if monitoring is None or not monitoring.dashboard:
        return None
    cache = context.cache
    metadata = names.metadata(cache, names.metrics_name(cache), Component.CACHE)
    metadata["labels"][_GRAFANA_LABEL] = "1"
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "data": {f"llmcache-{cache.name}.json": json.dumps(_dashboard(cache), sort_keys=True)},
    }


def _dashboard(cache: LLMCache) -> dict[str, Any]:
    """The page of one cache: there is nothing to choose, but where the metrics come from."""
    # Names of objects can't hold anything that would need to be escaped.
    only = f'namespace="{cache.namespace}", llmcache_dev_cache="{cache.name}"'
    found: dict[str, Any] = yaml.safe_load(_source().replace(_CHOSEN, only))
    del found["uid"]  # there may be many
    sources = [one for one in found["templating"]["list"] if one["type"] == "datasource"]
    return found | {
        "title": f"LLMCache {cache.namespace}/{cache.name}",
        "templating": {"list": sources},
    }


@once
def _source() -> str:
    return (
        files("llmcache_operator.rendering")
        .joinpath("dashboards", "caches.yaml")
        .read_text(encoding="utf-8")
    )

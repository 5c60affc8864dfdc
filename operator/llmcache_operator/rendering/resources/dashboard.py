"""A Grafana dashboard of one cache, in the ConfigMap that Grafana's own sidecar looks for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from ...domain import Component, Manifest
from .. import names
from ..context import Context

_GRAFANA_LABEL: Final = "grafana_dashboard"


@dataclass(frozen=True)
class Panel:
    """One panel.

    Attributes:
        queries: (PromQL, legend); `$S` stands for the cache's own selector.
        wide: half of the width instead of a quarter.
    """

    title: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    wide: bool = True


_HITS: Final = 'sum(increase(llmcache_requests_total{$S, outcome=~"hit_.*"}[$__range]))'
_ALL: Final = "sum(increase(llmcache_requests_total{$S}[$__range]))"

PANELS: Final = (
    Panel("Hit rate", "percentunit", ((f"{_HITS} / {_ALL}", ""),), wide=False),
    Panel("Requests saved", "short", ((_HITS, ""),), wide=False),
    Panel(
        "Prefix hit rate",
        "percentunit",
        (
            (
                "sum(increase(vllm:prefix_cache_hits_total{$S}[$__range])) / "
                "sum(increase(vllm:prefix_cache_queries_total{$S}[$__range]))",
                "",
            ),
        ),
        wide=False,
    ),
    Panel("Draining", "short", (("sum(llmcache_draining{$S})", ""),), wide=False),
    Panel(
        "Requests by outcome",
        "reqps",
        (("sum by (outcome) (rate(llmcache_requests_total{$S}[5m]))", "{{outcome}}"),),
    ),
    Panel(
        "Requests in the engines",
        "short",
        (
            (
                "sum by (llmcache_dev_model) (vllm:num_requests_running{$S})",
                "{{llmcache_dev_model}}",
            ),
            (
                "sum by (llmcache_dev_model) (vllm:num_requests_waiting{$S})",
                "{{llmcache_dev_model}} waiting",
            ),
        ),
    ),
    Panel(
        "Trouble with stores",
        "reqps",
        (
            (
                "sum by (operation, reason) (rate(llmcache_store_trouble_total{$S}[5m]))",
                "{{operation}} {{reason}}",
            ),
        ),
    ),
    Panel(
        "Not stored",
        "reqps",
        (("sum by (reason) (rate(llmcache_not_stored_total{$S}[5m]))", "{{reason}}"),),
    ),
)


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
        "data": {f"llmcache-{cache.name}.json": json.dumps(_dashboard(context), sort_keys=True)},
    }


def _dashboard(context: Context) -> dict[str, Any]:
    cache = context.cache
    selector = f'namespace="{cache.namespace}", llmcache_dev_cache="{cache.name}"'
    return {
        "title": f"LLMCache {cache.namespace}/{cache.name}",
        "tags": ["llmcache"],
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]
        },
        "panels": _panels(selector),
    }


def _panels(selector: str) -> list[dict[str, Any]]:
    found, x, y = [], 0, 0
    for number, panel in enumerate(PANELS, 1):
        width, height = (12, 8) if panel.wide else (6, 4)
        found.append(
            {
                "id": number,
                "title": panel.title,
                "type": "timeseries" if panel.wide else "stat",
                "datasource": {"type": "prometheus", "uid": "$datasource"},
                "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
                "gridPos": {"x": x, "y": y, "w": width, "h": height},
                "targets": [
                    {"refId": chr(65 + index), "expr": query.replace("$S", selector),
                     "legendFormat": legend}
                    for index, (query, legend) in enumerate(panel.queries)
                ],
            }
        )  # fmt: skip
        x += width
        if x >= 24:
            x, y = 0, y + height
    return found

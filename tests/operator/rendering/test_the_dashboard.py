"""One dashboard, for all caches in the chart and for one in its ConfigMap."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from .caches import SHORTEST, one, rendered

CHART = Path(__file__).resolve().parents[3] / "charts" / "llmcache" / "dashboards" / "caches.yaml"


def source() -> str:
    return (
        files("llmcache_operator.rendering")
        .joinpath("dashboards", "caches.yaml")
        .read_text("utf-8")
    )


def test_the_chart_has_the_same_one() -> None:
    copy = f"cp operator/llmcache_operator/rendering/dashboards/caches.yaml {CHART.name}"
    assert CHART.read_text("utf-8") == source(), f"in charts/llmcache/dashboards: {copy}"


def test_every_panel_is_there_and_speaks_of_this_cache_only() -> None:
    spec = {**SHORTEST, "monitoring": {"dashboard": True}}
    (text,) = one(rendered(spec), "ConfigMap", "support-metrics")["data"].values()
    page: dict[str, Any] = json.loads(text)
    panels = yaml.safe_load(source())["panels"]

    assert [panel["title"] for panel in page["panels"]] == [panel["title"] for panel in panels]
    assert page["title"] == "LLMCache ai/support"
    assert [variable["name"] for variable in page["templating"]["list"]] == ["datasource"]
    for panel in page["panels"]:
        for target in panel["targets"]:
            assert 'namespace="ai", llmcache_dev_cache="support"' in target["expr"]
            assert "$cache" not in target["expr"]
            assert "$namespace" not in target["expr"]

"""An alert on a metric that nobody has never fires, and nobody notices."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from tests.charts.helm import Helm, Manifest, of_kind
from tests.demo import servers

EVERYTHING = {
    "dashboards": {"enabled": True},
    "monitoring": {"prometheusRule": {"enabled": True}},
}
METRIC = re.compile(r"\b(?:llmcache_[a-z_]+|vllm:[a-z_]+)\b")
LABELS = {"llmcache_dev_cache", "llmcache_dev_model"}
SERIES = ("_bucket", "_sum", "_count", "_total", "")


@pytest.fixture(scope="module")
def rendered(helm: Helm) -> list[Manifest]:
    return helm.template(EVERYTHING)


def _dashboards(rendered: list[Manifest]) -> list[dict[str, Any]]:
    return [
        json.loads(text)
        for config_map in of_kind(rendered, "ConfigMap")
        for text in config_map["data"].values()
    ]


def _expressions(rendered: list[Manifest]) -> Iterator[str]:
    for rule in of_kind(rendered, "PrometheusRule"):
        for group in rule["spec"]["groups"]:
            yield from (alert["expr"] for alert in group["rules"])
    for dashboard in _dashboards(rendered):
        for panel in dashboard["panels"]:
            yield from (target["expr"] for target in panel["targets"])


async def test_every_metric_that_is_named_is_on_a_page(rendered: list[Manifest]) -> None:
    async with (
        servers.simulator("llama") as engine,
        servers.sidecar(engine) as (_, admin),
        aiohttp.ClientSession() as session,
    ):
        pages = ""
        for page in ("/metrics", "/engine/metrics"):
            async with session.get(admin + page) as response:
                assert response.status == 200
                pages += await response.text()
    families = set(re.findall(r"^# TYPE (\S+)", pages, re.MULTILINE))
    assert "llmcache_requests_total" in families
    named = {
        name
        for expression in _expressions(rendered)
        for name in METRIC.findall(expression)
        if name not in LABELS
    }
    assert len(named) > 10
    unknown = {
        name
        for name in named
        if not any(name.removesuffix(ending) in families for ending in SERIES)
        and name not in families
    }
    assert not unknown


def test_panels_lie_side_by_side(rendered: list[Manifest]) -> None:
    for dashboard in _dashboards(rendered):
        cells: set[tuple[int, int]] = set()
        for panel in dashboard["panels"]:
            place = panel["gridPos"]
            assert set(place) == {"x", "y", "w", "h"}, panel["title"]
            assert place["x"] + place["w"] <= 24
            mine = {
                (place["x"] + x, place["y"] + y)
                for x in range(place["w"])
                for y in range(place["h"])
            }
            assert not cells & mine, panel["title"]
            cells |= mine


def test_alerts_say_what_to_do(rendered: list[Manifest]) -> None:
    [rule] = of_kind(rendered, "PrometheusRule")
    for group in rule["spec"]["groups"]:
        for alert in group["rules"]:
            assert alert["labels"]["severity"] in {"info", "warning", "critical"}
            assert alert["annotations"]["summary"]
            assert alert["annotations"]["description"].endswith(".")

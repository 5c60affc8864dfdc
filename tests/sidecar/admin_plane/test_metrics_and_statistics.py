"""Metrics and statistics are two readings of one account."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client.parser import text_string_to_metric_families

from llmcache_sidecar.telemetry.account import Account
from llmcache_sidecar.telemetry.quantiles import Quantiles

from .conftest import Running, Start

Samples = dict[str, list[tuple[dict[str, str], float]]]


async def read_metrics(sidecar: Running) -> Samples:
    """Every sample by its name."""
    status, text, response = await sidecar.call("GET", "/metrics")
    assert status == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    samples: Samples = {}
    for family in text_string_to_metric_families(text):
        assert family.name.startswith("llmcache_"), family.name
        assert family.documentation, family.name
        for sample in family.samples:
            samples.setdefault(sample.name, []).append((dict(sample.labels), sample.value))
    return samples


def total(samples: Samples, name: str, **labels: str) -> float:
    """The sum over all samples with these labels."""
    return sum(
        value
        for found, value in samples.get(name, [])
        if all(found.get(key) == wanted for key, wanted in labels.items())
    )


async def some_traffic(sidecar: Running) -> None:
    """2 misses, 3 hits, 2 bypasses, 1 refusal, 1 error."""
    for question in ("a", "a", "a", "b", "b"):
        await sidecar.chat(question)
    await sidecar.chat("hot", temperature=1.5)
    await sidecar.chat("for nobody", model="made-up")
    await sidecar.chat("never seen", {"Cache-Control": "only-if-cached"})


async def test_metrics_add_up_with_statistics(sidecar: Running) -> None:
    await some_traffic(sidecar)
    stats = await sidecar.stats()
    assert stats["requests"] == 8
    assert sum(stats["outcomes"].values()) == 8
    assert stats["outcomes"] == {"bypass": 2, "hit_exact": 3, "miss": 2, "refused": 1}
    assert stats["hitRate"] == pytest.approx(3 / 8)
    assert stats["cacheable"] == 6
    assert stats["cacheableHitRate"] == pytest.approx(3 / 6)
    assert stats["details"] == {"model-unknown": 1, "only-if-cached": 1, "temperature": 1}
    assert stats["saved"]["requests"] == 3
    assert stats["saved"]["promptTokens"] == 30
    assert stats["saved"]["completionTokens"] == 15
    assert stats["saved"]["engineSeconds"] > 0
    assert stats["servedAge"]["p50S"] is not None
    assert stats["withCache"]["total"]["samples"] == 5, "200s of cacheable requests"
    assert stats["withoutCache"]["total"]["samples"] == 0

    samples = await read_metrics(sidecar)
    assert total(samples, "llmcache_requests_total") == stats["requests"]
    for outcome, count in stats["outcomes"].items():
        assert total(samples, "llmcache_requests_total", outcome=outcome) == count
    for detail, count in stats["details"].items():
        assert total(samples, "llmcache_requests_total", detail=detail) == count
    assert total(samples, "llmcache_request_seconds_count") == 8
    assert total(samples, "llmcache_saved_tokens_total", kind="prompt") == 30
    assert total(samples, "llmcache_saved_tokens_total", kind="completion") == 15
    assert total(samples, "llmcache_stored_entries_total") == stats["stored"] == 2
    assert total(samples, "llmcache_served_age_seconds_count") == 3
    assert total(samples, "llmcache_in_flight_requests") == 0
    assert total(samples, "llmcache_engine_known") == 1
    assert total(samples, "llmcache_draining") == 0
    assert total(samples, "llmcache_store", figure="memoryEntries") == 2
    assert total(samples, "llmcache_config_info", version=stats["configVersion"]) == 1


async def test_names_that_clients_make_up_become_other(sidecar: Running) -> None:
    before = len((await read_metrics(sidecar)).get("llmcache_requests_total", []))
    for number in range(40):
        await sidecar.chat("x", model=f"made-up-{number}")
    samples = await read_metrics(sidecar)
    assert total(samples, "llmcache_requests_total", model="other") == 40
    assert len(samples["llmcache_requests_total"]) == before + 1
    text = (await sidecar.call("GET", "/metrics"))[1]
    assert "made-up" not in text


async def test_the_holdout_is_counted_apart(start: Start) -> None:
    sidecar = await start({"quality": {"holdoutPercent": 100}})
    await sidecar.chat("a")
    await sidecar.chat("a")
    stats = await sidecar.stats()
    assert stats["outcomes"] == {"holdout": 2}
    assert stats["withoutCache"]["total"]["samples"] == 2
    assert stats["withCache"]["total"]["samples"] == 0
    assert stats["hitRate"] == 0
    assert stats["saved"]["requests"] == 0


async def test_followers_of_an_inference_are_collapsed(sidecar: Running) -> None:
    sidecar.engine.hold = True
    first = asyncio.create_task(sidecar.chat("same"))
    second = asyncio.create_task(sidecar.chat("same"))

    async def both_wait() -> None:
        while (await sidecar.stats())["inFlight"] != 2:
            await asyncio.sleep(0.01)

    await asyncio.wait_for(both_wait(), 5)
    stats = await sidecar.stats()
    assert stats["openFlights"] == 1
    sidecar.engine.release.set()
    assert {(await first)[0], (await second)[0]} == {"answer 1"}
    stats = await sidecar.stats()
    assert stats["outcomes"] == {"collapsed": 1, "miss": 1}
    assert stats["saved"]["requests"] == 0, "a collapsed request waited for an inference"


async def test_statistics_say_what_runs(sidecar: Running) -> None:
    stats = await sidecar.stats()
    assert stats["engine"] == {
        "url": sidecar.engine.url,
        "known": True,
        "version": "0.11.0",
        "models": ["llama"],
        "defaultTemperature": 0.5,
        "keys": "None",
        "preparing": None,
    }
    assert stats["stores"]["kind"] == "memory"
    assert stats["mode"] == "Serve"
    assert stats["configError"] is None
    assert stats["restartNeeded"] == []
    assert stats["hitRate"] is None, "no requests, no rate"
    assert stats["now"] >= stats["since"]


@pytest.mark.parametrize("seconds", [2e-5, 0.003, 0.25, 40, 1200])
def test_quantiles_are_off_by_two_percent_at_most(seconds: float) -> None:
    quantiles = Quantiles()
    quantiles.observe(seconds)
    assert quantiles.quantile(0.5) == pytest.approx(seconds, rel=0.021)


def test_ages_of_weeks_are_told() -> None:
    ages = Account().ages
    week = 7 * 86400.0
    ages.observe(week)
    assert ages.quantile(0.99) == pytest.approx(week, rel=0.021)


def test_quantiles_of_nothing_are_none() -> None:
    assert Quantiles().quantile(0.5) is None

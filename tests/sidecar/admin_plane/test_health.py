"""Health: alive as long as it answers, ready when requests would be served."""

from __future__ import annotations

import time

import pytest

from .conftest import Running, Start
from .engine import ScriptedEngine


async def test_it_is_alive_and_ready_in_front_of_a_healthy_engine(sidecar: Running) -> None:
    assert await sidecar.get("/livez") == "ok\n"
    assert await sidecar.get("/readyz") == "ok\n"


async def test_probes_may_ask_for_the_head_only(sidecar: Running) -> None:
    assert (await sidecar.call("HEAD", "/readyz"))[0] == 200


@pytest.mark.parametrize(("status", "ready"), [(200, 200), (503, 503), (500, 503), (401, 200)])
async def test_it_follows_the_engines_health(sidecar: Running, status: int, ready: int) -> None:
    sidecar.engine.health = status
    assert (await sidecar.call("GET", "/readyz"))[0] == ready


async def test_an_engine_without_a_health_route_is_ready_when_it_lists_models(
    sidecar: Running,
) -> None:
    sidecar.engine.health = 404
    assert (await sidecar.call("GET", "/readyz"))[0] == 200
    sidecar.engine.models = 403
    assert (await sidecar.call("GET", "/readyz"))[0] == 200, "a refused key is an answer too"
    sidecar.engine.models = 404
    status, text, _ = await sidecar.call("GET", "/readyz")
    assert (status, text) == (503, "the engine says 404\n")


async def test_a_hung_engine_is_not_ready_before_the_probe_gives_up(sidecar: Running) -> None:
    sidecar.engine.health = None
    began = time.monotonic()
    status, text, _ = await sidecar.call("GET", "/readyz")
    assert status == 503
    assert "did not answer within 1 s" in text
    assert time.monotonic() - began < 2.0
    assert (await sidecar.call("GET", "/livez"))[0] == 200


async def test_an_engine_that_is_gone_is_not_ready_and_comes_back(
    sidecar: Running, engine: ScriptedEngine
) -> None:
    await engine.stop()
    status, text, _ = await sidecar.call("GET", "/readyz")
    assert status == 503
    assert "can't be reached" in text


async def test_readiness_self_is_ready_for_hits_without_an_engine(
    start: Start, engine: ScriptedEngine
) -> None:
    sidecar = await start({"readiness": "Self"})
    await engine.stop()
    assert (await sidecar.call("GET", "/readyz"))[0] == 200


@pytest.mark.parametrize("readiness", ["Engine", "Self"])
async def test_a_draining_sidecar_is_alive_and_not_ready(start: Start, readiness: str) -> None:
    sidecar = await start({"readiness": readiness})
    status, body, _ = await sidecar.call("POST", "/admin/v1/drain")
    assert (status, body) == (200, {"draining": True})
    assert (await sidecar.call("GET", "/readyz"))[:2] == (503, "draining\n")
    assert (await sidecar.call("GET", "/livez"))[0] == 200
    assert (await sidecar.stats())["draining"] is True
    text, response = await sidecar.chat("still served")
    assert text == "answer 1"
    assert response.headers["Connection"] == "close"
    assert (await sidecar.call("POST", "/admin/v1/drain"))[0] == 200, "twice is no harm"


async def test_the_engines_metrics_pass_through(sidecar: Running) -> None:
    assert await sidecar.get("/engine/metrics") == "vllm:prefix_cache_hits_total 3.0\n"


async def test_metrics_of_an_engine_that_is_gone_say_so(
    sidecar: Running, engine: ScriptedEngine
) -> None:
    await engine.stop()
    status, body, _ = await sidecar.call("GET", "/engine/metrics")
    assert status == 502
    assert "can't be reached" in body["error"]["message"]


async def test_metrics_of_a_hung_engine_end_in_time(
    sidecar: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmcache_sidecar.server.admin.health._METRICS_S", 0.1)
    sidecar.engine.hang_metrics = True
    status, body, _ = await sidecar.call("GET", "/engine/metrics")
    assert status == 504
    assert "did not answer" in body["error"]["message"]

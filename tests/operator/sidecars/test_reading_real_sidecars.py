"""A report is what the sidecar and its engine say, in the operator's words."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from llmcache_operator.domain import Role, SidecarReport
from llmcache_operator.domain.report import SemanticState, StoreState
from llmcache_operator.sidecars import SidecarReader, Target

from .conftest import TOKEN, Start

QUESTION = "How is a parcel packed? " * 40


async def one(reader: SidecarReader, target: Target) -> SidecarReport:
    """The only report."""
    (report,) = (await reader.read([target], TOKEN)).reports
    return report


async def test_what_a_sidecar_counts_and_runs(start: Start, reader: SidecarReader) -> None:
    running = await start()
    assert "fwd=miss" in await running.ask(QUESTION)
    assert "hit" in await running.ask(QUESTION)
    assert "fwd=miss" in await running.ask(QUESTION + "And how is it sent?")

    report = await one(reader, running.target)
    sums = {reading.role: reading.counts for reading in report.readings}

    assert (report.pod, report.pod_uid, report.model) == (
        "support-llama-1",
        "uid-support-llama-1",
        "llama",
    )
    assert report.config_version == "0123456789ab"
    assert (report.config_error, report.restart_needed, report.draining) == (None, (), False)
    assert report.engine_known
    assert report.default_temperature == 0.5
    assert (report.exact_store, report.vector_store) == (StoreState.ANSWERS, StoreState.OFF)
    assert report.semantic is SemanticState.OFF
    assert (sums[Role.SIDECAR].requests, sums[Role.SIDECAR].exact_hits) == (3, 1)
    assert sums[Role.SIDECAR].prompt_tokens_saved > 0
    # The second inference shares the beginning of its prompt with the first.
    assert 0 < sums[Role.ENGINE].prefix_hits < sums[Role.ENGINE].prefix_queries


async def test_a_hit_that_was_refreshed_is_counted_against_the_saved_ones(
    start: Start, reader: SidecarReader
) -> None:
    cache = {
        "semantic": {"mode": "Off"},
        "policy": {"bypass": []},
        "exact": {"ttl": "1s", "staleWhileRevalidate": "60s"},
    }
    running = await start(responseCache=cache)
    await running.ask(QUESTION)
    await asyncio.sleep(1.1)
    assert "hit" in await running.ask(QUESTION)
    report = await one(reader, running.target)
    (counts,) = (each.counts for each in report.readings if each.role is Role.SIDECAR)
    assert (counts.exact_hits, counts.sampling_requests) == (1, 1)
    assert counts.prompt_tokens_saved == 0


async def test_the_same_again_is_the_same_report(start: Start, reader: SidecarReader) -> None:
    running = await start()
    await running.ask(QUESTION)
    first = await one(reader, running.target)
    await asyncio.sleep(1.1)
    assert await one(reader, running.target) == first


async def test_the_semantic_level_with_its_threshold(start: Start, reader: SidecarReader) -> None:
    cache = {"semantic": {"mode": "Serve", "threshold": 0.91}}
    running = await start(responseCache=cache)
    async with asyncio.timeout(120):
        while (report := await one(reader, running.target)).semantic is SemanticState.LOADING:
            await asyncio.sleep(0.1)
    assert report.semantic is SemanticState.READY
    assert report.threshold == 0.91
    assert report.vector_store is StoreState.ANSWERS


async def test_redis_that_is_not_there(start: Start, reader: SidecarReader, tmp_path: Any) -> None:
    key = tmp_path / "tenant.key"
    key.write_bytes(b"0" * 32)
    stores = {"redis": {"url": "redis://127.0.0.1:1/0"}}
    running = await start(stores=stores, tenantKeyFile=str(key))
    assert "fwd=miss" in await running.ask(QUESTION)
    async with asyncio.timeout(60):
        while (report := await one(reader, running.target)).exact_store is not StoreState.DOWN:
            await asyncio.sleep(0.2)
    assert "127.0.0.1:1" in report.exact_trouble


async def test_who_does_not_answer_has_no_report(start: Start, reader: SidecarReader) -> None:
    there = await start()
    gone = await start("support-llama-2")
    await gone.sidecar.aclose()
    answers = await reader.read([gone.target, there.target], TOKEN)
    assert [report.pod for report in answers.reports] == ["support-llama-1"]
    assert not answers.refused


async def test_another_token_is_told_apart_from_silence(
    start: Start, reader: SidecarReader
) -> None:
    running = await start()
    answers = await reader.read([running.target], "an older token")
    assert answers.reports == ()
    assert answers.refused


async def test_an_engine_that_is_down_takes_nothing_from_its_sidecar(
    start: Start, reader: SidecarReader
) -> None:
    running = await start(upstream={"url": "http://127.0.0.1:1", "revision": "r1"}, wait=False)
    report = await one(reader, running.target)
    assert [reading.role for reading in report.readings] == [Role.SIDECAR]


async def test_an_endpoints_engine_is_not_counted(start: Start, reader: SidecarReader) -> None:
    running = await start()
    target = dataclasses.replace(running.target, engine_started=None)
    report = await one(reader, target)
    assert [reading.role for reading in report.readings] == [Role.SIDECAR]


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(text="nonsense"),
        web.json_response({"since": "long ago", "configVersion": 3}),
        web.json_response([]),
        web.Response(status=500),
        web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}),
        web.Response(body=b"x" * 5_000_000),
    ],
    ids=["no JSON", "wrong types", "a list", "an error", "elsewhere", "too much"],
)
async def test_nonsense_is_silence(answer: web.Response, reader: SidecarReader) -> None:
    async def anything(_: web.Request) -> web.Response:
        return answer

    application = web.Application()
    application.router.add_get("/{path:.*}", anything)
    async with TestServer(application) as server:
        target = Target("p", "u", "llama", "127.0.0.1", 1000, server.port or 0)
        assert (await reader.read([target], TOKEN)).reports == ()


async def test_fields_that_are_missing_or_new_do_no_harm(reader: SidecarReader) -> None:
    """A sidecar may be older or newer than this operator."""

    async def stats(_: web.Request) -> web.Response:
        return web.json_response(
            {"since": 5.5, "configVersion": "v", "quality": {"serving": "Paused"}, "new": {"a": 1}}
        )

    application = web.Application()
    application.router.add_get("/admin/v1/stats", stats)
    async with TestServer(application) as server:
        target = Target("p", "u", "llama", "127.0.0.1", 1000, server.port or 0)
        report = await one(reader, target)
    (reading,) = report.readings
    assert (report.config_version, reading.started, reading.counts.requests) == ("v", 5, 0)


@pytest.mark.parametrize(
    ("stores", "state"),
    [
        ({"silentSeconds": 0}, StoreState.ANSWERS),
        ({"silentSeconds": 0, "trouble": "Redis refuses the password"}, StoreState.SILENT),
        ({"silentSeconds": 1}, StoreState.SILENT),
        ({"silentSeconds": 4}, StoreState.SILENT),
        ({"silentSeconds": 5}, StoreState.DOWN),
    ],
)
async def test_a_store_that_does_not_answer_is_silent_first(
    reader: SidecarReader, stores: dict[str, Any], state: StoreState
) -> None:
    async def stats(_: web.Request) -> web.Response:
        told = {"since": 5.5, "configVersion": "v", "stores": {"kind": "redis", **stores}}
        return web.json_response(told)

    application = web.Application()
    application.router.add_get("/admin/v1/stats", stats)
    async with TestServer(application) as server:
        target = Target("p", "u", "llama", "127.0.0.1", None, server.port or 0)
        assert (await one(reader, target)).exact_store is state


async def test_a_sidecar_that_hangs_ends_with_the_deadline(
    session: Any,
) -> None:
    async def forever(_: web.Request) -> web.Response:
        await asyncio.sleep(3600)
        raise AssertionError

    application = web.Application()
    application.router.add_get("/{path:.*}", forever)
    async with TestServer(application) as server:
        target = Target("p", "u", "llama", "127.0.0.1", None, server.port or 0)
        reader = SidecarReader(session, deadline_s=0.2, at_once=2)
        async with asyncio.timeout(60):
            assert (await reader.read([target] * 6, TOKEN)).reports == ()


async def test_silent_sidecars_of_one_resource_leave_room_for_others(
    start: Start, session: Any
) -> None:
    async def forever(_: web.Request) -> web.Response:
        await asyncio.sleep(3600)
        raise AssertionError

    application = web.Application()
    application.router.add_get("/{path:.*}", forever)
    async with TestServer(application) as server:
        silent = Target("p", "u", "llama", "127.0.0.1", None, server.port or 0)
        reader = SidecarReader(session, deadline_s=60, at_once=3, at_once_of_one=2)
        round_of_silence = asyncio.create_task(reader.read([silent] * 6, TOKEN))
        try:
            started = await start()
            async with asyncio.timeout(10):
                await one(reader, started.target)
        finally:
            round_of_silence.cancel()

"""Cache-Status and its companions on every kind of answer."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from llmcache_api import SidecarConfig
from llmcache_sidecar.domain.api import Api

from .answers import CHAT, SPEECHES, Json, chat_request, dumps, well
from .engine import Exchange, ScriptedEngine
from .running import HandClock, Running, Start, eventually


async def test_a_miss_is_stored_and_the_next_equal_request_is_a_hit(
    start: Start, engine: ScriptedEngine, clock: HandClock
) -> None:
    running = await start(clock=clock)
    first = await running.ask(chat_request())
    second = await running.ask(chat_request())
    assert (first.status, first.cache) == (200, "llmcache; fwd=miss; stored")
    assert (second.status, second.cache) == (200, "llmcache; hit; ttl=3600; detail=exact")
    assert second.headers["Age"] == "0"
    assert len(second.headers["LLMCache-Entry"]) == 32
    assert "Age" not in first.headers
    assert engine.times() == 1


async def test_ttl_counts_down_and_age_counts_up_and_no_hit_extends_them(
    start: Start, engine: ScriptedEngine, clock: HandClock
) -> None:
    running = await start(clock=clock)
    await running.ask(chat_request())
    for _ in range(3):
        clock.pass_by(1100)
        assert (await running.ask(chat_request())).hit
    last = await running.ask(chat_request())
    assert last.headers["Age"] == "3300"
    assert last.cache == "llmcache; hit; ttl=300; detail=exact"
    clock.pass_by(300.5)
    assert (await running.ask(chat_request())).cache == "llmcache; fwd=miss; stored"
    assert engine.times() == 2


async def test_the_entry_id_finds_the_entry(start: Start) -> None:
    running = await start()
    await running.ask(chat_request())
    hit = await running.ask(chat_request())
    meta = await running.sidecar.stores.reader.find(hit.headers["LLMCache-Entry"])
    assert meta is not None
    assert meta.model == "tiny"


async def test_in_scope_shared_neither_entry_nor_exact_age_is_told(
    start: Start, clock: HandClock
) -> None:
    running = await start(clock=clock, responseCache={"tenancy": {"scope": "Shared"}})
    await running.ask(chat_request())
    clock.pass_by(119)
    hit = await running.ask(chat_request())
    assert "LLMCache-Entry" not in hit.headers
    assert hit.headers["Age"] == "60"
    # ttl would give the age away.
    assert hit.cache == "llmcache; hit; ttl=3540; detail=exact"


@pytest.mark.parametrize("directive", ["no-cache", "max-age=0"])
async def test_a_client_may_ask_for_a_fresh_answer_and_the_entry_is_refreshed(
    start: Start, engine: ScriptedEngine, clock: HandClock, directive: str
) -> None:
    running = await start(clock=clock)
    await running.ask(chat_request())
    clock.pass_by(100)
    fresh = await running.ask(chat_request(), Cache_Control=directive)
    assert fresh.cache == "llmcache; fwd=request; stored"
    assert (await running.ask(chat_request())).headers["Age"] == "0"
    assert engine.times() == 2


async def test_max_age_takes_what_is_young_enough(start: Start, clock: HandClock) -> None:
    running = await start(clock=clock)
    await running.ask(chat_request())
    clock.pass_by(10)
    assert (await running.ask(chat_request(), Cache_Control="max-age=10")).hit
    assert not (await running.ask(chat_request(), Cache_Control="max-age=9")).hit
    assert (await running.ask(chat_request("new"), Cache_Control="max-age=9")).cache == (
        "llmcache; fwd=miss; stored"
    )


async def test_no_store_keeps_nothing(start: Start, engine: ScriptedEngine) -> None:
    running = await start()
    for _ in range(2):
        reply = await running.ask(chat_request(), Cache_Control="no-store")
        assert reply.cache == "llmcache; fwd=miss"
    assert engine.times() == 2
    assert running.totals.stored == 0


@pytest.mark.parametrize("api", list(Api))
async def test_only_if_cached_is_answered_504_in_the_shape_of_the_api(
    start: Start, engine: ScriptedEngine, api: Api
) -> None:
    running = await start()
    speech = SPEECHES[api]
    reply = await running.ask(speech.request(), speech.path, Cache_Control="only-if-cached")
    assert (reply.status, reply.cache) == (504, "llmcache; detail=only-if-cached")
    error = reply.json()
    if api is Api.MESSAGES:
        assert error["type"] == "error"
        assert error["error"]["type"] == "timeout_error"
    else:
        assert error["error"]["code"] == 504
    assert "cached" in error["error"]["message"]
    assert engine.times() == 0
    await running.ask(speech.request(), speech.path)
    hit = await running.ask(speech.request(), speech.path, Cache_Control="only-if-cached")
    assert hit.hit


@pytest.mark.parametrize(
    ("body", "headers", "sections"),
    [
        (chat_request(temperature=2), {}, {}),
        (b"{", {}, {}),
        (chat_request(stream="yes"), {}, {}),
        (chat_request(), {"Content_Type": "text/plain"}, {}),
        (chat_request("x" * 3000), {}, {"limits": {"cacheableBody": 2000}}),
        (chat_request(), {}, {"exact": {"mode": "Off"}}),
        (chat_request(), {}, {"tenancy": {"scope": "EndUser"}}),
    ],
)
async def test_only_if_cached_never_reaches_the_engine_whatever_else_is_wrong(
    start: Start, engine: ScriptedEngine, body: object, headers: dict[str, str],
    sections: dict[str, object],
) -> None:  # fmt: skip
    running = await start(responseCache=sections)
    reply = await running.ask(body, Cache_Control="only-if-cached", **headers)  # type: ignore[arg-type]
    assert (reply.status, reply.cache) == (504, "llmcache; detail=only-if-cached")
    assert engine.times() == 0


async def test_tags_are_kept_with_the_entry_and_not_passed_on(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start()
    await running.ask(chat_request(), LLMCache_Tags="docs-v3, team/a")
    hit = await running.ask(chat_request())
    meta = await running.sidecar.stores.reader.find(hit.headers["LLMCache-Entry"])
    assert meta is not None
    assert meta.tags == ("docs-v3", "team/a")
    assert engine.received[0].header("LLMCache-Tags") is None


async def test_several_lines_of_a_list_are_one_list(start: Start, engine: ScriptedEngine) -> None:
    running = await start()
    close = ("Connection: close",)
    body = dumps(chat_request())
    tags = ("LLMCache-Tags: a", "LLMCache-Tags: b")
    await running.raw(running.request_bytes(body, *tags, *close))
    hit = await running.ask(chat_request())
    meta = await running.sidecar.stores.reader.find(hit.headers["LLMCache-Entry"])
    assert meta is not None
    assert meta.tags == ("a", "b")
    other = dumps(chat_request(seed=2))
    wishes = ("Cache-Control: max-age=60", "Cache-Control: no-store")
    await running.raw(running.request_bytes(other, *wishes, *close))
    assert not (await running.ask(other)).hit


@pytest.mark.parametrize("tags", ["white space", ",".join(f"t{n}" for n in range(17)), "ä"])
async def test_tags_that_no_purge_could_name_keep_the_answer_out(start: Start, tags: str) -> None:
    running = await start()
    reply = await running.ask(chat_request(), LLMCache_Tags=tags)
    assert (reply.status, reply.cache) == (200, "llmcache; fwd=bypass; detail=tags")
    assert running.totals.stored == 0


_BYPASSES = {
    "temperature": chat_request(temperature=0.9),
    "stateful": chat_request(kv_transfer_params={"a": 1}),
    "unparsable": b'{"model":"tiny","messages":[],"messages":[]}',
    "unreadable": chat_request(temperature="warm"),
    "model-unknown": {**chat_request(), "model": "of-another-house"},
}


@pytest.mark.parametrize("detail", list(_BYPASSES))
async def test_what_can_not_be_cached_passes_untouched_and_says_why(
    start: Start, engine: ScriptedEngine, detail: str
) -> None:
    running = await start()
    body = _BYPASSES[detail]
    sent = body if isinstance(body, bytes) else dumps(body)

    async def script(exchange: Exchange) -> None:
        await exchange.answer(b'{"any":"thing"}')

    engine.script = script
    for _ in range(2):
        reply = await running.ask(sent)
        assert (reply.status, reply.cache) == (200, f"llmcache; fwd=bypass; detail={detail}")
        assert reply.body == b'{"any":"thing"}'
    assert [r.body for r in engine.received] == [sent, sent]
    assert running.totals.details == {detail: 2}


@pytest.mark.parametrize(
    ("api", "more", "detail"),
    [
        (Api.RESPONSES, {"previous_response_id": "r"}, "stateful"),
        (Api.RESPONSES, {"background": True}, "stateful"),
        (Api.RESPONSES, {"tools": [{"type": "web_search"}]}, "hosted-tools"),
        (Api.MESSAGES, {"mcp_servers": [{}]}, "stateful"),
        (Api.MESSAGES, {"tools": [{"type": "bash_20250124"}]}, "hosted-tools"),
        (Api.COMPLETIONS, {"temperature": 1.5}, "temperature"),
        (
            Api.RESPONSES,
            {"background": True, "temperature": 1.5, "tools": [{"type": "mcp"}]},
            '"stateful,hosted-tools,temperature"',
        ),
    ],
)
async def test_every_api_tells_all_reasons_in_order(
    start: Start, api: Api, more: Json, detail: str
) -> None:
    running = await start()
    speech = SPEECHES[api]
    reply = await running.ask(speech.request(**more), speech.path)
    assert reply.cache == f"llmcache; fwd=bypass; detail={detail}"


async def test_an_omitted_temperature_means_what_the_engine_says(
    start: Start, engine: ScriptedEngine
) -> None:
    engine.temperature = 0.6
    running = await start()
    assert (await running.ask(chat_request())).cache == "llmcache; fwd=miss; stored"
    assert (await running.ask(chat_request(temperature=0.6))).hit
    assert not (await running.ask(chat_request(temperature=0.5))).hit


async def test_an_engine_that_samples_by_default_is_bypassed(
    start: Start, engine: ScriptedEngine
) -> None:
    engine.temperature = 1.0
    running = await start()
    reply = await running.ask(chat_request())
    assert reply.cache == "llmcache; fwd=bypass; detail=temperature"


async def test_a_default_temperature_that_nobody_knows_is_bypassed_and_the_log_names_the_setting(
    start: Start, engine: ScriptedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    engine.temperature = None
    running = await start()
    reply = await running.ask(chat_request())
    assert reply.cache == "llmcache; fwd=bypass; detail=temperature-unset"
    assert "--default-temperature" in caplog.text
    assert (await running.ask(chat_request(temperature=0))).cache == "llmcache; fwd=miss; stored"
    speech = SPEECHES[Api.EMBEDDINGS]
    reply = await running.ask(speech.request(), speech.path)
    assert reply.cache == "llmcache; fwd=miss; stored"


async def test_the_default_temperature_can_be_set(start: Start, engine: ScriptedEngine) -> None:
    engine.temperature = None
    running = await start(upstream={"defaultTemperature": 0.5})
    assert (await running.ask(chat_request())).cache == "llmcache; fwd=miss; stored"


@pytest.mark.parametrize(
    ("sampled", "more", "cache"),
    [
        ("Bypass", {"temperature": 0.5}, "fwd=bypass; detail=sampled"),
        ("Bypass", {"temperature": 0.5, "seed": 7}, "fwd=miss; stored"),
        ("Bypass", {"temperature": 0}, "fwd=miss; stored"),
        ("ExactOnly", {"temperature": 0.5}, "fwd=miss; stored"),
        ("Cache", {"temperature": 0.5}, "fwd=miss; stored"),
    ],
)
async def test_a_draw_stands_for_others_only_where_the_policy_says_so(
    start: Start, sampled: str, more: Json, cache: str
) -> None:
    running = await start(responseCache={"policy": {"sampled": sampled}})
    assert (await running.ask(chat_request(**more))).cache == f"llmcache; {cache}"


async def test_another_content_type_passes_untouched(start: Start, engine: ScriptedEngine) -> None:
    running = await start()
    reply = await running.ask(dumps(chat_request()), Content_Type="text/plain")
    assert reply.cache == "llmcache; fwd=bypass; detail=content-type"
    assert engine.received[0].header("Content-Type") == "text/plain"


async def test_a_compressed_body_passes_untouched(start: Start, engine: ScriptedEngine) -> None:
    running = await start()
    body = gzip.compress(dumps(chat_request()))

    async def script(exchange: Exchange) -> None:
        await exchange.answer(b"{}")

    engine.script = script
    reply = await running.ask(body, Content_Encoding="gzip")
    assert reply.cache == "llmcache; fwd=bypass; detail=content-encoding"
    assert engine.received[0].body == body
    assert engine.received[0].header("Content-Encoding") == "gzip"


async def test_a_long_body_is_streamed_untouched(start: Start, engine: ScriptedEngine) -> None:
    running = await start(responseCache={"limits": {"cacheableBody": 1000}})
    body = dumps(chat_request("x" * 400_000))
    for _ in range(2):
        reply = await running.ask(body)
        assert reply.cache == "llmcache; fwd=bypass; detail=too-large"
    assert engine.received[1].body == body
    assert engine.received[1].header("Content-Length") == str(len(body))


async def test_a_request_that_does_not_say_whom_it_is_for_is_bypassed(start: Start) -> None:
    running = await start(responseCache={"tenancy": {"scope": "EndUser"}})
    reply = await running.ask(chat_request())
    assert reply.cache == "llmcache; fwd=bypass; detail=tenant"


async def test_before_the_engine_was_read_nothing_is_cached(
    start: Start, engine: ScriptedEngine
) -> None:
    engine.models = []
    running = await start(known=False)
    reply = await running.ask(chat_request())
    assert (reply.status, reply.cache) == (200, "llmcache; fwd=bypass; detail=engine-unknown")
    engine.models = [{"id": "tiny"}]
    await running.engine_known()
    assert (await running.ask(chat_request())).cache == "llmcache; fwd=miss; stored"


async def test_off_stands_aside(start: Start, engine: ScriptedEngine) -> None:
    running = await start(responseCache={"exact": {"mode": "Off"}})
    for _ in range(2):
        assert (await running.ask(chat_request())).cache == "llmcache; fwd=bypass; detail=off"
    assert engine.times() == 2
    assert running.totals.stored == 0


async def test_observe_stores_and_counts_and_never_serves(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start(responseCache={"exact": {"mode": "Observe"}})
    for _ in range(3):
        reply = await running.ask(chat_request())
        assert reply.cache == "llmcache; fwd=bypass; detail=observe; stored"
    assert engine.times() == 3
    assert running.totals.observed_hits == 2
    assert running.totals.outcomes == {"bypass": 3}
    assert running.totals.cacheable == 3


async def test_the_holdout_skips_the_look_up_and_is_stored(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start(quality={"holdoutPercent": 100})
    for _ in range(2):
        reply = await running.ask(chat_request())
        assert reply.cache == "llmcache; fwd=bypass; detail=holdout; stored"
    assert engine.times() == 2
    assert running.totals.outcomes == {"holdout": 2}
    config = running.sidecar.config.model_dump(by_alias=True)
    config["quality"]["holdoutPercent"] = 0
    running.sidecar.reload(SidecarConfig.parse(config))
    assert (await running.ask(chat_request())).hit


async def test_an_answer_shared_with_another_request_says_collapsed(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start()
    go = asyncio.Event()

    async def script(exchange: Exchange) -> None:
        await go.wait()
        await well(exchange)

    engine.script = script
    asked = [asyncio.create_task(running.ask(chat_request())) for _ in range(3)]
    await eventually(lambda: running.sidecar.data_plane.in_flight == 3)
    go.set()
    replies = await asyncio.gather(*asked)
    assert sorted(reply.cache for reply in replies) == [
        "llmcache; fwd=miss; collapsed",
        "llmcache; fwd=miss; collapsed",
        "llmcache; fwd=miss; stored",
    ]


async def test_a_stream_never_promises_to_be_stored(start: Start) -> None:
    running = await start()
    first = await running.ask(chat_request(stream=True))
    second = await running.ask(chat_request(stream=True))
    assert first.cache == "llmcache; fwd=miss"
    assert second.hit
    assert second.headers["Content-Type"] == first.headers["Content-Type"]


async def test_only_allowed_headers_return_on_a_hit(start: Start, engine: ScriptedEngine) -> None:
    async def script(exchange: Exchange) -> None:
        headers = [("Content-Type", "application/json"), ("Set-Cookie", "a=b"), ("X-Trace", "t")]
        await exchange.answer(dumps(CHAT.whole()), headers=headers)

    engine.script = script
    running: Running = await start()
    miss = await running.ask(chat_request())
    hit = await running.ask(chat_request())
    assert miss.headers["Set-Cookie"] == "a=b"
    assert set(hit.headers) == {
        "Content-Type", "Content-Length", "Cache-Status", "Age", "LLMCache-Entry", "Date",
    }  # fmt: skip


async def test_a_hit_names_the_request_where_the_engine_does(
    start: Start, engine: ScriptedEngine
) -> None:
    async def script(exchange: Exchange) -> None:
        given = exchange.request.header("X-Request-Id") or "by-the-engine"
        headers = [("Content-Type", "application/json"), ("X-Request-Id", given)]
        await exchange.answer(dumps(CHAT.whole()), headers=headers)

    engine.script = script
    running = await start()
    assert (await running.ask(chat_request())).headers["X-Request-Id"] == "by-the-engine"
    named = await running.ask(chat_request(), X_Request_Id="mine")
    assert named.hit
    assert named.headers["X-Request-Id"] == "mine"
    fresh = (await running.ask(chat_request())).headers["X-Request-Id"]
    assert fresh not in ("mine", "by-the-engine")
    assert len(fresh) == 32
    odd = running.request_bytes(dumps(chat_request()), "X-Request-Id: \xe9", "Connection: close")
    assert b"detail=exact" in await running.raw(odd), "bytes that are no UTF-8"

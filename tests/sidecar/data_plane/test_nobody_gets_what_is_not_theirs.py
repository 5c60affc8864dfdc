"""Tenants and keys: whose answers, and who is let in."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from llmcache_sidecar.domain.api import Api

from .answers import CHAT, SPEECHES, STREAMED, Json, dumps, well
from .engine import Exchange, ScriptedEngine
from .running import HandClock, Running, Start, eventually


def _scope(scope: str, **more: Any) -> Json:
    return {"tenancy": {"scope": scope, **more}}


async def test_scope_api_key_never_gives_one_keys_answer_to_another(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start()
    callers: list[dict[str, str]] = [
        {},
        {"Authorization": "Bearer one"},
        {"Authorization": "Bearer two"},
        {"Authorization": "Basic one"},
        {"Authorization": "Bearer one2"},
    ]
    for caller in callers:
        assert not (await running.ask(CHAT.request(), **caller)).hit
    for caller in callers:
        assert (await running.ask(CHAT.request(), **caller)).hit
    # The same key in the other header is the same caller.
    assert (await running.ask(CHAT.request(), X_Api_Key="one")).hit
    assert (await running.ask(CHAT.request(), Authorization="bearer  one ")).hit
    assert engine.times() == len(callers)


async def test_scope_end_user_needs_both_the_key_and_the_user(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start(responseCache=_scope("EndUser"))
    seen: list[tuple[str, Json]] = [
        ("a", {"user": "u"}),
        ("b", {"user": "u"}),
        ("a", {"user": "v"}),
        ("a", {"safety_identifier": "u"}),
    ]
    for key, more in seen:
        reply = await running.ask(CHAT.request(**more), Authorization=f"Bearer {key}")
        assert not reply.hit
    for key, more in seen:
        reply = await running.ask(CHAT.request(**more), Authorization=f"Bearer {key}")
        assert reply.hit
    messages = SPEECHES[Api.MESSAGES]
    for user, hit in (("u", False), ("u", True), ("v", False)):
        body = messages.request(metadata={"user_id": user})
        assert (await running.ask(body, messages.path)).hit is hit


async def test_scope_header_goes_by_the_gateways_header(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start(responseCache=_scope("Header", header="X-Tenant"))
    assert not (await running.ask(CHAT.request(), X_Tenant="a")).hit
    assert not (await running.ask(CHAT.request(), X_Tenant="b")).hit
    assert (await running.ask(CHAT.request(), X_Tenant="a", Authorization="Bearer k")).hit
    for headers in ({}, {"X_Tenant": ""}):
        reply = await running.ask(CHAT.request(), **headers)
        assert reply.cache == "llmcache; fwd=bypass; detail=tenant"
    # A gateway's line behind the client's own.
    two = ("X-Tenant: a", "X-Tenant: b", "Connection: close")
    request = running.request_bytes(dumps(CHAT.request()), *two)
    assert b"detail=tenant" in await running.raw(request)


async def test_scope_shared_gives_everybody_the_same(start: Start, engine: ScriptedEngine) -> None:
    running = await start(responseCache=_scope("Shared"))
    await running.ask(CHAT.request(), Authorization="Bearer one")
    assert (await running.ask(CHAT.request(), Authorization="Bearer two")).hit
    assert (await running.ask(CHAT.request())).hit


async def test_a_cache_salt_of_the_clients_own_separates(start: Start) -> None:
    running = await start()
    await running.ask(CHAT.request(cache_salt="a"))
    assert not (await running.ask(CHAT.request(cache_salt="b"))).hit
    assert not (await running.ask(CHAT.request())).hit
    assert (await running.ask(CHAT.request(cache_salt="a"))).hit


# The engine's own prefix cache.


def salts(engine: ScriptedEngine) -> list[object]:
    """What the engine was told, request by request."""
    return [json.loads(request.body).get("cache_salt") for request in engine.received]


@pytest.mark.parametrize(
    ("api", "streamed"),
    [*((api, False) for api in Api), *((api, True) for api in Api if api in STREAMED)],
)
async def test_isolated_tenants_have_salts_of_their_own(
    start: Start, engine: ScriptedEngine, api: Api, streamed: bool
) -> None:
    running = await start(prefixIsolation="Tenant")
    speech = SPEECHES[api]
    body = speech.request(stream=True) if streamed else speech.request()
    for key in ("one", "two"):
        await running.ask(body, speech.path, Authorization=f"Bearer {key}")
    first, second = salts(engine)
    assert isinstance(first, str)
    assert isinstance(second, str)
    assert first != second
    assert (await running.ask(body, speech.path, Authorization="Bearer one")).hit


async def test_a_tenants_salt_is_the_same_every_time_and_holds_the_clients_own(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start(prefixIsolation="Tenant", responseCache={"exact": {"mode": "Off"}})
    for more in ({}, {}, {"cache_salt": "a"}, {"cache_salt": "a"}, {"cache_salt": "b"}):
        await running.ask(CHAT.request(**more), Authorization="Bearer one")
    plain, again, with_a, with_a_again, with_b = salts(engine)
    assert plain == again
    assert with_a == with_a_again
    assert len({plain, with_a, with_b}) == 3
    assert "a" not in (with_a, with_b)


async def test_what_is_not_cached_is_isolated_too(start: Start, engine: ScriptedEngine) -> None:
    running = await start(prefixIsolation="Tenant")
    for key in ("one", "two"):
        hot = CHAT.request(temperature=1.9)
        reply = await running.ask(hot, Authorization=f"Bearer {key}")
        assert "bypass" in reply.cache
    first, second = salts(engine)
    assert first != second
    assert None not in (first, second)


async def test_a_salt_that_the_engine_refuses_stays_for_it_to_refuse(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start(prefixIsolation="Tenant")
    for wrong in ("", "a@b", "x" * 129, 7):
        await running.ask(CHAT.request(cache_salt=wrong))
    assert salts(engine) == ["", "a@b", "x" * 129, 7]


async def test_shared_prefixes_are_left_alone(start: Start, engine: ScriptedEngine) -> None:
    running = await start()
    await running.ask(CHAT.request(), Authorization="Bearer one")
    assert salts(engine) == [None]


# Keys: a list.


async def test_a_folder_of_keys_is_all_its_files(start: Start, tmp_path: Path) -> None:
    for name, key in (("0/a", "alpha"), ("1/b", "beta"), ("..data/c", "gamma")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{key}\n")
    running = await start(auth={"mode": "Keys", "keysFile": str(tmp_path)})
    for key, status in (("alpha", 200), ("beta", 200), ("gamma", 401)):
        reply = await running.ask(CHAT.request(), Authorization=f"Bearer {key}")
        assert reply.status == status


@pytest.fixture
def keys(tmp_path: Path) -> Json:
    """An auth section with two keys."""
    path = tmp_path / "keys"
    path.write_text("# ours\nalpha\n\nbeta\n")
    return {"mode": "Keys", "keysFile": str(path)}


@pytest.mark.parametrize("api", list(Api))
async def test_an_unlisted_key_is_refused_in_the_shape_of_the_api(
    start: Start, engine: ScriptedEngine, keys: Json, api: Api
) -> None:
    running = await start(auth=keys)
    speech = SPEECHES[api]
    await running.ask(speech.request(), speech.path, Authorization="Bearer alpha")
    for headers in ({}, {"Authorization": "Bearer gamma"}, {"X_Api_Key": "gamma"}):
        reply = await running.ask(speech.request(), speech.path, **headers)
        assert (reply.status, reply.cache) == (401, "llmcache; detail=key")
        error = reply.json()
        assert (error["type"] == "error") if api is Api.MESSAGES else error["error"]["code"] == 401
    assert engine.times() == 1
    assert running.totals.outcomes == {"miss": 1, "refused": 3}


@pytest.mark.parametrize(
    "path", ["/tokenize", "/invocations", "/pooling", "/score", "/metrics", "/load", "/v1/models",
             "/v1/load_lora_adapter", "/health/", "/HEALTH", "/%68ealth/x", "//health"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_the_engine_leaves_open_is_closed_too(
    start: Start, engine: ScriptedEngine, keys: Json, path: str, method: str
) -> None:
    running = await start(auth=keys)
    refused = await running.ask(b"{}", path, method)
    assert refused.status == 401
    assert refused.json()["error"]["type"] == "AuthenticationError"
    assert engine.times() == 0
    assert (await running.ask(b"{}", path, method, Authorization="Bearer beta")).status == 200


@pytest.mark.parametrize("path", ["/health", "/ping", "/version", "/health?verbose=1"])
async def test_health_is_open_to_everybody(start: Start, keys: Json, path: str) -> None:
    running = await start(auth=keys)
    assert (await running.ask(None, path, "GET")).status == 200


@pytest.mark.parametrize("body", [b"not json", b"x" * 5000])
async def test_a_body_that_is_not_looked_at_needs_a_key_all_the_same(
    start: Start, engine: ScriptedEngine, keys: Json, body: bytes
) -> None:
    running = await start(auth=keys, responseCache={"limits": {"cacheableBody": 1000}})
    for kind in ("application/json", "text/plain"):
        assert (await running.ask(body, Content_Type=kind)).status == 401
    assert engine.times() == 0


async def test_x_api_key_goes_on_as_bearer(
    start: Start, engine: ScriptedEngine, keys: Json
) -> None:
    running = await start(auth=keys)
    messages = SPEECHES[Api.MESSAGES]
    await running.ask(messages.request(), messages.path, X_Api_Key="alpha")
    await running.ask(b"{}", "/tokenize", X_Api_Key="alpha")
    assert [r.header("Authorization") for r in engine.received] == ["Bearer alpha"] * 2


async def test_the_sidecars_own_key_takes_the_place_of_the_callers(
    start: Start, engine: ScriptedEngine, keys: Json, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.write_text("engine-key\n")
    engine.key = "engine-key"
    running = await start(auth=keys, upstream={"apiKeyFile": str(own)})
    await running.ask(CHAT.request(), Authorization="Bearer alpha")
    await running.ask(CHAT.request(), X_Api_Key="beta")
    await running.ask(None, "/v1/models", "GET", Authorization="Bearer beta")
    for request in engine.received:
        assert request.header("Authorization") == "Bearer engine-key"
        assert request.header("X-Api-Key") is None
    assert len(engine.received) == 3


# Upstream: the engine's own verdict.


async def _guarded(exchange: Exchange) -> None:
    """What vLLM does with --api-key good: /v1 is guarded, the rest is open."""
    request = exchange.request
    good = request.header("Authorization") == "Bearer good"
    if request.target.startswith("/v1") and not good:
        await exchange.answer(b'{"error":"Unauthorized"}', 401)
    else:
        await well(exchange)


async def _upstream(start: Start, engine: ScriptedEngine, clock: HandClock) -> Running:
    engine.script = _guarded
    return await start(
        clock=clock, auth={"mode": "Upstream"}, responseCache=_scope("Shared")
    )  # fmt: skip


async def test_upstream_a_refused_key_never_gets_a_hit(
    start: Start, engine: ScriptedEngine, clock: HandClock
) -> None:
    running = await _upstream(start, engine, clock)
    assert (await running.ask(CHAT.request(), Authorization="Bearer good")).status == 200
    for _ in range(3):
        for headers in ({"Authorization": "Bearer bad"}, {}, {"X_Api_Key": "bad"}):
            reply = await running.ask(CHAT.request(), **headers)
            assert reply.status == 401
            assert not reply.hit
    assert (await running.ask(CHAT.request(), Authorization="Bearer good")).hit
    assert running.totals.stored == 1


async def test_upstream_a_verdict_is_remembered_for_a_minute_and_then_asked_again(
    start: Start, engine: ScriptedEngine, clock: HandClock
) -> None:
    running = await _upstream(start, engine, clock)
    await running.ask(CHAT.request(), Authorization="Bearer good")
    clock.pass_by(59.9)
    assert (await running.ask(CHAT.request(), Authorization="Bearer good")).hit
    assert engine.times() == 1
    clock.pass_by(0.2)
    assert (await running.ask(CHAT.request(), Authorization="Bearer good")).hit
    assert engine.times() == 2
    assert engine.received[-1].body == b"{}"
    assert (await running.ask(CHAT.request(), Authorization="Bearer good")).hit
    assert engine.times() == 2


async def test_upstream_a_refusal_forgets_the_key_at_once(
    start: Start, engine: ScriptedEngine, clock: HandClock
) -> None:
    running = await _upstream(start, engine, clock)
    await running.ask(CHAT.request(), Authorization="Bearer good")

    async def script(exchange: Exchange) -> None:
        await exchange.answer(b"{}", 401)

    engine.script = script
    # Any guarded route may tell.
    assert (await running.ask(CHAT.request("other"), Authorization="Bearer good")).status == 401
    assert not (await running.ask(CHAT.request(), Authorization="Bearer good")).hit


async def test_upstream_an_engine_that_can_not_say_gets_no_key_a_hit(
    start: Start, engine: ScriptedEngine, clock: HandClock
) -> None:
    running = await _upstream(start, engine, clock)
    await running.ask(CHAT.request(), Authorization="Bearer good")

    async def script(exchange: Exchange) -> None:
        await exchange.answer(b"{}", 503)

    engine.script = script
    reply = await running.ask(CHAT.request(), Authorization="Bearer other")
    assert reply.status == 503
    await engine.stop()
    reply = await running.ask(CHAT.request(), Authorization="Bearer other")
    assert reply.status == 502


@pytest.mark.parametrize("path", ["/v1/../tokenize", "/v1/%2e%2e/tokenize", "/%76%31/x", "//v1/x"])
async def test_upstream_a_path_in_disguise_is_no_guarded_one(
    start: Start, engine: ScriptedEngine, clock: HandClock, path: str
) -> None:
    running = await _upstream(start, engine, clock)
    head = f"POST {path} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    assert b" 401 " in (await running.raw(head.encode()))[:20]
    assert engine.times() == engine.times("/v1/models") == 1


async def test_upstream_the_engines_open_routes_are_asked_for_by_a_guarded_one(
    start: Start, engine: ScriptedEngine, clock: HandClock
) -> None:
    running = await _upstream(start, engine, clock)
    assert (await running.ask(b"{}", "/tokenize", Authorization="Bearer bad")).status == 401
    assert engine.times("/tokenize") == 0
    assert (await running.ask(b"{}", "/tokenize", Authorization="Bearer good")).status == 200
    assert engine.times("/tokenize") == 1


async def test_upstream_an_engine_that_wants_a_key_is_read_with_a_clients(
    start: Start, engine: ScriptedEngine
) -> None:
    engine.key = "good"
    engine.script = _guarded
    running = await start(auth={"mode": "Upstream"}, known=False)
    await eventually(lambda: engine.probes)
    assert (await running.ask(CHAT.request(), Authorization="Bearer bad")).status == 401
    reply = await running.ask(CHAT.request(), Authorization="Bearer good")
    assert reply.cache == "llmcache; fwd=miss; stored"
    assert (await running.ask(CHAT.request(), Authorization="Bearer good")).hit


async def test_upstream_hits_do_not_wait_for_an_engine_that_wants_a_key_and_hangs(
    start: Start, engine: ScriptedEngine
) -> None:
    engine.key = "good"
    engine.script = _guarded
    running = await start(auth={"mode": "Upstream"}, known=False)
    await running.ask(CHAT.request(temperature=0), Authorization="Bearer good")
    await running.engine_known()
    assert (await running.ask(CHAT.request(temperature=0), Authorization="Bearer good")).hit

    async def hangs(exchange: Exchange) -> bool:
        engine.probes.append(exchange.request)
        await exchange.left.wait()
        return True

    engine._probe = hangs  # type: ignore[method-assign]
    running.sidecar.profile.lost()
    took = []
    for _ in range(3):
        began = time.monotonic()
        reply = await running.ask(CHAT.request(temperature=0), Authorization="Bearer good")
        took.append(time.monotonic() - began)
        assert reply.hit
    assert min(took) < 0.9


async def test_bytes_that_are_no_text_in_a_key_make_nobody_fall(
    start: Start, engine: ScriptedEngine, clock: HandClock
) -> None:
    running = await _upstream(start, engine, clock)
    await running.ask(CHAT.request(), Authorization="Bearer good")
    body = dumps(CHAT.request())
    lines = ("Authorization: Bearer \xff\xfe", "Connection: close")
    assert b" 401 " in (await running.raw(running.request_bytes(body, *lines)))[:20]

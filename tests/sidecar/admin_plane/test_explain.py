"""Explain tells the way of a request, and leaves no trace of its own."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from .conftest import Running, Start, chat_body, until


async def explain(sidecar: Running, document: Any) -> dict[str, Any]:
    status, body, _ = await sidecar.call("POST", "/admin/v1/explain", json=document)
    assert status == 200, body
    explained: dict[str, Any] = body
    return explained


def steps(explained: dict[str, Any]) -> dict[str, str]:
    return {step["step"]: step["result"] for step in explained["steps"]}


async def test_a_chat_body_is_taken_as_it_is(sidecar: Running) -> None:
    explained = await explain(sidecar, chat_body("a"))
    assert (explained["action"], explained["outcome"]) == ("share", "miss")
    assert explained["entry"] is None
    assert explained["temperature"] == 0
    names = [step["step"] for step in explained["steps"]]
    order = ["parse", "rules", "exact key", "exact look-up", "decision"]
    assert [name for name in names if name in order] == order
    found = steps(explained)
    assert found["parse"] == "chat, model llama"
    assert found["exact key"] == explained["key"]
    assert found["exact look-up"] == "nothing"
    assert found["decision"] == "share miss"


async def test_it_finds_the_entry_that_a_request_would_get(sidecar: Running) -> None:
    await sidecar.chat("a")
    explained = await explain(sidecar, chat_body("a"))
    assert (explained["action"], explained["outcome"]) == ("serve", "hit_exact")
    (entry,) = await sidecar.entries()
    assert explained["entry"] == entry
    assert explained["key"] == entry["key"]
    assert entry["id"] in steps(explained)["exact look-up"]


async def test_it_sends_counts_and_stores_nothing(sidecar: Running) -> None:
    await sidecar.chat("a")
    before, asked = await sidecar.stats(), list(sidecar.engine.seen)
    metrics = await sidecar.get("/metrics")
    for question in ("a", "b"):
        await explain(sidecar, chat_body(question))
        await sidecar.call("POST", "/admin/v1/tenant", json=chat_body(question))
    after = await sidecar.stats()
    assert sidecar.engine.seen == asked
    assert {**after, "now": 0} == {**before, "now": 0}
    assert await sidecar.get("/metrics") == metrics
    assert len(await sidecar.entries()) == 1


async def test_headers_name_the_caller_and_its_wishes(sidecar: Running) -> None:
    key = {"Authorization": "Bearer one"}
    await sidecar.chat("a", key)
    body = chat_body("a")
    assert (await explain(sidecar, {"headers": key, "body": body}))["action"] == "serve"
    assert (await explain(sidecar, {"body": body}))["action"] == "share", "another tenant"
    wish = {**key, "Cache-Control": "no-cache"}
    assert (await explain(sidecar, {"headers": wish, "body": body}))["details"] == ["request"]
    tagged = {**key, "LLMCache-Tags": "not a tag"}
    explained = await explain(sidecar, {"headers": tagged, "body": body})
    assert (explained["outcome"], explained["details"]) == ("bypass", ["tags"])


async def test_any_cached_route_can_be_asked_for(sidecar: Running) -> None:
    asked = {"route": "/v1/embeddings", "body": {"model": "llama", "input": "a"}}
    assert steps(await explain(sidecar, asked))["parse"] == "embeddings, model llama"
    with_query = await explain(sidecar, {**asked, "route": "/v1/embeddings?x=1"})
    assert with_query["key"] != (await explain(sidecar, asked))["key"]


async def test_a_body_given_as_text_is_taken_byte_for_byte(sidecar: Running) -> None:
    doubled = '{"model": "llama", "model": "other", "messages": []}'
    explained = await explain(sidecar, {"body": doubled})
    assert (explained["outcome"], explained["details"]) == ("bypass", ["unparsable"])
    assert "twice" in steps(explained)["parse"]
    spaced = json.dumps(chat_body("a"), indent=8)
    assert (await explain(sidecar, {"body": spaced}))["key"] is not None


async def test_a_plain_body_that_means_two_things_is_explained_too(sidecar: Running) -> None:
    doubled = '{"model": "llama", "model": "other", "messages": []}'
    _, body, _ = await sidecar.call("POST", "/admin/v1/explain", data=doubled)
    assert body["details"] == ["unparsable"]


@pytest.mark.parametrize(
    ("fields", "details"),
    [
        ({"temperature": 1.2}, ["temperature"]),
        ({"model": "made-up"}, ["model-unknown"]),
        ({"kv_transfer_params": {"a": 1}, "temperature": 1.2}, ["stateful", "temperature"]),
    ],
)
async def test_a_bypass_names_every_reason(
    sidecar: Running, fields: dict[str, Any], details: list[str]
) -> None:
    explained = await explain(sidecar, chat_body("a", **fields))
    assert (explained["action"], explained["outcome"]) == ("pass", "bypass")
    assert explained["details"] == details
    assert steps(explained)["decision"] == f"bypass: {', '.join(details)}"


async def test_nobody_is_drawn_into_the_holdout(start: Start) -> None:
    sidecar = await start({"quality": {"holdoutPercent": 100}})
    assert (await explain(sidecar, chat_body("a")))["outcome"] == "miss"


async def test_a_cache_that_is_off_says_so(start: Start) -> None:
    sidecar = await start(
        {"responseCache": {"exact": {"mode": "Off"}, "semantic": {"mode": "Off"}}}
    )
    explained = await explain(sidecar, chat_body("a"))
    assert explained["details"] == ["off"]
    assert steps(explained)["decision"] == "bypass: off"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("", "the body takes a JSON object"),
        ("nonsense", "the body takes a JSON object"),
        ("[1]", "a chat body, or {route, headers, body}"),
        ('{"route": "/v1/embeddings"}', "`body` is required beside `route`"),
        ('{"route": "/v1/score", "body": {}}', "`route` takes '/v1/chat/completions', "),
        ('{"route": 1, "body": {}}', "`route` takes '/v1/chat/completions', "),
        ('{"headers": [], "body": {}}', "`headers` takes a valid dictionary"),
        ('{"headers": {"a": 1}, "body": {}}', "`headers` takes a valid string"),
        ('{"body": 7}', "`body` takes"),
        ('{"body": {}, "bdy": 1}', "there is no field `bdy`; takes route, query, headers, body"),
        ('{"body": {"a": 1, "a": 2}}', "write `body` as a JSON string"),
    ],
)
async def test_it_says_what_it_takes(sidecar: Running, given: str, says: str) -> None:
    status, body, _ = await sidecar.call("POST", "/admin/v1/explain", data=given)
    assert status == 400, body
    assert says in body["error"]["message"]


async def test_a_body_that_is_too_long_is_refused(sidecar: Running) -> None:
    data = BytesIO(b" " * (16 * 1024**2 + 1))
    status, body, _ = await sidecar.call("POST", "/admin/v1/explain", data=data)
    assert status == 413
    assert "at most" in body["error"]["message"]


async def test_it_says_that_the_store_is_out_of_reach(start: Start, tmp_path: Path) -> None:
    """Or one would look for the reason in the request."""
    key = tmp_path / "tenant.key"
    key.write_bytes(bytes(32))
    redis = {"url": "redis://127.0.0.1:1/0"}
    sidecar = await start({"stores": {"redis": redis}, "tenantKeyFile": str(key)})
    await until(lambda: bool(sidecar.sidecar.purges.trouble))
    told = steps(await explain(sidecar, chat_body("a")))["exact look-up"]
    assert told.startswith("nothing, since the purge log can't be read: Redis at 127.0.0.1:1")

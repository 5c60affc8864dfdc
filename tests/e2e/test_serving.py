"""Requests through the Services, from inside a pod."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from tests.e2e.client import chat
from tests.e2e.kubectl import holds
from tests.e2e.resources import llmcache
from tests.e2e.stage import KEY, OTHER_KEY, Stage, eventually

SYSTEM = "You are the help desk of a parcel service. " + "Answer from the rule book. " * 60


async def test_the_same_request_is_answered_from_the_cache_of_whichever_pod(cache: Stage) -> None:
    url, question = cache.url("llama"), "How long does a shop keep my parcel?"
    first = await cache.client.chat(url, question, key=KEY, model="llama")
    assert first.status == 200, first.text
    assert first.cache_status.startswith("fwd=miss")
    again = await cache.client.ask(*[chat(url, question, key=KEY, model="llama") for _ in range(6)])
    assert {answer.cache_status.split(";")[0] for answer in again} == {"hit"}
    assert all("detail=exact" in answer.cache_status for answer in again)
    assert {answer.content for answer in again} == {first.content}


async def test_a_request_that_means_the_same_is_answered_from_the_cache(cache: Stage) -> None:
    url = cache.url("llama")
    asked = "How long does a shop keep my letter?"
    first = await cache.client.chat(url, asked, key=KEY, model="llama")
    assert first.status == 200, first.text

    async def meant() -> bool:
        # A partition's vectors are stored in the background, from its second sighting on.
        await cache.client.chat(
            url, asked, key=KEY, model="llama", headers={"Cache-Control": "no-cache"}
        )
        # Not to be computed where it is not there: it would be an exact hit from then on.
        other = await cache.client.chat(
            url,
            "For how long will the shop keep my letter?",
            key=KEY,
            model="llama",
            headers={"Cache-Control": "only-if-cached"},
        )
        assert other.status in (200, 504), other
        return "detail=semantic" in other.cache_status

    await eventually(meant, what="a semantic hit")


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"temperature": 1.5}, "temperature"),
        ({"question": "What time is it now?"}, "temporal"),
        ({"headers": {"Cache-Control": "no-store"}}, ""),
    ],
)
async def test_what_must_not_be_cached_passes_by(
    cache: Stage, fields: dict[str, object], detail: str
) -> None:
    given = dict(fields)
    question = str(given.pop("question", "Which stamps are valid abroad?"))
    for _ in range(2):
        answer = await cache.client.chat(
            cache.url("llama"), question, key=KEY, model="llama", **given
        )
        assert answer.status == 200, answer.text
        assert answer.cache_status.startswith("fwd=")
        assert "stored" not in answer.cache_status
        assert detail in answer.cache_status


async def test_a_stream_is_replayed_as_a_stream(cache: Stage) -> None:
    request = chat(
        cache.url("llama"), "Where do I drop a parcel?", key=KEY, model="llama", stream=True
    )
    answers = await cache.client.ask(request)
    assert answers[0].cache_status.startswith("fwd=miss")

    async def replayed() -> bool:
        # Another pod may be asked before the first one has written.
        answers[1:] = await cache.client.ask(request)
        return "detail=exact" in answers[1].cache_status

    await eventually(replayed, what="a replayed stream")
    texts = []
    for answer in answers:
        events = re.findall(r"^data: (.*)$", answer.text, re.MULTILINE)
        assert events[-1] == "[DONE]"
        chunks = [json.loads(event) for event in events[:-1]]
        texts.append("".join(c["choices"][0]["delta"].get("content") or "" for c in chunks))
    assert texts[0] == texts[1] != ""


async def test_two_models_have_answers_of_their_own(cache: Stage) -> None:
    question = "How is registered mail prepared?"
    for model in ("llama", "small"):
        first = await cache.client.chat(cache.url(model), question, key=KEY, model=model)
        assert first.status == 200, first.text
        assert first.cache_status.startswith("fwd=")
        again = await cache.client.chat(cache.url(model), question, key=KEY, model=model)
        assert again.json["model"] == model


async def test_keys_are_asked_for_everywhere(cache: Stage) -> None:
    url = cache.url("llama")
    question = "How long does a shop keep my parcel?"
    right = await cache.client.chat(url, question, key=KEY, model="llama")
    assert right.status == 200
    asked = {"model": "llama", "messages": [{"role": "user", "content": question}]}
    for path, body in (
        ("/v1/chat/completions", asked),
        ("/v1/models", None),
        ("/tokenize", {"model": "llama", "prompt": "x"}),
        ("/invocations", asked),
        ("/pooling", {"model": "llama", "input": "x"}),
        ("/metrics", None),
    ):  # fmt: skip
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            [answer] = await cache.client.ask({"url": url + path, "headers": headers, "body": body})
            assert answer.status == 401, (path, headers, answer)
            assert "cache-status" not in answer.headers or "hit" not in answer.cache_status


async def test_one_key_never_sees_the_answers_of_another(cache: Stage) -> None:
    url, question = cache.url("llama"), "What is the password rule of our depot?"
    mine = [await cache.client.chat(url, question, key=KEY, model="llama") for _ in range(2)]
    assert mine[1].cache_status.startswith("hit")
    theirs = await cache.client.chat(url, question, key=OTHER_KEY, model="llama")
    assert theirs.status == 200
    assert theirs.cache_status.startswith("fwd=miss")


async def test_nothing_else_in_a_model_pod_can_be_reached(cache: Stage) -> None:
    [pod, *_] = await cache.pods("llama")
    name, address = pod["metadata"]["name"], pod["status"]["podIP"]
    listing = await cache.kubectl.run(
        "exec", name, "-c", "sidecar", "--", "python3", "-c",
        "print(''.join(open('/proc/net/' + n).read() for n in ('tcp', 'tcp6')))",
    )  # fmt: skip
    reachable: set[int] = set()
    loopback: set[int] = set()
    for line in listing.splitlines():
        found = re.match(r"\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A ", line)
        if found is not None:
            local = found[1] in ("0100007F", "00000000000000000000000001000000")
            (loopback if local else reachable).add(int(found[2], 16))
    assert reachable == {8080, 8081}
    assert 8000 in loopback
    routes = ("/v1/models", "/tokenize", "/invocations", "/metrics", "/health")
    # At once: a network plugin that enforces NetworkPolicies lets each of them wait.
    answers = await asyncio.gather(
        *[
            cache.client.ask({"url": f"http://{address}:8000{route}", "seconds": 5})
            for route in routes
        ]
    )
    assert [answer.status for [answer] in answers] == [0] * len(routes)


async def test_the_admin_plane_of_a_pod_wants_its_token(cache: Stage) -> None:
    [pod, *_] = await cache.pods("llama")
    base = f"http://{pod['status']['podIP']}:8081"
    [stats], [purge] = await asyncio.gather(
        cache.client.ask({"url": f"{base}/admin/v1/stats", "seconds": 5}),
        cache.client.ask(
            {"url": f"{base}/admin/v1/entries?all=true", "method": "DELETE", "seconds": 5}
        ),
    )
    # 0: a network plugin that enforces NetworkPolicies does not even let it connect;
    # test_network_policies.py asks from a pod that may.
    assert stats.status in (0, 401)
    assert purge.status in (0, 401)


async def test_the_prefix_hit_rate_appears_in_the_status(cache: Stage) -> None:
    requests = [
        chat(
            cache.url("llama"),
            [
                {"role": "system", "content": SYSTEM},
                {"role": "user", "content": f"What does rule {number} of the book say?"},
            ],
            key=KEY,
            model="llama",
        )
        for number in range(40)
    ]
    assert {answer.status for answer in await cache.client.ask(*requests)} == {200}

    def told(found: dict[str, object]) -> bool:
        status = json.loads(json.dumps(found["status"]))
        rows = {row["name"]: row for row in status["models"]}
        figures = status.get("cache") or {}
        return (
            float(rows["llama"].get("prefixHitRate") or 0) > 30
            and figures.get("hits", 0) > 0
            and float(figures.get("prefixHitRate") or 0) > 0
        )

    # Figures are written once a minute at most.
    await cache.kubectl.until("llmc", "support", told, seconds=240, what="prefixHitRate")


async def test_an_endpoint_model_caches_in_front_of_a_server_that_is_there(cache: Stage) -> None:
    """The server is the other cache's Service: an OpenAI-compatible server as good as any."""
    name = "front"
    credentials = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "upstream"},
        "stringData": {"key": KEY},
    }
    endpoint = {
        "url": cache.url("small"),
        "credentials": {"name": "upstream", "key": "key"},
        "revision": "v1",
        "replicas": 1,
    }
    stores: dict[str, object] = {"memory": {}, "vectors": {"memory": {}}}
    resource = llmcache(
        cache.settings, name, [{"name": "there", "endpoint": endpoint}], stores=stores
    )
    await cache.kubectl.apply(credentials, resource)
    try:
        await cache.kubectl.until("llmc", name, holds("Ready"), seconds=240, what="Ready")
        await cache.reached("there", cache=name)
        pods = await cache.pods("there", name)
        assert "nvidia.com/gpu" not in json.dumps(pods)
        url, question = cache.url("there", name), "Which forms does customs want?"
        first, second = await cache.client.ask(
            *[chat(url, question, key=KEY, model="small") for _ in range(2)]
        )
        assert first.status == 200, first.text
        assert first.cache_status.startswith("fwd=miss")
        assert "detail=exact" in second.cache_status
    finally:
        await cache.kubectl.run("delete", "llmc", name)
    await cache.kubectl.gone("pods", f"llmcache.dev/cache={name}")

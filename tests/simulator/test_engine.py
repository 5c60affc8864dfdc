"""Prefix cache, delays, metrics, start, stop, sleep, adapters, keys."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulator import Loading, SimConfig, Simulator
from tests.simulator.asking_it import CHAT, chat, post
from tests.simulator.prefix_cache import PrefixCache

SYSTEM = "You are a patient helper of a small shop. " * 20


async def cached_tokens(
    session: aiohttp.ClientSession, simulator: Simulator, question: str, **more: str
) -> int:
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]
    _, text = await post(session, simulator.url + CHAT, {"messages": messages, **more})
    details: dict[str, int] = json.loads(text)["usage"]["prompt_tokens_details"]
    return details["cached_tokens"]


async def test_a_common_prefix_is_cached_once(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    assert await cached_tokens(session, simulator, "one") == 0
    assert await cached_tokens(session, simulator, "two") >= 160


async def test_a_salt_keeps_prefixes_apart(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    await cached_tokens(session, simulator, "one", cache_salt="a")
    assert await cached_tokens(session, simulator, "one", cache_salt="b") == 0
    assert await cached_tokens(session, simulator, "one", cache_salt="a") > 0


async def test_hits_shorten_the_prefill(
    stack: AsyncExitStack, session: aiohttp.ClientSession
) -> None:
    config = SimConfig(prefill_ms_per_token=3)
    simulator = await stack.enter_async_context(Simulator(config))
    loop = asyncio.get_running_loop()
    seconds = []
    for question in ("one", "two"):
        started = loop.time()
        await cached_tokens(session, simulator, question)
        seconds.append(loop.time() - started)
    assert seconds[0] > 0.4
    assert seconds[1] < seconds[0]


async def test_the_first_token_waits_for_its_time(
    stack: AsyncExitStack, session: aiohttp.ClientSession
) -> None:
    config = SimConfig(ttft_ms=120, itl_ms=10, jitter=0.2)
    simulator = await stack.enter_async_context(Simulator(config))
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with session.post(simulator.url + CHAT, json=chat(stream=True)) as answer:
        await answer.content.readuntil(b"\n\n")
        first = loop.time() - started
        await answer.read()
        total = loop.time() - started
    assert first >= 0.09
    assert total >= first + 0.1


@given(st.lists(st.sampled_from("ab"), max_size=60), st.lists(st.sampled_from("ab"), max_size=60))
def test_hits_never_exceed_the_common_prefix(one: list[str], two: list[str]) -> None:
    cache = PrefixCache(blocks=100, block_size=4)
    cache.admit(one, "")
    hit = cache.admit(two, "")
    common = 0
    for a, b in zip(one, two, strict=False):
        if a != b:
            break
        common += 1
    assert hit.cached == min(common, max(len(two) - 1, 0)) // 4 * 4


def test_the_least_recently_used_block_goes_first() -> None:
    cache = PrefixCache(blocks=2, block_size=1)
    for prompt in ("ax", "bx"):
        cache.admit([prompt[0]], "")
    cache.admit(["a"], "")
    cache.admit(["c"], "")
    assert len(cache) == 2
    assert cache.admit(["a", "z"], "").cached == 1


async def metric(session: aiohttp.ClientSession, simulator: Simulator, name: str) -> float:
    async with session.get(f"{simulator.url}/metrics") as page:
        lines = (await page.text()).splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name + "{"))


async def test_metrics_count_tokens_and_hits(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    await cached_tokens(session, simulator, "one")
    hits = await cached_tokens(session, simulator, "two")
    assert await metric(session, simulator, "vllm:prefix_cache_hits_total") == hits
    assert await metric(session, simulator, "vllm:prefix_cache_queries_total") > hits
    assert await metric(session, simulator, "vllm:request_success_total") == 2
    assert await metric(session, simulator, "vllm:time_to_first_token_seconds_count") == 2
    assert await metric(session, simulator, "vllm:generation_tokens_total") > 0


async def test_requests_queue_for_a_seat(
    stack: AsyncExitStack, session: aiohttp.ClientSession
) -> None:
    config = SimConfig(max_num_seqs=1, ttft_ms=300)
    simulator = await stack.enter_async_context(Simulator(config))
    asked = [asyncio.create_task(post(session, simulator.url + CHAT, chat())) for _ in range(3)]
    await asyncio.sleep(0.15)
    assert await metric(session, simulator, "vllm:num_requests_running") == 1
    assert await metric(session, simulator, "vllm:num_requests_waiting") == 2
    assert [status for status, _ in await asyncio.gather(*asked)] == [200, 200, 200]


async def test_a_client_that_leaves_aborts_its_request(
    stack: AsyncExitStack, session: aiohttp.ClientSession
) -> None:
    simulator = await stack.enter_async_context(Simulator(SimConfig(ttft_ms=5000)))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(post(session, simulator.url + CHAT, chat()), 0.1)
    await asyncio.sleep(0.1)
    assert simulator.engine.metrics.finished["abort"] == 1
    assert simulator.engine.running == 0


async def test_the_port_is_closed_until_the_model_is_loaded(
    stack: AsyncExitStack, session: aiohttp.ClientSession
) -> None:
    config = SimConfig(startup_delay_s=0.3)
    simulator = await stack.enter_async_context(Simulator(config))
    with pytest.raises(aiohttp.ClientConnectorError):
        await session.get(f"{simulator.url}/health")
    await asyncio.sleep(0.4)
    async with session.get(f"{simulator.url}/health") as answer:
        assert answer.status == 200


async def test_or_it_answers_503(stack: AsyncExitStack, session: aiohttp.ClientSession) -> None:
    config = SimConfig(startup_delay_s=0.3, loading=Loading.ANSWER_503)
    simulator = await stack.enter_async_context(Simulator(config))
    for status in (503, 200):
        async with session.get(f"{simulator.url}/health") as answer:
            assert answer.status == status
        await asyncio.sleep(0.4)


async def test_a_stop_aborts_what_is_in_flight(session: aiohttp.ClientSession) -> None:
    simulator = Simulator(SimConfig(ttft_ms=5000))
    await simulator.start()
    asked = asyncio.create_task(post(session, simulator.url + CHAT, chat()))
    await asyncio.sleep(0.1)
    await asyncio.wait_for(simulator.stop(), 3)
    with pytest.raises((aiohttp.ClientError, OSError)):
        await asked


async def test_a_sleeping_engine_answers_after_it_woke_up(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    await post(session, f"{simulator.url}/sleep", None)
    async with session.get(f"{simulator.url}/is_sleeping") as answer:
        assert await answer.json() == {"is_sleeping": True}
    asked = asyncio.create_task(post(session, simulator.url + CHAT, chat()))
    await asyncio.sleep(0.1)
    assert not asked.done()
    await post(session, f"{simulator.url}/wake_up", None)
    assert (await asked)[0] == 200


async def test_an_adapter_can_be_loaded_and_unloaded(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    url = simulator.url
    adapter = {"lora_name": "law", "lora_path": "/adapters/law"}
    assert (await post(session, url + CHAT, chat(model="law")))[0] == 404
    assert (await post(session, f"{url}/v1/load_lora_adapter", adapter))[0] == 200
    assert (await post(session, f"{url}/v1/load_lora_adapter", adapter))[0] == 400
    assert (await post(session, url + CHAT, chat(model="law")))[0] == 200
    async with session.get(f"{url}/v1/models") as answer:
        assert [card["id"] for card in (await answer.json())["data"]] == ["sim", "law"]
    assert (await post(session, f"{url}/v1/unload_lora_adapter", adapter))[0] == 200
    assert (await post(session, url + CHAT, chat(model="law")))[0] == 404


async def test_keys_guard_v1_and_nothing_else(
    stack: AsyncExitStack, session: aiohttp.ClientSession
) -> None:
    config = SimConfig(api_keys=("one", "two"))
    simulator = await stack.enter_async_context(Simulator(config))
    url = simulator.url + CHAT
    assert (await post(session, url, chat()))[0] == 401
    assert (await post(session, url, chat(), x_api_key="one"))[0] == 401
    assert (await post(session, url, chat(), Authorization="Bearer two"))[0] == 200
    assert (await post(session, f"{simulator.url}/tokenize", {"prompt": "x"}))[0] == 200
    assert (await post(session, f"{simulator.url}/invocations", chat()))[0] == 200


async def test_requests_are_recorded(simulator: Simulator, session: aiohttp.ClientSession) -> None:
    await post(session, simulator.url + CHAT, chat("remember me"), X_Request_Id="me")
    (seen,) = simulator.requests
    assert seen.path == CHAT
    assert seen.headers["x-request-id"] == "me"
    assert seen.json["messages"][0]["content"] == "remember me"


@pytest.mark.parametrize("stream", [True, False])
async def test_it_answers_http_1_0_as_well(simulator: Simulator, stream: bool) -> None:
    """Without chunks: the end of the connection is the end of the answer."""
    body = json.dumps({**chat("hello"), "stream": stream}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", simulator.port)
    writer.write(
        b"POST /v1/chat/completions HTTP/1.0\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    answer = await reader.read()
    writer.close()
    head, _, said = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 200")
    assert b"chunked" not in head.lower()
    assert said.endswith(b"data: [DONE]\n\n" if stream else b"}")

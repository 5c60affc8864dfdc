"""Failures on demand."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from tests.simulator import Fault, SimConfig, Simulator, faults
from tests.simulator.asking_it import CHAT, GENERATING, TERMINAL, chat, post

BROKEN = (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


@pytest.mark.parametrize("path", GENERATING)
async def test_a_status(path: str, simulator: Simulator, session: aiohttp.ClientSession) -> None:
    fault = "status=503;retry-after=2"
    async with session.post(
        simulator.url + path, json=GENERATING[path], headers={faults.HEADER: fault}
    ) as answer:
        assert answer.status == 503
        assert answer.headers["retry-after"] == "2"
        assert "error" in await answer.json()


@pytest.mark.parametrize("path", GENERATING)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_cut_breaks_the_connection(
    path: str, stream: bool, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    body = {**GENERATING[path], "stream": stream}
    with pytest.raises(BROKEN):
        await post(session, simulator.url + path, body, x_sim_fault="cut-after=3")


@pytest.mark.parametrize("path", GENERATING)
async def test_an_error_in_the_middle_of_a_stream(
    path: str, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    body = {**GENERATING[path], "stream": True}
    url = simulator.url + path
    if path == "/v1/responses":
        with pytest.raises(BROKEN):
            await post(session, url, body, x_sim_fault="midstream-error=4")
        return
    status, text = await post(session, url, body, x_sim_fault="midstream-error=4")
    assert status == 200
    assert '"error"' in text
    assert ("[DONE]" in text) is (path != "/v1/messages")


@pytest.mark.parametrize("path", GENERATING)
async def test_a_stream_without_its_terminal_event(
    path: str, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    body = {**GENERATING[path], "stream": True}
    _, text = await post(session, simulator.url + path, body, x_sim_fault="no-terminal")
    assert text
    assert TERMINAL[path] not in text


async def test_a_connection_that_closes_at_once(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    with pytest.raises(BROKEN):
        await post(session, simulator.url + CHAT, chat(), x_sim_fault="close")


async def test_an_answer_that_never_comes(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    asking = post(session, simulator.url + CHAT, chat(), x_sim_fault="hang")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asking, 0.2)


async def test_a_stream_that_stands_still(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    headers = {faults.HEADER: "hang-after=2"}
    url = simulator.url + CHAT
    async with session.post(url, json=chat(stream=True), headers=headers) as answer:
        assert await answer.content.readuntil(b"\n\n")
        assert await answer.content.readuntil(b"\n\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(answer.content.readuntil(b"\n\n"), 0.2)


@pytest.mark.parametrize("fault", ["html", "empty", "malformed-json"])
async def test_bodies_that_are_no_answer(
    fault: str, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    status, text = await post(session, simulator.url + CHAT, chat(), x_sim_fault=fault)
    assert status == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


async def test_a_length_that_is_not_kept(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    with pytest.raises(aiohttp.ClientPayloadError):
        await post(session, simulator.url + CHAT, chat(), x_sim_fault="wrong-length")


async def test_an_event_that_is_no_json(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    body = chat(stream=True)
    _, text = await post(session, simulator.url + CHAT, body, x_sim_fault="malformed-sse=2")
    assert '"broken"' in text
    assert "[DONE]" in text


async def test_another_content_type(simulator: Simulator, session: aiohttp.ClientSession) -> None:
    headers = {faults.HEADER: "content-type=text/plain"}
    for body in (chat(), chat(stream=True)):
        async with session.post(simulator.url + CHAT, json=body, headers=headers) as answer:
            assert answer.content_type == "text/plain"


async def test_slow_tokens_take_their_time(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    await post(session, simulator.url + CHAT, chat(max_tokens=6), x_sim_fault="slow=20")
    assert 0.1 <= loop.time() - started < 5


async def test_failures_can_be_planned(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    simulator.fail_next("status=500", times=2)
    statuses = [(await post(session, simulator.url + CHAT, chat()))[0] for _ in range(3)]
    assert statuses == [500, 500, 200]


async def test_failures_can_be_switched_on_and_off(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    simulator.fault = Fault(status=429)
    assert (await post(session, simulator.url + CHAT, chat()))[0] == 429
    simulator.fault = Fault()
    assert (await post(session, simulator.url + CHAT, chat()))[0] == 200


async def test_failures_can_be_switched_over_http(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    url = f"{simulator.url}/sim/fault"
    async with session.put(url, data="status=500", params={"rate": "1"}) as answer:
        assert answer.status == 200
    assert (await post(session, simulator.url + CHAT, chat()))[0] == 500
    async with session.put(url, data="nonsense") as answer:
        assert answer.status == 400
    async with session.put(url, data="") as answer:
        assert answer.status == 200
    assert (await post(session, simulator.url + CHAT, chat()))[0] == 200


async def test_failures_hit_their_share(session: aiohttp.ClientSession) -> None:
    config = SimConfig(fault="status=500", fault_rate=0.3, seed=1)
    async with Simulator(config) as simulator:
        asked = [(await post(session, simulator.url + CHAT, chat()))[0] for _ in range(100)]
    assert 15 <= asked.count(500) <= 45
    assert set(asked) == {200, 500}


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="no such fault"):
        faults.parse("explode")

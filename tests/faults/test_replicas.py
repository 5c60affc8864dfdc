"""Two sidecars over one Valkey: one inference for both, and what one forgets the other forgets."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults import breaking
from tests.faults.asking import Ask, Exchange, exchange
from tests.faults.stage import PATIENCE_S, TENANTS, Options, Stage, stage, until

TWO = Options(replicas=2, sections={"stores": {"firstLevel": {"maxAge": "1h"}}})


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with two replicas."""
    async with stage(tmp_path, TWO) as ground:
        for program in ground.sidecars:
            await ground.in_contact(program)
        yield ground


def inferences(ground: Stage, ask: Ask) -> int:
    """How often the engine was asked that."""
    return sum(ask.text.encode() in request.body for request in ground.engine.requests)


@contextlib.contextmanager
def engine_held(ground: Stage) -> Iterator[None]:
    """The engine takes requests, and answers when this is over."""
    awake = ground.engine.engine.awake
    awake.clear()
    try:
        yield
    finally:
        awake.set()


async def asked(ground: Stage, ask: Ask, sidecar: int) -> Exchange:
    """Ask one of them."""
    url = ground.sidecars[sidecar].data
    return await exchange(ground.admin, url, ask, PATIENCE_S, sidecar)


async def events(ground: Stage, sidecar: int) -> dict[str, int]:
    """What one of them counted."""
    found: dict[str, int] = (await ground.stats(ground.sidecars[sidecar]))["events"]
    return found


async def waiting(ground: Stage, sidecar: int) -> None:
    """Until it waits for the other one."""

    async def waits() -> bool:
        return bool((await events(ground, sidecar)).get("waited_for_another_replica"))

    await until(waits, "a replica to wait for the other")


async def test_the_same_question_on_two_replicas_is_one_inference(two: Stage) -> None:
    ask = Ask(1, TENANTS[0])
    with engine_held(two):
        first = asyncio.create_task(asked(two, ask, 0))
        await until(lambda: inferences(two, ask), "the first to reach the engine")
        rest = [asyncio.create_task(asked(two, ask, 1)) for _ in range(8)]
        await waiting(two, 1)
    found = await asyncio.gather(*rest)
    assert inferences(two, ask) == 1
    assert {each.said for each in found} == {(await first).said}
    assert all(each.hit for each in found)
    assert (await events(two, 1))["waited_for_another_replica"] == 1, "one waits for all of them"


async def test_a_whole_answer_is_waited_for_that_a_stream_computes(two: Stage) -> None:
    ask = Ask(1, TENANTS[0])
    with engine_held(two):
        stream = asyncio.create_task(asked(two, Ask(1, TENANTS[0], streamed=True), 0))
        await until(lambda: inferences(two, ask), "the stream to reach the engine")
        whole = asyncio.create_task(asked(two, ask, 1))
        await waiting(two, 1)
    assert (await whole).hit
    assert (await whole).said.text == (await stream).said.text
    assert inferences(two, ask) == 1


async def test_a_stream_waits_for_nobody(two: Stage) -> None:
    ask = Ask(1, TENANTS[0])
    with engine_held(two):
        first = asyncio.create_task(asked(two, ask, 0))
        await until(lambda: inferences(two, ask), "the first to reach the engine")
        stream = asyncio.create_task(asked(two, Ask(1, TENANTS[0], streamed=True), 1))
        await until(lambda: inferences(two, ask) == 2, "the stream to reach the engine")
        assert not first.done()
    assert (await stream).said.text == (await first).said.text


async def test_a_replica_that_is_killed_in_the_midst_of_it_holds_nobody_up(two: Stage) -> None:
    ask = Ask(1, TENANTS[0])
    with engine_held(two):
        first = asyncio.create_task(asked(two, ask, 0))
        await until(lambda: inferences(two, ask), "the first to reach the engine")
        second = asyncio.create_task(asked(two, ask, 1))
        await waiting(two, 1)
        two.sidecars[0].send(signal.SIGKILL)
        await two.sidecars[0].ended()
        await until(lambda: inferences(two, ask) == 2, "the other to go itself")
    assert (await second).said.good
    assert not (await first).said.good


async def test_a_replica_that_fails_lets_the_other_go_itself(two: Stage) -> None:
    good = Ask(1, TENANTS[0])

    class Failing(Ask):
        @property
        def headers(self) -> dict[str, str]:
            return {**super().headers, "x-sim-fault": "delay=700;status=500"}

    first = asyncio.create_task(asked(two, Failing(1, TENANTS[0]), 0))
    await until(lambda: inferences(two, good), "the first to reach the engine")
    second = await asked(two, good, 1)
    assert second.said.good
    assert (await first).said.status == 500
    assert inferences(two, good) == 2


async def test_without_its_store_nobody_waits_for_anybody(two: Stage) -> None:
    ask = Ask(1, TENANTS[0])
    async with breaking.valkey_paused(two):
        both = [asyncio.create_task(asked(two, ask, number)) for number in (0, 1)]
        await until(lambda: inferences(two, ask) == 2, "both to reach the engine")
        assert all(found.said.good for found in await asyncio.gather(*both))


async def entries(ground: Stage, sidecar: int, method: str = "GET", **params: str) -> Any:
    """The admin plane's entries."""
    url = f"{ground.sidecars[sidecar].admin}/admin/v1/entries"
    async with ground.admin.request(method, url, params=params) as response:
        assert response.status == 200
        return await response.json()


@pytest.mark.parametrize("scope", ["all", "tag", "feedback"])
async def test_what_one_replica_is_told_the_other_knows_within_a_second(
    two: Stage, scope: str
) -> None:
    """Both hold the answer in process for an hour, so only the log can tell them."""
    ask = Ask(1, TENANTS[0])
    await asked(two, ask, 0)

    async def hit_everywhere() -> bool:
        return all([(await asked(two, ask, number)).hit for number in (0, 1)])

    await until(hit_everywhere, "both to have it")
    two.answers.revision += 1
    if scope == "feedback":
        (entry,) = [
            each for each in (await entries(two, 0))["entries"] if "parcels" in each["tags"]
        ]
        url = f"{two.sidecars[0].admin}/admin/v1/feedback"
        async with two.admin.post(url, json={"entry": entry["id"]}) as response:
            assert response.status == 200
    else:
        await entries(
            two, 0, "DELETE", **({"all": "true"} if scope == "all" else {"tag": "parcels"})
        )
    here = await asked(two, ask, 0)
    assert here.said.revision == 1, "at once where it was told"
    await asyncio.sleep(1.0)
    there = await asked(two, ask, 1)
    assert there.said.revision == 1

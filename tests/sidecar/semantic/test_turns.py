"""Requests that come together do not hold the event loop together."""

from __future__ import annotations

import asyncio

from llmcache_sidecar.ports.turns import Turns


class Loop:
    """Counts the turns of the event loop."""

    def __init__(self) -> None:
        self.turn = 0
        self._counts = True
        asyncio.get_running_loop().call_soon(self._count)

    def _count(self) -> None:
        self.turn += 1
        if self._counts:
            asyncio.get_running_loop().call_soon(self._count)

    def stop(self) -> None:
        self._counts = False


async def test_pieces_that_come_together_are_each_done_in_a_turn_of_their_own() -> None:
    turns, loop = Turns(), Loop()
    done: list[int] = []

    async def piece() -> None:
        await turns.next()
        done.append(loop.turn)

    await asyncio.gather(*(piece() for _ in range(8)))
    assert len(set(done)) == 8
    assert max(done) - min(done) <= 2 * 8
    loop.stop()


async def test_who_is_alone_does_not_wait() -> None:
    turns, loop = Turns(), Loop()
    for _ in range(3):
        before = loop.turn
        await turns.next()
        assert loop.turn == before
        for _ in range(3):
            await asyncio.sleep(0)
    loop.stop()


async def test_those_who_have_begun_come_before_those_who_have_not() -> None:
    turns = Turns()
    order: list[str] = []

    async def piece(name: str, begun: bool) -> None:
        await turns.next(begun=begun)
        order.append(name)

    names = [("first", False), ("new", False), ("begun", True), ("newer", False)]
    await asyncio.gather(*(piece(name, begun) for name, begun in names))
    assert order == ["first", "begun", "new", "newer"]


async def test_who_stops_waiting_keeps_nobody_waiting() -> None:
    turns = Turns()
    await turns.next()
    tasks = [asyncio.create_task(turns.next()) for _ in range(4)]
    await asyncio.sleep(0)
    for task in tasks[1:3]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(each, asyncio.CancelledError) for each in results] == [
        False,
        True,
        True,
        False,
    ]
    async with asyncio.timeout(30):
        await turns.next()


async def test_the_next_piece_of_a_request_comes_a_turn_later_and_before_anybody_elses() -> None:
    turns, loop = Turns(), Loop()
    order: list[str] = []
    done: list[int] = []

    async def request(name: str, pieces: int) -> None:
        await turns.next(begun=True)
        for piece in range(pieces):
            if piece:
                await turns.pause()
            order.append(name)
            done.append(loop.turn)

    await asyncio.gather(request("first", 3), request("second", 2))
    assert order == ["first"] * 3 + ["second"] * 2
    assert len(set(done)) == 5
    loop.stop()


async def test_a_pause_lets_others_run_where_nobody_waits_for_a_turn() -> None:
    turns, loop = Turns(), Loop()
    before = loop.turn
    await turns.pause()
    assert loop.turn > before
    loop.stop()


async def test_spare_work_comes_when_nobody_else_wants_a_turn() -> None:
    turns, loop = Turns(), Loop()
    order: list[str] = []
    done: list[int] = []
    ended = asyncio.Event()

    def note(name: str) -> None:
        order.append(name)
        done.append(loop.turn)

    def spare() -> None:
        note("spare")
        ended.set()

    async def piece(name: str) -> None:
        await turns.next()
        note(name)

    names = [f"piece {number}" for number in range(16)]
    async with asyncio.timeout(30):
        pieces = asyncio.gather(*(piece(name) for name in names))
        await asyncio.sleep(0)
        turns.spare(spare, 0.0)  # its time comes while others have the turns
        await pieces
        await ended.wait()
    assert order == [*names, "spare"]
    assert len(set(done)) == len(order)
    loop.stop()


async def test_spare_work_that_is_not_wanted_any_more_is_not_done() -> None:
    turns = Turns()
    done: list[str] = []
    ended = asyncio.Event()
    for _ in range(3):
        turns.spare(lambda: done.append("unwanted"), 0.0).cancel()
    turns.spare(ended.set, 0.0)
    async with asyncio.timeout(30):
        await ended.wait()
        await turns.next()
    assert done == []


async def test_spare_work_is_done_once() -> None:
    turns = Turns()
    done: list[str] = []
    ended = asyncio.Event()
    spare = turns.spare(lambda: done.append("once"), 0.0)
    turns.spare(ended.set, 0.0)
    async with asyncio.timeout(30):
        await ended.wait()
    spare.do()
    assert done == ["once"]
    assert not spare.wanted

"""Keys are worked on one at a time each; later wishes merge, failures come back later and later."""

from __future__ import annotations

import asyncio

from llmcache_operator.app.queue import LONGEST_BACKOFF_S, KeyedQueue


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def queue(clock: Clock | None = None) -> KeyedQueue[str]:
    return KeyedQueue(clock or Clock(), draw=lambda: 0.5)


async def test_keys_come_in_order_and_once() -> None:
    found = queue()
    for key in ("a", "b", "a"):
        found.add(key)
    assert len(found) == 2
    assert [await found.take(), await found.take()] == ["a", "b"]


async def test_a_key_is_never_worked_on_twice_at_once() -> None:
    found = queue()
    found.add("a")
    assert await found.take() == "a"
    found.add("a")
    found.add("a")
    second = asyncio.create_task(found.take())
    await asyncio.sleep(0)
    assert not second.done()
    found.done("a")
    assert await second == "a"
    found.done("a")
    assert len(found) == 0


async def test_a_wish_for_now_overtakes_one_for_later() -> None:
    clock = Clock()
    found = queue(clock)
    found.add("a", 60)
    found.add("a")
    assert await found.take() == "a"
    found.done("a")
    clock.now = 61
    assert len(found) == 0
    assert found.soon(100) == 0


async def test_of_two_delays_the_shorter_counts() -> None:
    clock = Clock()
    found = queue(clock)
    found.add("a", 60)
    found.add("a", 10)
    found.add("a", 90)
    clock.now = 10
    assert await found.take() == "a"
    found.done("a")
    assert found.soon(1000) == 0


async def test_failures_back_off_to_a_bound_and_are_forgotten() -> None:
    found = queue()
    delays = [found.back_off("a") for _ in range(20)]
    assert delays[:4] == [0.5, 1.0, 2.0, 4.0]
    assert delays[-1] == LONGEST_BACKOFF_S
    found.forget_failures("a")
    assert found.back_off("a") == 0.5
    assert found.back_off("a", at_least=30) == 30


async def test_a_forgotten_key_never_comes() -> None:
    clock = Clock()
    found = queue(clock)
    found.add("a", 1)
    found.add("b", 1)
    found.forget("a")
    clock.now = 2
    assert await found.take() == "b"
    assert len(found) == 0


async def test_a_waiting_taker_hears_of_a_new_key() -> None:
    found = queue()
    taker = asyncio.create_task(found.take())
    await asyncio.sleep(0)
    found.add("a")
    assert await taker == "a"

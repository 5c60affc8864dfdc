"""What every kind of lease does, and what the guard makes of trouble."""

from __future__ import annotations

import asyncio

import pytest

from llmcache_sidecar.adapters.guarded_leases import GuardedLeases
from llmcache_sidecar.adapters.memory_leases import MemoryLeases
from llmcache_sidecar.adapters.observing import Operation, Reason, Tally
from llmcache_sidecar.adapters.redis_leases import RedisLeases
from llmcache_sidecar.domain.ids import ExactKey
from llmcache_sidecar.ports.exact_store import StoreError
from llmcache_sidecar.ports.leases import Leases

from .conftest import REACHED, OpenLink
from .making import HandClock, a_key


@pytest.fixture(
    params=["memory", *(pytest.param(kind, marks=pytest.mark.stores) for kind in REACHED)]
)
def leases(request: pytest.FixtureRequest) -> Leases:
    """Leases of every kind."""
    kind: str = request.param
    if kind == "memory":
        return MemoryLeases()
    open_link: OpenLink = request.getfixturevalue("open_link")
    return RedisLeases(open_link(kind))


async def test_a_lease_has_one_holder(leases: Leases) -> None:
    key = a_key()
    assert not await leases.held(key)
    assert await leases.take(key, "a", 60.0)
    assert await leases.held(key)
    assert not await leases.take(key, "b", 60.0)
    assert not await leases.take(key, "a", 60.0), "its holder neither"
    assert await leases.take(a_key(), "b", 60.0)


async def test_of_many_who_want_it_at_once_one_gets_it(leases: Leases) -> None:
    key = a_key()
    got = await asyncio.gather(*(leases.take(key, str(number), 60.0) for number in range(20)))
    assert sum(got) == 1


async def test_only_its_holder_ends_or_renews_it(leases: Leases) -> None:
    key = a_key()
    assert await leases.take(key, "a", 60.0)
    assert not await leases.release(key, "b")
    assert not await leases.renew(key, "b", 60.0)
    assert await leases.renew(key, "a", 60.0)
    assert await leases.release(key, "a")
    assert not await leases.held(key)
    assert not await leases.release(key, "a")
    assert not await leases.renew(key, "a", 60.0)
    assert await leases.take(key, "b", 60.0)


async def test_it_ends_by_itself_unless_it_is_renewed(leases: Leases) -> None:
    short, renewed = a_key(), a_key()
    assert await leases.take(short, "a", 0.05)
    assert await leases.take(renewed, "a", 0.05)
    # Where the machine is so busy that it has ended already, there is nothing to renew.
    held = await leases.renew(renewed, "a", 600.0)
    async with asyncio.timeout(30.0):
        while await leases.held(short):
            await asyncio.sleep(0.01)
    assert await leases.held(renewed) is held
    assert await leases.take(short, "b", 60.0)


@pytest.mark.stores
async def test_what_is_asked_in_one_moment_fails_one_by_one(open_link: OpenLink) -> None:
    link = open_link("redis")
    leases, odd, good = RedisLeases(link), a_key(), a_key()
    # Something of another kind under a lease's name: nobody's lease, and no trouble of the others.
    await link.command("RPUSH", f"{link.settings.prefix}l:{odd.hex()}", "x")
    released, taken, renewed, held = await asyncio.gather(
        leases.release(odd, "a"),
        leases.take(good, "a", 60.0),
        leases.renew(odd, "a", 60.0),
        leases.held(odd),
    )
    assert (released, taken, renewed, held) == (False, True, False, True)
    await leases.aclose()
    with pytest.raises(StoreError, match="closed"):
        await leases.take(good, "b", 60.0)


class Faulty:
    """Leases that hang or fail."""

    def __init__(self) -> None:
        self.asked = 0
        self.hangs = False

    async def take(self, key: ExactKey, token: str, seconds: float) -> bool:
        self.asked += 1
        if self.hangs:
            await asyncio.sleep(3600)
        raise StoreError("down")

    async def renew(self, key: ExactKey, token: str, seconds: float) -> bool:
        return await self.take(key, token, seconds)

    async def release(self, key: ExactKey, token: str) -> bool:
        return await self.take(key, token, 0.0)

    async def held(self, key: ExactKey) -> bool:
        return await self.take(key, "", 0.0)


@pytest.mark.parametrize("hangs", [False, True])
async def test_trouble_is_told_at_once_and_then_the_store_is_left_alone(hangs: bool) -> None:
    inner, clock, tally = Faulty(), HandClock(), Tally()
    inner.hangs = hangs
    guarded = GuardedLeases(inner, 0.01, clock=clock, observer=tally)
    for _ in range(8):
        with pytest.raises(StoreError):
            await guarded.take(a_key(), "a", 1.0)
    assert inner.asked == 5
    reason = Reason.DEADLINE if hangs else Reason.STORE_ERROR
    assert tally.counts == {
        (Operation.LEASE, reason): 5,
        (Operation.LEASE, Reason.CIRCUIT_OPEN): 3,
    }
    clock.pass_by(10.0)
    for call in (guarded.held(a_key()), guarded.release(a_key(), "a")):
        with pytest.raises(StoreError):
            await call
    assert inner.asked == 6, "one probe"


async def test_what_works_passes_through_the_guard() -> None:
    guarded, key = GuardedLeases(MemoryLeases()), a_key()
    assert await guarded.take(key, "a", 60.0)
    assert await guarded.held(key)
    assert await guarded.renew(key, "a", 60.0)
    assert await guarded.release(key, "a")

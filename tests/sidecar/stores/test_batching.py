"""Look-ups of one moment share a round trip, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from llmcache_sidecar.adapters.batching import Batcher
from llmcache_sidecar.ports.exact_store import StoreError


class Far:
    """A far side that answers with the key, when it is let."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.troubles: list[BaseException | None] = []

    async def fetch(self, keys: list[str]) -> Sequence[bytes | StoreError | None]:
        self.batches.append(keys)
        trouble = self.troubles.pop(0) if self.troubles else None
        await self.gate.wait()
        if trouble is not None:
            raise trouble
        return [None if key == "none" else key.encode() for key in keys]


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_those_of_one_moment_leave_together() -> None:
    far = Far()
    batcher = Batcher(far.fetch)
    found = await asyncio.gather(*(batcher.get(key) for key in ("a", "none", "b", "a")))
    assert found == [b"a", None, b"b", b"a"]
    assert far.batches == [["a", "none", "b", "a"]]
    assert await batcher.get("c") == b"c"
    await turns()
    assert batcher.idle


async def test_a_batch_is_bounded() -> None:
    far = Far()
    batcher = Batcher(far.fetch, max_keys=3)
    await asyncio.gather(*(batcher.get(str(n)) for n in range(8)))
    assert [len(batch) for batch in far.batches] == [3, 3, 2]


async def test_a_slow_batch_does_not_hold_up_the_next() -> None:
    far = Far()
    far.gate.clear()
    batcher = Batcher(far.fetch)
    slow = asyncio.create_task(batcher.get("slow"))
    await turns()
    far.gate = asyncio.Event()
    far.gate.set()
    assert await batcher.get("quick") == b"quick"
    assert not slow.done()
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)
    await batcher.aclose()


async def test_those_who_come_while_enough_is_under_way_leave_together_afterwards() -> None:
    far = Far()
    far.gate.clear()
    batcher = Batcher(far.fetch, max_under_way=1)
    tasks = [asyncio.create_task(batcher.get("first"))]
    await turns()
    for key in ("second", "third"):
        tasks.append(asyncio.create_task(batcher.get(key)))
        await turns()
    assert far.batches == [["first"]]
    far.gate.set()
    await asyncio.gather(*tasks)
    assert far.batches == [["first"], ["second", "third"]]


async def test_a_failed_batch_concerns_only_those_in_it() -> None:
    far = Far()
    far.troubles = [StoreError("refused"), None]
    batcher = Batcher(far.fetch, max_keys=2)
    found = await asyncio.gather(*(batcher.get(str(n)) for n in range(4)), return_exceptions=True)
    assert [str(result) for result in found[:2]] == ["refused", "refused"]
    assert found[0] is not found[1]
    assert found[2:] == [b"2", b"3"]


async def test_one_value_may_fail_alone() -> None:
    async def fetch(keys: list[str]) -> Sequence[bytes | StoreError | None]:
        return [StoreError("moved") if key == "bad" else b"good" for key in keys]

    batcher = Batcher(fetch)
    found = await asyncio.gather(batcher.get("bad"), batcher.get("x"), return_exceptions=True)
    assert isinstance(found[0], StoreError)
    assert found[1] == b"good"


async def test_a_bug_in_the_far_side_is_a_store_error_too() -> None:
    far = Far()
    far.troubles = [ValueError("secret detail")]
    with pytest.raises(StoreError, match="ValueError"):
        await Batcher(far.fetch).get("a")


async def test_who_leaves_before_the_batch_is_not_asked_for() -> None:
    far = Far()
    batcher = Batcher(far.fetch)
    stays = asyncio.create_task(batcher.get("stays"))
    leaves = asyncio.create_task(batcher.get("leaves"))
    asyncio.get_running_loop().call_soon(leaves.cancel)
    assert await stays == b"stays"
    with pytest.raises(asyncio.CancelledError):
        await leaves


async def test_who_leaves_during_the_batch_leaves_the_others_their_answer() -> None:
    far = Far()
    far.gate.clear()
    batcher = Batcher(far.fetch)
    tasks = [asyncio.create_task(batcher.get(str(n))) for n in range(3)]
    await turns()
    tasks[1].cancel()
    await turns()
    far.gate.set()
    assert [await tasks[0], await tasks[2]] == [b"0", b"2"]
    assert tasks[1].cancelled()


async def test_the_waiting_are_bounded_but_those_who_left_do_not_count() -> None:
    far = Far()
    far.gate.clear()
    batcher = Batcher(far.fetch, max_under_way=1, max_waiting=2)
    first = asyncio.create_task(batcher.get("first"))
    await turns()
    waiting = [asyncio.create_task(batcher.get(str(n))) for n in range(2)]
    await turns()
    with pytest.raises(StoreError, match="too many"):
        await batcher.get("one more")
    waiting[0].cancel()
    await turns()
    more = asyncio.create_task(batcher.get("now"))
    await turns()
    far.gate.set()
    assert [await task for task in (first, waiting[1], more)] == [b"first", b"1", b"now"]


async def test_closing_ends_everything() -> None:
    far = Far()
    far.gate.clear()
    batcher = Batcher(far.fetch, max_under_way=1)
    tasks = [asyncio.create_task(batcher.get("a"))]
    await turns()
    tasks.append(asyncio.create_task(batcher.get("b")))
    await turns()
    await batcher.aclose()
    await batcher.aclose()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(result, StoreError)
    with pytest.raises(StoreError, match="closed"):
        await batcher.get("c")
    assert len(asyncio.all_tasks()) == 1

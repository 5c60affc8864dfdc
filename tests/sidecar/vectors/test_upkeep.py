"""Points leave the store again, whatever else is going on."""

from __future__ import annotations

import asyncio

from llmcache_sidecar.adapters.vectors.memory import MemoryVectorStore
from llmcache_sidecar.adapters.vectors.upkeep import Upkeep
from llmcache_sidecar.adapters.vectors.write_queue import VectorWriteQueue
from llmcache_sidecar.domain.ids import EntryId
from llmcache_sidecar.ports.clock import SystemClock
from tests.sidecar.vectors.making import NOW, a_model, a_point


async def test_expired_points_are_swept_out_while_others_are_dropped_all_the_time() -> None:
    store = MemoryVectorStore(1 << 20)
    queue = VectorWriteQueue(store)
    upkeep = Upkeep(store, queue, SystemClock(), sweep_every_s=0.2)
    queue.start(a_model())
    upkeep.start()
    try:
        assert upkeep.offer(a_point(expires_at=NOW))
        assert await queue.flush(5.0) == 0
        assert len(store) == 1
        for number in range(100):
            upkeep.drop([EntryId(f"gone {number}")])
            await asyncio.sleep(0.02)
            if not len(store):
                break
        assert len(store) == 0
        assert upkeep.pending == 0
    finally:
        await upkeep.aclose()
        await queue.aclose()
        await store.aclose()

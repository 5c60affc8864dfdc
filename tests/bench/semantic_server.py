"""A sidecar with its semantic level in use: one question taught, and many points beside it.

    python -m tests.bench.semantic_server --port 9000 --upstream URL --points 10000 --report FILE

The points lie in the very partition of the questions that the bench asks, so that a search reads all
of them, and as the model's own vectors lie: others would be a world apart from those questions, and
a graph would not lead from one to the other. A report is written when it is filled, and at every
SIGUSR1 (to write one takes longer than the loop should be held): how late the event loop was, what
embeddings took since the one before, and what the process holds.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import uvloop

from llmcache_api import SidecarConfig
from llmcache_sidecar.app.sidecar import Sidecar
from llmcache_sidecar.domain.ids import EntryId, ExactKey, TenantId
from llmcache_sidecar.domain.purge import LogPosition
from llmcache_sidecar.domain.vectors import PartitionId, VectorPoint
from llmcache_sidecar.server.admin.explain import make_call
from llmcache_sidecar.telemetry.quantiles import Quantiles
from tests.bench.client import exchange
from tests.bench.vectors_made import like
from tests.bench.wire import CHAT, KEY, post

TAUGHT = "How do I reset my router to its factory settings?"
MEANT = "How can I reset my router to factory settings?"
FOREIGN = "Which of the cables belongs into the yellow socket of the router?"

_SECOND_NS = 1_000_000_000
_TICK_NS = 2_000_000
_AT_THIS_TIME = 1
"""TFD_TIMER_ABSTIME, timerfd_create(2)."""
_SLICE = 500
_WARMING = 20
_QUESTIONS = Path(__file__).resolve().parents[1] / "quality" / "paraphrases_by_hand.txt"


def body(question: str) -> bytes:
    """A request with this question."""
    return orjson.dumps(
        {
            "model": "bench-model",
            "messages": [
                {"role": "system", "content": "You answer briefly and kindly."},
                {"role": "user", "content": question},
            ],
            "temperature": 0,
            "max_tokens": 256,
        }
    )


async def partition_of(sidecar: Sidecar, question: str) -> PartitionId:
    """Where the sidecar looks for `question`."""
    call = make_call(CHAT, "", {"Authorization": f"Bearer {KEY}"}, body(question))
    meaning = (await sidecar.pipeline.explain(call)).meaning
    assert meaning is not None
    assert meaning.partition is not None
    return meaning.partition


async def fill(sidecar: Sidecar, points: int) -> None:
    """Put strangers into the partition."""
    model = sidecar.semantic.model()
    assert model is not None
    partition = await partition_of(sidecar, MEANT)
    now = time.time()
    texts = [line.split("|")[0] for line in _QUESTIONS.read_text("utf-8").splitlines() if line]
    real = await sidecar.semantic.embedder.embed_many(texts)
    made = like(np.array(real, np.float32), points, seed=5)
    for start in range(0, points, _SLICE):
        await sidecar.semantic.store.put_many(
            [
                VectorPoint(
                    id=EntryId(f"{number:032x}"),
                    key=ExactKey(number.to_bytes(32, "big")),
                    vector=made[number],
                    partition=partition,
                    tenant=TenantId("0" * 32),
                    model="bench-model",
                    created_at=now,
                    expires_at=now + 3600,
                    position=LogPosition(),
                    payload=b"\0a question of forty characters or about that",
                )
                for number in range(start, min(start + _SLICE, points))
            ]
        )


class Lag:
    """How late the event loop comes to what is due, by a timer of the kernel: the loop's own ones are
    no finer than a millisecond.

    Attributes:
        late: all of it.
        held: less the time for which the loop's thread was ready and had no core to run on.
    """

    def __init__(self) -> None:
        self.late = Quantiles(smallest=1e-6, largest=10.0)
        self.held = Quantiles(smallest=1e-6, largest=10.0)
        self._libc = ctypes.CDLL(None, use_errno=True)

    async def watch(self) -> None:
        """For ever."""
        timer = self._libc.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK)
        if timer < 0:
            raise OSError(ctypes.get_errno(), "no timer")
        scheduling = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        loop = asyncio.get_running_loop()
        try:
            due = time.clock_gettime_ns(time.CLOCK_MONOTONIC) + _TICK_NS
            # struct itimerspec: the interval, then the first time.
            spec = (ctypes.c_long * 4)(*divmod(_TICK_NS, _SECOND_NS), *divmod(due, _SECOND_NS))
            if self._libc.timerfd_settime(timer, _AT_THIS_TIME, spec, None):
                raise OSError(ctypes.get_errno(), "the timer can't be set")

            waited = 0

            def tick() -> None:
                nonlocal due, waited
                late = time.clock_gettime_ns(time.CLOCK_MONOTONIC) - due
                before, waited = waited, int(os.pread(scheduling, 64, 0).split()[1])
                self.late.observe(late / _SECOND_NS)
                self.held.observe((late - (waited - before)) / _SECOND_NS)
                due += _TICK_NS * int.from_bytes(os.read(timer, 8), sys.byteorder)

            loop.add_reader(timer, tick)
            await loop.create_future()
        finally:
            loop.remove_reader(timer)
            os.close(timer)
            os.close(scheduling)


def resident() -> int:
    """Bytes in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def serve(options: argparse.Namespace) -> None:
    """Start, teach, fill, and report until the end."""
    document: dict[str, Any] = {
        "listen": f"127.0.0.1:{options.port}",
        "admin": {"listen": "127.0.0.1:0"},
        "upstream": {"url": options.upstream},
        "auth": {"mode": "None"},
        "stores": {"vectors": orjson.loads(options.vectors)},
        "responseCache": {"semantic": {"embedding": orjson.loads(options.embedding)}},
    }
    sidecar = Sidecar(SidecarConfig.parse(document))
    await sidecar.start()
    report: dict[str, Any] = {}
    while not sidecar.semantic.ready:
        await asyncio.sleep(0.05)
    report["empty"] = resident()
    for _ in range(_WARMING):
        # A model's first texts take long, and what is taught without a vector is not found again.
        await partition_of(sidecar, MEANT)
    await exchange(options.port, post(CHAT, body(TAUGHT)))
    await sidecar.semantic.flush(10.0)
    await fill(sidecar, options.points)
    lag = Lag()
    watching = asyncio.create_task(lag.watch())
    asked_for = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, asked_for.set)
    try:
        while True:
            embeddings = sidecar.account.embeddings
            report |= {
                "resident": resident(),
                "late": [lag.late.quantile(share) for share in (0.5, 0.99, 0.999)],
                "held": [lag.held.quantile(share) for share in (0.5, 0.99, 0.999)],
                "embedding": [embeddings.quantile(share) for share in (0.5, 0.99)],
                "outcomes": sidecar.account.totals.outcomes,
                "events": sidecar.account.totals.events,
            }
            # In one step: somebody reads it meanwhile.
            draft = options.report.with_suffix(".draft")
            draft.write_bytes(orjson.dumps(report))
            sidecar.account.embeddings = Quantiles()
            draft.replace(options.report)
            await asked_for.wait()
            asked_for.clear()
    finally:
        watching.cancel()
        await sidecar.aclose()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--points", type=int, default=0)
    parser.add_argument("--vectors", default="{}", help="section stores.vectors as JSON")
    parser.add_argument("--embedding", default="{}", help="section embedding as JSON")
    parser.add_argument("--report", type=Path, required=True)
    uvloop.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()

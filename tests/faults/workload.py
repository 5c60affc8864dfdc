"""Tens of clients at once, and somebody who purges."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import aiohttp

from tests.faults.asking import Ask, Exchange, Manner, exchange, misbehave
from tests.faults.stage import PATIENCE_S, TENANTS, Stage


@dataclass(frozen=True)
class Load:
    """What is asked, and by how many.

    Attributes:
        questions: different ones; the first is asked most (Zipf).
        clients: at once.
        engine_faults: each stands in some requests, with a question of its own every time.
        manners: of the clients that are not polite, about one in four.
        hang_s: patience where the engine's fault is that it hangs.
        wishes: Cache-Control headers that some requests carry.
    """

    questions: int = 40
    clients: int = 24
    engine_faults: tuple[str, ...] = ()
    manners: tuple[Manner, ...] = ()
    hang_s: float = 0.5
    wishes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Purged:
    """A purge that was promised: from `at` on (monotonic seconds), nothing older than `revision`."""

    at: float
    revision: int


@dataclass
class Record:
    """Everything that was asked and promised.

    Attributes:
        sent: requests sent to each sidecar since its process began, polite or not.
        rude: what was asked by clients that are not polite, and when.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    purged: list[Purged] = field(default_factory=list)
    refused_purges: int = 0
    sent: dict[int, int] = field(default_factory=dict)
    rude: list[tuple[float, Ask]] = field(default_factory=list)


class Crowd:
    """Clients over a stage.

    Attributes:
        record: of all that they did.
    """

    def __init__(self, stage: Stage, load: Load, draw: random.Random) -> None:
        self._stage = stage
        self._load = load
        self._draw = draw
        self._weights = [1 / (rank + 1) for rank in range(load.questions)]
        self._unique = 1000
        self.record = Record()

    async def ask(self, requests: int) -> None:
        """So many requests, by all clients together."""
        left = iter(range(requests))
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:

            async def client() -> None:
                for _ in left:
                    await self._one(session)

            async with asyncio.TaskGroup() as group:
                for _ in range(self._load.clients):
                    group.create_task(client())

    async def _one(self, session: aiohttp.ClientSession) -> None:
        ask = self._next()
        sidecar = self._draw.randrange(len(self._stage.sidecars))
        url = self._stage.sidecars[sidecar].data
        patience = self._load.hang_s if ask.hangs else PATIENCE_S
        self.record.sent[sidecar] = self.record.sent.get(sidecar, 0) + 1
        if ask.manner is Manner.POLITE:
            self._enter(await exchange(session, url, ask, patience, sidecar))
            return
        self.record.rude.append((time.monotonic(), ask))
        parts = urlsplit(url)
        assert parts.port is not None
        found = await misbehave("127.0.0.1", parts.port, ask, patience)
        if found is not None:
            self._enter(replace(found, sidecar=sidecar))

    def _enter(self, found: Exchange) -> None:
        self.record.exchanges.append(found)

    def _next(self) -> Ask:
        draw, load = self._draw, self._load
        (question,) = draw.choices(range(load.questions), self._weights)
        fault = ""
        if load.engine_faults and draw.random() < 0.4:
            # Nobody else may share what goes wrong: a question that nobody else asks.
            fault = draw.choice(load.engine_faults)
            self._unique += 1
            question = self._unique
        manner = Manner.POLITE
        if load.manners and not fault and draw.random() < 0.25:
            manner = draw.choice(load.manners)
        return Ask(
            question,
            draw.choice(TENANTS),
            streamed=draw.random() < 0.5,
            api=draw.choice(("chat", "chat", "messages")),
            fault=fault,
            manner=manner,
            wishes=draw.choice((*load.wishes, "", "")) if load.wishes else "",
        )

    @contextlib.asynccontextmanager
    async def purging(self, pause_s: float = 0.15) -> AsyncIterator[None]:
        """Purges meanwhile. Before each, the engine begins to answer otherwise, so that an answer
        tells whether it is older than the purge."""
        stop = asyncio.Event()
        task = asyncio.create_task(self._purge(stop, pause_s))
        try:
            yield
        finally:
            stop.set()
            await task

    async def _purge(self, stop: asyncio.Event, pause_s: float) -> None:
        what: Sequence[dict[str, str]] = ({"all": "true"}, {"tag": "parcels"})
        number = 0
        while not stop.is_set():
            number += 1
            self._stage.answers.revision += 1
            revision = self._stage.answers.revision
            admin = self._draw.choice(self._stage.sidecars).admin
            try:
                url = f"{admin}/admin/v1/entries"
                async with self._stage.admin.delete(url, params=what[number % 2]) as response:
                    await response.read()
                    done = response.status == 200
            except (aiohttp.ClientError, TimeoutError):
                done = False
            if done:
                self.record.purged.append(Purged(time.monotonic(), revision))
            else:
                self.record.refused_purges += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await stop.wait()

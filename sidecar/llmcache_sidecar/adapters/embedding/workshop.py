"""Threads that load an encoder and work with it, and the queue in front of them."""

from __future__ import annotations

import contextlib
import threading
from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import Callable, Sequence
from math import inf
from typing import Final

from ...domain.vectors import EmbeddingModel, Vector
from ...ports.clock import Clock
from ...ports.embedder import (
    EmbeddingError,
    EmbeddingOverload,
    Encoder,
    TextTooLong,
    TextUnreadable,
)
from ..fair_lanes import FairLanes
from .pace import Pace

Load = Callable[[], Encoder]
"""Makes the encoder, in a thread. Raises `EmbeddingLoadError`."""

Outcome = Vector | Exception

_BATCH: Final = 8


class Job:
    """One text on its way to its vector.

    Attributes:
        cost: see `pace`.
        owner: whose turn it takes.
        due: monotonic seconds at which it is given up. It is not begun when it could not be done by
            then; one that never had to wait is tried all the same.
    """

    __slots__ = ("cost", "due", "future", "owner", "text")

    def __init__(
        self, text: str, future: Future[Vector], cost: int, due: float = inf, owner: str = ""
    ) -> None:
        self.text = text
        self.future = future
        self.cost = cost
        self.due = due
        self.owner = owner


class Workshop:
    """The threads' side of an embedder. Its methods are called in the event loop and never wait for
    a thread; what the threads have to say comes back through `call_soon_threadsafe`.

    Attributes:
        pace: how long texts take.
        ahead: the cost of all requests that wait and of every text in hand.
        runs: that have ended. While it stands still, the model does.
    """

    def __init__(self, loop: AbstractEventLoop, clock: Clock, threads: int) -> None:
        self._loop = loop
        self._now = clock.monotonic
        self._threads = threads
        self._condition = threading.Condition()
        self._requests = FairLanes[Job]()
        self._background: deque[Job] = deque()
        self._closed = False
        self._alive = 0
        self._in_hand: set[Job] = set()
        self.pace = Pace()
        self.ahead = 0
        self.runs = 0
        self.ended = loop.create_future()

    @property
    def waiting(self) -> int:
        """Requests in the queue."""
        return len(self._requests)

    @property
    def running(self) -> int:
        """Texts that the threads have in hand."""
        return len(self._in_hand)

    def ahead_of(self, owner: str) -> int:
        """The cost of what would be done before one more text of `owner`: owners take turns."""
        with self._condition:
            return self.ahead - self._requests.bytes + self._requests.before(owner)

    def make_room(self, owner: str) -> bool:
        """Give up the newest text of the owner who has most waiting, where that is more than
        `owner`'s share; whether there was one."""
        with self._condition:
            job = self._requests.shed(owner)
            if job is None:
                return False
            self.ahead -= job.cost
        _deliver([job], [EmbeddingOverload("others had fewer texts waiting")])
        return True

    def load(self, load: Load, report: Callable[[EmbeddingModel | Exception], None]) -> None:
        """Load in a thread of its own; `report` is called in the event loop."""
        threading.Thread(
            target=self._load, args=(load, report), name="llmcache-embedding-load", daemon=True
        ).start()

    def put(self, job: Job, *, background: bool = False) -> None:
        """Queue a job. Background jobs begin only while no request waits."""
        with self._condition:
            if background:
                self._background.append(job)
            else:
                if not self.ahead:
                    job.due = inf
                self._requests.put(job.owner, job, job.cost)
                self.ahead += job.cost
            self._condition.notify()

    def withdraw(self, job: Job) -> None:
        """Nobody waits for it any more. What has begun can't be stopped."""
        with self._condition:
            if job in self._background:
                self._background.remove(job)
            elif self._requests.discard(job.owner, job):
                self.ahead -= job.cost

    def close(self) -> None:
        """Stop after the text in hand; what waits is never begun."""
        with self._condition:
            self._closed = True
            dropped = [*self._background, *self._in_hand]
            while self._requests:
                dropped.append(self._requests.take()[0])
            self._background.clear()
            self.ahead = 0
            self._condition.notify_all()
            if not self._alive and not self.ended.done():
                self.ended.set_result(None)
        _deliver(dropped, [EmbeddingError("the embedding model has been closed")] * len(dropped))

    def _load(self, load: Load, report: Callable[[EmbeddingModel | Exception], None]) -> None:
        try:
            encoder = load()
        except Exception as error:
            self._tell(report, error)
            return
        with self._condition:
            if self._closed:
                encoder.close()
                return
            self._alive = self._threads
        for number in range(self._threads):
            threading.Thread(
                target=self._work, args=(encoder,), name=f"llmcache-embedding-{number}", daemon=True
            ).start()
        self._tell(report, encoder.model)

    def _work(self, encoder: Encoder) -> None:
        batch = _BATCH if encoder.model.batch_invariant else 1
        while True:
            with self._condition:
                while not (self._requests or self._background or self._closed):
                    self._condition.wait()
                if self._closed:
                    break
                began = self._now()
                jobs, late = self._take(batch, began)
                self._in_hand.update(jobs)
            if late:
                self._tell(_deliver, late, [_too_late()] * len(late))
            if not jobs:
                continue
            outcomes = _encode(encoder, [job.text for job in jobs])
            seconds = self._now() - began
            cost = sum(job.cost for job in jobs)
            with self._condition:
                self._in_hand.difference_update(jobs)
                self.ahead = max(self.ahead - cost, 0)
                self.runs += 1
                # A text that can't be embedded costs next to nothing and says nothing of the rest.
                if not any(isinstance(outcome, Exception) for outcome in outcomes):
                    self.pace.observe(cost, seconds)
            self._tell(_deliver, jobs, outcomes)
        with self._condition:
            self._alive -= 1
            last = not self._alive
        if last:
            encoder.close()
            self._tell(_end, self.ended)

    def _take(self, most: int, now: float) -> tuple[list[Job], list[Job]]:
        """Requests, several where they may share a run, else one of the background's; and those that
        came too late to be begun."""
        if not self._requests:
            job = self._background.popleft()
            self.ahead += job.cost
            return [job], []
        jobs: list[Job] = []
        late: list[Job] = []
        while self._requests and len(jobs) < most:
            job, _ = self._requests.take()
            if now + self.pace.usual(sum(one.cost for one in jobs) + job.cost) > job.due:
                late.append(job)
                self.ahead -= job.cost
            else:
                jobs.append(job)
        return jobs, late

    def _tell(self, callback: Callable[..., None], *arguments: object) -> None:
        # The loop may be gone: then nobody waits.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback, *arguments)


def _too_late() -> EmbeddingOverload:
    return EmbeddingOverload("the texts ahead took so long that there is no time left for this one")


def _encode(encoder: Encoder, texts: list[str]) -> list[Outcome]:
    """A vector or an exception for each."""
    if len(texts) > 1:
        with contextlib.suppress(TextTooLong, TextUnreadable):
            try:
                return list(encoder.encode_many(texts))
            except (TextTooLong, TextUnreadable):
                raise
            except Exception as error:
                return [error] * len(texts)
    # Alone; or one of several can't be embedded, and the others can.
    outcomes: list[Outcome] = []
    for text in texts:
        try:
            outcomes.append(encoder.encode(text))
        except EmbeddingError as error:
            outcomes.append(error)
        except Exception as error:
            outcomes.append(error)
    return outcomes


def _deliver(jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> None:
    for job, outcome in zip(jobs, outcomes, strict=True):
        if job.future.done():
            continue
        if isinstance(outcome, Exception):
            job.future.set_exception(outcome)
        else:
            job.future.set_result(outcome)


def _end(ended: Future[None]) -> None:
    if not ended.done():
        ended.set_result(None)

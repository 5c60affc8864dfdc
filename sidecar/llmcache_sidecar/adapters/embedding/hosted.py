"""An encoder in this process, made fit for the request path."""

from __future__ import annotations

import asyncio
from typing import Final

from ...domain.vectors import EmbeddingModel, Vector
from ...ports.clock import Clock, SystemClock
from ...ports.embedder import (
    EmbeddingError,
    EmbeddingLoadError,
    EmbeddingOverdue,
    EmbeddingOverload,
    TextTooLong,
    TextUnreadable,
)
from ..breaker import Breaker, BreakerState
from .observing import EmbedderState, EmbedderStatus, EmbeddingObserver, Silent, Trouble
from .pace import cost_of
from .workshop import Job, Load, Workshop

_RETRIES_S: Final = (5.0, 15.0, 60.0, 300.0)
_LEAVING_S: Final = 2.0
"""How long `aclose` waits for a text in hand; a thread that hangs is left to the process's end."""
_PART_FOR_TEXTS: Final = 0.5
"""Of the deadline. The rest is for the event loop, which has more to do the more requests come. A
short queue costs no vectors: the threads are as busy with it."""
_USUAL: Final = cost_of("What are the opening hours of the store?", 256)
"""The cost of a short question, to show how fast the model is."""


class HostedEmbedder:
    """An `Embedder` over a blocking `Encoder`: threads, a bounded queue, a deadline, a breaker.

    A request that could not be served in time, by what was measured, is told at once. One that is
    overdue is told so at its deadline, and its text is not begun any more. Neither is a failure of the
    model as long as it gets on with others; one that stands still is. Texts that can't be embedded
    (too long, unreadable) are answers, not failures.
    """

    def __init__(
        self,
        load: Load,
        deadline_s: float = 0.05,
        breaker: Breaker | None = None,
        *,
        threads: int = 1,
        queue: int = 64,
        retries_s: tuple[float, ...] = _RETRIES_S,
        clock: Clock | None = None,
        observer: EmbeddingObserver | None = None,
    ) -> None:
        """Make one that has not begun; `start` begins to load.

        Args:
            load: makes the encoder, in a thread; raises `EmbeddingLoadError`.
            deadline_s: seconds for `embed`, queueing included.
            threads: that share the encoder; each works on one text (or batch) at a time.
            queue: requests that may wait.
            retries_s: pauses before loading is tried again where its failure is transient; the last
                one repeats.
        """
        self._load = load
        self._deadline = deadline_s
        self._breaker = breaker or Breaker()
        self._threads = threads
        self._limit = queue
        self._retries = retries_s
        self._clock = clock or SystemClock()
        self._observer = observer or Silent()
        self._workshop: Workshop | None = None
        self._model: EmbeddingModel | None = None
        self._status = EmbedderStatus(EmbedderState.LOADING)
        self._settled: asyncio.Future[None] | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def model(self) -> EmbeddingModel | None:
        """None until it is loaded."""
        return self._model

    @property
    def status(self) -> EmbedderStatus:
        """Loading, ready, or failed and why."""
        return self._status

    @property
    def breaker(self) -> BreakerState:
        """Of the circuit around the model."""
        return self._breaker.state

    @property
    def figures(self) -> dict[str, int | float | str]:
        """What statistics show."""
        workshop = self._workshop
        return {
            "state": self._status.state.value,
            "circuit": self._breaker.state.value,
            "waiting": workshop.waiting if workshop else 0,
            "running": workshop.running if workshop else 0,
            "usualMs": round(workshop.pace.usual(_USUAL) * 1000, 3) if workshop else 0.0,
        }

    def start(self) -> None:
        """Begin to load; call inside the running event loop. Returns at once."""
        if self._workshop is None and not self._closed:
            loop = asyncio.get_running_loop()
            self._workshop = Workshop(loop, self._clock, self._threads)
            self._settled = loop.create_future()
            self._attempt()

    async def ready(self) -> EmbeddingModel:
        """Wait until it is loaded, through every retry.

        Raises:
            EmbeddingLoadError: it can't be loaded, and is not tried again; or it has been closed.
        """
        if self._settled is not None:
            await asyncio.shield(self._settled)
        if self._model is None:
            raise EmbeddingLoadError(self._status.reason or "the embedding model was never started")
        return self._model

    async def embed(self, text: str, owner: str = "") -> Vector:
        """See `ports.embedder.Embedder`."""
        loop = asyncio.get_running_loop()
        began = self._clock.monotonic()  # uvloop's own clock counts whole milliseconds
        workshop, model = self._ready_workshop()
        permit = self._breaker.enter(self._clock.monotonic())
        if permit is None:
            self._observer.failed(Trouble.CIRCUIT_OPEN)
            raise EmbeddingError("the embedding model is paused after repeated failures")
        ahead = workshop.ahead_of(owner)
        cost = cost_of(text, model.window)
        # With nothing ahead it is tried, however slow the last one was: else nothing would ever be
        # measured again.
        if (
            ahead
            and workshop.pace.careful(ahead / self._threads + cost)
            > _PART_FOR_TEXTS * self._deadline
        ) or (workshop.waiting >= self._limit and not workshop.make_room(owner)):
            self._breaker.abandoned(permit)
            self._observer.failed(Trouble.OVERLOAD)
            raise EmbeddingOverload("too many texts are ahead for the deadline")
        job = Job(text, loop.create_future(), cost, began + self._deadline, owner)
        timer = loop.call_later(self._deadline, _overdue, job.future, self._deadline)
        runs = workshop.runs
        workshop.put(job)
        try:
            vector = await job.future
        except EmbeddingOverdue as error:
            workshop.withdraw(job)
            if isinstance(error, EmbeddingOverload) or workshop.runs != runs:
                self._breaker.abandoned(permit)
                self._observer.failed(Trouble.OVERLOAD)
                raise EmbeddingOverload(str(error)) from None
            self._breaker.failed(permit, self._clock.monotonic())
            self._observer.failed(Trouble.DEADLINE)
            raise
        except (TextTooLong, TextUnreadable) as error:
            self._breaker.succeeded(permit)
            long = isinstance(error, TextTooLong)
            self._observer.failed(Trouble.TOO_LONG if long else Trouble.UNREADABLE)
            raise
        except EmbeddingError:
            self._breaker.failed(permit, self._clock.monotonic())
            self._observer.failed(Trouble.MODEL_ERROR)
            raise
        except Exception as error:
            self._breaker.failed(permit, self._clock.monotonic())
            self._observer.failed(Trouble.DEFECT)
            raise EmbeddingError(f"the embedding failed: {type(error).__name__}") from None
        except BaseException:
            workshop.withdraw(job)
            self._breaker.abandoned(permit)
            raise
        finally:
            timer.cancel()
        self._breaker.succeeded(permit)
        self._observer.embedded(self._clock.monotonic() - began)
        return vector

    async def embed_many(self, texts: list[str]) -> list[Vector]:
        """See `ports.embedder.Embedder`. One at a time, so that a request waits for one at most."""
        vectors = []
        for text in texts:
            workshop, model = self._ready_workshop()
            future: asyncio.Future[Vector] = asyncio.get_running_loop().create_future()
            job = Job(text, future, cost_of(text, model.window))
            workshop.put(job, background=True)
            try:
                vectors.append(await job.future)
            except EmbeddingError:
                raise
            except Exception as error:
                raise EmbeddingError(f"the embedding failed: {type(error).__name__}") from None
            finally:
                workshop.withdraw(job)
        return vectors

    async def aclose(self) -> None:
        """Stop the threads and free the model. Idempotent."""
        self._closed = True
        if self._retry is not None:
            self._retry.cancel()
        workshop, self._workshop = self._workshop, None
        self._model = None
        self._status = EmbedderStatus(EmbedderState.FAILED, "it has been closed")
        self._settle()
        if workshop is not None:
            workshop.close()
            await asyncio.wait([workshop.ended], timeout=_LEAVING_S)

    def _ready_workshop(self) -> tuple[Workshop, EmbeddingModel]:
        workshop, model = self._workshop, self._model
        if workshop is None or model is None:
            self._observer.failed(Trouble.NOT_READY)
            status = self._status
            raise EmbeddingError(
                f"the embedding model is {status.state}"
                + (f": {status.reason}" if status.reason else "")
            )
        return workshop, model

    def _attempt(self) -> None:
        assert self._workshop is not None
        before = self._status
        # While it is tried again, the last reason stays visible.
        self._status = EmbedderStatus(
            EmbedderState.LOADING, before.reason, before.attempts + 1, before.retrying
        )
        self._workshop.load(self._load, self._loaded)

    def _loaded(self, outcome: EmbeddingModel | Exception) -> None:
        if self._closed:
            return
        attempts = self._status.attempts
        if isinstance(outcome, EmbeddingModel):
            self._model = outcome
            self._status = EmbedderStatus(EmbedderState.READY, attempts=attempts)
            self._settle()
            return
        reason = str(outcome)
        if not isinstance(outcome, EmbeddingError):
            reason = f"loading failed: {type(outcome).__name__}: {outcome}"
        retrying = isinstance(outcome, EmbeddingLoadError) and outcome.transient
        self._status = EmbedderStatus(EmbedderState.FAILED, reason, attempts, retrying)
        if retrying and self._retries:
            pause = self._retries[min(attempts, len(self._retries)) - 1]
            self._retry = asyncio.get_running_loop().call_later(pause, self._attempt)
        else:
            self._settle()

    def _settle(self) -> None:
        if self._settled is not None and not self._settled.done():
            self._settled.set_result(None)


def _overdue(future: asyncio.Future[Vector], deadline_s: float) -> None:
    if not future.done():
        future.set_exception(EmbeddingOverdue(f"no vector within {deadline_s * 1000:g} ms"))

"""Single flight: requests that would get the same answer share one inference.

The engine is read at its own pace by the flight's own task. What has come is kept, so that a late
follower gets everything so far; each rider reads at its own pace, and one that is slow is slowed
alone. When the last rider leaves, the inference is cancelled.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from ...apis.dialect import Dialect
from ...domain.entry import Entry, Form
from ...domain.ids import ExactKey
from ...ports.engine import Engine, EngineError, EngineRequest, HeaderList
from ...streaming.sse import DONE, EventSplitter, event_data
from ...streaming.usage import finishes, with_fingerprint
from ..stored.renditions import parse_events

FlightKey = tuple[ExactKey, Form, bytes, int]
"""What is asked, in which form, the digest of the key it is asked with (the engine judges keys one by
one, so callers with different ones do not share), and the version of what is known of purges (who
asks after a purge does not get an answer that began before it)."""

_NO_CHOICES: Final = re.compile(rb'"choices": ?\[\]')
_RETRIABLE: Final = frozenset({429, 500, 502, 503, 504})
_log = logging.getLogger(__name__)
_ABANDONED: Final = EngineError("every client left", connected=True)


@dataclass(frozen=True, slots=True)
class Head:
    """The engine's answer, its body not yet."""

    status: int
    reason: str
    headers: HeaderList
    form: Form


@dataclass(frozen=True, slots=True)
class Landed:
    """A whole answer, as `keep` receives it.

    Attributes:
        pieces: the body: events of a stream, or parts as they were read.
        seconds: how long the engine took, from the request to the last byte.
        too_long: it is longer than what is kept, and `pieces` holds only its end.
    """

    head: Head
    pieces: list[bytes]
    seconds: float
    too_long: bool = False


_LAST_EVENTS: Final = (b"data: [DONE]", b"event: response.completed", b"event: message_stop")
"""How the last event of a stream begins, in every API; what follows is the end of the answer."""

_END_S: Final = 10.0
"""How long an engine may take to end its answer after the last event, when nobody waits for it."""


class Keep(Protocol):
    """Judges a landed answer and stores it where it may be."""

    async def __call__(self, landed: Landed) -> Entry | None:
        """The entry when the write queue took it, else None. Never raises."""
        ...


class Flight:
    """One inference and everybody who waits for it.

    Args:
        streamed: the engine was asked for a stream.
        choices: how many answers were asked for.
        limit: most bytes that are kept; a longer answer is passed on and not kept.
        keep: called once with the whole answer, before whole-form riders get it and after stream
            riders got their last byte. None: the answer is not to be stored.
        over: called when nobody may join any more.
    """

    def __init__(
        self,
        dialect: Dialect,
        streamed: bool,
        choices: int,
        limit: int,
        keep: Keep | None,
        monotonic: Callable[[], float],
        over: Callable[[Flight], None],
    ) -> None:
        loop = asyncio.get_running_loop()
        self._dialect = dialect
        self.streamed = streamed
        self._choices = choices
        self._limit = limit
        self._keep = keep
        self._monotonic = monotonic
        self._over = over
        self._head: asyncio.Future[Head] = loop.create_future()
        self._settled: asyncio.Future[Entry | None] = loop.create_future()
        self._changed: asyncio.Future[None] = loop.create_future()
        self._room: asyncio.Future[None] | None = None
        self._pieces: list[bytes] = []
        self._first = 0
        self._size = 0
        self._usage_at: set[int] = set()
        self._finish_at: list[int] = []
        self._fingerprint = ""
        self._riders: set[Rider] = set()
        self._task: asyncio.Task[None] | None = None
        self._whole = False
        self.overflowed = False
        self.ended = False
        self.failure: EngineError | None = None

    def start(self, engine: Engine, request: EngineRequest) -> None:
        """Take off."""
        self._task = asyncio.get_running_loop().create_task(self._run(engine, request))

    def board(self) -> Rider:
        """Another client; it must `leave` in the end."""
        rider = Rider(self)
        self._riders.add(rider)
        return rider

    async def head(self) -> Head:
        """The answer's head; `EngineError` when none came."""
        if self._head.done():
            return self._head.result()
        return await asyncio.shield(self._head)

    async def landed(self) -> Entry | None:
        """Wait for the end, or until the answer is too long to be kept; the entry when it was
        stored. Look at `failure` and `overflowed` for how it went."""
        if self._settled.done():
            return self._settled.result()
        return await asyncio.shield(self._settled)

    def body(self, wants_usage: bool) -> bytes:
        """All of it; only after `landed`, without failure or overflow."""
        return self.read(0, wants_usage)[1]

    @property
    def retriable(self) -> bool:
        """The engine refused before the first byte, in a way that another try may mend."""
        if not self._head.done() or self._head.cancelled():
            return False
        if self._head.exception() is not None:
            return True
        return self._head.result().status in _RETRIABLE

    async def _run(self, engine: Engine, request: EngineRequest) -> None:
        entry = None
        started = self._monotonic()
        try:
            async with engine.send(request) as response:
                form = Form.WHOLE
                if response.header("Content-Type").startswith("text/event-stream"):
                    form = Form.STREAM
                head = Head(response.status, response.reason, response.headers, form)
                self._head.set_result(head)
                if self.retriable:
                    self._over(self)
                # Events under another content type are events all the same.
                events = self.streamed or form is Form.STREAM
                splitter = EventSplitter() if events else None
                async for chunk in response.chunks():
                    if splitter is None:
                        await self._add([chunk])
                    else:
                        await self._add_events(splitter.feed(chunk))
                if splitter and splitter.rest:
                    await self._add_events([splitter.rest])
            seconds = self._monotonic() - started
            if form is Form.STREAM:
                # The clients first: they get their last bytes before the answer is judged.
                self._finish()
                await asyncio.sleep(0)
            if self._keep is not None:
                landed = Landed(head, self._pieces, seconds, self.overflowed)
                entry = await self._keep(landed)
        except EngineError as error:
            self.failure = error
        except OverflowError as error:
            self.failure = EngineError(str(error), connected=True)
        except asyncio.CancelledError:
            self.failure = _ABANDONED
            raise
        except Exception as error:
            self.failure = EngineError(f"unexpected: {error!r}", connected=True)
            _log.exception("a flight broke")
        finally:
            self._over(self)
            if not self._head.done():
                self._head.set_exception(self.failure or _ABANDONED)
                self._head.exception()  # seen, even when nobody waits any more
            self._finish()
            if not self._settled.done():
                self._settled.set_result(entry)

    def _finish(self) -> None:
        self.ended = True
        self._wake()

    async def _add_events(self, events: list[bytes]) -> None:
        """Events one by one: some clients do not get all of them."""
        at = self._first + len(self._pieces)
        for event in events:
            if _NO_CHOICES.search(event):
                if self._is_usage(event):
                    self._usage_at.add(at)
            elif self._dialect.ends_with_done and finishes(event):
                self._finish_at.append(at)
            if event.startswith(_LAST_EVENTS):
                self._whole = True
            at += 1
        await self._add(events)

    async def _add(self, pieces: list[bytes]) -> None:
        self._pieces += pieces
        self._size += sum(map(len, pieces))
        if pieces:
            self._wake()
        if self._size > self._limit:
            if not self.overflowed:
                self.overflowed = True
                self._over(self)
                self._settled.set_result(None)
            await self._wait_for_room()

    def _is_usage(self, piece: bytes) -> bool:
        data = event_data(piece)
        if data is None or data == DONE:
            return False
        try:
            found = [d for d in parse_events([piece]) if self._dialect.is_usage_event(d)]
        except ValueError:
            return False
        for document in found:
            fingerprint = document.get("system_fingerprint")
            if type(fingerprint) is str:
                self._fingerprint = fingerprint
        return bool(found)

    async def _wait_for_room(self) -> None:
        """Too long to keep: drop what every rider has, and wait for the slowest."""
        while True:
            slowest = min((r.position for r in self._riders), default=self._first)
            for piece in self._pieces[: slowest - self._first]:
                self._size -= len(piece)
            del self._pieces[: slowest - self._first]
            self._first = slowest
            if self._size <= self._limit or not self._riders:
                return
            self._room = asyncio.get_running_loop().create_future()
            await self._room

    def _wake(self) -> None:
        if not self._changed.done():
            self._changed.set_result(None)

    # What riders use.

    def read(self, position: int, wants_usage: bool) -> tuple[int, bytes]:
        """What there is after `position`, and the new position."""
        end = self._first + len(self._pieces)
        pieces = self._pieces[position - self._first :]
        if (self._finish_at or self._usage_at) and not wants_usage:
            end, pieces = self._without_usage(position, end, pieces)
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        return end, pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _without_usage(
        self, position: int, end: int, pieces: list[bytes]
    ) -> tuple[int, list[bytes]]:
        """The pieces for a client that did not ask for the usage event. The last choice's finish
        waits for that event, which the engine sends along with it and which tells what the client
        would have got with the finish. Of what is too long to keep nothing is held back: the engine is
        not read until every rider has what came."""
        if (
            not self._usage_at
            and not self.overflowed
            and not self._whole
            and not self.ended
            and len(self._finish_at) >= self._choices
        ):
            end = max(position, min(end, self._finish_at[-1]))
            return end, pieces[: end - position]
        told_at = self._finish_at[-1] if self._finish_at and self._fingerprint else -1
        return end, [
            with_fingerprint(piece, self._fingerprint) if at == told_at else piece
            for at, piece in enumerate(pieces, position)
            if at not in self._usage_at
        ]

    async def change(self) -> None:
        """Wait until there is more, or the end."""
        if self._changed.done():
            self._changed = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._changed)

    def leave(self, rider: Rider) -> None:
        """A rider goes; the last one stops the inference."""
        self._riders.discard(rider)
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        if self._riders or self.ended or self._task is None:
            return
        if self._whole:
            # SDKs leave at the last event, a moment before the engine ends its answer: that is kept.
            asyncio.get_running_loop().call_later(_END_S, self._give_up)
        else:
            self._give_up()

    def _give_up(self) -> None:
        if not self.ended and not self._riders and self._task is not None:
            self._over(self)
            self._task.cancel()


class Rider:
    """One client's place in a flight.

    Attributes:
        position: how many pieces it has read.
        wants_usage: it gets the usage event of chat and completions streams.
    """

    __slots__ = ("flight", "position", "wants_usage")

    def __init__(self, flight: Flight) -> None:
        self.flight = flight
        self.position = 0
        self.wants_usage = True

    def __aiter__(self) -> Rider:
        return self

    async def __anext__(self) -> bytes:
        """The next bytes; `EngineError` when the answer broke off."""
        flight = self.flight
        while True:
            self.position, data = flight.read(self.position, self.wants_usage)
            if data:
                return data
            if flight.ended:
                if flight.failure is not None:
                    raise flight.failure
                raise StopAsyncIteration
            await flight.change()

    def leave(self) -> None:
        """Idempotent."""
        self.flight.leave(self)


class FlightTable:
    """The flights that others may join."""

    def __init__(self) -> None:
        self._flights: dict[FlightKey, Flight] = {}
        self._keys: dict[Flight, FlightKey] = {}

    def __len__(self) -> int:
        return len(self._flights)

    def find(self, key: FlightKey) -> Flight | None:
        """A flight for the same thing in the same form, or, for a whole answer, the stream of it."""
        flight = self._flights.get(key)
        if flight is None and key[1] is Form.WHOLE:
            flight = self._flights.get((key[0], Form.STREAM, *key[2:]))
        return flight

    def add(self, key: FlightKey, flight: Flight) -> None:
        """From now on others may join."""
        self._flights[key] = flight
        self._keys[flight] = key

    def remove(self, flight: Flight) -> None:
        """Nobody may join any more. Idempotent."""
        key = self._keys.pop(flight, None)
        if key is not None and self._flights.get(key) is flight:
            del self._flights[key]

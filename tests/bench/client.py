"""A closed-loop HTTP client that is never the bottleneck.

Each connection sends its next request when the last answer is whole. Requests are ready-made
bytes; answers are read by the least that is right for them: a status line, headers, and a body
framed by Content-Length or chunked. Every answer's status and length are checked, its
Cache-Status counted, sampled bodies compared whole.
"""

import asyncio
import gc
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic_ns
from typing import Final, cast

from tests.bench.wire import SAMPLE_EVERY, Expectation, WireError

OnPiece = Callable[[bytes, int], None]
"""Takes pieces of chunked bodies as they arrive, with the nanoseconds of their arrival."""

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_HEAD_END: Final = b"\r\n\r\n"
_UNKNOWN: Final = -1
_GRACE_S: Final = 30.0
"""How long the last answers of a burst may take after its end."""


@dataclass(slots=True)
class Sample:
    """What one burst measured; times in nanoseconds."""

    total: list[int] = field(default_factory=list)
    first_byte: list[int] = field(default_factory=list)
    others: int = 0
    """Answers whose Cache-Status was not the expected one."""
    started: int = 0
    ended: int = 0

    @property
    def seconds(self) -> float:
        return (self.ended - self.started) / 1e9


@dataclass(slots=True)
class _Budget:
    """The requests and the time that all connections of a burst share."""

    left: int
    deadline: int

    def take(self) -> bool:
        if self.left <= 0 or monotonic_ns() >= self.deadline:
            return False
        self.left -= 1
        return True


class Chunks:
    """Reads a chunked body that comes in pieces of any size."""

    __slots__ = ("_data", "payload")

    def __init__(self) -> None:
        self._data = b""
        self.payload: list[bytes] = []

    def feed(self, data: bytes) -> tuple[bytes, bool]:
        """The payload that is now whole, and whether the body is; bytes after it are an error."""
        if self._data:
            data = self._data + data
        at = 0
        ended = False
        pieces: list[bytes] = []
        while not ended:
            line = data.find(b"\r\n", at)
            if line < 0:
                break
            size = int(data[at:line], 16)
            end = line + 2 + size + 2
            if len(data) < end:
                break
            if size == 0:
                ended = True
            else:
                pieces.append(data[line + 2 : end - 2])
            at = end
        self._data = data[at:]
        if ended and self._data:
            raise WireError("bytes after the last chunk")
        self.payload += pieces
        return b"".join(pieces), ended


class _Connection(asyncio.Protocol):
    """Sends one request after the other until the budget is used up."""

    def __init__(
        self,
        requests: Iterator[bytes],
        expectation: Expectation,
        budget: _Budget,
        sample: Sample,
        on_piece: OnPiece | None,
    ) -> None:
        self._requests = requests
        self._expectation = expectation
        self._budget = budget
        self._sample = sample
        self._on_piece = on_piece
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._in_body = False
        self._length = _UNKNOWN
        self._chunks = Chunks()
        self._sent = 0
        self._answers = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or WireError("the server closed the connection"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def send(self) -> None:
        if not self._budget.take():
            self._end(None)
            return
        assert self._transport is not None
        request = next(self._requests)
        self._in_body = False
        self._sent = monotonic_ns()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        now = monotonic_ns()
        try:
            self._read(data, now)
        except Exception as error:
            self._end(error)
            self.close()

    def _read(self, data: bytes, now: int) -> None:
        if self._buffer:
            data = self._buffer + data
            self._buffer = b""
        if not self._in_body:
            end = data.find(_HEAD_END)
            if end < 0:
                self._buffer = data
                return
            self._read_head(data[: end + 2])
            self._sample.first_byte.append(now - self._sent)
            data = data[end + 4 :]
        if self._length == _UNKNOWN:
            piece, ended = self._chunks.feed(data)
            if piece and self._on_piece is not None:
                self._on_piece(piece, now)
            if ended:
                self._finish(now, None)
        elif len(data) < self._length:
            self._buffer = data
        elif len(data) > self._length:
            raise WireError("more bytes than Content-Length says")
        else:
            self._finish(now, data)

    def _read_head(self, head: bytes) -> None:
        if not self._expectation.check_head(head):
            self._sample.others += 1
        length = _LENGTH.search(head)
        if length is not None:
            self._length = int(length[1])
        elif _CHUNKED.search(head) is not None:
            self._length = _UNKNOWN
            self._chunks = Chunks()
        else:
            raise WireError(f"an answer without framing: {head!r}")
        self._in_body = True

    def _finish(self, now: int, whole: bytes | None) -> None:
        self._sample.total.append(now - self._sent)
        if whole is not None:
            self._expectation.check_length(len(whole))
        if self._answers % SAMPLE_EVERY == 0:
            body = b"".join(self._chunks.payload) if whole is None else whole
            self._expectation.check_body(body)
        self._answers += 1
        self.send()

    def _end(self, error: Exception | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)


async def burst(
    port: int,
    requests: Iterator[bytes],
    expectation: Expectation,
    *,
    connections: int,
    count: int,
    seconds: float,
    on_piece: OnPiece | None = None,
) -> Sample:
    """Send at most `count` requests for at most `seconds`, over so many connections."""
    loop = asyncio.get_running_loop()
    sample = Sample()
    budget = _Budget(left=count, deadline=0)
    opened: list[_Connection] = []
    gc.collect()
    gc.disable()  # a collection of ours would look like a slow server
    try:
        for _ in range(connections):
            _, connection = await loop.create_connection(
                lambda: _Connection(requests, expectation, budget, sample, on_piece),
                "127.0.0.1",
                port,
            )
            opened.append(connection)
        sample.started = monotonic_ns()
        budget.deadline = sample.started + int(seconds * 1e9)
        for connection in opened:
            connection.send()
        async with asyncio.timeout(seconds + _GRACE_S):
            await asyncio.gather(*(connection.done for connection in opened))
        sample.ended = monotonic_ns()
    finally:
        gc.enable()
        for connection in opened:
            connection.close()
    return sample


async def exchange(port: int, request: bytes) -> tuple[bytes, bytes]:
    """One request outside any measurement: the head and the body of its answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(_GRACE_S):
            writer.write(request)
            head = (await reader.readuntil(_HEAD_END))[:-2]
            length = _LENGTH.search(head)
            if length is not None:
                return head, await reader.readexactly(int(length[1]))
            chunks = Chunks()
            while not chunks.feed(await reader.read(2**16))[1]:
                pass
            return head, b"".join(chunks.payload)
    finally:
        writer.close()

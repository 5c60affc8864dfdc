"""A stand-in for vLLM that costs next to nothing: one protocol, ready-made answers, one timer.

It knows the routes that the sidecar asks and refuses the rest. A streamed answer carries, as the
content of each delta, the monotonic clock's nanoseconds at which the chunk was sent. Streams that
begin together send together, as those of one batch in an engine do; they end apart.

    python -m tests.bench.upstream --port 9000 --delay-ms 50 --deltas 40 --interval-ms 5
"""

import argparse
import asyncio
import re
from dataclasses import dataclass
from time import monotonic_ns
from typing import Any, Final, cast
from zlib import crc32

import orjson
import uvloop

from tests.bench.wire import CHAT, MODEL, answer, usage

STAMP: Final = re.compile(rb'"content":"(\d{19}) "')
"""Finds the stamps in a piece of a stream."""

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_STREAM: Final = re.compile(rb'"stream": *true')
_USAGE: Final = re.compile(rb'"include_usage": *true')
_SSE: Final = (
    b"HTTP/1.1 200 OK\r\nServer: uvicorn\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds to the first byte, deltas of a stream, seconds between two of them."""

    delay: float
    deltas: int
    interval: float

    def length(self, request: bytes) -> int:
        """Deltas of this answer: a quarter more or less, always the same for the same request."""
        return self.deltas + (crc32(request) % 3 - 1) * (self.deltas // 4)


def _whole(status: str, body: bytes, content_type: str = "application/json") -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nServer: uvicorn\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


_MODELS: Final = orjson.dumps(
    {
        "object": "list",
        "data": [
            {
                "id": MODEL,
                "object": "model",
                "created": 1700000000,
                "owned_by": "vllm",
                "root": MODEL,
                "parent": None,
                "max_model_len": 8192,
                "permission": [],
            }
        ],
    }
)
_NOT_FOUND: Final = _whole("404 Not Found", b'{"detail":"Not Found"}')
_ROUTES: Final = {
    b"GET /version": _whole("200 OK", b'{"version":"0.11.0"}'),
    b"GET /v1/models": _whole("200 OK", _MODELS),
    b"GET /health": _whole("200 OK", b""),
    b"GET /metrics": _whole("200 OK", b"vllm:num_requests_running 0\n", "text/plain"),
}
_ANSWER: Final = _whole("200 OK", answer())


def _event(choices: list[dict[str, Any]], **more: Any) -> bytes:
    fields = {
        "id": "chatcmpl-4f1c2d3e5b6a79808f9e0d1c2b3a4958",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": MODEL,
        "choices": choices,
        **more,
    }
    return _chunk(b"data: " + orjson.dumps(fields) + b"\n\n")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _delta(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
    return _event([{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}])


_ROLE: Final = _delta({"role": "assistant", "content": ""})
_NOW: Final = b"9" * 19
_BEFORE, _AFTER = _delta({"content": f"{_NOW.decode()} "}).split(_NOW)
_FINISH: Final = _delta({"content": ""}, "stop")
_LAST: Final = _event([], usage=usage())
_DONE: Final = _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"


class _Engine(asyncio.Protocol):
    """One connection. Requests come one at a time: neither side here pipelines."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = b""

    @property
    def connected(self) -> bool:
        return self._transport is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        end = data.find(b"\r\n\r\n")
        length = _LENGTH.search(data, 0, end + 2) if end >= 0 else None
        if end < 0 or (length is not None and len(data) < end + 4 + int(length[1])):
            self._buffer = data
            return
        self._buffer = b""
        target = data[: data.index(b" HTTP/1.", 0, end)]
        if target != b"POST " + CHAT.encode():
            self._write(_ROUTES.get(target, _NOT_FOUND))
        elif _STREAM.search(data, end) is not None:
            with_usage = _USAGE.search(data, end) is not None
            self._later(self._pace.delay, self._open, self._pace.length(data[end:]), with_usage)
        else:
            self._later(self._pace.delay, self._write, _ANSWER)

    def _later(self, seconds: float, call: Any, *args: Any) -> None:
        if seconds:
            self._loop.call_later(seconds, call, *args)
        else:
            call(*args)

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _open(self, deltas: int, with_usage: bool) -> None:
        self._write(_SSE + _ROLE)
        self._later(self._pace.interval, self._go_on, deltas, with_usage)

    def _go_on(self, left: int, with_usage: bool) -> None:
        if not left:
            self._write(_FINISH + (_LAST if with_usage else b"") + _DONE)
            return
        self._write(b"%b%019d%b" % (_BEFORE, monotonic_ns(), _AFTER))
        self._later(self._pace.interval, self._go_on, left - 1, with_usage)


async def serve(port: int, pace: Pace) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Engine(pace), "127.0.0.1", port, backlog=512)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--delay-ms", type=float, default=50.0)
    parser.add_argument("--deltas", type=int, default=40)
    parser.add_argument("--interval-ms", type=float, default=5.0)
    said = parser.parse_args()
    pace = Pace(said.delay_ms / 1000, said.deltas, said.interval_ms / 1000)
    uvloop.run(serve(said.port, pace))


if __name__ == "__main__":
    main()

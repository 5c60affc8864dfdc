"""What clients ask, how they behave, and what they got, in a form that can be compared."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
import time
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import aiohttp
import orjson

from tests.faults.stage import MODEL, PROMPT_CANARY, Answers
from tests.simulator.faults import HEADER as FAULT_HEADER

_REVISION: Final = re.compile(r"revision (\d+) ")
_OF_ONE: Final = re.compile(r'"(id|created)": ?("[^"]*"|\d+)')
_PATHS: Final = {"chat": "/v1/chat/completions", "messages": "/v1/messages"}


class Manner(Enum):
    """How a client behaves."""

    POLITE = "polite"
    LEAVES_BEFORE = "leaves before its request is whole"
    LEAVES_DURING = "leaves while it waits for the first byte"
    LEAVES_AFTER = "leaves after the first bytes"
    SLOW_READER = "reads a few bytes at a time"
    SLOW_WRITER = "sends its request in small pieces"
    HALF_OPEN = "is gone without a word"
    PIPELINED = "sends two requests at once"


class Kind(Enum):
    """How an exchange ended."""

    WHOLE = "whole"  # a document, to its end
    STREAM = "stream"  # events, to the end
    BROKEN = "broken"  # began, and ended before its end
    NOTHING = "nothing"  # no answer came
    LATE = "late"  # the client's patience was over


@dataclass(frozen=True)
class Ask:
    """One request.

    Attributes:
        question: a number; equal numbers are equal questions.
        fault: of the engine, for this request alone.
    """

    question: int
    tenant: str
    streamed: bool = False
    api: str = "chat"
    fault: str = ""
    manner: Manner = Manner.POLITE
    wishes: str = ""

    @property
    def text(self) -> str:
        """The question in words."""
        told = f" after {self.fault}" if self.fault else ""
        return f"How is parcel {self.question} packed, {PROMPT_CANARY}{told}?"

    @property
    def hangs(self) -> bool:
        """The engine never ends its answer to this."""
        return self.fault == "hang" or (self.streamed and "hang" in self.fault)

    @property
    def path(self) -> str:
        """The route."""
        return _PATHS[self.api]

    @property
    def body(self) -> dict[str, Any]:
        """The request's body."""
        body: dict[str, Any] = {
            "model": MODEL,
            "messages": [{"role": "user", "content": self.text}],
            "temperature": 0,
            "max_tokens": 200,
        }
        if self.streamed:
            body["stream"] = True
            if self.api == "chat" and self.question % 2:
                body["stream_options"] = {"include_usage": True}
        return body

    @property
    def headers(self) -> dict[str, str]:
        """The request's headers."""
        headers = {
            "Authorization": f"Bearer {self.tenant}",
            "Content-Type": "application/json",
            "LLMCache-Tags": "parcels",
        }
        if self.fault:
            headers[FAULT_HEADER] = self.fault
        if self.wishes:
            headers["Cache-Control"] = self.wishes
        return headers

    def wire(self, host: str) -> bytes:
        """The request as it goes over a connection."""
        body = orjson.dumps(self.body)
        lines = [f"POST {self.path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Said:
    """What an answer says, without what differs from one inference to the next.

    Attributes:
        status: 0 when no answer came.
        text: of the assistant, or the body where it is of another kind.
        rest: finish, usage, errors among the events, the terminal event.
    """

    kind: Kind
    status: int = 0
    text: str = ""
    rest: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """An answer of the model, to its end."""
        return self.status == 200 and self.kind in (Kind.WHOLE, Kind.STREAM)

    @property
    def revision(self) -> int | None:
        """Of the engine that made the answer."""
        found = _REVISION.search(self.text)
        return None if found is None else int(found[1])


@dataclass(frozen=True)
class Exchange:
    """One request and what came of it.

    Attributes:
        began, ended: monotonic seconds.
        cache: the Cache-Status header.
        sidecar: which one was asked.
    """

    ask: Ask
    said: Said
    began: float
    ended: float
    cache: str = ""
    sidecar: int = 0

    @property
    def hit(self) -> bool:
        """Served from the cache."""
        return self.cache.startswith("llmcache; hit")


async def exchange(
    session: aiohttp.ClientSession, url: str, ask: Ask, patience_s: float, sidecar: int = 0
) -> Exchange:
    """Ask politely, and read to the end."""
    began = time.monotonic()
    cache, status, kind, data, media = "", 0, Kind.NOTHING, bytearray(), ""
    try:
        async with asyncio.timeout(patience_s):
            sent = session.post(url + ask.path, json=ask.body, headers=ask.headers)
            async with sent as response:
                status, cache = response.status, response.headers.get("Cache-Status", "")
                media = response.headers.get("Content-Type", "")
                kind = Kind.BROKEN
                async for piece in response.content.iter_any():
                    data += piece
                kind = Kind.STREAM if media.startswith("text/event-stream") else Kind.WHOLE
    except TimeoutError:
        kind = Kind.LATE
    except (aiohttp.ClientError, OSError):
        pass
    said = read(ask, kind, status, bytes(data), media)
    return Exchange(ask, said, began, time.monotonic(), cache, sidecar)


def read(ask: Ask, kind: Kind, status: int, data: bytes, media: str = "") -> Said:
    """What an answer says."""
    if kind in (Kind.NOTHING, Kind.LATE) and not data:
        return Said(kind, status)
    if status != 200:
        return Said(kind, status, _error(data))
    if media.startswith("text/event-stream") or data.startswith((b"data:", b"event:")):
        return _said_by_events(ask, kind, data)
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        return Said(kind, status, _OF_ONE.sub("", data.decode(errors="replace")))
    text, finish = _content(ask, document)
    return Said(kind, status, text, (str(finish), _usage(document)))


def _error(data: bytes) -> str:
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        return data.decode(errors="replace")
    error = document.get("error", document)
    return str(error.get("message", "") if isinstance(error, dict) else error)


def _content(ask: Ask, document: dict[str, Any]) -> tuple[str, str]:
    if ask.api == "messages":
        blocks = document.get("content", [])
        return "".join(block.get("text", "") for block in blocks), document.get("stop_reason", "")
    (choice,) = document["choices"]
    return choice["message"]["content"] or "", choice["finish_reason"]


def _usage(document: dict[str, Any]) -> str:
    usage = document.get("usage") or {}
    names = ("prompt_tokens", "completion_tokens", "input_tokens", "output_tokens")
    return " ".join(f"{name}={usage[name]}" for name in names if name in usage)


def _said_by_events(ask: Ask, kind: Kind, data: bytes) -> Said:
    text, rest = "", []
    for event in data.split(b"\n\n"):
        lines = [line for line in event.split(b"\n") if line.startswith(b"data:")]
        if not lines:
            continue
        payload = lines[0][5:].strip()
        if payload == b"[DONE]":
            rest.append("done")
            continue
        try:
            document = orjson.loads(payload)
        except orjson.JSONDecodeError:
            rest.append("malformed")
            continue
        if document.get("error"):
            rest.append("error")
        delta = document.get("delta") or {}
        text += delta.get("text") or ""
        if delta.get("stop_reason"):
            rest.append(f"finish {delta['stop_reason']}")
        if document.get("type") == "message_stop":
            rest.append("stop")
        for choice in document.get("choices", ()):
            text += choice["delta"].get("content") or ""
            if choice.get("finish_reason"):
                rest.append(f"finish {choice['finish_reason']}")
        if ask.api == "chat" and document.get("usage"):
            rest.append(_usage(document))
    return Said(kind, 200, text, tuple(rest))


class Alone:
    """What the engine alone answers: asked once for each thing, on a connection of its own."""

    def __init__(self, session: aiohttp.ClientSession, url: str, answers: Answers) -> None:
        self._session = session
        self._url = url
        self._answers = answers
        self._known: dict[tuple[Any, ...], Said] = {}

    async def says(self, ask: Ask, revision: int, patience_s: float) -> Said:
        """What it says to `ask` at `revision`."""
        # Of an answer that never comes, the question makes no difference.
        question = -1 if ask.hangs else ask.question
        key = (question, ask.streamed, ask.api, ask.fault, revision)
        if key not in self._known:
            before, self._answers.revision = self._answers.revision, revision
            try:
                found = await exchange(self._session, self._url, ask, patience_s)
            finally:
                self._answers.revision = before
            self._known[key] = found.said
        return self._known[key]


# Clients that are not polite.


async def misbehave(host: str, port: int, ask: Ask, patience_s: float) -> Exchange | None:
    """Ask in a manner of its own; the exchange where there is something to compare."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(patience_s):
            reader, writer = await _connect(host, port, slow=ask.manner is Manner.SLOW_READER)
            try:
                data = await _MANNERS[ask.manner](reader, writer, ask.wire(f"{host}:{port}"))
            finally:
                writer.transport.abort()
    except TimeoutError:
        return Exchange(ask, Said(Kind.LATE), began, time.monotonic())
    except (OSError, asyncio.IncompleteReadError):
        return None
    if data is None:
        return None
    said, cache = _parsed(ask, data)
    return Exchange(ask, said, began, time.monotonic(), cache)


def _parsed(ask: Ask, data: bytes) -> tuple[Said, str]:
    """An answer that was read until the other side closed."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    if not lines[0].startswith("HTTP/1.1 "):
        return Said(Kind.NOTHING), ""
    headers = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines[1:])
    }
    whole = True
    if headers.get("transfer-encoding") == "chunked":
        body, whole = _dechunked(body)
    else:
        whole = len(body) == int(headers.get("content-length", len(body)))
    media = headers.get("content-type", "")
    kind = Kind.STREAM if media.startswith("text/event-stream") else Kind.WHOLE
    said = read(ask, kind if whole else Kind.BROKEN, int(lines[0].split()[1]), body, media)
    return said, headers.get("cache-status", "")


def _dechunked(data: bytes) -> tuple[bytes, bool]:
    body = b""
    while True:
        size, ended, data = data.partition(b"\r\n")
        if not ended:
            return body, False
        length = int(size, 16)
        if not length:
            return body, True
        body += data[:length]
        data = data[length + 2 :]


async def _connect(
    host: str, port: int, *, slow: bool
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    plain = socket.socket()
    if slow:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    plain.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(plain, (host, port))
    except BaseException:
        plain.close()
        raise
    return await asyncio.open_connection(sock=plain, limit=4096 if slow else 2**20)


_Reader = asyncio.StreamReader
_Writer = asyncio.StreamWriter


async def _leave_before(_: _Reader, writer: _Writer, request: bytes) -> None:
    writer.write(request[: len(request) * 2 // 3])
    await writer.drain()
    await asyncio.sleep(0.005)


async def _leave_during(_: _Reader, writer: _Writer, request: bytes) -> None:
    writer.write(request)
    await writer.drain()
    await asyncio.sleep(0.003)


async def _leave_after(reader: _Reader, writer: _Writer, request: bytes) -> None:
    writer.write(request)
    await reader.readuntil(b"\r\n\r\n")
    await reader.read(64)


async def _go_half_open(_: _Reader, writer: _Writer, request: bytes) -> None:
    writer.write(request)
    await writer.drain()
    plain = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    await asyncio.sleep(0.05)


def _closing(request: bytes) -> bytes:
    return request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


async def _read_slowly(reader: _Reader, writer: _Writer, request: bytes) -> bytes:
    writer.write(_closing(request))
    data = b""
    while piece := await reader.read(256):
        data += piece
        await asyncio.sleep(0.002)
    return data


async def _write_slowly(reader: _Reader, writer: _Writer, request: bytes) -> bytes:
    request = _closing(request)
    for at in range(0, len(request), 60):
        writer.write(request[at : at + 60])
        await writer.drain()
        await asyncio.sleep(0.002)
    return await reader.read(-1)


async def _pipeline(reader: _Reader, writer: _Writer, request: bytes) -> bytes | None:
    """The second answer must come after the first, and say the same."""
    writer.write(request + _closing(request))
    data = await reader.read(-1)
    second = data.rfind(b"HTTP/1.1 ")
    return data[second:] if second > 0 else b""


_MANNERS: Final[dict[Manner, Any]] = {
    Manner.LEAVES_BEFORE: _leave_before,
    Manner.LEAVES_DURING: _leave_during,
    Manner.LEAVES_AFTER: _leave_after,
    Manner.HALF_OPEN: _go_half_open,
    Manner.SLOW_READER: _read_slowly,
    Manner.SLOW_WRITER: _write_slowly,
    Manner.PIPELINED: _pipeline,
}

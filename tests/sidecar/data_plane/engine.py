"""An engine that does exactly what a test says, byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

import orjson

Headers = Iterable[tuple[str, str]]
JSON = [("Content-Type", "application/json")]
EVENTS = [("Content-Type", "text/event-stream; charset=utf-8")]


@dataclass
class Received:
    """One request as it came."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """All values of one header, joined; None without one."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    def json(self) -> Any:
        """The parsed body."""
        return orjson.loads(self.body)


@dataclass
class Exchange:
    """One request and the way back."""

    request: Received
    _writer: asyncio.StreamWriter
    _reader: asyncio.StreamReader
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the other side closed the connection before the answer was over."""
    close: bool = False

    async def send(self, data: bytes) -> None:
        """Bytes as they are."""
        self._writer.write(data)
        await self._writer.drain()

    async def head(self, status: int = 200, headers: Headers = (), reason: str = "OK") -> None:
        """Status line, headers and the blank line."""
        lines = [f"HTTP/1.1 {status} {reason}", *(f"{n}: {v}" for n, v in headers)]
        await self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    async def answer(self, body: bytes, status: int = 200, headers: Headers = JSON) -> None:
        """A whole answer."""
        await self.head(status, [*headers, ("Content-Length", str(len(body)))])
        await self.send(body)

    async def begin_stream(self, headers: Headers = EVENTS, status: int = 200) -> None:
        """The head of a chunked answer."""
        await self.head(status, [*headers, ("Transfer-Encoding", "chunked")])

    async def chunk(self, data: bytes) -> None:
        """One chunk."""
        await self.send(b"%x\r\n%s\r\n" % (len(data), data))

    async def end_stream(self) -> None:
        """The terminating chunk."""
        await self.send(b"0\r\n\r\n")

    async def stream(self, events: Iterable[bytes], headers: Headers = EVENTS) -> None:
        """A whole chunked answer."""
        await self.begin_stream(headers)
        for event in events:
            await self.chunk(event)
        await self.end_stream()

    def hang_up(self) -> None:
        """Close the connection, whatever was sent."""
        self.close = True

    def reset(self) -> None:
        """Break the connection."""
        socket = self._writer.get_extra_info("socket")
        socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.close = True


_PROBES = {("GET", "/v1/models"), ("GET", "/version"), ("POST", "/v1/responses")}
Script = Callable[[Exchange], Awaitable[None]]


class ScriptedEngine:
    """Listens on a port of its own; `script` answers whatever is not asked by the sidecar itself.

    Attributes:
        received: the requests of clients, in the order of their arrival.
        probes: what the sidecar asked on its own (models, version, temperature).
        hung_up: requests whose connection the sidecar closed before the answer was over.
        models, version, temperature, key: what it says of itself, and whom it says it to.
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.probes: list[Received] = []
        self.hung_up = 0
        self.models: list[dict[str, Any]] = [{"id": "tiny", "root": "a/tiny", "max_model_len": 64}]
        self.version = "0.32.0"
        self.temperature: float | None = 0.0
        self.key: str | None = None
        self.script: Script = _nothing
        self.port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def busy(self) -> int:
        """Open connections with a request on them."""
        return len(self._tasks)

    async def start(self) -> None:
        """Listen: on any port at first, then on the same one again."""
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", self.port, limit=2**24
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Vanish: nothing listens, every connection breaks."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def times(self, path: str | None = None) -> int:
        """How often clients' requests came here."""
        return sum(path is None or r.target.partition("?")[0] == path for r in self.received)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer), name="engine-connection")
        self._tasks.add(task)
        self._writers.add(writer)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = await _read_head(reader)
                if request is None:
                    return
                exchange = Exchange(request, writer, reader)
                if request.header("Expect") == "100-continue":
                    await exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n")
                if request.header("X-Test-Unread") is None:
                    request.body = await _read_body(reader, request)
                if not await self._probe(exchange):
                    self.received.append(request)
                    await self._play(exchange)
                if exchange.close:
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            self._writers.discard(writer)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _play(self, exchange: Exchange) -> None:
        """Run the script until its end, or until the other side is gone."""
        script = asyncio.create_task(_run(self.script, exchange))
        gone = asyncio.create_task(_wait_for_end(exchange._reader))
        try:
            await asyncio.wait({script, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not script.done():
                self.hung_up += 1
                exchange.left.set()
                exchange.close = True
                script.cancel()
        finally:
            gone.cancel()
            if not script.done():
                script.cancel()
            await asyncio.gather(script, gone, return_exceptions=True)
        if not script.cancelled() and (error := script.exception()) is not None:
            self.hung_up += isinstance(error, ConnectionError)
            exchange.close = True

    async def _probe(self, exchange: Exchange) -> bool:
        request = exchange.request
        own = request.header("User-Agent") is None
        asked = (request.method, request.target)
        if not own or asked not in _PROBES:
            return False
        if request.method == "POST" and request.json().get("input") != "Hi":
            return False
        self.probes.append(request)
        refused = self.key is not None and request.header("Authorization") != f"Bearer {self.key}"
        if refused and request.target != "/version":
            await exchange.answer(b'{"error":{"message":"no"}}', 401)
        elif request.target == "/v1/models":
            await exchange.answer(orjson.dumps({"object": "list", "data": self.models}))
        elif request.target == "/version":
            await exchange.answer(orjson.dumps({"version": self.version}))
        elif self.temperature is None:
            await exchange.answer(b'{"error":{"message":"not here"}}', 404)
        else:
            await exchange.answer(orjson.dumps({"temperature": self.temperature}))
        return True


async def _nothing(exchange: Exchange) -> None:
    await exchange.answer(b'{"error":{"message":"no script"}}', 418)


async def _run(script: Script, exchange: Exchange) -> None:
    await script(exchange)


async def _wait_for_end(reader: asyncio.StreamReader) -> None:
    # Nothing may follow a request before its answer, so waiting for the end steals no bytes.
    while not reader.at_eof() and reader.exception() is None:
        await asyncio.sleep(0.005)


async def _read_head(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = [(n, v.strip()) for n, _, v in (line.partition(":") for line in lines)]
    return Received(method, target, headers)


async def _read_body(reader: asyncio.StreamReader, request: Received) -> bytes:
    if request.header("Transfer-Encoding") == "chunked":
        body = b""
        while True:
            size = int((await reader.readuntil(b"\r\n")).strip(), 16)
            body += (await reader.readexactly(size + 2))[:-2]
            if not size:
                return body
    return await reader.readexactly(int(request.header("Content-Length") or 0))

"""A way between two programs that can be slow, silent, cut or closed."""

from __future__ import annotations

import asyncio
import contextlib
from enum import Enum

_PIECE = 65_536


class Way(Enum):
    """What the way does with what comes."""

    OPEN = "open"
    SILENT = "silent"  # connections stand and nothing gets through: half-open
    CLOSED = "closed"  # connections end as soon as they begin


class Proxy:
    """Passes TCP connections on to a port of loopback.

    Attributes:
        port: where it listens.
        way: can be changed at any time; holds for connections that stand, too.
        delay_s: each piece waits that long, in both directions.
        http10: requests go on as HTTP/1.0: whoever is there answers so, and closes.
        garbles: a byte of each piece is turned over, in both directions.
        connections: how many were made so far.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self.port = 0
        self.way = Way.OPEN
        self.delay_s = 0.0
        self.http10 = False
        self.garbles = False
        self.connections = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """End everything."""
        if self._server is not None:
            self._server.close()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Reset every connection that stands."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        self._writers.add(writer)
        there: asyncio.StreamWriter | None = None
        try:
            if self.way is Way.CLOSED:
                return
            back, there = await asyncio.open_connection("127.0.0.1", self._target)
            self._writers.add(there)
            await asyncio.gather(self._pump(reader, there, asks=True), self._pump(back, writer))
        except (OSError, RuntimeError, asyncio.CancelledError):
            pass  # uvloop has a RuntimeError for a write to a transport that was aborted
        finally:
            for end in filter(None, (writer, there)):
                self._writers.discard(end)
                end.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, asks: bool = False
    ) -> None:
        while data := await reader.read(_PIECE):
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            while self.way is Way.SILENT:
                await asyncio.sleep(0.02)
            if self.way is Way.CLOSED:
                raise ConnectionResetError
            if self.http10 and asks:
                data = data.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1)
            if self.garbles:
                middle = len(data) // 2
                data = data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]
            writer.write(data)
            await writer.drain()
        with contextlib.suppress(OSError, RuntimeError):
            writer.write_eof()

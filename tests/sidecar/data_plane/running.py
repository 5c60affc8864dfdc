"""A running sidecar and its client."""

from __future__ import annotations

import asyncio
import contextlib
import io
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
import orjson

from llmcache_api import SidecarConfig
from llmcache_sidecar.app.sidecar import Sidecar

from .answers import CHAT, Json
from .engine import ScriptedEngine


class HandClock:
    """A clock that moves by hand."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def time(self) -> float:
        """Unix time in seconds."""
        return self.now

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return self.now - 1_600_000_000.0

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@dataclass(frozen=True)
class Reply:
    """A whole answer as the client got it.

    Attributes:
        broken: the connection ended before the answer did.
    """

    status: int
    headers: Any
    body: bytes
    broken: bool = False

    @property
    def cache(self) -> str:
        """The Cache-Status header."""
        return str(self.headers.get("Cache-Status", ""))

    @property
    def hit(self) -> bool:
        """Served from the cache."""
        return self.cache.startswith("llmcache; hit")

    def json(self) -> Any:
        """The parsed body."""
        return orjson.loads(self.body)


@dataclass
class Running:
    """A sidecar that listens, and one client session to it."""

    sidecar: Sidecar
    engine: ScriptedEngine
    address: str
    session: aiohttp.ClientSession
    admin: str = ""

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"http://{self.address}"

    @property
    def totals(self) -> Any:
        """The account's sums."""
        return self.sidecar.account.totals

    def open(
        self,
        body: Json | bytes | None = None,
        path: str = CHAT.path,
        method: str = "POST",
        **headers: str,
    ) -> Any:
        """A request as aiohttp's context manager. Header names are written with _ for -."""
        sent = {"Content-Type": "application/json", "User-Agent": "a-client"}
        sent.update((name.replace("_", "-"), value) for name, value in headers.items())
        data: Any = orjson.dumps(body) if isinstance(body, dict) else body
        if isinstance(data, bytes) and len(data) > 2**20:
            data = io.BytesIO(data)  # aiohttp warns of large bytes
        return self.session.request(
            method, self.url + path, data=data, headers=sent, allow_redirects=False
        )

    async def ask(
        self,
        body: Json | bytes | None = None,
        path: str = CHAT.path,
        method: str = "POST",
        **headers: str,
    ) -> Reply:
        """Ask and read the whole answer."""
        async with self.open(body, path, method, **headers) as response:
            read = b""
            broken = False
            try:
                async for chunk in response.content.iter_any():
                    read += chunk
            except aiohttp.ClientPayloadError:
                broken = True
            return Reply(response.status, response.headers, read, broken)

    async def connect(self, **options: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection of one's own; options are those of the socket."""
        host, _, port = self.address.rpartition(":")
        plain = socket.socket()
        for name, value in options.items():
            plain.setsockopt(socket.SOL_SOCKET, getattr(socket, name), value)
        plain.setblocking(False)
        await asyncio.get_running_loop().sock_connect(plain, (host, int(port)))
        return await asyncio.open_connection(sock=plain, limit=2**26)

    @staticmethod
    def request_bytes(
        body: bytes, *lines: str, path: str = CHAT.path, version: str = "1.1"
    ) -> bytes:
        """A POST as it goes over the wire."""
        head = [f"POST {path} HTTP/{version}", "Host: h", "Content-Type: application/json"]
        head += ["User-Agent: raw", f"Content-Length: {len(body)}", *lines]
        return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body

    async def raw(self, data: bytes, *, half_close: bool = False, seconds: float = 2.0) -> bytes:
        """Send bytes on a connection of their own, and read until the other side closes it."""
        reader, writer = await self.connect()
        try:
            writer.write(data)
            if half_close:
                writer.write_eof()
            async with asyncio.timeout(seconds):
                return await reader.read()
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def engine_known(self) -> None:
        """Wait until the engine was read, its temperature too where it has one to tell."""
        profile = self.sidecar.profile
        await eventually(
            lambda: (
                profile.state is not None
                and not profile.suspect
                and (self.engine.temperature is None or profile.temperature is not None)
            )
        )


class Start(Protocol):
    """Starts a sidecar; options are sections of its configuration."""

    def __call__(
        self, *, clock: HandClock | None = None, known: bool = True, **sections: Any
    ) -> Awaitable[Running]: ...


async def eventually(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until `condition` holds."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "it never came to that"
        await asyncio.sleep(0.003)


EVERYTHING_CACHED = {"bypass": [], "cache": ["Action", "Random", "Contextual", "Creative"]}
"""What requests are about makes no difference; the policy of content has tests of its own."""


async def start_sidecar(
    engine: ScriptedEngine, clock: HandClock | None, known: bool, sections: dict[str, Any]
) -> Running:
    """A sidecar in front of `engine`, on free ports, without a key check unless told."""
    upstream = {"url": engine.url, **sections.pop("upstream", {})}
    sections.setdefault("auth", {"mode": "None"})
    # Most tests are about the exact level; those of the semantic one say so.
    cache = {"semantic": {"mode": "Off"}, **sections.pop("responseCache", {})}
    cache["policy"] = {**EVERYTHING_CACHED, **cache.get("policy", {})}
    document = {
        "listen": "127.0.0.1:0",
        "admin": {"listen": "127.0.0.1:0"},
        "upstream": upstream,
        "responseCache": cache,
        **sections,
    }
    sidecar = Sidecar(SidecarConfig.parse(document), clock)
    addresses = await sidecar.start()
    # force_close=False: connections are kept, as real clients keep them.
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=10),
        auto_decompress=False,
    )  # fmt: skip
    running = Running(sidecar, engine, addresses.data, session, addresses.admin)
    if known:
        await running.engine_known()
    return running

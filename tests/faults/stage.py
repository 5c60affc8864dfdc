"""What a scenario plays on: an engine, a Valkey, sidecar processes, and the ways between them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import yaml

from tests.faults.proxy import Proxy
from tests.faults.wall_clock import WallClock
from tests.ports import free_ports
from tests.sidecar.stores.servers import ValkeyServer, valkey
from tests.sidecar.stores.tls import Authority, tls_front
from tests.sidecar.vectors.servers import QdrantDouble, qdrant_double
from tests.simulator.config import SimConfig
from tests.simulator.server import Simulator

PROGRAM: Final = str(Path(sys.executable).parent / "llmcache-sidecar")
PATIENCE_S: Final = 60.0
"""How long anything may take before it counts as never; other people's load is not a failure."""

PROMPT_CANARY: Final = "zebrafinch"
ANSWER_CANARY: Final = "quokkawren"
KEY_CANARY: Final = "sk-axolotl"
CANARIES: Final = (PROMPT_CANARY, ANSWER_CANARY, KEY_CANARY)
"""Words in every prompt, answer and key: no log may hold one of them."""

TENANTS: Final = tuple(f"{KEY_CANARY}-{number}" for number in range(3))
MODEL: Final = "llama"


class Answers(Mapping[str, str]):
    """The engine's answer to every question, by its revision: another revision answers otherwise.

    Attributes:
        revision: grows with every change of what the answers are made from.
    """

    def __init__(self) -> None:
        self.revision = 0

    def __getitem__(self, question: str) -> str:
        return self.of(question, self.revision)

    def of(self, question: str, revision: int) -> str:
        """What the engine says to `question` at `revision`."""
        digest = hashlib.sha256(question.encode(errors="replace")).hexdigest()
        words = " ".join(digest[at : at + 4] for at in range(0, 48, 4))
        return f"{ANSWER_CANARY} revision {revision} says {words}."

    def get(self, question: str, default: Any = None) -> Any:
        """Every question has an answer."""
        return self[question]

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 1


@dataclass(frozen=True)
class Options:
    """How a stage differs from the usual one.

    Attributes:
        sections: of the sidecar's configuration, over the usual ones.
        store: "redis", or "memory".
        valkey: options of its command line.
        replicas: how many sidecars.
        stderr: where a sidecar's log goes; None: a file in the stage's folder.
        ttft_ms, itl_ms: the engine's pace.
        scheme: how the sidecars speak to the store; the server itself speaks plainly.
        tls: the store speaks TLS, which the sidecars know.
        hand_clock: the sidecars' wall clocks are what `Stage.clock` says.
        vectors: vectors are kept in Qdrant's double, and texts embedded by the engine.
    """

    sections: Mapping[str, Any] = field(default_factory=dict)
    store: str = "redis"
    scheme: str = "redis"
    valkey: tuple[str, ...] = ()
    replicas: int = 1
    stderr: str | None = None
    ttft_ms: float = 4.0
    itl_ms: float = 0.5
    tls: bool = False
    hand_clock: bool = False
    vectors: bool = False


class Program:
    """One sidecar process.

    Attributes:
        data, admin: base URLs; the same after a restart.
        store_way: its own way to the store, so that one replica can be blind alone.
        exits: the codes it ended with so far.
        asked: requests on cached routes that the stage itself sent.
    """

    def __init__(
        self,
        number: int,
        folder: Path,
        stderr: str | None,
        store_way: Proxy | None,
        clock: WallClock | None = None,
    ) -> None:
        data, admin = free_ports(2)
        self.listen, self.admin_listen = f"127.0.0.1:{data}", f"127.0.0.1:{admin}"
        self.data, self.admin = f"http://{self.listen}", f"http://{self.admin_listen}"
        self.config = folder / f"config-{number}.yaml"
        self.log_file = folder / f"log-{number}"
        self.store_way = store_way
        self.exits: list[int] = []
        self.asked = 0
        self._command = [PROGRAM] if clock is None else clock.command
        self._stderr = stderr or str(self.log_file)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        """It has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; it may not listen yet."""
        with Path(self._stderr).open("ab") as stderr:
            self._process = subprocess.Popen(
                [*self._command, "--config", str(self.config)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def ended(self) -> int:
        """Wait for its end; the exit code."""
        process = self._process
        assert process is not None
        await until(lambda: process.poll() is not None, "the sidecar to end")
        self.exits.append(process.returncode)
        return process.returncode

    def kill(self) -> None:
        """End it at once, where it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()

    @property
    def log(self) -> str:
        """What it wrote so far."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    @property
    def open_files(self) -> int:
        """How many descriptors it holds."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    @property
    def resident(self) -> int:
        """Bytes of memory."""
        fields = Path(f"/proc/{self.pid}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


@dataclass
class Stage:
    """Everything that plays.

    Attributes:
        engine_way: the sidecars' way to the engine.
        clock: of every sidecar, where the options say so.
        vectors: the vector store, where the options say so.
        embedding_way: the sidecars' way to the embedding model, where the options say so.
        admin: a session for the admin plane and for asking the engine alone.
    """

    folder: Path
    options: Options
    answers: Answers
    engine: Simulator
    engine_way: Proxy
    valkey: ValkeyServer | None
    sidecars: list[Program]
    admin: aiohttp.ClientSession
    clock: WallClock | None = None
    vectors: QdrantDouble | None = None
    embedding_way: Proxy | None = None
    ca_file: Path | None = None

    @property
    def store_ways(self) -> list[Proxy]:
        """Every sidecar's way to the store."""
        return [each.store_way for each in self.sidecars if each.store_way is not None]

    def configure(self, program: Program, **sections: Any) -> None:
        """Write its configuration beside, then rename, as careful tools do."""
        document = self._document(program)
        for name, section in {**self.options.sections, **sections}.items():
            document[name] = _merged(document.get(name), section)
        beside = program.config.with_suffix(".new")
        beside.write_text(yaml.safe_dump(document))
        os.replace(beside, program.config)

    def _document(self, program: Program) -> dict[str, Any]:
        stores: dict[str, Any] = {"firstLevel": {"maxAge": "200ms"}}
        if program.store_way is not None:
            stores["redis"] = {
                "url": f"{self.options.scheme}://127.0.0.1:{program.store_way.port}/0"
            }
            if self.ca_file is not None:
                stores["redis"]["caFile"] = str(self.ca_file)
        semantic: dict[str, Any] = {"mode": "Off"}
        if self.vectors is not None and self.embedding_way is not None:
            stores["vectors"] = {"qdrant": {"url": self.vectors.settings.url}}
            semantic = {
                "mode": "Serve",
                "threshold": 0.8,
                "embedding": {
                    "source": "Endpoint",
                    "url": f"http://127.0.0.1:{self.embedding_way.port}",
                    "model": MODEL,
                },
            }
        return {
            "listen": program.listen,
            "admin": {"listen": program.admin_listen},
            "upstream": {
                "url": f"http://127.0.0.1:{self.engine_way.port}",
                "revision": "one",
                "connectTimeout": "20s",
            },
            "auth": {"mode": "Keys", "keysFile": str(self.folder / "keys")},
            "tenantKeyFile": str(self.folder / "tenant.key"),
            "responseCache": {
                "semantic": semantic,
                "policy": {
                    "bypass": [],
                    "cache": ["Action", "Random", "Contextual", "Creative"],
                },
            },
            "stores": stores,
            "drain": {"timeout": "30s"},
            "log": {"level": "debug"},
        }

    async def ready(self, program: Program) -> None:
        """Wait until it listens."""

        async def lives() -> bool:
            assert program.runs, f"the sidecar ended: {program.log[-2000:]}"
            try:
                async with self.admin.get(f"{program.admin}/livez") as response:
                    return response.status == 200
            except aiohttp.ClientError:
                return False

        await until(lives, "the sidecar to listen")

    async def in_contact(self, program: Program) -> None:
        """Wait until it serves from its cache: the purge log was read."""

        async def hits() -> bool:
            url = f"{program.data}/v1/chat/completions"
            body = {
                "model": MODEL,
                "temperature": 0,
                "messages": [{"role": "user", "content": "Is the cache in use?"}],
            }
            headers = {"Authorization": f"Bearer {TENANTS[0]}"}
            program.asked += 1
            try:
                async with self.admin.post(url, json=body, headers=headers) as response:
                    await response.read()
                    return "; hit" in response.headers.get("Cache-Status", "")
            except aiohttp.ClientError:
                return False

        await until(hits, "a hit")

    async def stats(self, program: Program) -> dict[str, Any]:
        """Its statistics."""
        async with self.admin.get(f"{program.admin}/admin/v1/stats") as response:
            found: dict[str, Any] = await response.json()
            return found


def _merged(first: Any, second: Any) -> Any:
    """`second` over `first`, section by section."""
    if not isinstance(first, Mapping) or not isinstance(second, Mapping):
        return second
    return {
        name: _merged(first.get(name), second[name]) if name in second else first[name]
        for name in {**first, **second}
    }


async def until(
    condition: Callable[[], object | Awaitable[object]], what: str, seconds: float = PATIENCE_S
) -> None:
    """Wait until `condition` is true."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                held = condition()
                if asyncio.iscoroutine(held):
                    held = await held
                if held:
                    return
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"still waiting after {seconds:g} s for {what}") from None


@contextlib.asynccontextmanager
async def stage(folder: Path, options: Options | None = None) -> AsyncIterator[Stage]:
    """Build a stage, start everything, and leave nothing behind."""
    options = options or Options()
    (folder / "keys").write_text("\n".join(TENANTS) + "\n")
    (folder / "tenant.key").write_bytes(b"the key of the tenants' hash....")
    async with contextlib.AsyncExitStack() as stack:
        answers = Answers()
        engine = await stack.enter_async_context(
            Simulator(
                SimConfig(
                    model=MODEL,
                    answers=answers,
                    ttft_ms=options.ttft_ms,
                    itl_ms=options.itl_ms,
                    keep_alive_s=75.0,
                )
            )
        )
        engine_way = await _way(stack, engine.port)
        server: ValkeyServer | None = None
        if options.store == "redis":
            server = stack.enter_context(valkey(*options.valkey))
        session = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, force_close=True),
                timeout=aiohttp.ClientTimeout(total=PATIENCE_S),
            )
        )
        store_port, ca_file = 0, None
        if server is not None:
            store_port = server.port
            if options.tls:
                authority = Authority(folder)
                ca_file = authority.ca_file
                store_port = stack.enter_context(tls_front(server.port, authority.sign())).port
        clock = WallClock(folder / "clock") if options.hand_clock else None
        sidecars = []
        for number in range(options.replicas):
            way = None if server is None else await _way(stack, store_port)
            sidecars.append(Program(number, folder, options.stderr, way, clock))
        found = Stage(folder, options, answers, engine, engine_way, server, sidecars, session)
        found.clock, found.ca_file = clock, ca_file
        if options.vectors:
            found.vectors = stack.enter_context(qdrant_double())
            found.embedding_way = await _way(stack, engine.port)
        for program in sidecars:
            found.configure(program)
            stack.callback(program.kill)
            program.start()
        for program in sidecars:
            await found.ready(program)
        yield found


async def _way(stack: contextlib.AsyncExitStack, target: int) -> Proxy:
    way = Proxy(target)
    await way.start()
    stack.push_async_callback(way.stop)
    return way

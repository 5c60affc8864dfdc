"""Servers under measurement: started, pinned to a core, watched, ended."""

import compileall
import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[2]
_START_S: Final = 60.0
_STOP_S: Final = 10.0


class StartError(Exception):
    """A server that did not come up; the message holds the end of what it said."""


def compile_servers() -> None:
    """Compile what the servers import of ours, as images do. A process that compiles as it imports keeps
    the memory that this took: 7 MB of a sidecar's."""
    for folder in ("crds", "sidecar", "tests/bench"):
        compileall.compile_dir(_ROOT / folder, quiet=1)


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core is whose."""

    server: int
    client: int


def divide_cores() -> Cores:
    """The first core that this process may use for servers, the last for everything else."""
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(server=allowed[0], client=allowed[-1])


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident bytes: now, and the most there ever were."""

    resident: int
    peak: int


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens."""

    name: str
    port: int
    pid: int

    def memory(self) -> Memory:
        said = dict(
            line.split(":", 1)
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines()
            if line.startswith("Vm")
        )
        resident, peak = (int(said[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
        return Memory(resident, peak)

    def open_files(self) -> int:
        """How many descriptors it holds."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu_ns(self) -> int:
        """Time on a core so far, of all threads."""
        total = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            with contextlib.suppress(OSError):  # a thread that ended meanwhile
                total += int((task / "schedstat").read_text().split()[0])
        return total


@contextlib.contextmanager
def on_core(core: int) -> Iterator[None]:
    """What is started in the block inherits the core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextlib.contextmanager
def started(
    name: str, command: Sequence[str], port: int, core: int, logs: Path
) -> Iterator[Running]:
    """Run a server on one core until the block ends; it listens when the block begins."""
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{name}.log"
    with log.open("wb") as out, on_core(core):
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
    try:
        _await_port(name, process, port, log)
        yield Running(name, port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_port(name: str, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        time.sleep(0.05)
    raise StartError(f"{name} does not listen:\n{log.read_text(errors='replace')[-2000:]}")

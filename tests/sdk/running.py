"""The processes: started as a user would start them, on free ports, and ended."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from tests.ports import free_port
from tests.sdk.asking import Clients

_START_S: Final = 30.0
_STOP_S: Final = 10.0
_WRITE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Engine:
    """A vLLM that is ready."""

    url: str
    key: str

    @property
    def clients(self) -> Clients:
        return Clients(self.url, self.key)


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A sidecar that is ready.

    Attributes:
        log: the file with what it said.
        replica: another one with the same store.
    """

    url: str
    admin: str
    key: str
    log: Path
    replica: Sidecar | None = None

    @property
    def clients(self) -> Clients:
        return Clients(self.url, self.key)

    @property
    def elsewhere(self) -> Clients:
        """Clients of the replica where there is one (so that what was stored is really read from
        the store), once everything is written."""
        deadline = time.monotonic() + _WRITE_S
        while time.monotonic() < deadline:
            stats = self.stats()
            waiting = stats["inFlight"] + stats["openFlights"]
            if not waiting + stats["stores"].get("writeQueueEntries", 0):
                break
            time.sleep(0.005)
        return (self.replica or self).clients

    def entries(self, **query: str) -> list[dict[str, Any]]:
        """What it has stored."""
        answer = httpx.get(f"{self.admin}/admin/v1/entries", params={"limit": "10000", **query})
        found: list[dict[str, Any]] = answer.raise_for_status().json()["entries"]
        return found

    def purge(self, **query: str) -> dict[str, Any]:
        """Purge by tag=, tenant=, model= or all=true."""
        answer = httpx.delete(f"{self.admin}/admin/v1/entries", params=query)
        report: dict[str, Any] = answer.raise_for_status().json()
        return report

    def stats(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.admin}/admin/v1/stats").raise_for_status().json()
        return found


class StartError(Exception):
    """A process did not come up; the message holds the end of what it said."""


@contextlib.contextmanager
def sidecar(engine: Engine, folder: Path, *flags: str) -> Iterator[Sidecar]:
    """`llmcache-sidecar --upstream ENGINE` with `flags`, until the block ends."""
    program = Path(sys.executable).with_name("llmcache-sidecar")
    data, admin = free_port(), free_port()
    command = [
        str(program), "--upstream", engine.url,
        "--listen", f"127.0.0.1:{data}", "--admin", f"127.0.0.1:{admin}", *flags,
    ]  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"sidecar-{data}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
    try:
        _await_ready(process, f"http://127.0.0.1:{admin}/readyz", log)
        yield Sidecar(f"http://127.0.0.1:{data}", f"http://127.0.0.1:{admin}", engine.key, log)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, timeout=2.0).status_code == 200:
                return
        time.sleep(0.05)
    raise StartError(f"{url} is not ready:\n{log.read_text(errors='replace')[-2000:]}")

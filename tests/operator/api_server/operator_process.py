"""The operator as a process of its own: start it, stop it, kill it, wait until it has settled."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from tests.ports import free_ports

from .kube import LONG_S, Json, Kube, wait_for


class OperatorProcess:
    """`python -m llmcache_operator` against a cluster.

    Args:
        kubeconfig: as whom it acts, and where.
        flags: more flags.
        lease: takes part in an election by this Lease; None = `--no-lease`.
        environment: more environment variables.
        module: what is run, as `python -m` takes it.
    """

    def __init__(
        self,
        kubeconfig: Path,
        flags: Sequence[str] = (),
        *,
        lease: str | None = None,
        environment: dict[str, str] | None = None,
        folder: Path | None = None,
        module: str = "llmcache_operator",
    ) -> None:
        self._module = module
        self.kubeconfig = kubeconfig
        self.flags = tuple(flags)
        self.lease = lease
        self.environment = environment or {}
        (self.port,) = free_ports(1)
        self._folder = folder or Path(tempfile.mkdtemp(prefix="llmcache-operator-"))
        self.log = self._folder / "operator.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, ready: bool = True) -> OperatorProcess:
        """Start it, and wait until /readyz is content."""
        election = ("--lease", self.lease) if self.lease is not None else ("--no-lease",)
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    self._module,
                    "--listen",
                    f"127.0.0.1:{self.port}",
                    "--namespace",
                    "default",
                    *election,
                    *self.flags,
                ],
                env={**os.environ, "KUBECONFIG": str(self.kubeconfig), **self.environment},
                cwd=Path(__file__).resolve().parents[3],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        if ready:
            wait_for("the operator is ready", self._is_ready)
        return self

    def _is_ready(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"the operator has ended:\n{self.tail()}")
        return self.get("/readyz")[0] == 200

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """SIGKILL; the exit code."""
        return self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(number)
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
                raise
        return self._process.returncode

    def wait_for_end(self, within: float = LONG_S) -> int:
        """Wait until it ends by itself; the exit code."""
        assert self._process is not None
        return self._process.wait(within)

    def __enter__(self) -> OperatorProcess:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end(signal.SIGTERM)

    def get(self, where: str) -> tuple[int, str]:
        """GET from its own port; status 0 where nobody answers."""
        try:
            response = httpx.get(f"http://127.0.0.1:{self.port}{where}", timeout=10)
        except httpx.TransportError:
            return 0, ""
        return response.status_code, response.text

    def metric(self, name: str, **labels: str) -> float:
        """A metric's value, summed over the series that have these labels; 0 if there is none."""
        total = 0.0
        for line in self.get("/metrics")[1].splitlines():
            match = re.match(rf"^{re.escape(name)}(?:\{{(.*)\}})? (\S+)$", line)
            if match is None:
                continue
            has = dict(re.findall(r'(\w+)="([^"]*)"', match[1] or ""))
            if labels.items() <= has.items():
                total += float(match[2])
        return total

    @property
    def busy(self) -> bool:
        """Whether there is anything to do right now, or within a second."""
        names = ("depth", "working", "soon")
        return any(self.metric(f"llmcache_operator_queue_{name}") for name in names)

    def writes(self) -> float:
        """Writes so far: to objects and to statuses."""
        return self.metric("llmcache_operator_actions_total") + self.metric(
            "llmcache_operator_status_writes_total"
        )

    def settled(self, kube: Kube, namespace: str, *names: str) -> list[Json]:
        """Wait until these LLMCaches (or all of the namespace) are observed and nothing is pending."""

        def look() -> list[Json] | None:
            found = [
                item
                for item in kube.list("llmcaches", namespace)
                if not names or item["metadata"]["name"] in names
            ]
            assert len(found) >= max(1, len(names)), "they are not there"
            for item in found:
                seen = (item.get("status") or {}).get("observedGeneration")
                assert seen == item["metadata"]["generation"], f"{seen} is observed"
            return found if self._quiet() else None

        return wait_for("the operator has settled", look)

    def _quiet(self) -> bool:
        """Not busy now and a moment later: what was just written comes back through a watch."""
        if self.busy:
            return False
        passes = self.metric("llmcache_operator_reconciles_total")
        time.sleep(0.5)
        return not self.busy and passes == self.metric("llmcache_operator_reconciles_total")

    def lines(self) -> list[dict[str, Any]]:
        """Its log, line by line."""
        text = self.log.read_text("utf-8") if self.log.exists() else ""
        found = []
        for line in text.splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                found.append({"level": "raw", "message": line})
        return found

    def complaints(self) -> list[str]:
        """Lines of its log that say that something went wrong inside."""
        return [
            f"{line['message']}\n{line.get('exception', '')}"
            for line in self.lines()
            if line["level"] in {"error", "critical", "raw"} or "exception" in line
        ]

    def tail(self, characters: int = 4000) -> str:
        return self.log.read_text("utf-8")[-characters:] if self.log.exists() else ""

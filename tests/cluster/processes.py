"""Processes that end with their parent, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_ENDS_WITH_PARENT: Final = ("setpriv", "--pdeathsig", "KILL", "--")
"""The kernel ends the child when the thread that started it ends; so start it from one that stays."""


class ClusterError(Exception):
    """The cluster can't be started; the message says why, with the end of the log."""


class Component:
    """One running component with its log."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*_ENDS_WITH_PARENT, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                cwd=log.parent,
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, such as SIGSTOP and SIGCONT."""
        self._process.send_signal(number)

    def stop(self, timeout: float = 15.0) -> None:
        """Ask it to end, and end it after `timeout` seconds."""
        if self.running:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once."""
        if self.running:
            self._process.kill()
        self._process.wait(10)

    def tail(self, characters: int = 2000) -> str:
        """The end of its log."""
        return self.log.read_text("utf-8", "replace")[-characters:]

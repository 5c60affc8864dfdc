"""A long step of setting something up: a process with a line of progress every few seconds, what it
printed kept in a file, and an end in any case. Only the standard library."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PROGRESS_EVERY_S = 20.0


class StepError(Exception):
    """The step failed, or did not end; the message has the last lines of what it printed."""


def step(
    what: str,
    command: Sequence[str],
    log: Path,
    *,
    seconds: float,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    every: float = PROGRESS_EVERY_S,
) -> None:
    """Run `command`, its output added to `log`.

    Args:
        what: for the lines of progress, which go to the error output.
        seconds: after which it is ended, with everything that it started.
        every: seconds between two lines of progress.
        folder, environment: of the process; unset = ours.

    Raises:
        StepError: see there.
    """
    print(f"  {what} ...", file=sys.stderr, flush=True)
    started = time.monotonic()
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=None if environment is None else dict(environment),
            start_new_session=True,
        )
        try:
            while (code := _ended(process, every)) is None:
                taken = time.monotonic() - started
                print(f"  {what}: {taken:.0f} s, {_tail(log, 1, 100)}", file=sys.stderr, flush=True)
                if taken > seconds:
                    raise StepError(f"{what}: no end after {taken:.0f} s; its log is {log}")
        finally:
            if process.poll() is None:
                # A builder's own children outlive it otherwise.
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    if code:
        raise StepError(f"{what}: exit status {code}; its log is {log}\n{_tail(log, 20, 3000)}")


def _ended(process: subprocess.Popen[bytes], every: float) -> int | None:
    try:
        return process.wait(every)
    except subprocess.TimeoutExpired:
        return None


def _tail(log: Path, lines: int, characters: int) -> str:
    found = log.read_text(errors="replace").strip().splitlines()[-lines:]
    return "\n".join(found)[-characters:] or "no output yet"

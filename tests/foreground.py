"""A command that runs in our place and ends with us: told to end, we let it clear up first. Only the
standard library."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def end_on_sigterm() -> None:
    """Let SIGTERM end this process as Ctrl-C does: by an exception, so that what is open is closed.
    Call it in the main thread, before `run`."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # A shell starts what it puts into the background with SIGINT ignored, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def run(
    command: Sequence[str],
    *,
    grace_s: float,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Run `command` to its end; its exit code. An exception that reaches us meanwhile (Ctrl-C, see
    also `end_on_sigterm`) interrupts it and is raised again once it has ended.

    Args:
        grace_s: seconds that it gets to end by itself when interrupted; after them, or at a second
            signal, it is killed with everything that it started.
        folder, environment: of the process; unset = ours.
    """
    # In a session of its own Ctrl-C reaches us alone, so it is interrupted once, whoever is told to end.
    process = subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True)
    try:
        return process.wait()
    except BaseException:
        _end(process, grace_s)
        raise


def _end(process: subprocess.Popen[bytes], grace_s: float) -> None:
    # pytest tears its fixtures down at SIGINT; at SIGTERM it would be gone at once.
    process.send_signal(signal.SIGINT)
    try:
        process.wait(grace_s)
    except subprocess.TimeoutExpired:
        print(f"{process.args!r} does not end: it is killed", file=sys.stderr, flush=True)
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

"""A cluster that stands after the command that made it has ended: `up`, `down`.

A process of its own holds it (`serve`); its state lies in
`${LLMCACHE_CACHE:-~/.cache/llmcache}/cluster`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

from tests.engine.install import cache_folder
from tests.steps import PROGRESS_EVERY_S

from .images import archives
from .node import Cluster, remove_leftovers
from .processes import ClusterError

GPUS: Final = 4
START_TIMEOUT_S: Final = 600.0
STOP_TIMEOUT_S: Final = 120.0


def folder() -> Path:
    """Where the state is."""
    return cache_folder() / "cluster"


def kubeconfig() -> Path:
    """KUBECONFIG of the standing cluster."""
    return folder() / "kubeconfig"


def standing() -> int | None:
    """Process id of the one that holds the cluster, or None."""
    with contextlib.suppress(OSError, ValueError):
        pid = int((folder() / "pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        if b"tests.cluster" in command:
            return pid
    return None


def up() -> Path:
    """Make the cluster stand, if it does not; its KUBECONFIG."""
    if standing() is not None:
        return kubeconfig()
    folder().mkdir(parents=True, exist_ok=True)
    kubeconfig().unlink(missing_ok=True)
    log = folder() / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.cluster", "serve"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    (folder() / "pid").write_text(str(process.pid))
    started = said = time.monotonic()
    while not kubeconfig().exists():
        now = time.monotonic()
        if process.poll() is not None or now > started + START_TIMEOUT_S:
            process.terminate()
            raise ClusterError(f"the cluster did not start:\n{log.read_text()[-3000:]}")
        if now > said + PROGRESS_EVERY_S:
            said = now
            print(f"  loading images, starting the node: {now - started:.0f} s", flush=True)
        time.sleep(0.2)
    return kubeconfig()


def down() -> bool:
    """End it; whether one stood. Nothing is left but images and binaries in the cache."""
    pid = standing()
    if pid is None:
        return remove_leftovers()
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + STOP_TIMEOUT_S
    while standing() is not None:
        if time.monotonic() > until:
            raise ClusterError(f"process {pid} does not end; see {folder() / 'log'}")
        time.sleep(0.2)
    for name in ("pid", "kubeconfig"):
        (folder() / name).unlink(missing_ok=True)
    return True


def serve() -> None:
    """Hold the cluster until SIGTERM. Before it stands, a signal ends the process at once."""
    left = threading.Event()
    with Cluster(archives(), gpus=GPUS) as cluster:
        unfinished = kubeconfig().with_suffix(".new")
        unfinished.write_text(cluster.kubeconfig.read_text())
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: left.set())
        unfinished.rename(kubeconfig())
        left.wait()

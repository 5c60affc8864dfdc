"""Nodes and pods that only say that they run, by kwok's controller against a real API server.

For scale: hundreds of resources whose pods become Ready without running anything.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
from pathlib import Path
from typing import Any, Final

from tests.engine.install import cache_folder
from tests.ports import free_ports

from .building import BuildError
from .control_plane import ControlPlane
from .golang import go
from .kubectl import Kubectl

VERSION: Final = "v0.7.0"
_PROGRAM: Final = f"sigs.k8s.io/kwok/cmd/kwok@{VERSION}"
_TIMEOUT_S: Final = 1800.0


def build() -> Path:
    """kwok's controller, built where it is not there yet (two minutes of two cores)."""
    folder = cache_folder() / "kwok" / VERSION
    target = folder / "kwok"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.exists():
            return target
        run = subprocess.run(
            [str(go()), "install", "-trimpath", _PROGRAM],
            env={**os.environ, "GOBIN": str(folder / "new"), "CGO_ENABLED": "0"},
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIMEOUT_S,
        )
        if run.returncode:
            raise BuildError(f"building kwok failed:\n{run.stderr[-2000:]}")
        (folder / "new" / "kwok").rename(target)
    return target


def start(control_plane: ControlPlane, nodes: int, gpus: int = 8) -> None:
    """Start the controller, and make nodes that take pods in.

    Args:
        nodes: how many.
        gpus: GPUs that each says it has.
    """
    (port,) = free_ports(1)
    control_plane.run(
        "kwok",
        [
            str(build()), f"--kubeconfig={control_plane.kubeconfig}", "--manage-all-nodes=true",
            f"--server-address=127.0.0.1:{port}",
            # Without leases the node controller takes the nodes for lost after 40 seconds.
            "--node-lease-duration-seconds=40",
        ],
    )  # fmt: skip
    Kubectl(control_plane.kubeconfig).apply(*(_node(number, gpus) for number in range(nodes)))


def _node(number: int, gpus: int) -> dict[str, Any]:
    amounts = {"cpu": "256", "memory": "2Ti", "pods": "2000", "nvidia.com/gpu": str(gpus)}
    name = f"kwok-{number}"
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {"kubernetes.io/hostname": name, "type": "kwok"},
            "annotations": {"kwok.x-k8s.io/node": "fake"},
        },
        "status": {"capacity": amounts, "allocatable": amounts},
    }

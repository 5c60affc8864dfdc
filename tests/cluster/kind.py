"""The same cluster by kind, where a Docker engine answers."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.engine.install import cache_folder

from .gpus import mock_gpus
from .images import ROOT
from .installing import Images
from .kubectl import Kubectl
from .processes import ClusterError

NAME: Final = "llmcache"
GPUS: Final = 4
PUBLISHED: Final = Images(
    operator="llmcache/operator:test",
    sidecar="llmcache/sidecar:test",
    engine="llmcache/simulator:test",
    redis="valkey/valkey:8.1-alpine",
    qdrant="qdrant/qdrant:v1.19.1",
)
"""Ours are built; stores are the published ones, which no other cluster of the tests can run."""

_BASE: Final = "python:3.12-slim"
_BUILT: Final = (
    ("Dockerfile.sidecar", PUBLISHED.sidecar, _BASE),
    ("Dockerfile.operator", PUBLISHED.operator, _BASE),
    ("tests/cluster/Dockerfile.simulator", PUBLISHED.engine, PUBLISHED.sidecar),
)


def available() -> bool:
    """Whether kind is there and a Docker engine answers."""
    if shutil.which("kind") is None or shutil.which("docker") is None:
        return False
    run = subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=30)
    return run.returncode == 0


def kubeconfig() -> Path:
    """KUBECONFIG of the cluster."""
    return cache_folder() / "kind.kubeconfig"


def up() -> tuple[Path, Images]:
    """Build the images, make the cluster, load them."""
    path = kubeconfig()
    path.parent.mkdir(parents=True, exist_ok=True)
    for dockerfile, name, base in _BUILT:
        _run(
            "docker",
            "build",
            "-f",
            dockerfile,
            "-t",
            name,
            "--build-arg",
            f"BASE_IMAGE={base}",
            ".",
        )
    if NAME not in _said("kind", "get", "clusters").split():
        _run(
            "kind", "create", "cluster", "--config", "tests/cluster/kind.yaml",
            "--kubeconfig", str(path), "--wait", "3m",
        )  # fmt: skip
    for image in (PUBLISHED.redis, PUBLISHED.qdrant):
        _run("docker", "pull", image)
    for image in vars(PUBLISHED).values():
        _run("kind", "load", "docker-image", image, "--name", NAME)
    mock_gpus(Kubectl(path), GPUS)
    return path, PUBLISHED


def down() -> bool:
    """Delete the cluster; whether there was one."""
    if NAME not in _said("kind", "get", "clusters").split():
        return False
    _run("kind", "delete", "cluster", "--name", NAME)
    kubeconfig().unlink(missing_ok=True)
    return True


def _said(*command: str) -> str:
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return run.stdout


def _run(*command: str) -> None:
    print(f"  {' '.join(command)}", file=sys.stderr, flush=True)
    run = subprocess.run(command, cwd=ROOT, check=False, timeout=1800)
    if run.returncode:
        raise ClusterError(f"{' '.join(command)} failed with {run.returncode}")

"""A node of this machine: a pod runs, and nothing stays behind, not even of one that was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from . import host, network, policies
from .containers import PAUSE_IMAGE
from .node import Cluster

pytestmark = pytest.mark.cluster

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "two"},
    "spec": {
        "terminationGracePeriodSeconds": 0,
        "initContainers": [{"name": "beside", "image": PAUSE_IMAGE, "restartPolicy": "Always"}],
        "containers": [{"name": "main", "image": PAUSE_IMAGE}],
    },
}


@pytest.fixture(autouse=True)
def a_machine_for_a_node() -> None:
    reason = host.missing()
    if reason is None and host.quietly("ip", "link", "show", network.BRIDGE):
        reason = "another cluster runs on this machine"
    if reason is None:
        return
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def run_a_pod(cluster: Cluster) -> None:
    cluster.kubectl.apply(POD)
    cluster.kubectl("wait", "pod/two", "--for=condition=Ready", "--timeout=180s", seconds=200)


def start_and_be_killed() -> None:
    """In a process of its own."""
    cluster = Cluster().start()
    run_a_pod(cluster)
    print(cluster.folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


def kernel() -> dict[str, str]:
    return {name: Path(name).read_text() for name in network.KERNEL if Path(name).exists()}


def test_a_pod_with_a_native_sidecar_runs_and_a_killed_node_is_cleared_away() -> None:
    before = kernel()
    code = "from tests.cluster.test_node import start_and_be_killed as run; run()"
    killed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=900, check=False
    )
    assert killed.stdout, killed.stderr
    left = Path(killed.stdout.strip())
    assert left.exists()

    with Cluster(gpus=2) as cluster:
        assert not left.exists()
        assert not processes_of(left)
        run_a_pod(cluster)
        node = cluster.kubectl.json("get", "nodes")["items"][0]
        assert node["status"]["allocatable"]["nvidia.com/gpu"] == "2"

    for folder in (left, cluster.folder):
        assert not folder.exists()
        assert not processes_of(folder)
        assert str(folder) not in Path("/proc/self/mounts").read_text()
    assert not host.quietly("ip", "link", "show", network.BRIDGE)
    assert kernel().items() >= before.items()
    rules = host.quietly("iptables-save")
    assert not [mark for mark in network.RULES_OF_OURS if mark in rules]
    assert not policies.answered()
    assert not list(Path("/sys/fs/cgroup").glob("**/kubepods"))


def processes_of(folder: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command:
            found.append(command.replace("\0", " "))
    return found

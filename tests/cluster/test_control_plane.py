"""The control plane that the operator's tests stand on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .building import version
from .control_plane import ControlPlane

pytestmark = pytest.mark.cluster


def test_it_is_the_version_of_the_module(kubernetes_api: ControlPlane) -> None:
    status, body = kubernetes_api.get("/version")
    assert (status, json.loads(body)["gitVersion"]) == (200, version())


def test_two_stand_side_by_side_and_know_nothing_of_each_other(
    kubernetes_api: ControlPlane,
) -> None:
    with ControlPlane() as other:
        assert other.port != kubernetes_api.port
        assert other.get("/readyz")[0] == 200
        folder = other.folder
    assert not folder.exists()
    assert kubernetes_api.get("/readyz")[0] == 200


def test_the_api_server_comes_back_with_what_it_had() -> None:
    with ControlPlane() as control_plane:
        control_plane.stop_api_server(kill=True)
        assert control_plane.get("/readyz")[0] == 0
        control_plane.start_api_server()
        path = "/api/v1/namespaces/default/serviceaccounts/default"
        assert control_plane.get(path)[0] == 200


def test_nothing_is_left_when_its_owner_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from tests.cluster.control_plane import ControlPlane\n"
        "plane = ControlPlane().start()\n"
        "print(plane.folder, *(c.pid for c in plane._components.values()), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False
    )
    folder, *pids = run.stdout.split()
    assert len(pids) == 4, run.stderr
    for pid in pids:
        _wait_for_the_end(int(pid))
    with ControlPlane():
        assert not Path(folder).exists()


def _wait_for_the_end(pid: int) -> None:
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        os.sched_yield()
        subprocess.run(["sleep", "0.1"], check=True)
    raise AssertionError(f"process {pid} is still there")

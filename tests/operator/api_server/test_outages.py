"""The API server goes away, hangs, and comes back: the operator stays and catches up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.control_plane import ControlPlane

from .conftest import install_crd, new_namespace
from .kube import Kube, wait_for
from .manifests import llmcache
from .operator_process import OperatorProcess


@pytest.fixture
def mortal() -> Iterator[ControlPlane]:
    """An API server of the test's own, to be taken away."""
    with ControlPlane() as control_plane:
        yield control_plane


def test_a_restart_of_the_api_server_is_survived(mortal: ControlPlane, tmp_path: Path) -> None:
    kube = Kube(mortal)
    install_crd(kube)
    new_namespace(kube, "n")
    with OperatorProcess(mortal.kubeconfig, folder=tmp_path) as process:
        kube.create("llmcaches", llmcache("n"))
        process.settled(kube, "n")
        pid = process.pid

        mortal.stop_api_server(kill=True)
        time.sleep(5)
        assert process.get("/healthz")[0] == 200
        mortal.start_api_server()

        kube.create("llmcaches", llmcache("n", "second"))
        kube.delete("deployments", "n", "support-llama")
        wait_for(
            "both have their Deployments",
            lambda: (
                kube.get("deployments", "n", "support-llama")
                and kube.get("deployments", "n", "second-llama")
            ),
        )
        assert process.pid == pid
        assert process.running
        assert "never should" not in process.tail(1_000_000)
    kube.close()


def test_an_api_server_that_hangs_is_waited_for(mortal: ControlPlane, tmp_path: Path) -> None:
    kube = Kube(mortal)
    install_crd(kube)
    new_namespace(kube, "n")
    with OperatorProcess(mortal.kubeconfig, folder=tmp_path) as process:
        kube.create("llmcaches", llmcache("n"))
        process.settled(kube, "n")

        kube.patch("llmcaches", "n", "support", {"spec": {"sidecar": {"logLevel": "debug"}}})
        mortal.pause_api_server()
        time.sleep(5)
        mortal.resume_api_server()

        process.settled(kube, "n")
        assert process.running
        assert "never should" not in process.tail(1_000_000)
    kube.close()

"""Probes, and a CustomResourceDefinition that is missing, older, or holds what can't be read."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.control_plane import ControlPlane

from .conftest import crd, install_crd, new_namespace
from .kube import Kube, wait_for
from .manifests import llmcache
from .operator_process import OperatorProcess


@pytest.fixture(scope="module")
def bare() -> Iterator[ControlPlane]:
    """An API server that never heard of LLMCaches."""
    with ControlPlane() as control_plane:
        yield control_plane


def test_a_missing_crd_is_waited_for(bare: ControlPlane, tmp_path: Path) -> None:
    kube = Kube(bare)
    process = OperatorProcess(bare.kubeconfig, folder=tmp_path).start(ready=False)
    try:
        wait_for("it says so", lambda: "is not installed" in process.get("/readyz")[1])
        assert process.get("/readyz")[0] == 503
        assert process.get("/healthz")[0] == 200
        assert "is not installed" in "".join(process.complaints())

        older = copy.deepcopy(crd())
        (version,) = older["spec"]["versions"]
        del version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["quality"]
        install_crd(kube, older)

        wait_for("it works", lambda: process.get("/readyz")[0] == 200)
        assert "older than this operator" in "".join(process.complaints())
        assert "spec.quality" in "".join(process.complaints())
        assert process.metric("llmcache_operator_crd_outdated") == 1
        new_namespace(kube, "works")
        kube.create("llmcaches", llmcache("works"))
        process.settled(kube, "works")
    finally:
        process.kill()
        kube.close()


def test_a_spec_of_another_schema_stalls_one_resource_and_no_other(
    bare: ControlPlane, tmp_path: Path
) -> None:
    kube = Kube(bare)
    lax = copy.deepcopy(crd())
    (version,) = lax["spec"]["versions"]
    version["schema"]["openAPIV3Schema"]["properties"]["spec"] = {
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": True,
    }
    install_crd(kube, lax)
    new_namespace(kube, "lax")

    with OperatorProcess(bare.kubeconfig, folder=tmp_path) as process:

        def create_both() -> bool:
            kube.create("llmcaches", llmcache("lax", "wrong", modelz=[{"name": 1}]))
            return True

        wait_for("the lax schema is served", create_both)
        kube.create("llmcaches", llmcache("lax", "right"))
        found = {one["metadata"]["name"]: one for one in process.settled(kube, "lax")}

        (stalled,) = [
            condition
            for condition in found["wrong"]["status"]["conditions"]
            if condition["type"] == "Stalled"
        ]
        assert stalled["reason"] == "InvalidSpec"
        assert "modelz" in stalled["message"]
        assert ("deployments", "right-llama") in kube.owned("lax", "right")
        assert not kube.owned("lax", "wrong")
        complaints = [line for line in process.complaints() if "older than" not in line]
        assert complaints == []
    kube.close()


def test_it_ends_when_it_is_told_to(bare: ControlPlane, tmp_path: Path) -> None:
    kube = Kube(bare)
    install_crd(kube)
    kube.close()
    process = OperatorProcess(bare.kubeconfig, folder=tmp_path).start()
    assert process.get("/healthz")[0] == 200
    assert "llmcache_operator_reconciles" in process.get("/metrics")[1]

    assert process.stop() == 0

    assert process.complaints() == []


def test_without_a_way_to_a_cluster_it_says_what_to_set(tmp_path: Path) -> None:
    process = OperatorProcess(tmp_path / "nothing", folder=tmp_path).start(ready=False)

    assert process.wait_for_end() == 1
    assert "KUBECONFIG" in process.tail()

"""Bad days: whatever happens on the way, the cluster becomes what an undisturbed one would be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.control_plane import ControlPlane

from .conftest import crd, install_crd, new_namespace
from .kube import OWNED, Json, Kube, wait_for
from .manifests import llmcache
from .operator_process import OperatorProcess
from .proxy import Proxy
from .toggles.places import State, differences, essence

CONFIG_AT_START = "llmcache.dev/config-at-start"
KINDS = {
    "deployments": "Deployment",
    "statefulsets": "StatefulSet",
    "services": "Service",
    "configmaps": "ConfigMap",
    "serviceaccounts": "ServiceAccount",
    "persistentvolumeclaims": "PersistentVolumeClaim",
    "poddisruptionbudgets": "PodDisruptionBudget",
    "networkpolicies": "NetworkPolicy",
    "secrets": "Secret",
}


@pytest.fixture(scope="module")
def own_api() -> Iterator[ControlPlane]:
    """An API server without the session's operator."""
    with ControlPlane() as control_plane:
        kube = Kube(control_plane)
        install_crd(kube)
        kube.close()
        yield control_plane


@pytest.fixture(scope="module")
def kube(own_api: ControlPlane) -> Iterator[Kube]:
    client = Kube(own_api)
    yield client
    client.close()


@pytest.fixture(scope="module")
def undisturbed(
    own_api: ControlPlane, kube: Kube, tmp_path_factory: pytest.TempPathFactory
) -> State:
    """What there is when nothing happens."""
    new_namespace(kube, "undisturbed")
    folder = tmp_path_factory.mktemp("operator")
    with OperatorProcess(own_api.kubeconfig, folder=folder) as operator:
        kube.create("llmcaches", manifest("undisturbed"))
        operator.settled(kube, "undisturbed")
        return state(kube, "undisturbed")


def manifest(namespace: str) -> Json:
    return llmcache(namespace, stores={"redis": {"managed": {}}, "vectors": {"memory": {}}})


def state(kube: Kube, namespace: str) -> State:
    """All objects of the cache; of Secrets only how long their values are."""
    found: dict[tuple[str, str], Json] = {}
    for plural in OWNED:
        for item in kube.list(plural, namespace, "llmcache.dev/cache=support"):
            one = essence({"kind": KINDS[plural], **item}, "support")
            one = json.loads(
                json.dumps(one).replace(f".{namespace}.", ".NS.").replace(f'"{namespace}"', '"NS"')
            )
            if one["kind"] == "Deployment":
                # A hash over names that hold the namespace.
                one["spec"]["template"]["metadata"]["annotations"].pop(CONFIG_AT_START)
            if plural == "secrets":
                one["data"] = {key: len(value) for key, value in one["data"].items()}
            found[one["kind"], one["metadata"]["name"]] = one
    return found


def converged(kube: Kube, namespace: str, wanted: State) -> bool:
    found = differences(wanted, state(kube, namespace))
    assert found == [], found
    return True


def test_killed_at_each_step(
    own_api: ControlPlane, kube: Kube, undisturbed: State, tmp_path: Path
) -> None:
    """After each write in turn; the next operator finishes what the last one left."""
    with Proxy(own_api, tmp_path) as proxy:
        operator = OperatorProcess(proxy.kubeconfig, folder=tmp_path)
        steps = 0
        try:
            while True:
                steps += 1
                namespace = f"killed{steps}"
                new_namespace(kube, namespace)
                operator.start()
                if steps > 1:
                    before = f"killed{steps - 1}"
                    wait_for("it is finished", lambda: converged(kube, before, undisturbed))  # noqa: B023
                    operator.settled(kube, before)
                limit = proxy.writes + steps

                def kill(number: int, path: str) -> None:
                    if number == limit:  # noqa: B023
                        operator.kill()

                proxy.passed = kill
                kube.create("llmcaches", manifest(namespace))
                wait_for(
                    "it is killed, or has nothing more to write",
                    lambda: not operator.running or _settled(operator, kube, namespace),  # noqa: B023
                )
                if operator.running:
                    break
                proxy.passed = lambda number, path: None
            assert converged(kube, namespace, undisturbed)
        finally:
            operator.kill()
    assert steps > len(undisturbed)  # each object, and the status


def _settled(operator: OperatorProcess, kube: Kube, namespace: str) -> bool:
    item = kube.must("llmcaches", namespace, "support")
    seen = (item.get("status") or {}).get("observedGeneration")
    return seen == item["metadata"]["generation"] and not operator.busy


@pytest.mark.parametrize("status", [409, 429, 500])
def test_every_second_write_is_refused(
    own_api: ControlPlane, kube: Kube, undisturbed: State, tmp_path: Path, status: int
) -> None:
    namespace = f"refused{status}"
    new_namespace(kube, namespace)
    with Proxy(own_api, tmp_path) as proxy:
        proxy.refuse = lambda number, path: status if number % 2 else None
        with OperatorProcess(proxy.kubeconfig, folder=tmp_path) as operator:
            kube.create("llmcaches", manifest(namespace))
            wait_for("it converges", lambda: converged(kube, namespace, undisturbed))
            proxy.refuse = lambda number, path: None
            operator.settled(kube, namespace)
            assert converged(kube, namespace, undisturbed)
            assert operator.complaints() == []


def test_a_namespace_goes_with_everything_in_it(
    own_api: ControlPlane, kube: Kube, tmp_path: Path
) -> None:
    new_namespace(kube, "leaving")
    with OperatorProcess(own_api.kubeconfig, folder=tmp_path) as operator:
        kube.create("llmcaches", manifest("leaving"))
        operator.settled(kube, "leaving")
        kube.delete("namespaces", None, "leaving")
        wait_for("the namespace is gone", lambda: kube.get("namespaces", None, "leaving") is None)
        assert operator.complaints() == []


def test_the_crd_is_upgraded_under_live_resources(
    own_api: ControlPlane, kube: Kube, undisturbed: State, tmp_path: Path
) -> None:
    """With the operator, as a release is: what the older one dropped is told, and all goes on."""
    older = crd()
    schema = older["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    del schema["spec"]["properties"]["quality"]
    del schema["status"]["properties"]["resolved"]
    new_namespace(kube, "crd")
    install_crd(kube, older)
    try:
        with OperatorProcess(own_api.kubeconfig, folder=tmp_path) as operator:
            kube.create("llmcaches", manifest("crd"))
            operator.settled(kube, "crd")
            assert converged(kube, "crd", undisturbed)
            assert any("is older than this operator" in text for text in operator.complaints())

        install_crd(kube)
        with OperatorProcess(own_api.kubeconfig, folder=tmp_path) as operator:
            quality = {"spec": {"quality": {"holdoutPercent": 3}}}
            wait_for(
                "the new schema is served",
                lambda: kube.patch("llmcaches", "crd", "support", quality)["spec"].get("quality"),
            )
            operator.settled(kube, "crd")
            (line,) = differences(undisturbed, state(kube, "crd"))
            assert "quality.holdoutPercent = 3" in line
            kube.patch("llmcaches", "crd", "support", {"spec": {"quality": None}})
            operator.settled(kube, "crd")
            assert converged(kube, "crd", undisturbed)
    finally:
        install_crd(kube)

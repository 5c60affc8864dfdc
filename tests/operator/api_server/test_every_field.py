"""Every field does something, and changing it does it again.

Each leaf of the schema has a live resource of its own, all at once: four rounds (as it starts, set,
changed, taken away again), and after each the objects of every resource are compared as a whole. The
table is toggles/rows.yaml; what a field is expected to change is toggles/expected.yaml.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cluster.control_plane import ControlPlane

from .conftest import crd, install_crd, new_namespace
from .kube import OWNED, Json, Kube
from .operator_process import OperatorProcess
from .toggles.expecting import NAMESPACE, expected, from_rendering
from .toggles.places import State, differences, essence
from .toggles.table import Row, Unset, leaves, rows

ROWS = rows()
EXPECTED = expected()
NAMES = {leaf: f"t{number:03}" for number, leaf in enumerate(ROWS)}

_POD_MONITORS: Json = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "podmonitors.monitoring.coreos.com"},
    "spec": {
        "group": "monitoring.coreos.com",
        "scope": "Namespaced",
        "names": {"kind": "PodMonitor", "listKind": "PodMonitorList", "plural": "podmonitors",
                  "singular": "podmonitor"},
        "versions": [
            {"name": "v1", "served": True, "storage": True,
             "schema": {"openAPIV3Schema": {
                 "type": "object", "x-kubernetes-preserve-unknown-fields": True}}},
        ],
    },
}  # fmt: skip


class Rounds:
    """The states of all resources after each round.

    Attributes:
        minor: of the API server's version.
    """

    def __init__(self) -> None:
        self.states: list[dict[str, State]] = []
        self.minor = 0


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Rounds:
    """All four, on an API server and with an operator of their own.

    Of the controllers only the garbage collector runs: what Deployments do is not in question here.
    """
    flags = (
        "--controllers=garbage-collector-controller,serviceaccount-controller,"
        "persistentvolumeclaim-protection-controller",
    )
    found = Rounds()
    with ControlPlane(controller_manager_flags=flags) as control_plane:
        kube = Kube(control_plane)
        try:
            found.minor = int(kube.raw("/version").json()["minor"])
            install_crd(kube)
            kube.apply("customresourcedefinitions", _POD_MONITORS)
            _storage_classes(kube)
            new_namespace(kube, NAMESPACE)
            folder = tmp_path_factory.mktemp("operator")
            quiet = ("--poll-seconds", "3600")
            with OperatorProcess(control_plane.kubeconfig, quiet, folder=folder) as operator:
                for choose in (_start, _set, _change, _start):
                    _apply(kube, {leaf: choose(row) for leaf, row in ROWS.items()})
                    operator.settled(kube, NAMESPACE)
                    _bind(kube)
                    found.states.append(_states(kube))
            assert operator.complaints() == []
        finally:
            kube.close()
    return found


def _start(row: Row) -> Json:
    return row.start


def _set(row: Row) -> Json:
    return row.set


def _change(row: Row) -> Json:
    return row.change


def _apply(kube: Kube, specs: dict[str, Json]) -> None:
    for leaf, spec in specs.items():
        manifest = {
            "apiVersion": "llmcache.dev/v1alpha1",
            "kind": "LLMCache",
            "metadata": {"name": NAMES[leaf], "namespace": NAMESPACE},
            "spec": spec,
        }
        kube.apply("llmcaches", manifest)


def _states(kube: Kube) -> dict[str, State]:
    states: dict[str, dict[tuple[str, str], Json]] = {name: {} for name in NAMES.values()}
    for plural in (*OWNED, "podmonitors"):
        for item in kube.list(plural, NAMESPACE, "llmcache.dev/cache"):
            cache = item["metadata"]["labels"]["llmcache.dev/cache"]
            found = essence({"kind": _kind(plural), **item}, cache)
            states[cache][found["kind"], found["metadata"]["name"]] = found
    return dict(states)


def _kind(plural: str) -> str:
    """Lists leave it out."""
    return {
        "deployments": "Deployment",
        "statefulsets": "StatefulSet",
        "services": "Service",
        "configmaps": "ConfigMap",
        "serviceaccounts": "ServiceAccount",
        "persistentvolumeclaims": "PersistentVolumeClaim",
        "poddisruptionbudgets": "PodDisruptionBudget",
        "networkpolicies": "NetworkPolicy",
        "secrets": "Secret",
        "podmonitors": "PodMonitor",
    }[plural]


def _storage_classes(kube: Kube) -> None:
    for name in ("fast", "standard"):
        kube.create(
            "storageclasses",
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {
                    "name": name,
                    "annotations": {
                        "storageclass.kubernetes.io/is-default-class": str(
                            name == "standard"
                        ).lower()
                    },
                },
                "provisioner": "example.com/none",
                "allowVolumeExpansion": True,
            },
        )


def _bind(kube: Kube) -> None:
    """What a provisioner would do: only a bound claim may grow."""
    for claim in kube.list("persistentvolumeclaims", NAMESPACE):
        if claim.get("status", {}).get("phase") != "Bound":
            name = claim["metadata"]["name"]
            bound = {"status": {"phase": "Bound"}}
            kube.patch("persistentvolumeclaims", NAMESPACE, name, bound, subresource="status")


def test_every_field_has_a_row() -> None:
    spec = crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    assert set(ROWS) == set(leaves(spec))


def test_what_is_expected_is_what_is_rendered() -> None:
    assert {leaf: from_rendering(row) for leaf, row in ROWS.items()} == EXPECTED


@pytest.mark.parametrize("leaf", ROWS)
def test_a_field_does_what_is_expected_each_time_it_changes_and_nothing_else(
    rounds: Rounds, leaf: str
) -> None:
    row, lines = ROWS[leaf], EXPECTED[leaf]
    start, after, changed, end = (states[NAMES[leaf]] for states in rounds.states)

    assert lines, "it does nothing"
    if row.since > rounds.minor:
        lines, row = [], replace(row, same=True)
    assert differences(start, after) == lines, "set"

    if row.same:
        assert differences(start, changed) == [], "changed to what it means when unset"
    else:
        assert differences(after, changed), "changed"
        touched = objects_of(differences(start, changed))
        assert touched <= objects_of(lines) | (changed.keys() - start.keys()), "changed"

    before = start if row.unset is Unset.REVERTS else changed
    assert differences(before, without_kept_secrets(before, end)) == [], "taken away"


def without_kept_secrets(before: State, end: State) -> State:
    """A password that was made once stays with its resource: the operator may not delete Secrets."""
    return {key: item for key, item in end.items() if key in before or key[0] != "Secret"}


def objects_of(lines: list[str]) -> set[tuple[str, str]]:
    """Kinds and names."""
    return {tuple(line.removeprefix("+ ").removeprefix("- ").split(" ")[:2]) for line in lines}  # type: ignore[misc]

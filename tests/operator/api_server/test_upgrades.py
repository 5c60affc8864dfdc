"""Another operator takes over: no pod rolls until its owner accepts, and the way back is open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.control_plane import ControlPlane

from .conftest import install_crd, new_namespace
from .kube import Json, Kube
from .manifests import engine, llmcache
from .operator_process import OperatorProcess

NAMESPACE = "upgrades"
OLDER = "tests.operator.api_server.older_operator"
RENDERER = "llmcache.dev/renderer"


@pytest.fixture(scope="module")
def own_api() -> Iterator[ControlPlane]:
    """An API server without the session's operator."""
    with ControlPlane() as control_plane:
        kube = Kube(control_plane)
        install_crd(kube)
        new_namespace(kube, NAMESPACE)
        kube.close()
        yield control_plane


def two_models() -> Json:
    models = [{"name": name, "engine": engine(replicas=2)} for name in ("llama", "phi")]
    return llmcache(NAMESPACE, models=models, stores={})


def templates(kube: Kube) -> dict[str, Json]:
    """What pods are made from, of every workload; and its uid, since a new workload has new pods."""
    return {
        item["metadata"]["name"]: {
            "uid": item["metadata"]["uid"],
            "template": item["spec"]["template"],
        }
        for plural in ("deployments", "statefulsets")
        for item in kube.list(plural, NAMESPACE)
    }


def changed(before: dict[str, Json], after: dict[str, Json]) -> set[str]:
    """Workloads whose pods roll."""
    assert before.keys() == after.keys()
    return {name for name in before if before[name] != after[name]}


def condition(kube: Kube, kind: str) -> tuple[str, str]:
    """Status and reason."""
    status = kube.must("llmcaches", NAMESPACE, "support")["status"]
    return next(
        ((one["status"], one["reason"]) for one in status["conditions"] if one["type"] == kind),
        ("", ""),
    )


def accept(kube: Kube, what: str | None) -> None:
    annotations = {"llmcache.dev/accept-update": what}
    kube.patch("llmcaches", NAMESPACE, "support", {"metadata": {"annotations": annotations}})


def test_an_upgrade_rolls_no_pod_until_it_is_accepted_and_there_is_a_way_back(
    own_api: ControlPlane, tmp_path: Path
) -> None:
    kube = Kube(own_api)
    (tmp_path / "older").mkdir()
    (tmp_path / "newer").mkdir()
    older = OperatorProcess(own_api.kubeconfig, folder=tmp_path / "older", module=OLDER)
    newer = OperatorProcess(own_api.kubeconfig, folder=tmp_path / "newer")
    with older:
        kube.create("llmcaches", two_models())
        older.settled(kube, NAMESPACE)
        made = templates(kube)
        assert len(made) == 4  # two models, Redis, Qdrant

    with newer:
        newer.settled(kube, NAMESPACE)
        assert changed(made, templates(kube)) == set()
        assert condition(kube, "UpdateAvailable")[0] == "True"

        # What can be reloaded is, by the renderer that made the workload.
        quality = {"spec": {"quality": {"holdoutPercent": 3}}}
        kube.patch("llmcaches", NAMESPACE, "support", quality)
        newer.settled(kube, NAMESPACE)
        assert changed(made, templates(kube)) == set()
        (config,) = kube.must("configmaps", NAMESPACE, "support-llama")["data"].values()
        assert "holdoutPercent: 3" in config

        accept(kube, "llama=*")
        newer.settled(kube, NAMESPACE)
        assert changed(made, templates(kube)) == {"support-llama"}
        assert condition(kube, "UpdateAvailable")[0] == "True"

        accept(kube, "*")
        newer.settled(kube, NAMESPACE)
        renewed = templates(kube)
        assert changed(made, renewed) == set(made)
        assert condition(kube, "UpdateAvailable")[0] == "False"
        accept(kube, None)
        newer.settled(kube, NAMESPACE)
        assert changed(renewed, templates(kube)) == set()
    assert newer.complaints() == []

    with older:
        older.settled(kube, NAMESPACE)
        assert changed(renewed, templates(kube)) == set()
        assert condition(kube, "Stalled") == ("True", "RendererUnknown")

        accept(kube, "v0")
        older.settled(kube, NAMESPACE)
        back = templates(kube)
        assert {name: one["template"] for name, one in back.items()} == {
            name: one["template"] for name, one in made.items()
        }
        assert condition(kube, "Stalled")[0] == "False"
    assert older.complaints() == []
    kube.close()

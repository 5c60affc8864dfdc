"""One API server and one cluster-wide operator for the session, a namespace for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.control_plane import ControlPlane
from tests.cluster.fixtures import kubernetes_api

from .kube import Json, Kube, wait_for
from .operator_process import OperatorProcess
from .person import Person, gpu_node

__all__ = ["kubernetes_api"]

ROOT = Path(__file__).resolve().parents[3]
CRD = ROOT / "crds" / "llmcache.dev_llmcaches.yaml"

_numbers = itertools.count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.cluster)


def crd() -> Json:
    """The CustomResourceDefinition that people apply."""
    found: Json = yaml.safe_load(CRD.read_text("utf-8"))
    return found


def install_crd(kube: Kube, manifest: Json | None = None) -> None:
    """Install it, and wait until it is served."""
    kube.apply("customresourcedefinitions", manifest or crd())
    wait_for(
        "LLMCaches are served",
        lambda: kube.raw("/apis/llmcache.dev/v1alpha1/llmcaches").status_code == 200,
    )


@pytest.fixture(scope="session")
def cluster(kubernetes_api: ControlPlane) -> ControlPlane:
    """The session's API server, which knows LLMCaches."""
    kube = Kube(kubernetes_api)
    install_crd(kube)
    kube.close()
    return kubernetes_api


@pytest.fixture(scope="session")
def kube(cluster: ControlPlane) -> Iterator[Kube]:
    """An administrator."""
    client = Kube(cluster)
    yield client
    client.close()


@pytest.fixture(scope="session")
def operator(
    cluster: ControlPlane, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OperatorProcess]:
    """An operator over all namespaces, which stands for the whole session."""
    folder = tmp_path_factory.mktemp("operator")
    with OperatorProcess(cluster.kubeconfig, folder=folder) as process:
        yield process
    assert process.complaints() == []


@pytest.fixture
def namespace(kube: Kube) -> Iterator[str]:
    """A namespace of the test's own."""
    name = f"t{next(_numbers)}"
    new_namespace(kube, name)
    yield name
    kube.delete("namespaces", None, name)


def new_namespace(kube: Kube, name: str) -> None:
    kube.create("namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})


@pytest.fixture(scope="module")
def node(kube: Kube) -> Iterator[str]:
    """A node with eight GPUs, and nobody behind it."""
    with gpu_node(kube) as name:
        yield name


@pytest.fixture
def person(cluster: ControlPlane, kube: Kube, namespace: str, operator: OperatorProcess) -> Person:
    """Somebody with kubectl and one resource."""
    return Person(cluster, kube, namespace)


@pytest.fixture(scope="session")
def lone_cluster() -> Iterator[ControlPlane]:
    """An API server without the session's operator, for tests that start operators of their own."""
    with ControlPlane() as control_plane:
        kube = Kube(control_plane)
        install_crd(kube)
        kube.close()
        yield control_plane


@pytest.fixture(scope="session")
def lone_kube(lone_cluster: ControlPlane) -> Iterator[Kube]:
    """An administrator of it."""
    client = Kube(lone_cluster)
    yield client
    client.close()


@pytest.fixture
def lone_namespace(lone_kube: Kube) -> Iterator[str]:
    """A namespace of the test's own in it."""
    name = f"l{next(_numbers)}"
    new_namespace(lone_kube, name)
    yield name
    lone_kube.delete("namespaces", None, name)


@pytest.fixture
def make_operator(
    lone_cluster: ControlPlane, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., OperatorProcess]]:
    """Operators of the test's own (not started) over `lone_cluster`, all of them ended with it."""
    made: list[OperatorProcess] = []

    def make(*flags: str, **options: Any) -> OperatorProcess:
        options.setdefault("kubeconfig", lone_cluster.kubeconfig)
        process = OperatorProcess(
            flags=flags, folder=tmp_path_factory.mktemp("operator"), **options
        )
        made.append(process)
        return process

    yield make
    for process in made:
        process.kill()

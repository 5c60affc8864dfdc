"""One operator, one namespace and one cache for the whole suite."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.charts.helm import Helm
from tests.cluster import gpus
from tests.cluster.gpus import GPU
from tests.cluster.installing import SYSTEM, install_chart
from tests.cluster.kubectl import Manifest
from tests.e2e import client, settings
from tests.e2e.kubectl import AsyncKubectl, holds
from tests.e2e.node import NodeShell
from tests.e2e.resources import engine, llmcache
from tests.e2e.settings import Settings
from tests.e2e.stage import KEY, NAME, OTHER_KEY, Figures, Stage

NAMESPACE = "llmcache-e2e"
GPUS = 4
NEEDS_NO_CLUSTER = "test_the_load_sees_what_is_wrong.py"
FIRST = ("test_installing.py", "test_network_policies.py", "test_serving.py")
"""Before the loads: ten thousand questions each fill the vector store (a double misses its deadline
then) and drown what a test adds to the prefix hit rate."""

LAST = "test_uninstalling.py"

_figures = Figures()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and item.path.name != NEEDS_NO_CLUSTER:
            item.add_marker(pytest.mark.e2e)
    items.sort(key=lambda item: item.path.parent == here and _turn(item.path.name))


def _turn(file: str) -> int:
    if file in FIRST:
        return FIRST.index(file) - len(FIRST)
    return int(file == LAST)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for name, row in _figures.rows.items():
        shown = ", ".join(f"{key} {value}" for key, value in row.items() if value not in ([], {}))
        terminalreporter.write_line(f"{name}: {shown}")


@pytest.fixture(scope="session")
def told() -> Settings:
    """What the environment says."""
    reason = settings.missing()
    if reason is not None:
        pytest.fail(reason)
    return settings.from_environment()


def values(told: Settings) -> dict[str, Any]:
    """Of the chart, in the suite."""
    return {
        **told.images.values(told.pull_policy),
        "resources": {"requests": {"cpu": "50m", "memory": "96Mi"}},
    }


@pytest.fixture(scope="session")
def helm(told: Settings) -> Helm:
    """Helm on the cluster."""
    return Helm(kubeconfig=told.kubeconfig, namespace=SYSTEM)


@pytest.fixture(scope="session")
def installed(told: Settings, helm: Helm) -> Iterator[AsyncKubectl]:
    """The operator is there; kubectl in its namespace."""
    system = AsyncKubectl(told.kubeconfig, SYSTEM)
    asyncio.run(restricted(system, SYSTEM))
    began = time.monotonic()
    install_chart(helm, values(told))
    _figures.note("helm install", seconds=round(time.monotonic() - began, 1))
    yield system
    if told.report is not None:
        _figures.write(told.report)


@pytest.fixture(scope="session")
def stage(told: Settings, installed: AsyncKubectl) -> Iterator[Stage]:
    """A namespace with the client's pod and the callers' keys; nothing of LLMCache yet."""
    kubectl = installed.within(NAMESPACE)
    asyncio.run(_prepare(told, kubectl))
    yield Stage(told, kubectl, _figures)
    asyncio.run(kubectl.run("delete", "namespace", NAMESPACE, "--wait=false", "--ignore-not-found"))


@pytest.fixture(scope="session")
def cache(stage: Stage) -> Stage:
    """The cache `support` with the models llama (two pods) and small (one), and all of it ready."""
    asyncio.run(_make(stage))
    return stage


async def restricted(kubectl: AsyncKubectl, namespace: str) -> None:
    """A namespace that enforces the restricted Pod Security level."""
    level = {"pod-security.kubernetes.io/enforce": "restricted"}
    await kubectl.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": level}}
    )


async def _prepare(told: Settings, kubectl: AsyncKubectl) -> None:
    await restricted(kubectl, NAMESPACE)
    await _offer_gpus(kubectl)
    callers = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "callers", "namespace": NAMESPACE},
        "stringData": {"keys": f"{KEY}\n{OTHER_KEY}\n"},
    }
    await kubectl.apply(callers, *client.manifests(told, NAMESPACE))
    await kubectl.run("wait", "pod/client", "--for=condition=Ready", "--timeout=180s", seconds=200)


async def _offer_gpus(kubectl: AsyncKubectl) -> None:
    """On a cluster that has too few free GPUs a node says that it has some."""
    wanted = GPUS + await gpus_of_others(kubectl)
    nodes = await kubectl.list("nodes")
    if any(int(node["status"]["allocatable"].get(GPU, 0)) >= wanted for node in nodes):
        return
    await set_gpus(kubectl, nodes[-1]["metadata"]["name"], wanted)


async def gpus_of_others(kubectl: AsyncKubectl) -> int:
    """GPUs that pods outside of the suite's namespace have, such as the example of `make cluster`."""
    command = ("get", "pods", "--all-namespaces", "-o", "json", "--field-selector")
    text = await kubectl.run(*command, f"metadata.namespace!={NAMESPACE},status.phase=Running")
    return sum(
        int(container.get("resources", {}).get("requests", {}).get(GPU, 0))
        for pod in json.loads(text)["items"]
        for container in pod["spec"]["containers"]
    )


async def set_gpus(kubectl: AsyncKubectl, node: str, count: int) -> None:
    """How many GPUs a node says it has."""
    await kubectl.run(*gpus.saying(node, count))


async def _make(stage: Stage) -> None:
    told = stage.settings
    models: list[Manifest] = [
        {"name": "llama", "engine": engine(told, "llama", replicas=2)},
        {"name": "small", "engine": engine(told, "small", replicas=1)},
    ]
    began = time.monotonic()
    await stage.kubectl.apply(llmcache(told, NAME, models))
    await stage.ready()
    stage.figures.note("apply to Ready", seconds=round(time.monotonic() - began, 1))
    await stage.kubectl.until("llmc", NAME, holds("CacheReady"), what="CacheReady")
    await stage.reached("llama", "small")


@pytest.fixture(scope="session")
def node_shell() -> NodeShell:
    """Commands on nodes."""
    shell = NodeShell.from_environment()
    if shell is None:
        pytest.skip("LLMCACHE_E2E_NODE_SHELL is not set (tests/e2e/node.py)")
    return shell

"""The operator with the token of its ServiceAccount: what it may, what it does, and nothing between."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.charts.api_server.conftest import ELSEWHERE, HERE_TOO, SYSTEM, Server
from tests.charts.examples import FILES, WORKLOADS, manifest
from tests.charts.helm import CHART, Manifest
from tests.operator.api_server.kube import wait_for
from tests.operator.api_server.operator_process import OperatorProcess

ONLY_ELSEWHERE = {
    # Asked for by OpenShift alone, whose API server checks it behind blockOwnerDeletion.
    ("llmcache.dev", "llmcaches/finalizers", "update"),
    # Told of what happens to pods, and none of these runs.
    ("", "events", "create"),
}

Right = tuple[str, str, str]


def examples(namespace: str) -> list[Manifest]:
    """All of them, with a PodMonitor each."""
    found = []
    for path in FILES:
        document = manifest(path.stem)
        document["metadata"]["namespace"] = namespace
        document["spec"].setdefault("monitoring", {})["podMonitor"] = True
        found.append(document)
    return found


def granted(server: Server, *, namespaced: bool) -> set[Right]:
    """What the operator's roles say."""
    roles = [server.kube.must("roles", SYSTEM, "llmcache-leader")]
    if namespaced:
        roles.append(server.kube.must("roles", HERE_TOO, "llmcache"))
    else:
        roles.append(server.kube.must("clusterroles", None, "llmcache"))
    return {
        (group, resource, verb)
        for role in roles
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def rights_of(entry: dict[str, Any]) -> Iterator[Right]:
    """What a request used; nothing for those that need no right of ours (discovery)."""
    reference = entry.get("objectRef") or {}
    if "resource" not in reference:
        return
    resource = reference["resource"]
    if "subresource" in reference:
        resource += f"/{reference['subresource']}"
    yield reference.get("apiGroup", ""), resource, entry["verb"]
    if entry["verb"] == "patch" and entry["responseStatus"].get("code") == 201:
        # Server-side apply of what is not there yet needs both.
        yield reference.get("apiGroup", ""), resource, "create"


@pytest.fixture(params=[False, True], ids=["cluster", "namespaced"])
def namespaced(request: pytest.FixtureRequest) -> bool:
    found: bool = request.param
    return found


@pytest.fixture
def operator(server: Server, namespaced: bool, tmp_path: Path) -> Iterator[OperatorProcess]:
    """Installed by Helm, and run here with the rights that Helm gave it."""
    values = {"watchNamespaces": [HERE_TOO] if namespaced else []}
    server.helm.run("install", "llmcache", str(CHART), "--namespace", SYSTEM, values=values)
    wait_for(
        "LLMCaches are served",
        lambda: server.kube.raw("/apis/llmcache.dev/v1alpha1/llmcaches").status_code == 200,
    )
    flags = ["--namespace", SYSTEM, *(["--watch-namespace", HERE_TOO] if namespaced else [])]
    process = OperatorProcess(
        server.token_kubeconfig(SYSTEM, "llmcache"), flags, lease="llmcache", folder=tmp_path
    )
    with process:
        yield process


def test_the_operator_s_rights_are_enough_and_all_used(
    server: Server, operator: OperatorProcess, namespaced: bool
) -> None:
    kube = server.kube
    resources = examples(HERE_TOO)
    server.kubectl.apply(*resources)
    operator.settled(kube, HERE_TOO)
    _every_example_became_what_it_stands_for(server)
    _every_workload_gets_its_pods(server)
    _change(server, operator)
    assert operator.complaints() == []
    if namespaced:
        server.kubectl.apply(*examples(ELSEWHERE)[:1])
        operator.settled(kube, HERE_TOO, resources[-1]["metadata"]["name"])
        assert not kube.list("deployments", ELSEWHERE)
    operator.stop()
    refused: set[tuple[str, str]] = set()
    used: set[Right] = set()
    for entry in server.requests_of(f"{SYSTEM}:llmcache"):
        if entry["responseStatus"].get("code") == 403:
            refused.add((entry["verb"], entry["requestURI"]))
        else:
            used.update(rights_of(entry))
    assert not refused
    allowed = granted(server, namespaced=namespaced)
    unused = sorted(" ".join(right) for right in allowed - used - ONLY_ELSEWHERE)
    assert not unused, f"rights that nothing used: {'; '.join(unused)}"


def _change(server: Server, operator: OperatorProcess) -> None:
    """Whatever can be made and can go by a change of the spec does."""
    kube = server.kube
    spec: dict[str, Any] = {
        "stores": {"redis": None, "memory": {}},
        "monitoring": None,
        "network": {"policies": "Off"},
        "models": [{"name": "other", "endpoint": {"url": "http://vllm:8000"}}],
    }
    kube.patch("llmcaches", HERE_TOO, "labels", {"spec": spec})
    # A claim that is not to be kept goes with its model.
    models = kube.must("llmcaches", HERE_TOO, "faq")["spec"]["models"]
    models[0]["engine"]["weights"]["retain"] = False
    changed = {"models": models, "responseCache": {"exact": {"ttl": "2h"}}}
    kube.patch("llmcaches", HERE_TOO, "faq", {"spec": changed})
    operator.settled(kube, HERE_TOO)
    kube.patch("llmcaches", HERE_TOO, "faq", {"spec": {"models": spec["models"]}})
    operator.settled(kube, HERE_TOO)


def _every_example_became_what_it_stands_for(server: Server) -> None:
    for stem, wanted in WORKLOADS.items():
        selector = f"llmcache.dev/cache={manifest(stem)['metadata']['name']}"
        made = {
            f"{plural}/{found['metadata']['name']}"
            for plural in ("deployments", "statefulsets", "persistentvolumeclaims")
            for found in server.kube.list(plural, HERE_TOO, selector)
        }
        assert {
            name for name in made if not name.startswith("persistentvolumeclaims/data-")
        } == wanted


def _every_workload_gets_its_pods(server: Server) -> None:
    """The namespace enforces `restricted`."""
    for plural in ("deployments", "statefulsets"):
        for workload in server.kube.list(plural, HERE_TOO):
            wanted = workload["spec"].get("replicas", 1)
            labels = workload["spec"]["selector"]["matchLabels"]
            selector = ",".join(f"{key}={value}" for key, value in labels.items())
            wait_for(f"pods of {selector}", partial(_are, server, selector, wanted))


def _are(server: Server, selector: str, wanted: int) -> bool:
    return len(server.kube.list("pods", HERE_TOO, selector)) == wanted

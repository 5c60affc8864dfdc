"""Server-side dry runs, real installations, and what stays of them."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.charts.api_server.conftest import ELSEWHERE, HERE_TOO, SYSTEM, Server
from tests.charts.helm import CHART
from tests.cluster.kubectl import KubectlError
from tests.operator.api_server.kube import wait_for

EVERYTHING: dict[str, Any] = {
    "replicas": 2,
    "commonLabels": {"team": "ml"},
    "image": {"pullSecrets": ["registry"]},
    "images": {"sidecar": "mirror/sidecar:1"},
    "podAnnotations": {"note": "x"},
    "tolerations": [{"key": "system", "operator": "Exists"}],
    "nodeSelector": {"pool": "system"},
    "topologySpreadConstraints": [
        {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "llmcache-operator"}},
        }
    ],
    "metrics": {"service": {"annotations": {"note": "x"}}},
    "monitoring": {
        "labels": {"release": "prometheus"},
        "serviceMonitor": {"enabled": True},
        "podMonitor": {"enabled": True},
        "prometheusRule": {"enabled": True},
    },
    "dashboards": {"enabled": True, "annotations": {"folder": "LLM"}},
}


@pytest.mark.parametrize("namespaces", [[], [HERE_TOO, ELSEWHERE]], ids=["cluster", "namespaced"])
def test_everything_passes_a_server_side_dry_run_and_is_applied(
    server: Server, namespaces: list[str]
) -> None:
    rendered = server.helm.template({**EVERYTHING, "watchNamespaces": namespaces})
    dry_run: tuple[str, ...] = ("--dry-run=server",)
    for flags in (dry_run, ()):
        # A pod template that the level `restricted` refuses would be warned of here.
        assert "Warning" not in server.kubectl.apply(*rendered, flags=flags)


def test_a_restricted_namespace_lets_the_operator_s_pod_in(server: Server) -> None:
    server.helm.run("install", "llmcache", str(CHART), "--namespace", SYSTEM)
    wait_for(
        "the operator's pod",
        lambda: server.kube.list("pods", SYSTEM, "app.kubernetes.io/name=llmcache-operator"),
    )


def test_uninstalling_keeps_the_crd_and_its_resources(server: Server) -> None:
    helm, kube = server.helm, server.kube
    helm.run("install", "llmcache", str(CHART), "--namespace", SYSTEM)
    server.kubectl(
        "wait", "--for=condition=Established", "crd/llmcaches.llmcache.dev", "--timeout=60s"
    )
    spec = {"models": [{"name": "m", "endpoint": {"url": "http://vllm:8000"}}]}
    resource = {
        "apiVersion": "llmcache.dev/v1alpha1",
        "kind": "LLMCache",
        "metadata": {"name": "kept", "namespace": HERE_TOO},
        "spec": spec,
    }
    server.kubectl.apply(resource)
    helm.run("uninstall", "llmcache", "--namespace", SYSTEM)
    assert kube.list("deployments", SYSTEM) == []
    assert kube.must("llmcaches", HERE_TOO, "kept")["spec"] == spec
    # A release of the same name takes it over again; one that is told so takes it along.
    helm.run(
        "install", "llmcache", str(CHART), "--namespace", SYSTEM, values={"crds": {"keep": False}}
    )
    helm.run("uninstall", "llmcache", "--namespace", SYSTEM)
    wait_for(
        "the CRD goes",
        lambda: kube.get("customresourcedefinitions", None, "llmcaches.llmcache.dev") is None,
    )


def test_people_with_the_cluster_s_own_roles_may_use_llmcaches(server: Server) -> None:
    server.helm.run("install", "llmcache", str(CHART), "--namespace", SYSTEM)
    for role, may in (("view", False), ("edit", True)):
        server.kubectl(
            "create",
            "rolebinding",
            role,
            "-n",
            HERE_TOO,
            f"--clusterrole={role}",
            f"--user={role}er",
        )
        # The controller that aggregates roles takes a moment.
        wait_for(f"{role} may list", partial(_may, server, f"{role}er", "list"))
        assert _may(server, f"{role}er", "create") is may


def _may(server: Server, who: str, verb: str) -> bool:
    try:
        server.kubectl("auth", "can-i", verb, "llmcaches.llmcache.dev", "-n", HERE_TOO, "--as", who)
    except KubectlError:  # its exit code says no
        return False
    return True

"""An API server of their own: these tests install the CRD by Helm, and read the audit log."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.charts.helm import ROOT, Helm, Manifest
from tests.cluster.control_plane import ControlPlane
from tests.cluster.golang import go
from tests.cluster.kubectl import Kubectl
from tests.operator.api_server.kube import Kube

SYSTEM, HERE_TOO, ELSEWHERE = "llmcache-system", "ai", "elsewhere"
PROMETHEUS_OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
MONITORING = ("podmonitors", "servicemonitors", "prometheusrules")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.cluster)


@dataclass(frozen=True)
class Server:
    """One API server.

    Attributes:
        audit: its log of requests, a JSON object a line.
    """

    control_plane: ControlPlane
    kube: Kube
    audit: Path

    @property
    def helm(self) -> Helm:
        """Helm as administrator."""
        return Helm(kubeconfig=self.control_plane.kubeconfig, namespace=SYSTEM)

    @property
    def kubectl(self) -> Kubectl:
        """kubectl as administrator."""
        return Kubectl(self.control_plane.kubeconfig)

    def namespace(self, name: str) -> None:
        """A namespace that enforces the strictest level of Pod Security."""
        levels = {f"pod-security.kubernetes.io/{how}": "restricted" for how in ("enforce", "warn")}
        self.kube.apply(
            "namespaces",
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": levels}},
        )

    def token_kubeconfig(self, namespace: str, account: str) -> Path:
        """A KUBECONFIG with the token of a ServiceAccount."""
        token = self.kubectl("create", "token", account, "-n", namespace, "--duration=2h").strip()
        place = self.control_plane.folder / f"{namespace}-{account}.kubeconfig"
        return self.control_plane.write_kubeconfig(place, {"token": token})

    def requests_of(self, account: str) -> Iterator[dict[str, Any]]:
        """Requests that a ServiceAccount (namespace:name) made, from the audit log."""
        user = f"system:serviceaccount:{account}"
        for line in self.audit.read_text().splitlines():
            entry: dict[str, Any] = json.loads(line)
            if entry["user"]["username"] == user:
                yield entry


def _monitoring_crds() -> list[Manifest]:
    """The Prometheus operator's own CRDs, out of its published module."""
    done = subprocess.run(
        [str(go()), "mod", "download", "-json", PROMETHEUS_OPERATOR],
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
        cwd=ROOT,
    )
    folder = Path(json.loads(done.stdout)["Dir"]) / "example" / "prometheus-operator-crd"
    return [
        yaml.safe_load((folder / f"monitoring.coreos.com_{kind}.yaml").read_text())
        for kind in MONITORING
    ]


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[[], Server]]:
    """Start an API server with an audit log, the namespaces and the monitoring CRDs."""
    started: list[Server] = []

    def start() -> Server:
        policy, audit = tmp_path / "audit-policy.yaml", tmp_path / "audit.log"
        rules = [
            {"level": "Metadata", "userGroups": ["system:serviceaccounts"]},
            {"level": "None"},
        ]
        policy.write_text(
            json.dumps(
                {
                    "apiVersion": "audit.k8s.io/v1",
                    "kind": "Policy",
                    "omitStages": ["RequestReceived", "ResponseStarted"],
                    "rules": rules,
                }
            )
        )
        control_plane = ControlPlane(
            (
                f"--audit-log-path={audit}",
                f"--audit-policy-file={policy}",
                "--audit-log-mode=blocking",
            )
        )
        control_plane.start()
        server = Server(control_plane, Kube(control_plane), audit)
        started.append(server)
        for name in (SYSTEM, HERE_TOO, ELSEWHERE):
            server.namespace(name)
        server.kubectl.apply(*_monitoring_crds())
        return server

    yield start
    for server in started:
        server.kube.close()
        server.control_plane.stop()


@pytest.fixture
def server(start_server: Callable[[], Server]) -> Server:
    """One of them."""
    return start_server()

"""With the rights that the chart gives, and no others: roles in some namespaces, or everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.cluster.control_plane import ControlPlane

from .conftest import ROOT, new_namespace
from .kube import Kube
from .manifests import llmcache
from .operator_process import OperatorProcess

RULES = ROOT / "charts" / "llmcache" / "templates" / "_rules.tpl"


def rules() -> Any:
    """The chart's rules; the file has no other templating in it."""
    lines = RULES.read_text("utf-8").splitlines()
    return yaml.safe_load("\n".join(line for line in lines if not line.startswith("{{")))


def account(cluster: ControlPlane, user: str) -> Path:
    return cluster.client(user, user).kubeconfig


def test_roles_in_its_namespaces_are_enough(
    lone_cluster: ControlPlane,
    make_operator: Callable[..., OperatorProcess],
    lone_kube: Kube,
    lone_namespace: str,
) -> None:
    kube, namespace = lone_kube, lone_namespace
    user = f"{namespace}-operator"
    binding = {
        "metadata": {"name": "llmcache", "namespace": namespace},
        "subjects": [{"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}],
        "roleRef": {"kind": "Role", "name": "llmcache", "apiGroup": "rbac.authorization.k8s.io"},
    }
    group = "rbac.authorization.k8s.io/v1"
    kube.create("roles", {
        "apiVersion": group, "kind": "Role", "metadata": binding["metadata"], "rules": rules(),
    })  # fmt: skip
    kube.create("rolebindings", {"apiVersion": group, "kind": "RoleBinding", **binding})
    other = f"{namespace}-other"
    new_namespace(kube, other)

    process = make_operator("--watch-namespace", namespace, kubeconfig=account(lone_cluster, user))
    process.start()
    kube.create("llmcaches", llmcache(namespace, stores={}))
    process.settled(kube, namespace)

    assert ("deployments", "support-llama") in kube.owned(namespace, "support")
    kube.patch("llmcaches", namespace, "support", {"spec": {"sidecar": {"logLevel": "debug"}}})
    process.settled(kube, namespace)
    assert process.complaints() == []
    assert "forbidden" not in process.tail(100_000)
    kube.delete("namespaces", None, other)


def test_a_cluster_role_is_enough_for_all_namespaces(
    lone_cluster: ControlPlane,
    make_operator: Callable[..., OperatorProcess],
    lone_kube: Kube,
    lone_namespace: str,
) -> None:
    kube, namespace = lone_kube, lone_namespace
    user = f"{namespace}-operator"
    group = "rbac.authorization.k8s.io/v1"
    kube.create("clusterroles", {
        "apiVersion": group, "kind": "ClusterRole", "metadata": {"name": user}, "rules": rules(),
    })  # fmt: skip
    kube.create("clusterrolebindings", {
        "apiVersion": group,
        "kind": "ClusterRoleBinding",
        "metadata": {"name": user},
        "subjects": [{"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}],
        "roleRef": {"kind": "ClusterRole", "name": user, "apiGroup": "rbac.authorization.k8s.io"},
    })  # fmt: skip

    process = make_operator(kubeconfig=account(lone_cluster, user)).start()
    kube.create("llmcaches", llmcache(namespace, stores={}))
    process.settled(kube, namespace)

    assert ("deployments", "support-llama") in kube.owned(namespace, "support")
    assert "forbidden" not in process.tail(100_000)
    process.stop()
    kube.delete("clusterrolebindings", None, user)
    kube.delete("clusterroles", None, user)


def test_what_it_may_not_do_is_told_in_the_status(
    lone_cluster: ControlPlane,
    make_operator: Callable[..., OperatorProcess],
    lone_kube: Kube,
    lone_namespace: str,
) -> None:
    kube, namespace = lone_kube, lone_namespace
    user = f"{namespace}-operator"
    group = "rbac.authorization.k8s.io/v1"
    without = [rule for rule in rules() if rule["apiGroups"] != ["networking.k8s.io"]]
    without.append(
        {
            "apiGroups": ["networking.k8s.io"],
            "resources": ["networkpolicies"],
            "verbs": ["get", "list", "watch"],
        }
    )
    metadata = {"name": "llmcache", "namespace": namespace}
    kube.create("roles", {
        "apiVersion": group, "kind": "Role", "metadata": metadata, "rules": without,
    })  # fmt: skip
    kube.create("rolebindings", {
        "apiVersion": group,
        "kind": "RoleBinding",
        "metadata": metadata,
        "subjects": [{"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}],
        "roleRef": {"kind": "Role", "name": "llmcache", "apiGroup": "rbac.authorization.k8s.io"},
    })  # fmt: skip

    process = make_operator("--watch-namespace", namespace, kubeconfig=account(lone_cluster, user))
    process.start()
    kube.create("llmcaches", llmcache(namespace))
    (found,) = process.settled(kube, namespace)

    (stalled,) = [one for one in found["status"]["conditions"] if one["type"] == "Stalled"]
    assert stalled["status"] == "True"
    assert "NetworkPolicy" in stalled["message"]
    assert process.complaints() == []

"""A small client for tests: JSON in, JSON out, and waiting. Another code than the operator's own."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import httpx

from tests.cluster.control_plane import Client, ControlPlane

T = TypeVar("T")
Json = dict[str, Any]

LONG_S: Final = 120.0
"""Deadlines are for tests that fail; other people's load must not make one fail."""

PATHS: Final = {
    "llmcaches": "/apis/llmcache.dev/v1alpha1",
    "deployments": "/apis/apps/v1",
    "statefulsets": "/apis/apps/v1",
    "replicasets": "/apis/apps/v1",
    "poddisruptionbudgets": "/apis/policy/v1",
    "networkpolicies": "/apis/networking.k8s.io/v1",
    "podmonitors": "/apis/monitoring.coreos.com/v1",
    "horizontalpodautoscalers": "/apis/autoscaling/v2",
    "leases": "/apis/coordination.k8s.io/v1",
    "roles": "/apis/rbac.authorization.k8s.io/v1",
    "rolebindings": "/apis/rbac.authorization.k8s.io/v1",
    "clusterroles": "/apis/rbac.authorization.k8s.io/v1",
    "clusterrolebindings": "/apis/rbac.authorization.k8s.io/v1",
    "customresourcedefinitions": "/apis/apiextensions.k8s.io/v1",
    "storageclasses": "/apis/storage.k8s.io/v1",
}
"""Roots of the groups; everything else is core/v1."""

OWNED: Final = (
    "deployments",
    "statefulsets",
    "services",
    "configmaps",
    "serviceaccounts",
    "persistentvolumeclaims",
    "poddisruptionbudgets",
    "networkpolicies",
    "secrets",
)


class KubeError(Exception):
    """The API server said no."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"{response.status_code} {response.text[:2000]}")
        self.status = response.status_code
        self.text = response.text


class Kube:
    """An administrator, or somebody else."""

    def __init__(self, cluster: ControlPlane, client: Client | None = None) -> None:
        who = client or cluster.admin
        context = ssl.create_default_context(cafile=str(cluster.authority.certificate))
        context.load_cert_chain(who.pair.certificate, who.pair.key)
        self._http = httpx.Client(base_url=cluster.url, verify=context, timeout=60)

    def close(self) -> None:
        self._http.close()

    def get(self, plural: str, namespace: str | None, name: str) -> Json | None:
        response = self._http.get(f"{path(plural, namespace)}/{name}")
        return None if response.status_code == 404 else _checked(response)

    def must(self, plural: str, namespace: str | None, name: str) -> Json:
        found = self.get(plural, namespace, name)
        assert found is not None, f"{plural} {namespace}/{name} is not there"
        return found

    def list(self, plural: str, namespace: str | None, selector: str = "") -> list[Json]:
        query = {"labelSelector": selector} if selector else {}
        found: list[Json] = _checked(self._http.get(path(plural, namespace), params=query))["items"]
        return found

    def create(
        self, plural: str, body: Json, *, strict: bool = False, dry_run: bool = False
    ) -> Json:
        query = {"dryRun": "All"} if dry_run else {}
        if strict:
            query["fieldValidation"] = "Strict"
        return _checked(self._http.post(path(plural, _namespace(body)), params=query, json=body))

    def apply(
        self, plural: str, body: Json, manager: str = "a-person", *, dry_run: bool = False
    ) -> Json:
        dry = {"dryRun": "All"} if dry_run else {}
        return _checked(
            self._http.patch(
                f"{path(plural, _namespace(body))}/{body['metadata']['name']}",
                params={"fieldManager": manager, "force": "true", **dry},
                json=body,
                headers={"Content-Type": "application/apply-patch+yaml"},
            )
        )

    def replace(self, plural: str, body: Json) -> Json:
        where = f"{path(plural, _namespace(body))}/{body['metadata']['name']}"
        return _checked(self._http.put(where, json=body))

    def patch(
        self,
        plural: str,
        namespace: str | None,
        name: str,
        body: Any,
        *,
        subresource: str = "",
        kind: str = "merge",
        manager: str = "a-person",
    ) -> Json:
        where = f"{path(plural, namespace)}/{name}" + (f"/{subresource}" if subresource else "")
        return _checked(
            self._http.patch(
                where,
                params={"fieldManager": manager},
                json=body,
                headers={"Content-Type": f"application/{kind}-patch+json"},
            )
        )

    def delete(
        self, plural: str, namespace: str | None, name: str, *, orphan: bool = False
    ) -> None:
        policy = "Orphan" if orphan else "Background"
        response = self._http.request(
            "DELETE",
            f"{path(plural, namespace)}/{name}",
            json={"propagationPolicy": policy},
        )
        if response.status_code != 404:
            _checked(response)

    def owned(self, namespace: str, cache: str) -> dict[tuple[str, str], Json]:
        """All objects of one cache, by plural and name."""
        return {
            (plural, item["metadata"]["name"]): item
            for plural in OWNED
            for item in self.list(plural, namespace, f"llmcache.dev/cache={cache}")
        }

    def raw(self, where: str) -> httpx.Response:
        return self._http.get(where)


def path(plural: str, namespace: str | None) -> str:
    root = PATHS.get(plural, "/api/v1")
    return f"{root}/namespaces/{namespace}/{plural}" if namespace else f"{root}/{plural}"


def wait_for(what: str, look: Callable[[], T | None], within: float = LONG_S) -> T:
    """Look again and again until there is something; what is asked for is told when there never is."""
    until = time.monotonic() + within
    while True:
        try:
            found = look()
        except (AssertionError, KeyError, IndexError, httpx.TransportError) as error:
            found, last = None, repr(error)
        else:
            last = ""
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"not within {within:.0f} s: {what} {last}")
        time.sleep(0.1)


def _namespace(body: Json) -> str | None:
    namespace: str | None = body["metadata"].get("namespace")
    return namespace


def _checked(response: httpx.Response) -> Json:
    if response.status_code >= 400:
        raise KubeError(response)
    found: Json = response.json()
    return found

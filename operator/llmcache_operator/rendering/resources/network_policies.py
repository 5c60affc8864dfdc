"""Who may reach a model's pods."""

from __future__ import annotations

from typing import Any

from llmcache_api.resource.spec import Peer

from ...domain import Manifest
from .. import names
from ..context import ModelContext


def build_model_policy(context: ModelContext) -> Manifest | None:
    """Clients reach the data plane; the operator and whoever scrapes reach the admin plane.

    By the ports' numbers: several network plugins look a name up among a pod's containers only, and the
    sidecar, which has these ports, is an init container.
    """
    if not context.policies:
        return None
    cache = context.cache
    network, monitoring = context.spec.network, context.spec.monitoring
    data: dict[str, Any] = {"ports": [{"port": names.DATA_PORT, "protocol": "TCP"}]}
    clients = network.clients if network is not None else None
    if clients is not None:
        data["from"] = [_peer(context, client) for client in clients]
    facts = context.facts
    operator = {
        "namespaceSelector": _namespace(facts.operator_namespace),
        "podSelector": {"matchLabels": dict(facts.operator_labels)},
    }
    scrapers = (monitoring.from_ if monitoring is not None else None) or ()
    admin = {
        "ports": [{"port": names.ADMIN_PORT, "protocol": "TCP"}],
        "from": [operator, *(_peer(context, scraper) for scraper in scrapers)],
    }
    # No peers at all (clients: []) means nobody; an empty `from` would mean everybody.
    rules = [admin] if clients == () else [data, admin]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": names.metadata(cache, context.name, context.component, context.model.name),
        "spec": {
            "podSelector": {"matchLabels": names.model_selector(cache, context.model.name)},
            "policyTypes": ["Ingress"],
            "ingress": rules,
        },
    }


def _peer(context: ModelContext, peer: Peer) -> dict[str, Any]:
    return {
        "namespaceSelector": _namespace(peer.namespace or context.cache.namespace),
        "podSelector": {"matchLabels": dict(peer.pod_labels)} if peer.pod_labels else {},
    }


def _namespace(name: str) -> dict[str, Any]:
    return {"matchLabels": {"kubernetes.io/metadata.name": name}}

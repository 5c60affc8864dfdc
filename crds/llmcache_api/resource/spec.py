"""The spec of an LLMCache."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..base import Section
from ..rules import Rule, checked_by, exactly_one, list_map
from .cache import AuthSpec, QualitySpec, ResponseCacheSpec
from .endpoint import EndpointSection
from .engine import EngineSection, Switch
from .references import DNS_LABEL, Image, Labels, NamespaceName, ObjectName, ResourceAmounts
from .stores import StoresSpec

MAX_MODELS = 16
MAX_NAME = 36
MAX_MODEL_NAME = 20

RESERVED_MODEL_NAMES = ("redis", "qdrant", "metrics", "config", "tenants")
"""Names of this resource's other objects."""


class ModelSection(Section):
    """One model: an engine that the operator runs, or an endpoint that is there already."""

    model_config = checked_by(
        exactly_one("engine", "endpoint"),
        Rule(
            "!(self.name in [" + ", ".join(f"'{name}'" for name in RESERVED_MODEL_NAMES) + "])",
            "takes another name: this one is kept for an object of the cache itself",
        ),
    )

    name: Annotated[str, Field(min_length=1, max_length=MAX_MODEL_NAME, pattern=DNS_LABEL)]
    """Clients reach it at http://RESOURCE-NAME.NAMESPACE:8000."""
    engine: EngineSection | None = None
    endpoint: EndpointSection | None = None


class SidecarSection(Section):
    """The caching sidecar, in every pod."""

    image: Image | None = None
    """The sidecar's image; unset = the one of the renderer (status.resolved). Changing it rolls the
    pods."""
    resources: ResourceAmounts | None = None
    """CPU and memory of the sidecar's container; unset = 250m and 384Mi with a limit of 1Gi, or 500m
    and 2Gi with a limit of 3Gi where a larger embedding model than the bundled one runs in it."""
    log_level: Literal["debug", "info", "warning", "error"] | None = None
    """How much the sidecar logs; unset = info."""


class ImagesSection(Section):
    """How images are pulled."""

    pull_policy: Literal["Always", "IfNotPresent", "Never"] | None = None
    """When the kubelet pulls them; unset = IfNotPresent."""
    pull_secrets: Annotated[tuple[ObjectName, ...], Field(max_length=8)] | None = None
    """Names of Secrets for registries."""


class Peer(Section):
    """Pods that may connect."""

    namespace: NamespaceName | None = None
    """Their namespace; unset = the resource's own."""
    pod_labels: Labels | None = None
    """Labels they must have; unset = every pod."""


Peers = Annotated[tuple[Peer, ...], Field(max_length=32)]


class NetworkSection(Section):
    """Who may connect. Enforced where the cluster's network plugin enforces NetworkPolicies."""

    policies: Switch | None = None
    """On or Off; unset = On."""
    clients: Peers | None = None
    """Who may reach the models' Services; unset = every pod of every namespace."""


class MonitoringSection(Section):
    """Metrics for others."""

    from_: Annotated[Peers | None, Field(alias="from")] = None
    """Who may scrape the admin port, beside the operator."""
    pod_monitor: bool | None = None
    """Whether a PodMonitor (monitoring.coreos.com) is made; unset = false."""
    dashboard: bool | None = None
    """Whether a ConfigMap with a Grafana dashboard is made; unset = false."""


class LLMCacheSpec(Section):
    """Models, and one cache over them."""

    model_config = checked_by(
        Rule(
            "!self.models.exists(m, has(m.endpoint) && has(m.endpoint.credentials)) || "
            "(has(self.auth) && self.auth.mode in ['Keys', 'None'])",
            "takes auth.mode Keys or None where an endpoint has credentials: with Upstream the "
            "engine would judge the sidecar's key, not the caller's",
        )
    )

    models: Annotated[
        tuple[ModelSection, ...],
        Field(
            min_length=1,
            max_length=MAX_MODELS,
            json_schema_extra=list_map("name"),
        ),
    ]
    """By name; each becomes a Deployment and a Service RESOURCE-NAME, port 8000."""
    response_cache: ResponseCacheSpec | None = None
    auth: AuthSpec | None = None
    """Unset = Upstream: the engine's own verdict on the caller's key."""
    quality: QualitySpec | None = None
    """Samples that measure the cache, and what they may say before it serves less."""
    stores: StoresSpec | None = None
    sidecar: SidecarSection | None = None
    images: ImagesSection | None = None
    network: NetworkSection | None = None
    monitoring: MonitoringSection | None = None

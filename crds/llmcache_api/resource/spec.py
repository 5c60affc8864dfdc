"""The spec of an LLMCache."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..base import Section
from ..cache import QualitySection
from ..rules import Rule, checked_by, exactly_one, list_map
from .cache import AuthSpec, ResponseCacheSpec
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
    """Unset = the one of the renderer. Changing it rolls the pods."""
    resources: ResourceAmounts | None = None
    """Unset = what the embedding model needs (status.resolved)."""
    log_level: Literal["debug", "info", "warning", "error"] | None = None
    """Unset = info."""


class ImagesSection(Section):
    """How images are pulled."""

    pull_policy: Literal["Always", "IfNotPresent", "Never"] | None = None
    """Unset = IfNotPresent."""
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
    quality: QualitySection | None = None
    """Unset = 1 percent of the requests to the holdout, 1 percent of the hits judged."""
    stores: StoresSpec | None = None
    sidecar: SidecarSection | None = None
    images: ImagesSection | None = None
    network: NetworkSection | None = None
    monitoring: MonitoringSection | None = None

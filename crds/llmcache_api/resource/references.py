"""Value types of Kubernetes that several sections share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from ..base import Section
from ..rules import Rule, checked_by

DNS_LABEL = r"^[a-z]([-a-z0-9]*[a-z0-9])?$"
DNS_SUBDOMAIN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
# Printable ASCII only: what \s leaves out is not the same for the API server and the models.
URL_TEXT = r'[!"$->A-~]'
"""No space, and none of @ ? #."""
HTTP_URL = f"^https?://{URL_TEXT}+$"
HTTP_BASE = f'^https?://[!"$-.0->A-~]+(/{URL_TEXT}*)?$'
_PREFIX = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/"
_NAME = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
QUANTITY = r"^[0-9]{1,12}(\.[0-9]{1,3})?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$"

ObjectName = Annotated[str, Field(min_length=1, max_length=253, pattern=DNS_SUBDOMAIN)]
"""Name of an object in the resource's own namespace."""

NamespaceName = Annotated[str, Field(min_length=1, max_length=63, pattern=DNS_LABEL)]
"""Name of a namespace."""

DataKey = Annotated[
    str,
    Field(min_length=1, max_length=253, pattern=r"^\.?[-_a-zA-Z0-9][-._a-zA-Z0-9]*$"),
]
"""A key inside a Secret or ConfigMap."""

Quantity = Annotated[
    str,
    Field(pattern=QUANTITY, max_length=24),
    WithJsonSchema({"type": "string", "pattern": QUANTITY, "maxLength": 24}),
]
"""An amount as Kubernetes writes it: 500m, 2, 64Mi, 10Gi. Always text, so quote whole numbers."""

Image = Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[!-~]+$")]
"""An image reference, such as vllm/vllm-openai:v0.33.0."""

LabelKey = Annotated[
    str,
    Field(
        min_length=1,
        max_length=317,
        pattern=f"^({_PREFIX})?{_NAME}$",
    ),
]
LabelValue = Annotated[
    str, Field(max_length=63, pattern=r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$")
]
Labels = Annotated[dict[LabelKey, LabelValue], Field(max_length=32)]
"""Labels of Kubernetes."""


ExtendedResource = Annotated[
    str, Field(min_length=1, max_length=317, pattern=f"^{_PREFIX}{_NAME}$")
]
"""A resource that a device plugin offers, such as nvidia.com/gpu."""

ResourceName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=317,
        pattern=f"^(cpu|memory|ephemeral-storage|hugepages-[0-9]{{1,6}}[KMG]i|{_PREFIX}{_NAME})$",
    ),
]
"""cpu, memory, ephemeral-storage, hugepages-2Mi, or one that a device plugin offers."""


class SecretKey(Section):
    """One value inside a Secret of the resource's namespace."""

    name: ObjectName
    """The Secret."""
    key: DataKey
    """The key inside it."""


class ConfigMapKey(Section):
    """One value inside a ConfigMap of the resource's namespace."""

    name: ObjectName
    """The ConfigMap."""
    key: DataKey
    """The key inside it."""


class ResourceAmounts(Section):
    """What a container asks for and what it may use at most."""

    requests: Annotated[dict[ResourceName, Quantity], Field(max_length=16)] | None = None
    """By resource name: cpu, memory, ephemeral-storage, ..."""
    limits: Annotated[dict[ResourceName, Quantity], Field(max_length=16)] | None = None
    """By resource name."""


class Toleration(Section):
    """Which taint of a node is tolerated, as in a pod."""

    model_config = checked_by(
        Rule(
            "has(self.key) || (has(self.operator) && self.operator == 'Exists')",
            "takes operator Exists where no key is named: it tolerates every taint",
        ),
        Rule(
            "!has(self.value) || !has(self.operator) || self.operator == 'Equal'",
            "takes value with operator Equal only",
        ),
        Rule(
            "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
            "takes tolerationSeconds with effect NoExecute only",
        ),
    )

    key: LabelKey | None = None
    """The taint's key; unset with operator Exists = every taint."""
    operator: Annotated[str, Field(pattern=r"^(Exists|Equal)$", max_length=6)] | None = None
    """Exists or Equal; unset = Equal."""
    value: LabelValue | None = None
    """The taint's value, with Equal."""
    effect: (
        Annotated[str, Field(pattern=r"^(NoSchedule|PreferNoSchedule|NoExecute)$", max_length=16)]
        | None
    ) = None
    """NoSchedule, PreferNoSchedule or NoExecute; unset = every effect."""
    toleration_seconds: Annotated[int, Field(ge=0, le=31_536_000)] | None = None
    """How long NoExecute is tolerated; unset = for ever."""


class Environment(Section):
    """One environment variable: a plain value, or one out of a Secret."""

    model_config = checked_by(
        Rule(
            "has(self.value) != has(self.secretKey)",
            "takes value or secretKey, exactly one",
        )
    )

    name: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    """The variable."""
    value: Annotated[str, Field(max_length=4096)] | None = None
    """Its value, readable by everybody who may read the resource."""
    secret_key: SecretKey | None = None
    """Where its value is kept."""


PodTemplate = Annotated[
    dict[str, Any],
    WithJsonSchema({"type": "object", "x-kubernetes-preserve-unknown-fields": True}),
]
"""A partial pod template (metadata, spec)."""

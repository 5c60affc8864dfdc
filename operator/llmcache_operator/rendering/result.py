"""What a rendering consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from llmcache_api.resource.status import ResolvedStatus

from ..domain import COMPONENT_LABEL, MODEL_LABEL, Component, Manifest, Problem
from ..domain.objects import ObjectKey
from .renderers import RendererId


@dataclass(frozen=True, order=True)
class Workload:
    """A unit that one renderer makes as a whole: a model, or a managed store.

    Attributes:
        name: of the model, or `redis` or `qdrant`; the key of a pin.
    """

    name: str
    model: bool

    def owns(self, manifest: Manifest) -> bool:
        """Whether a live object of this cache belongs to it, by its labels."""
        labels: Mapping[str, str] = manifest.get("metadata", {}).get("labels") or {}
        if self.model:
            return labels.get(MODEL_LABEL) == self.name
        return labels.get(COMPONENT_LABEL) == self.name and MODEL_LABEL not in labels


@dataclass(frozen=True)
class GeneratedSecret:
    """A Secret with random values: made once, never changed, never read here.

    Attributes:
        manifest: the whole Secret but for its values; metadata as of every other object.
        values: how many random bytes each key is wanted to hold.
        text: the bytes are written as URL-safe base64 (passwords, tokens); else as they are.
    """

    manifest: Manifest
    values: Mapping[str, int]
    text: bool = True

    @property
    def name(self) -> str:
        """Name of the Secret."""
        return str(self.manifest["metadata"]["name"])


@dataclass(frozen=True)
class RenderedModel:
    """What belongs to one model.

    Attributes:
        workload: its Deployment.
        url: where clients inside the cluster reach it.
        selector: labels of its pods.
        renderer: what made it; None where the live object's renderer is unknown here.
        config_version: what each of its sidecars must report; None where nothing was rendered.
        replicas: as the spec has them; None = somebody else's.
        max_surge: pods above replicas while rolling.
    """

    name: str
    component: Component
    workload: ObjectKey
    url: str
    selector: Mapping[str, str]
    renderer: RendererId | None
    config_version: str | None
    replicas: int | None
    max_surge: int


@dataclass(frozen=True)
class Rendering:
    """Everything that one LLMCache asks for.

    Attributes:
        objects: complete manifests, in an order that can be applied from first to last.
        secrets: to be created where they do not exist; never updated.
        problems: what stands in the way of a part of it.
        untouched: workloads that could not be rendered; what runs of them stays, nothing is pruned.
        resolved: what unset fields mean.
        newest: the renderer that new workloads get.
        outdated: workloads (as pins name them) that an older renderer made.
    """

    objects: tuple[Manifest, ...]
    secrets: tuple[GeneratedSecret, ...]
    problems: tuple[Problem, ...]
    untouched: tuple[Workload, ...]
    resolved: ResolvedStatus
    models: tuple[RenderedModel, ...]
    newest: RendererId
    outdated: tuple[str, ...] = ()

    def keeps(self, manifest: Manifest) -> bool:
        """Whether a live object that is not among `objects` must stay all the same."""
        return any(workload.owns(manifest) for workload in self.untouched)

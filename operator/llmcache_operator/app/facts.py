"""What the pure rendering has to be told: the cluster, our settings, and the renderers of what runs."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from typing import Final

from ..cluster.api import Api
from ..cluster.discovery import kubernetes_minor, serves
from ..cluster.errors import ClusterError
from ..cluster.kinds import POD_MONITORS
from ..domain import (
    COMPONENT_LABEL,
    MODEL_LABEL,
    RENDERER_ANNOTATION,
    LLMCache,
    Observed,
)
from ..rendering import (
    NEWEST,
    RENDERERS,
    Facts,
    ImageOverrides,
    RendererId,
    Rendering,
    render,
)
from ..rendering.renderers import Renderer as Version
from .settings import Settings

log = logging.getLogger(__name__)

LOOK_AGAIN_S: Final = 300.0


async def gather(api: Api, settings: Settings) -> Facts:
    """Ask the API server.

    Raises:
        ClusterError: it does not answer.
    """
    return Facts(
        operator_namespace=settings.namespace,
        images=ImageOverrides(**settings.images),
        kubernetes_minor=await kubernetes_minor(api),
        pod_monitor=await serves(api, POD_MONITORS),
    )


def pins(observed: Observed) -> dict[str, RendererId]:
    """The renderer that each live workload names, by model or store."""
    found = {}
    for key, live in observed.objects.items():
        if key.kind not in {"Deployment", "StatefulSet"}:
            continue
        labels = live["metadata"].get("labels") or {}
        annotations = live["metadata"].get("annotations") or {}
        name = labels.get(MODEL_LABEL) or labels.get(COMPONENT_LABEL)
        if name is not None and RENDERER_ANNOTATION in annotations:
            found[name] = RendererId(annotations[RENDERER_ANNOTATION])
    return found


class Renderer:
    """Renders with the facts of the day.

    Args:
        changed: called when they are others than before: everything is to be rendered anew.
        renderers: those that there are.
        newest: what new workloads get.
    """

    def __init__(
        self,
        facts: Facts,
        changed: Callable[[], None],
        renderers: Mapping[RendererId, Version] = RENDERERS,
        newest: RendererId = NEWEST,
    ) -> None:
        self.facts = facts
        self._changed = changed
        self._renderers = renderers
        self._newest = newest

    def __call__(self, cache: LLMCache, observed: Observed) -> Rendering:
        """The rendering of one cache, each of its workloads by the renderer that made it."""
        return render(cache, pins(observed), self.facts, self._renderers, self._newest)

    async def keep_up(self, api: Api, settings: Settings) -> None:
        """Look again now and then, until cancelled: clusters are upgraded, kinds get installed."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_S * random.uniform(0.8, 1.2))
            try:
                facts = await gather(api, settings)
            except ClusterError as error:
                log.info("the cluster could not be asked what it offers: %s", error)
                continue
            if facts != self.facts:
                log.info("the cluster offers something else than before: %s", facts)
                self.facts = facts
                self._changed()

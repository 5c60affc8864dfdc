"""Qdrant's minor versions, one at a time: each converts the storage of the one before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ..domain import COMPONENT_LABEL, Component, Manifest, Observed, Problem, Severity, key_of
from .actions import dig, labels_of

_TAG: Final = re.compile(r":v?([0-9]{1,4})\.([0-9]{1,4})(?:[.+-][A-Za-z0-9._+-]*)?(?:@.*)?\Z")
_FIELD: Final = "spec.stores.vectors.qdrant.managed.image"


@dataclass(frozen=True, order=True)
class Version:
    """Major and minor."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"

    def skips(self, other: Version) -> bool:
        """Whether there is a minor between the two; nobody knows how many a major has."""
        return self.major != other.major or abs(self.minor - other.minor) > 1


def version_of(image: str) -> Version | None:
    """The version in a tag; None where there is none (a digest, `latest`, a build of one's own)."""
    found = _TAG.search(image)
    return None if found is None else Version(int(found[1]), int(found[2]))


def step_by_step(manifest: Manifest, observed: Observed) -> tuple[Manifest, Problem | None]:
    """Qdrant's StatefulSet as it may be applied now, and what is held back.

    Only what a tag tells is judged. Back by one minor is not refused: it is the way out of an upgrade
    that did not work.
    """
    if manifest["kind"] != "StatefulSet" or _component(manifest) != Component.QDRANT:
        return manifest, None
    live = observed.objects.get(key_of(manifest))
    wanted = version_of(_image(manifest))
    running = _running(live, observed)
    if wanted is None or not running:
        return manifest, None
    skipped = [version for version in running if wanted.skips(version)]
    held = _with_image(manifest, next(filter(None, _images(live, observed))))
    if skipped:
        way = (
            f"Set {_FIELD} to a release of "
            f"{Version(skipped[0].major, skipped[0].minor + (1 if wanted > skipped[0] else -1))}, "
            "wait until its pod is ready, and so on"
            if skipped[0].major == wanted.major
            else f"Set {_FIELD} to one release after the other, as Qdrant's notes say"
        )
        return held, Problem(
            "QdrantMinorSkipped",
            f"Qdrant {skipped[0]} runs and {wanted} is asked for; no minor version may be skipped, "
            f"since each converts the storage of the one before it. {way}. What runs stays",
            Severity.DEGRADED,
        )
    if live is not None and _rolls(live) and any(wanted > version for version in running):
        if _image(live) == _image(manifest):
            return manifest, None
        return held, Problem(
            "QdrantUpgradeWaits",
            f"Qdrant {wanted} is asked for while the pod of {_image(live)} is not ready yet; it "
            "follows then",
            Severity.WAITING,
        )
    return manifest, None


def _running(live: Manifest | None, observed: Observed) -> list[Version]:
    """What the pod runs or is about to, the oldest first."""
    images = _images(live, observed)
    return sorted({found for image in images if (found := version_of(image)) is not None})


def _images(live: Manifest | None, observed: Observed) -> Iterator[str]:
    """Of the StatefulSet, and of the pod: that outlives one which is made anew around it."""
    if live is not None:
        yield _image(live)
    for pod in observed.pods:
        if _component(pod) == Component.QDRANT:
            yield from (str(one.get("image") or "") for one in _containers(pod["spec"]))


def _rolls(live: Manifest) -> bool:
    """Whether its pod is not yet, or not yet readily, of its newest template."""
    status: dict[str, Any] = live.get("status") or {}
    return (
        dig(live, "metadata", "generation") != status.get("observedGeneration")
        or status.get("currentRevision") != status.get("updateRevision")
    )  # fmt: skip


def _component(manifest: Manifest) -> str | None:
    return labels_of(manifest).get(COMPONENT_LABEL)


def _containers(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for container in spec.get("containers") or ():
        if container.get("name") == Component.QDRANT.value:
            yield container


def _image(live: Manifest) -> str:
    found = _containers(dig(live, "spec", "template", "spec") or {})
    return next((str(one.get("image") or "") for one in found), "")


def _with_image(manifest: Manifest, image: str) -> Manifest:
    spec, template = manifest["spec"], manifest["spec"]["template"]
    containers = [
        {**one, "image": image} if one["name"] == Component.QDRANT.value else one
        for one in template["spec"]["containers"]
    ]
    pod = {**template["spec"], "containers": containers}
    return {**manifest, "spec": {**spec, "template": {**template, "spec": pod}}}

"""What others put into our objects, and what pods must hear of."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any

from ..domain import Manifest, ObjectKey, Observed, key_of
from ..domain.labels import CONFIG_ANNOTATION
from ..rendering import Rendering
from .actions import AnnotatePod, DropForeign, annotations_of, dig
from .comparing import item_key, merge_keys
from .live import is_leaving, uid_of

_TEMPLATE = ("spec", "template", "spec")


def foreign_items(wanted: tuple[Manifest, ...], observed: Observed) -> Iterator[DropForeign]:
    """Containers, volumes (with their mounts) and Service ports that we did not render."""
    for manifest in wanted:
        live = observed.objects.get(key_of(manifest))
        if live is None:
            continue
        if manifest["kind"] == "Service":
            pointers = _extra(manifest, live, "spec", "ports")
        elif dig(manifest, *_TEMPLATE) is not None:
            pointers = _in_pod_template(manifest, live)
        else:
            continue
        if pointers:
            yield DropForeign(
                key_of(manifest),
                uid_of(live),
                str(live["metadata"]["resourceVersion"]),
                tuple(pointers),
            )


def _in_pod_template(manifest: Manifest, live: Manifest) -> list[str]:
    volumes = _extra(manifest, live, *_TEMPLATE, "volumes")
    gone = {dig(live, *_TEMPLATE, "volumes", int(p.rpartition("/")[2]), "name") for p in volumes}
    containers = [
        pointer
        for name in ("containers", "initContainers")
        for pointer in _extra(manifest, live, *_TEMPLATE, name)
    ]
    mounts = [
        pointer
        for name in ("containers", "initContainers")
        for index, container in enumerate(dig(live, *_TEMPLATE, name) or [])
        for pointer in _mounts_of(container, gone, f"/spec/template/spec/{name}/{index}")
    ]
    return [*mounts, *containers, *volumes]


def _mounts_of(container: dict[str, Any], volumes: Set[Any], at: str) -> list[str]:
    mounts = container.get("volumeMounts") or []
    return [
        f"{at}/volumeMounts/{index}"
        for index in reversed(range(len(mounts)))
        if mounts[index]["name"] in volumes
    ]


def _extra(manifest: Manifest, live: Manifest, *path: str) -> list[str]:
    """Pointers to items of a live list that the rendering has not, the last one first."""
    ours, theirs = dig(manifest, *path) or [], dig(live, *path) or []
    keys = merge_keys(path[-1], ours or theirs) or ("name",)
    known = {item_key(item, keys) for item in ours}
    return [
        "/" + "/".join((*path, str(index)))
        for index in reversed(range(len(theirs)))
        if item_key(theirs[index], keys) not in known
    ]


def config_nudges(
    rendering: Rendering, observed: Observed, applied: Set[ObjectKey]
) -> Iterator[AnnotatePod]:
    """Pods that mount a configuration which changes now, or changed after they heard of one.

    A pod that never heard of one was born with what it mounts.
    """
    changing = {key.name for key in applied if key.kind == "ConfigMap" and key in observed.objects}
    for model in rendering.models:
        if model.config_version is None:
            continue
        for pod in observed.pods:
            labels = pod["metadata"].get("labels") or {}
            if is_leaving(pod) or not model.selector.items() <= labels.items():
                continue
            heard = annotations_of(pod).get(CONFIG_ANNOTATION)
            if heard == model.config_version or (
                heard is None and not changing & _config_maps(pod)
            ):
                continue
            told = ((CONFIG_ANNOTATION, model.config_version),)
            yield AnnotatePod(key_of(pod), uid_of(pod), model.name, told)


def _config_maps(pod: Manifest) -> set[str]:
    sources = [
        source
        for volume in dig(pod, "spec", "volumes") or []
        for source in (volume, *(dig(volume, "projected", "sources") or ()))
    ]
    return {name for source in sources if (name := dig(source, "configMap", "name")) is not None}

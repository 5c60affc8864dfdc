"""What an overlay can't undo: a closed list, checked on the merged template."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from ..engine.checks import OWNED_ENVIRONMENT

Json = dict[str, Any]

OURS: Final = ("sidecar", "engine", "weights")

_MAY_CHANGE: Final = ("resources", "env", "volumeMounts", "envFrom", "tty", "stdin")
"""Fields of our containers that an overlay may add to; `env` and `volumeMounts` may not change ours."""

_RESERVED_PORTS: Final = (8000, 8080, 8081)
_RESERVED_PORT_NAMES: Final = ("http", "admin")

_FORBIDDEN: Final = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace")

Check = Callable[[Json, Json], Iterator[str]]


def broken(ours: Json, merged: Json) -> list[str]:
    """What the merged template breaks, in words; `ours` is the template before.

    Any malformed value that no check understands is left to the API server's dry run.
    """
    return [text for check in CHECKS for text in check(ours, merged)]


def _only_metadata_and_spec(_: Json, merged: Json) -> Iterator[str]:
    for key in merged:
        if key not in ("metadata", "spec"):
            yield f"{key}: a pod template has metadata and spec"
    metadata = merged.get("metadata")
    for key in metadata if isinstance(metadata, dict) else ():
        if key not in ("labels", "annotations"):
            yield f"metadata.{key}: labels and annotations can be added"


def _our_labels(ours: Json, merged: Json) -> Iterator[str]:
    for name, value in ours["metadata"]["labels"].items():
        if _get(merged, "metadata", "labels", name) != value:
            yield f"metadata.labels.{name} is how pods are found; it stays {value}"


def _alone(_: Json, merged: Json) -> Iterator[str]:
    for field in _FORBIDDEN:
        if _get(merged, "spec", field) is True:
            yield f"spec.{field} would open vLLM, or our secrets, to others on the node or in the pod"


def _same_spec(ours: Json, merged: Json) -> Iterator[str]:
    for field in ("restartPolicy", "terminationGracePeriodSeconds"):
        before, after = ours["spec"].get(field), _get(merged, "spec", field)
        if after != before:
            yield f"spec.{field} follows from the resource (drainSeconds); it can't be changed"
    if _get(merged, "spec", "securityContext", "runAsNonRoot") is not True:
        yield "spec.securityContext.runAsNonRoot stays true"


def _our_containers(ours: Json, merged: Json) -> Iterator[str]:
    for place in ("initContainers", "containers"):
        after = {_name(item): item for item in items_of(merged, place)}
        for container in ours["spec"].get(place, []):
            where = f"spec.{place}[{container['name']}]"
            found = after.get(container["name"])
            if found is None:
                yield f"{where} is missing"
                continue
            for field in container.keys() | found.keys():
                if field not in _MAY_CHANGE and container.get(field) != found.get(field):
                    yield f"{where}.{field} is set by the operator and can't be changed"
            yield from _kept(container, found, "env", "name", where)
            yield from _kept(container, found, "volumeMounts", "mountPath", where)


def _owned_variables(ours: Json, merged: Json) -> Iterator[str]:
    """Those that are set already are checked beside the rest of their container."""
    set_by_us = {
        variable["name"]
        for container in ours["spec"].get("containers", [])
        for variable in container.get("env", [])
    }
    for container in items_of(merged, "containers"):
        variables = container.get("env") if _name(container) == "engine" else None
        for variable in variables if isinstance(variables, list) else ():
            name = _name(variable) if isinstance(variable, dict) else ""
            if name in OWNED_ENVIRONMENT and name not in set_by_us:
                instead = "huggingFaceToken is for it" if name == "HF_TOKEN" else "it stays unset"
                yield f"spec.containers[engine].env[{name}] can't be set: {instead}"


def _kept(container: Json, found: Json, field: str, key: str, where: str) -> Iterator[str]:
    items = found.get(field)
    after = {
        item.get(key): item
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict)
    }
    for item in container.get(field, []):
        if after.get(item[key]) != item:
            yield f"{where}.{field}[{item[key]}] is set by the operator and can't be changed"


def _our_volumes(ours: Json, merged: Json) -> Iterator[str]:
    after = {_name(item): item for item in items_of(merged, "volumes")}
    for volume in ours["spec"].get("volumes", []):
        if after.get(volume["name"]) != volume:
            yield f"spec.volumes[{volume['name']}] is the operator's; choose another name"


def _their_containers(ours: Json, merged: Json) -> Iterator[str]:
    known = {
        (place, container["name"])
        for place in ("initContainers", "containers")
        for container in ours["spec"].get(place, [])
    }
    for place in ("initContainers", "containers"):
        for container in items_of(merged, place):
            ports = container.get("ports")
            where = f"spec.{place}[{_name(container)}]"
            for port in ports if isinstance(ports, list) else []:
                yield from _port(port, where, (place, _name(container)) in known)
            if (place, _name(container)) in known:
                continue
            if _name(container) in OURS:
                yield f"{where}: the name is the operator's; choose another"


def _port(port: Any, where: str, ours: bool) -> Iterator[str]:
    if not isinstance(port, dict):
        return
    if port.get("hostPort"):
        yield f"{where}.ports: hostPort would let the node's network past the Service and policies"
    taken = port.get("containerPort") in _RESERVED_PORTS or port.get("name") in _RESERVED_PORT_NAMES
    if taken and not ours:
        yield f"{where}.ports: http, admin, 8000, 8080 and 8081 are the sidecar's and the engine's"


def items_of(template: Json | None, place: str) -> list[Json]:
    """Items of a list in a template's spec; what is malformed is left out."""
    items = _get(template, "spec", place)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _name(item: Json) -> str:
    return str(item.get("name", ""))


def _get(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


CHECKS: Final[tuple[Check, ...]] = (
    _only_metadata_and_spec,
    _our_labels,
    _alone,
    _same_spec,
    _our_containers,
    _owned_variables,
    _our_volumes,
    _their_containers,
)
"""In the order of a template."""

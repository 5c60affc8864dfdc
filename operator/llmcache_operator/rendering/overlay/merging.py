"""Laying one template over another as server-side apply would."""

from __future__ import annotations

from typing import Any, Final

Json = Any

LIST_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "volumes": ("name",),
    "env": ("name",),
    "imagePullSecrets": ("name",),
    "resourceClaims": ("name",),
    "schedulingGates": ("name",),
    "claims": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "hostAliases": ("ip",),
    "ports": ("containerPort", "protocol"),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
}
"""Lists whose items have an identity; every other list is replaced as a whole."""

_DEFAULTS: Final = {"protocol": "TCP"}

ATOMIC_MAPS: Final = frozenset({"nodeSelector", "labelSelector", "selector"})
"""Maps that are replaced as a whole."""


class MergeError(ValueError):
    """The overlay has a shape that can't be laid over a template; the message is for its author."""


def merge(base: Json, overlay: Json, path: str = "podTemplate") -> Json:
    """The template with the overlay on it; both stay as they are.

    Raises:
        MergeError: it takes something away, or an item of a keyed list lacks its key.
    """
    if overlay is None:
        raise MergeError(f"{path} is null; an overlay adds and changes, and takes nothing away")
    if isinstance(overlay, dict):
        return _merge_map(base, overlay, path)
    name = path.rpartition(".")[2]
    if isinstance(overlay, list) and name in LIST_KEYS:
        return _merge_list(base, overlay, path, LIST_KEYS[name])
    if isinstance(overlay, list):
        return [merge(None, item, f"{path}[{index}]") for index, item in enumerate(overlay)]
    return overlay


def _merge_map(base: Json, overlay: dict[str, Json], path: str) -> dict[str, Json]:
    keep = isinstance(base, dict) and path.rpartition(".")[2] not in ATOMIC_MAPS
    found: dict[str, Json] = dict(base) if keep else {}
    for key, value in overlay.items():
        if not isinstance(key, str) or key.startswith("$"):
            raise MergeError(f"{path}.{key} is a directive of strategic merges; take it out")
        found[key] = merge(found.get(key), value, f"{path}.{key}")
    return found


def _merge_list(base: Json, overlay: list[Json], path: str, keys: tuple[str, ...]) -> list[Json]:
    found: list[Json] = list(base) if isinstance(base, list) else []
    places = {_identity(item, keys, path): place for place, item in enumerate(found)}
    seen = set()
    for item in overlay:
        identity = _identity(item, keys, path)
        if identity in seen:
            raise MergeError(f"{path} names {_show(identity)} twice")
        seen.add(identity)
        place = places.get(identity)
        if place is None:
            found.append(merge(None, item, f"{path}[{_show(identity)}]"))
        else:
            found[place] = merge(found[place], item, f"{path}[{_show(identity)}]")
    return found


def _identity(item: Json, keys: tuple[str, ...], path: str) -> tuple[Any, ...]:
    values = [item.get(key, _DEFAULTS.get(key)) if isinstance(item, dict) else None for key in keys]
    if any(not isinstance(value, str | int) for value in values):
        raise MergeError(f"{path} takes items with {' and '.join(keys)}")
    return tuple(values)


def _show(identity: tuple[Any, ...]) -> str:
    return "/".join(map(str, identity))

"""Whether a live object still says what we want it to say.

We compare what is rendered with what is live and ignore what only the live object has: defaults of
the API server and fields of others. Lists that server-side apply merges by a key are compared item by
item, all others whole; and so are selectors and rules, where another one's addition changes what ours
means.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from ..domain import Manifest
from .quantities import same_quantity

Difference = str
"""A place and what is there, as text: two equal texts are the same difference."""

LIST_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "volumes": ("name",),
    "env": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "imagePullSecrets": ("name",),
    "ownerReferences": ("uid",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "hostAliases": ("ip",),
}
"""Lists merged by key, by the name of their field. `ports` is told by its items (`_port_keys`)."""

ORDERED: Final = frozenset({"initContainers"})
"""Lists merged by key whose order means something to us."""

QUANTITY_FIELDS: Final = frozenset({"requests", "limits", "sizeLimit", "capacity"})

OMITTED_WHEN_ZERO: Final = frozenset(
    {
        "hostNetwork",
        "hostPID",
        "hostIPC",
        "stdin",
        "stdinOnce",
        "tty",
        "readOnly",
        "publishNotReadyAddresses",
        "paused",
        "minReadySeconds",
        "initialDelaySeconds",
    }
)
"""Fields that the API server leaves out when they are false or 0."""

ATOMIC: Final = frozenset(
    {
        "selector",
        "podSelector",
        "namespaceSelector",
        "labelSelector",
        "nodeSelector",
        "ingress",
        "egress",
    }
)
"""Fields that server-side apply takes as one value: who adds to them changes ours. One label more in its
selector, and a Service finds no pod."""

_NOT_COMPARED: Final = frozenset({"apiVersion", "kind"})


def differences(desired: Manifest, live: Manifest) -> frozenset[Difference]:
    """Where the live object differs from what is wanted."""
    return frozenset(_object(desired, live, ""))


def _object(
    desired: dict[str, Any],
    live: dict[str, Any],
    path: str,
    *,
    quantities: bool = False,
    whole: bool = False,
) -> Iterator[Difference]:
    for name, wanted in desired.items():
        if not path and name in _NOT_COMPARED:
            continue
        yield from _value(
            wanted,
            live.get(name),
            f"{path}.{name}" if path else name,
            name,
            quantities=quantities or name in QUANTITY_FIELDS,
            whole=whole or name in ATOMIC,
        )
    if whole:
        for name in sorted(live.keys() - desired.keys()):
            if not _means_absent(live[name], name):
                yield f"{path}.{name} is {json.dumps(live[name], sort_keys=True, default=str)}"


def _value(
    wanted: Any, found: Any, path: str, name: str, *, quantities: bool, whole: bool
) -> Iterator[Difference]:
    if found is None:
        if not _means_absent(wanted, name):
            yield f"{path} is missing"
        return
    match wanted, found:
        case dict(), dict():
            yield from _object(wanted, found, path, quantities=quantities, whole=whole)
        case list(), list():
            yield from _list(wanted, found, path, name, whole=whole)
        case _ if type(wanted) is type(found) and wanted == found:
            return
        case _ if quantities and same_quantity(wanted, found):
            return
        case _:
            yield f"{path} is {json.dumps(found, sort_keys=True, default=str)}"


def _means_absent(wanted: Any, name: str) -> bool:
    if wanted is False or (wanted == 0 and not isinstance(wanted, str)):
        return name in OMITTED_WHEN_ZERO
    return wanted is None or wanted in ("", [], {})


def merge_keys(name: str, items: list[Any]) -> tuple[str, ...] | None:
    """Fields that name an item of this list; None for a list that is one value."""
    if name == "ports" and items and isinstance(items[0], dict):
        if "containerPort" in items[0]:
            return ("containerPort", "protocol")
        return ("port", "protocol") if "name" in items[0] else None
    return LIST_KEYS.get(name)


def item_key(item: dict[str, Any], keys: tuple[str, ...]) -> tuple[Any, ...]:
    """What names this item; the protocol of a port is TCP if it says none."""
    return tuple(item.get(key, "TCP" if key == "protocol" else None) for key in keys)


def _list(
    wanted: list[Any], found: list[Any], path: str, name: str, *, whole: bool
) -> Iterator[Difference]:
    keys = merge_keys(name, wanted)
    if keys is None:
        if len(wanted) != len(found):
            yield f"{path} has {json.dumps(found, sort_keys=True, default=str)}"
            return
        for index, (ours, theirs) in enumerate(zip(wanted, found, strict=True)):
            yield from _value(ours, theirs, f"{path}[{index}]", name, quantities=False, whole=whole)
        return
    live = {item_key(item, keys): item for item in found}
    for item in wanted:
        key = item_key(item, keys)
        where = f"{path}[{','.join(str(part) for part in key)}]"
        if key not in live:
            yield f"{where} is missing"
        else:
            yield from _object(item, live[key], where, whole=whole)
    if name in ORDERED:
        ours = [item_key(item, keys) for item in wanted]
        theirs = [item_key(item, keys) for item in found if item_key(item, keys) in set(ours)]
        if ours != theirs and len(theirs) == len(ours):
            yield f"{path} is in another order"

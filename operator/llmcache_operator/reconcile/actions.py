"""What can be done to the cluster, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, assert_never

from ..domain import Manifest, ObjectKey, key_of

WORKLOADS = frozenset({"Deployment", "StatefulSet"})


class Phase(IntEnum):
    """Actions of one phase run side by side, the phases one after the other."""

    PREPARE = 0  # replicas taken over, claims grown, strangers' items dropped: before an apply
    SUPPORT = 1  # what pods need when they start
    WORKLOADS = 2
    CLEAN = 3  # what is no longer wanted; nudges


@dataclass(frozen=True)
class Apply:
    """Server-side apply of a whole object.

    Attributes:
        uid: of the live object; the apply is forced, and refused if another object has the name by
            then. None: there was none, and the apply is not forced.
        why: the first difference, for the log.
    """

    manifest: Manifest
    uid: str | None = None
    why: str = ""


@dataclass(frozen=True)
class Create:
    """Create a Secret with random values, once; one that is there already stays as it is.

    Attributes:
        values: how many random bytes each key gets.
        text: the bytes are written as URL-safe base64.
    """

    manifest: Manifest
    values: Mapping[str, int]
    text: bool = True


@dataclass(frozen=True)
class Delete:
    """Delete one object; only the one with this uid.

    Attributes:
        orphan: what it owns stays (a StatefulSet that is made anew around its pods).
        model: whose it was; None = no model's.
    """

    key: ObjectKey
    uid: str
    orphan: bool = False
    why: str = ""
    model: str | None = None


@dataclass(frozen=True)
class GrowClaim:
    """Ask for more storage on a claim that a StatefulSet made, or for a class where it has none.

    Attributes:
        storage: the new request, a quantity.
        store: the StatefulSet.
        storage_class: of a claim that waits for one; None = it stays as it is.
    """

    key: ObjectKey
    uid: str
    storage: str
    store: ObjectKey
    storage_class: str | None = None


@dataclass(frozen=True)
class TakeOverReplicas:
    """A second field manager holds the live number before our own lets go of it."""

    key: ObjectKey
    uid: str
    replicas: int


@dataclass(frozen=True)
class DropForeign:
    """Remove items that others put into lists where only ours may be.

    Attributes:
        pointers: JSON pointers of the items, in an order in which they can be removed.
        resource_version: the edition that the pointers speak of.
    """

    key: ObjectKey
    uid: str
    resource_version: str
    pointers: tuple[str, ...]


@dataclass(frozen=True)
class AnnotatePod:
    """A nudge: an annotation on a live pod makes its kubelet bring mounted ConfigMaps at once.

    Attributes:
        model: whose pod it is.
    """

    key: ObjectKey
    uid: str
    model: str
    annotations: tuple[tuple[str, str], ...]


Action = Apply | Create | Delete | GrowClaim | TakeOverReplicas | DropForeign | AnnotatePod


def key_of_action(action: Action) -> ObjectKey:
    """Which object an action is about."""
    match action:
        case Apply(manifest=manifest) | Create(manifest=manifest):
            return key_of(manifest)
        case _:
            return action.key


def phase_of(action: Action) -> Phase:
    """When an action runs."""
    match action:
        case TakeOverReplicas() | GrowClaim() | DropForeign():
            return Phase.PREPARE
        case Apply(manifest=manifest):
            return Phase.WORKLOADS if manifest["kind"] in WORKLOADS else Phase.SUPPORT
        case Create():
            return Phase.SUPPORT
        case Delete(orphan=True):
            return Phase.WORKLOADS
        case Delete() | AnnotatePod():
            return Phase.CLEAN
        case _:
            assert_never(action)


def labels_of(manifest: Manifest) -> dict[str, str]:
    """Its labels; empty when it has none."""
    labels: dict[str, str] = manifest["metadata"].get("labels") or {}
    return labels


def annotations_of(manifest: Manifest) -> dict[str, str]:
    """Its annotations; empty when it has none."""
    annotations: dict[str, str] = manifest["metadata"].get("annotations") or {}
    return annotations


def dig(manifest: Any, *path: str | int) -> Any:
    """The value at a path, or None where the path ends early."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(manifest, list) or len(manifest) <= step:
                return None
            manifest = manifest[step]
        elif isinstance(manifest, dict):
            manifest = manifest.get(step)
        else:
            return None
    return manifest

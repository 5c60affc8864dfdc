"""Whose is a live object?"""

from __future__ import annotations

from collections.abc import Mapping, Set

from llmcache_api.resource import KIND

from ..domain import (
    CACHE_LABEL,
    MANAGED_BY,
    Claimant,
    Foreign,
    LLMCache,
    Manifest,
    ObjectKey,
    Observed,
    key_of,
)
from .actions import labels_of

MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"


def claimed(live: Manifest, cache: LLMCache, living: Set[str]) -> Foreign | None:
    """Whose a live object is; None = ours, or nobody's and free to adopt.

    Args:
        living: uids of the LLMCaches that exist.
    """
    controller = next(
        (ref for ref in live["metadata"].get("ownerReferences") or () if ref.get("controller")),
        None,
    )
    labels = labels_of(live)
    labelled = labels.get(CACHE_LABEL) == cache.name and labels.get(MANAGED_BY_LABEL) == MANAGED_BY
    if controller is None:
        if (
            labelled
            # A reference that controls nothing is still an owner; its garbage collection is theirs.
            and not _owned_by_a_former_cache(live, living)
        ):
            return None
        return Foreign(Claimant.STRANGER)
    if controller["uid"] == cache.uid:
        return None
    if labelled and live["kind"] == "PersistentVolumeClaim" and controller["kind"] == "StatefulSet":
        return None  # a claim that a store of ours made of its template
    owner = f"{controller['kind']} {controller['name']}"
    if controller["kind"] != KIND:
        return Foreign(Claimant.STRANGER, owner)
    if controller["uid"] in living:
        return Foreign(Claimant.OTHER_CACHE, owner)
    return Foreign(Claimant.LEAVING, owner)


def _owned_by_a_former_cache(live: Manifest, living: Set[str]) -> bool:
    return any(
        ref["kind"] == KIND and ref["uid"] not in living
        for ref in live["metadata"].get("ownerReferences") or ()
    )


def lookups(desired: tuple[Manifest, ...], observed: Observed) -> tuple[ObjectKey, ...]:
    """Names that we want and know nothing of: they are asked for before anything is applied."""
    return tuple(
        key
        for key in map(key_of, desired)
        if key not in observed.objects and key not in observed.foreign
    )


def with_found(
    observed: Observed,
    found: Mapping[ObjectKey, Manifest],
    cache: LLMCache,
    living: Set[str],
) -> Observed:
    """What was observed, with what the look-ups found."""
    objects, foreign = dict(observed.objects), dict(observed.foreign)
    for key, live in found.items():
        if key in objects or key in foreign:
            continue  # what the watches tell, or we wrote meanwhile, is newer
        claim = claimed(live, cache, living)
        if claim is None:
            objects[key] = live
        else:
            foreign[key] = claim
    return Observed(
        objects,
        observed.pods,
        foreign,
        observed.refusals,
        observed.autoscalers,
        observed.replicas_owned,
    )

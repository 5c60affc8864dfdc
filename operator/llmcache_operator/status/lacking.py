"""What pods wait for and is not there."""

from __future__ import annotations

from collections.abc import Mapping, Set

from ..domain import Manifest, ObjectKey, Wanted


def lacking(
    wanted: Set[Wanted], asked: Set[ObjectKey], there: Mapping[ObjectKey, Manifest]
) -> frozenset[Wanted]:
    """What is missing of what was wanted: whole objects, or keys of those that are there.

    Args:
        asked: objects that were looked up; others are there.
        there: those that were found; of Secrets only their metadata.
    """
    found = set()
    for one in wanted:
        if one.object not in asked:
            continue
        live = there.get(one.object)
        if live is None:
            found.add(Wanted(one.object))
        elif one.item and (keys := _keys(live)) is not None and one.item not in keys:
            found.add(one)
    return frozenset(found)


def _keys(live: Manifest) -> Set[str] | None:
    """Keys of a Secret or ConfigMap; None where they can't be known.

    Those of a Secret are read from metadata.managedFields, which names each key that somebody has set:
    its values have no business here.
    """
    if live["kind"] == "ConfigMap":
        return {*(live.get("data") or ()), *(live.get("binaryData") or ())}
    fields = live["metadata"].get("managedFields")
    if live["kind"] != "Secret" or not fields:
        return None
    return {
        name.removeprefix("f:")
        for entry in fields
        for name in (entry.get("fieldsV1") or {}).get("f:data") or ()
    }

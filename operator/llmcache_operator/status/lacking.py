"""What pods wait for and is not there."""

from __future__ import annotations

from collections.abc import Mapping, Set

from ..domain import Manifest, ObjectKey, Wanted


def lacking(wanted: Set[Wanted], seen: Mapping[ObjectKey, Manifest | None]) -> frozenset[Wanted]:
    """What is missing of what was wanted: whole objects, or keys of those that are there.

    Args:
        seen: what was looked up, None where it is not there; of Secrets only their metadata. Others
            are there, or nobody knows.
    """
    found = set()
    for one in wanted:
        if one.object not in seen:
            continue
        live = seen[one.object]
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

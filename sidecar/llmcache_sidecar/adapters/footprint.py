"""What an entry costs in memory."""

from __future__ import annotations

from sys import getsizeof
from typing import Final

from ..domain.entry import Entry, EntryMeta

# Entry, LogPosition and its two integers, three floats, two token counts and the body's length: of
# the same size in every entry.
_FIXED: Final = 400


def footprint(entry: Entry) -> int:
    """Bytes of the Python objects that an entry consists of, body included.

    Strings that entries share (a model's name) are counted in each: the sum errs on the safe side.
    """
    return meta_footprint(entry.meta) + getsizeof(entry.body)


def meta_footprint(meta: EntryMeta) -> int:
    """The same without the body."""
    total = (
        _FIXED
        + getsizeof(meta)
        + getsizeof(meta.id)
        + getsizeof(meta.key)
        + getsizeof(meta.tenant)
        + getsizeof(meta.model)
        + getsizeof(meta.fingerprint)
        + getsizeof(meta.policy_version)
    )
    if meta.tags:
        total += getsizeof(meta.tags) + sum(map(getsizeof, meta.tags))
    if meta.headers:
        total += getsizeof(meta.headers)
        for pair in meta.headers:
            total += getsizeof(pair) + getsizeof(pair[0]) + getsizeof(pair[1])
    return total

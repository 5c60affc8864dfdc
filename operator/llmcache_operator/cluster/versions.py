"""Which of two editions of an object is the older one."""

from __future__ import annotations


def older(version: str, than: str) -> bool:
    """Whether a resourceVersion is older than another of the same kind; False where it can't be told.

    A deleted and recreated object has the larger number too: all come from one counter.
    """
    return version.isdigit() and than.isdigit() and int(version) < int(than)

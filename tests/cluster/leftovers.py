"""Folders of clusters whose owner was killed: known by a lock that only a living owner holds.

A killed owner removes nothing. Its processes end with it, but its folder stays, and a node's also its
containers, mounts and network. The next cluster, or `make cluster-down`, finds them here.
"""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

_OWNER: Final = "owner.lock"


def claim(folder: Path) -> IO[str]:
    """Say that this process owns the folder, as long as what is returned stays open."""
    unfinished = folder / f"{_OWNER}.new"
    held = unfinished.open("w")
    # The name appears with the lock on it: nobody finds it free in between.
    fcntl.flock(held, fcntl.LOCK_EX)
    unfinished.rename(folder / _OWNER)
    return held


def ownerless(prefix: str, among: Path | None = None) -> Iterator[Path]:
    """Claimed folders whose owner is gone; each is the caller's alone until the next is asked for.

    Args:
        prefix: of their names. Folders that nobody has claimed are left out.
        among: where they lie; where temporary folders are, by default.
    """
    for folder in sorted((among or Path(tempfile.gettempdir())).glob(f"{prefix}*")):
        try:
            with (folder / _OWNER).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield folder
        except (FileNotFoundError, NotADirectoryError, PermissionError, BlockingIOError):
            continue

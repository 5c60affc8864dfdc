"""One name for everything that decides what a vector is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 20


def fingerprint(
    files: Iterable[Path], *settings: str, marks: Iterable[bytes] = ()
) -> tuple[str, set[bytes]]:
    """16 hex characters for the contents of `files` and the settings, and which of the byte strings
    `marks` the files hold (found on the way: a gigabyte is read once).

    Raises:
        OSError: a file can't be read.
    """
    digest = hashlib.sha256("\0".join(settings).encode())
    wanted = set(marks)
    longest = max((len(mark) for mark in wanted), default=1)
    found: set[bytes] = set()
    for file in files:
        tail = b""
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                found.update(mark for mark in wanted - found if mark in tail + chunk)
                tail = chunk[-longest:]
        digest.update(b"\0end of file\0")
    return digest.hexdigest()[:16], found

"""A wall clock that one process sets and others read: `python -m tests.faults.wall_clock FILE ...`.

Run as a program this is the sidecar, with that clock in place of the machine's. The monotonic clock
is the machine's, as it is when somebody sets the time.
"""

from __future__ import annotations

import mmap
import struct
import sys
import time
from pathlib import Path
from typing import Final

from llmcache_api import SidecarConfig
from llmcache_api.sidecar import read_document
from llmcache_sidecar.app.run import run

_OFFSET: Final = struct.Struct("d")


class WallClock:
    """The machine's time and what it is off by, which a file holds."""

    monotonic = staticmethod(time.monotonic)

    def __init__(self, file: Path) -> None:
        self._file = file
        if not file.exists():
            file.write_bytes(_OFFSET.pack(0.0))
        with file.open("r+b") as opened:
            self._memory = mmap.mmap(opened.fileno(), _OFFSET.size)

    @property
    def command(self) -> list[str]:
        """Starts a sidecar that goes by this clock; its flags follow."""
        return [sys.executable, "-m", __spec__.name, str(self._file)]

    def jump(self, offset_s: float) -> None:
        """From now on it is off by so many seconds."""
        _OFFSET.pack_into(self._memory, 0, offset_s)

    def time(self) -> float:
        """See `Clock`."""
        (offset_s,) = _OFFSET.unpack_from(self._memory)
        return time.time() + float(offset_s)


def main(file: str, _: str, config: str) -> int:
    """Takes FILE --config CONFIG."""
    path = Path(config)

    def load() -> SidecarConfig:
        return SidecarConfig.parse(read_document(path), config)

    return run(load(), load, path, WallClock(Path(file)))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""Watching the configuration for changes: the file itself and the files that it names."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from llmcache_api import ConfigError, SidecarConfig

from .secrets import files_in
from .sidecar import Sidecar

_EVERY_S: Final = 1.0

_log = logging.getLogger("llmcache")


def fingerprints(paths: Iterable[str]) -> dict[str, bytes]:
    """A digest of what each file, or each folder of files, holds. Read whole, not by their times: a
    mounted ConfigMap changes by a symbolic link, and some file systems tell times in seconds."""
    digests = {}
    for path in paths:
        digest = hashlib.sha256()
        try:
            for file in files_in(path):
                digest.update(hashlib.sha256(file.encode(errors="surrogateescape")).digest())
                digest.update(hashlib.sha256(Path(file).read_bytes()).digest())
            digests[path] = digest.digest()
        except OSError:
            digests[path] = b"missing"
    return digests


class Watcher:
    """Reloads a sidecar when its files change, or when it is told to.

    Args:
        load: reads the configuration anew; may raise `ConfigError`.
        path: the configuration file; None when there is none.
        taken_over: told of each configuration that the sidecar took over.
        every_s: seconds between two looks at the files.
    """

    def __init__(
        self,
        sidecar: Sidecar,
        load: Callable[[], SidecarConfig],
        path: Path | None,
        taken_over: Callable[[SidecarConfig], None],
        every_s: float = _EVERY_S,
    ) -> None:
        self._sidecar = sidecar
        self._load = load
        self._paths = [] if path is None else [str(path)]
        self._can_be_read_again = path is None or path.is_file()  # a pipe was read to its end
        self._taken_over = taken_over
        self._every = every_s
        self._kick = asyncio.Event()

    def now(self) -> None:
        """Reload without waiting for a change (SIGHUP)."""
        self._kick.set()

    async def watch(self, config: SidecarConfig) -> None:
        """Watch for ever."""
        seen = await asyncio.to_thread(fingerprints, self._files(config))
        # What changed while the sidecar started is in these, and not in what it read.
        if seen and self._can_be_read_again:
            seen = await self._reload(seen)
        while True:
            told = False
            try:
                async with asyncio.timeout(self._every):
                    told = await self._kick.wait()
            except TimeoutError:
                pass
            self._kick.clear()
            # Taken before the files are read: what changes while they are is seen the next time.
            new = await asyncio.to_thread(fingerprints, seen)
            if new == seen and not told:
                continue
            seen = await self._reload(new)

    async def _reload(self, seen: dict[str, bytes]) -> dict[str, bytes]:
        """Reload once; the files to watch from now on, as they were before they were read."""
        try:
            config = await asyncio.to_thread(self._load)
            files = self._files(config)
            seen |= await asyncio.to_thread(fingerprints, set(files) - seen.keys())
            seen = {path: seen[path] for path in files}
            self._sidecar.reload(config)
            self._taken_over(config)
        except ConfigError as error:
            self._sidecar.reload_failed(error)
        except Exception as error:
            _log.exception("a defect: the configuration could not be reloaded")
            self._sidecar.reload_failed(ConfigError([f"can't be reloaded: {error!r}"]))
        return seen

    def _files(self, config: SidecarConfig) -> list[str]:
        named = (config.auth.keys_file, config.admin.token_file)
        return [*self._paths, *(path for path in named if path is not None)]

"""Watching the configuration for changes: the file itself and the files that it names."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from llmcache_api import ConfigError, SidecarConfig

from .sidecar import Sidecar

_EVERY_S: Final = 1.0


def fingerprint(paths: list[str]) -> bytes:
    """A digest of what the files hold. Read whole, not by their times: a mounted ConfigMap changes
    by a symbolic link, and some file systems tell times in seconds."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            content = Path(path).read_bytes()
        except OSError:
            content = b"\0missing"
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.digest()


class Watcher:
    """Reloads a sidecar when its files change, or when it is told to.

    Args:
        load: reads the configuration anew; may raise `ConfigError`.
        path: the configuration file; None when there is none.
    """

    def __init__(
        self, sidecar: Sidecar, load: Callable[[], SidecarConfig], path: Path | None
    ) -> None:
        self._sidecar = sidecar
        self._load = load
        self._paths = [] if path is None else [str(path)]
        self._kick = asyncio.Event()

    def now(self) -> None:
        """Reload without waiting for a change (SIGHUP)."""
        self._kick.set()

    async def watch(self, config: SidecarConfig) -> None:
        """Watch for ever."""
        files = self._files(config)
        seen = await asyncio.to_thread(fingerprint, files)
        while True:
            told = False
            try:
                async with asyncio.timeout(_EVERY_S):
                    told = await self._kick.wait()
            except TimeoutError:
                pass
            self._kick.clear()
            new = await asyncio.to_thread(fingerprint, files)
            if new == seen and not told:
                continue
            seen = new
            try:
                config = await asyncio.to_thread(self._load)
                self._sidecar.reload(config)
            except ConfigError as error:
                self._sidecar.reload_failed(error)
            else:
                files = self._files(config)
                seen = await asyncio.to_thread(fingerprint, files)

    def _files(self, config: SidecarConfig) -> list[str]:
        keys = config.auth.keys_file
        return [*self._paths, *([keys] if keys is not None else [])]

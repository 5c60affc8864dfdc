"""Secrets, read from files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import overload

from llmcache_api import ConfigError, SidecarConfig

from ..pipeline.engine.key_gate import read_keys


@overload
def read_secret(path: None, field: str) -> None: ...
@overload
def read_secret(path: str, field: str) -> str: ...
@overload
def read_secret(path: str | None, field: str) -> str | None: ...
def read_secret(path: str | None, field: str) -> str | None:
    """The text of one secret file, without surrounding white space; None where none is named."""
    if path is None:
        return None
    text = _read(path, field).decode("utf-8", "surrogateescape").strip()
    if not text:
        raise ConfigError([f"{field}: {path} is empty; it takes the secret"])
    return text


def read_key_list(config: SidecarConfig) -> list[str]:
    """The accepted keys; empty where no list is configured."""
    path = config.auth.keys_file
    if path is None:
        return []
    keys = [
        key
        for file in files_in(path)
        for key in read_keys(_read(file, "auth.keysFile").decode("utf-8", "replace"))
    ]
    if not keys:
        raise ConfigError([f"auth.keysFile: {path} holds no key; write one a line"])
    return keys


def files_in(path: str) -> list[str]:
    """The file itself; of a folder every file in it and below, in order. Names that begin with a dot
    are skipped: a mounted Secret keeps its earlier and later editions there."""
    if not Path(path).is_dir():
        return [path]
    inner = (entry for entry in Path(path).iterdir() if not entry.name.startswith("."))
    return [file for entry in sorted(inner) for file in files_in(str(entry))]


def tenant_key(config: SidecarConfig) -> bytes:
    """The key of the tenants' hash: from its file, or random."""
    if config.tenant_key_file is None:
        return os.urandom(32)
    key = _read(config.tenant_key_file, "tenantKeyFile")
    if len(key.strip()) < 16:
        raise ConfigError(
            ["tenantKeyFile: takes at least 16 bytes (head -c 32 /dev/urandom > tenant.key)"]
        )
    return key


def _read(path: str, field: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigError([f"{field}: can't read {path}: {error.strerror}"]) from None

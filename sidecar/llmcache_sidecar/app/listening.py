"""Addresses: where the planes listen."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from llmcache_api import ConfigError


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where it listens, as host:port."""

    data: str
    admin: str


@contextmanager
def listening(field: str, address: str) -> Iterator[tuple[str | None, int]]:
    """`address` taken apart, to listen on within the block.

    Raises:
        ConfigError: naming `field`; it can't be listened on.
    """
    try:
        yield split_address(address)
    except OSError as error:
        number = error.errno or 0
        reason = os.strerror(number) if number in errno.errorcode else str(error)
        raise ConfigError([f"{field}: can't listen on {address}: {reason}"]) from None


def split_address(address: str) -> tuple[str | None, int]:
    """host:port; an empty host means every interface."""
    host, _, port = address.rpartition(":")
    return host.strip("[]") or None, int(port)


def bound(name: tuple[str | int, ...]) -> str:
    """A socket's own name, as host:port."""
    host, port = name[0], name[1]
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"

"""How to reach Redis or Valkey, in every form that people run it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

_NAMESPACE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,127}")
_PORTS: Final = {"sentinel": 26379}
_FORMS: Final = (
    "redis://HOST[:PORT][/DB], unix:///PATH[?db=DB], redis+sentinel://HOST[:PORT],.../MASTER[/DB] "
    "or redis+cluster://HOST[:PORT],...; with TLS rediss instead of redis"
)


class RedisSettingsError(ValueError):
    """The settings can't be used; the message says what to change and holds no credentials."""


class Topology(StrEnum):
    """How the servers are arranged."""

    SINGLE = "single"
    UNIX = "unix"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class RedisSettings:
    """Where the store is and how to speak to it.

    Attributes:
        url: one of redis://HOST:PORT/DB, rediss://, unix:///PATH?db=DB,
            redis+sentinel://H1:26379,H2:26379/MASTER/DB, redis+cluster://H1:7000,H2:7001; the last
            two take TLS as rediss+sentinel and rediss+cluster. USER:PASSWORD@ may stand before the
            hosts; a password file is better.
        namespace: separates the caches of one server; every name begins with
            `llmcache:{namespace}:`. Letters, digits and . _ / -.
        username: of the ACL user; overrides the URL's.
        password_file: read anew for every connection, so that a rotated secret is taken up.
        sentinel_username, sentinel_password_file: for the sentinels themselves, where they ask.
        ca_file: certificates (PEM) that vouch for the server; None takes the system's.
        cert_file, key_file: the client's own certificate, where the server asks for one.
        verify_hostname: off only where certificates name no host that is dialled.
        connect_timeout_s, socket_timeout_s: seconds for a connection, and for an answer once
            connected. They free the connection; the caller's deadline is shorter.
        max_connections: bound of the pool (of each node's, in a cluster).
    """

    url: str = field(repr=False)
    namespace: str = "default"
    username: str | None = None
    password_file: str | None = None
    sentinel_username: str | None = None
    sentinel_password_file: str | None = None
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    verify_hostname: bool = True
    connect_timeout_s: float = 1.0
    socket_timeout_s: float = 1.0
    max_connections: int = 16

    def __post_init__(self) -> None:
        if not _NAMESPACE.fullmatch(self.namespace):
            raise RedisSettingsError(
                f"namespace {self.namespace!r}: use letters, digits and . _ / - (at most 128)"
            )
        if self.max_connections < 4:
            raise RedisSettingsError("max_connections must be at least 4")
        if self.connect_timeout_s <= 0 or self.socket_timeout_s <= 0:
            raise RedisSettingsError("timeouts must be greater than 0 seconds")

    @property
    def prefix(self) -> str:
        """What the name of every key begins with."""
        return f"llmcache:{self.namespace}:"


@dataclass(frozen=True, slots=True)
class RedisTarget:
    """A URL, taken apart.

    Attributes:
        nodes: host and port; empty for a Unix socket.
        path: of the Unix socket.
        master: the name under which the sentinels know it.
    """

    topology: Topology
    nodes: tuple[tuple[str, int], ...]
    tls: bool = False
    path: str = ""
    master: str = ""
    db: int = 0
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """For messages: where it is, without credentials."""
        if self.topology is Topology.UNIX:
            return f"unix:{self.path}"
        hosts = ",".join(f"{host}:{port}" for host, port in self.nodes)
        if self.topology is Topology.SENTINEL:
            return f"master {self.master!r} of the sentinels {hosts}"
        return f"cluster {hosts}" if self.topology is Topology.CLUSTER else hosts


def parse_url(url: str) -> RedisTarget:
    """Take a URL apart; `RedisSettingsError` says what is wrong without repeating it."""
    parts = urlsplit(url)
    scheme, _, suffix = parts.scheme.partition("+")
    if scheme == "unix" and not suffix:
        return _parse_unix(parts)
    if scheme not in ("redis", "rediss") or suffix not in ("", "sentinel", "cluster"):
        raise RedisSettingsError(f"the store's URL must be {_FORMS}")
    topology = Topology(suffix or "single")
    credentials, _, hosts = parts.netloc.rpartition("@")
    nodes = tuple(_parse_host(host, _PORTS.get(suffix, 6379)) for host in hosts.split(","))
    if topology is Topology.SINGLE and len(nodes) > 1:
        raise RedisSettingsError(
            "several hosts need redis+sentinel:// or redis+cluster:// in the store's URL"
        )
    path = [unquote(part) for part in parts.path.split("/") if part]
    master = ""
    if topology is Topology.SENTINEL:
        if not path:
            raise RedisSettingsError(
                "the sentinels' URL must name the master after the hosts: "
                "redis+sentinel://HOST:26379,.../MASTER"
            )
        master = path.pop(0)
    if topology is Topology.CLUSTER and path not in ([], ["0"]):
        raise RedisSettingsError("a cluster has no databases: end its URL after the hosts")
    username, password = _parse_credentials(credentials)
    return RedisTarget(
        topology, nodes, scheme == "rediss", "", master, _parse_db(path), username, password
    )


def _parse_unix(parts: SplitResult) -> RedisTarget:
    credentials, _, host = parts.netloc.rpartition("@")
    if host or not parts.path:
        raise RedisSettingsError("a Unix socket's URL is unix:///PATH with three slashes")
    username, password = _parse_credentials(credentials)
    _, _, db = parts.query.partition("db=")
    return RedisTarget(
        Topology.UNIX,
        (),
        path=unquote(parts.path),
        db=_parse_db([db] if db else []),
        username=username,
        password=password,
    )


def _parse_credentials(text: str) -> tuple[str | None, str | None]:
    username, colon, password = text.partition(":")
    return unquote(username) or None, unquote(password) if colon else None


def _parse_host(text: str, default_port: int) -> tuple[str, int]:
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:\s]+)(?::(\d{1,5}))?", text)
    if match is None or not 0 < int(match[2] or default_port) < 65536:
        raise RedisSettingsError(f"a host in the store's URL is not HOST[:PORT]; forms: {_FORMS}")
    return match[1].strip("[]"), int(match[2] or default_port)


def _parse_db(path: list[str]) -> int:
    if not path:
        return 0
    if len(path) > 1 or not path[0].isdecimal():
        raise RedisSettingsError("the database in the store's URL must be a number, such as /0")
    return int(path[0])

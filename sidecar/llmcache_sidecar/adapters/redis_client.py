"""The client library's clients, made from settings: bounded, with deadlines, without retries."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import ConnectionPool, Redis, RedisCluster, SSLConnection
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.credentials import CredentialProvider

from .redis_errors import PasswordFileError
from .redis_settings import RedisSettings, RedisTarget, Topology


@dataclass(frozen=True, slots=True)
class RedisClients:
    """What was made.

    Attributes:
        main: commands go here.
        cluster: the same, where it is a cluster.
        sentinel: what finds the master, where there are sentinels; to be closed with it.
    """

    main: Any
    cluster: RedisCluster | None = None
    sentinel: Any = None


def make_clients(settings: RedisSettings, target: RedisTarget) -> RedisClients:
    """Opens no connection."""
    options = _options(settings, target)
    if target.topology is Topology.CLUSTER:
        cluster = RedisCluster(
            startup_nodes=[ClusterNode(host, port) for host, port in target.nodes],
            max_connections=settings.max_connections,
            ssl=target.tls,
            **options,
        )
        return RedisClients(cluster, cluster=cluster)
    if target.topology is Topology.SENTINEL:
        if target.tls:
            options["ssl"] = True
        for_sentinels = options | {
            "credential_provider": _credentials(
                settings.sentinel_username, settings.sentinel_password_file, None
            )
        }
        make: Any = Sentinel  # not annotated in redis-py
        sentinel = make(list(target.nodes), sentinel_kwargs=for_sentinels)
        main = sentinel.master_for(
            target.master, db=target.db, max_connections=settings.max_connections, **options
        )
        return RedisClients(main, sentinel=sentinel)
    if target.topology is Topology.UNIX:
        options |= {"connection_class": UnixDomainSocketConnection, "path": target.path}
    else:
        host, port = target.nodes[0]
        options |= {"host": host, "port": port}
        if target.tls:
            options["connection_class"] = SSLConnection
    pool = ConnectionPool(max_connections=settings.max_connections, db=target.db, **options)
    return RedisClients(Redis.from_pool(pool))


def _options(settings: RedisSettings, target: RedisTarget) -> dict[str, Any]:
    options: dict[str, Any] = {
        "socket_timeout": settings.socket_timeout_s,
        "socket_connect_timeout": settings.connect_timeout_s,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "credential_provider": _credentials(
            settings.username or target.username, settings.password_file, target.password
        ),
    }
    if target.tls:
        options |= {
            "ssl_ca_certs": settings.ca_file,
            "ssl_certfile": settings.cert_file,
            "ssl_keyfile": settings.key_file,
            "ssl_check_hostname": settings.verify_hostname,
        }
    return options


class _Credentials(CredentialProvider):
    """Reads the password file for every connection, so that a rotated one is taken up."""

    def __init__(
        self, username: str | None, password_file: str | None, password: str | None
    ) -> None:
        self._username = username
        self._password_file = password_file
        self._password = password

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        password = self._password or ""
        if self._password_file is not None:
            try:
                password = Path(self._password_file).read_text("utf-8").strip("\r\n")
            except (OSError, UnicodeError):
                raise PasswordFileError(
                    f"the password file {self._password_file} can't be read"
                ) from None
        return (self._username, password) if self._username else (password,)

    async def get_credentials_async(self) -> tuple[str] | tuple[str, str]:
        return self.get_credentials()


def _credentials(
    username: str | None, password_file: str | None, password: str | None
) -> CredentialProvider | None:
    if username is None and password_file is None and password is None:
        return None
    return _Credentials(username, password_file, password)

"""One client for everything that is kept in Redis, whatever the topology."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha1
from pathlib import Path
from typing import Any, Final

from redis.asyncio import ConnectionPool, Redis, RedisCluster, SSLConnection
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.credentials import CredentialProvider
from redis.exceptions import NoScriptError, ResponseError

from llmcache_sidecar.ports.exact_store import StoreError

from .redis_errors import PasswordFileError, explain
from .redis_settings import RedisSettings, RedisTarget, Topology, parse_url

Command = tuple[Any, ...]

_REFRESH_PAUSE: Final = 1.0


class Script:
    """A Lua script, known to the server by its hash after the first use."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.sha = sha1(source.encode(), usedforsecurity=False).hexdigest()


class RedisLink:
    """Commands with errors that can be understood, over a bounded pool, without retries.

    Opens nothing until it is used. Every method raises `StoreError` and nothing else, whatever the
    client library raised: not all of its errors share a base.

    Half of the pool is for look-ups (`values`), of which the caller has at most `lookups` under way
    (in a cluster, for each lane); the other commands wait for a place in the rest.

    Args:
        settings: see `RedisSettings`; a URL that can't be read raises `RedisSettingsError`.

    Attributes:
        lookups: how many `values` may be under way together.
    """

    def __init__(self, settings: RedisSettings) -> None:
        self.settings = settings
        self.target = parse_url(settings.url)
        self.is_cluster = self.target.topology is Topology.CLUSTER
        self._sentinel: Any = None
        self._cluster: RedisCluster | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._refreshed_at = 0.0
        self._closed = False
        self.lookups = settings.max_connections // 2
        self._others = asyncio.Semaphore(settings.max_connections - self.lookups)
        self._kept: list[Any] = []
        self._client: Any = self._make_client(_options(settings, self.target))

    async def command(self, *command: Any, node: Any | None = None) -> Any:
        """Send one command (in a cluster to `node` where given); its plain reply."""
        options = {} if node is None else {"target_nodes": node}
        try:
            async with self._others:
                return await self._client.execute_command(*command, **options)
        except Exception as error:
            raise self._explained(error) from None

    async def pipeline(self, commands: Sequence[Command]) -> list[Any]:
        """Send several in one round trip (to each node, in a cluster); raises the first error.

        The reply is None where a key holds something of a foreign type.
        """
        async with self._others:
            results = await self._pipeline(commands)
        for result in results:
            if isinstance(result, StoreError):
                raise result
        return results

    async def values(self, keys: Sequence[str]) -> Sequence[bytes | StoreError | None]:
        """What is under some keys of one lane, in one round trip."""
        if self.is_cluster:
            return await self._pipeline([("GET", key) for key in keys])
        try:
            return await self._mget(keys)
        except Exception as error:
            raise self._explained(error) from None

    async def run(self, script: Script, keys: Sequence[str], args: Sequence[Any]) -> Any:
        """Run a script; all `keys` must share a hash slot."""
        rest = (len(keys), *keys, *args)
        try:
            async with self._others:
                try:
                    return await self._client.execute_command("EVALSHA", script.sha, *rest)
                except NoScriptError:
                    return await self._client.execute_command("EVAL", script.source, *rest)
        except Exception as error:
            raise self._explained(error) from None

    async def lane(self, key: str) -> str:
        """Names the node that holds `key`: what shares a lane may share a round trip."""
        if self._cluster is None:
            return ""
        try:
            await self._cluster.initialize()
            node = self._cluster.get_node_from_key(key)
        except Exception as error:
            raise self._explained(error) from None
        return node.name if node is not None else ""

    async def primaries(self) -> list[Any]:
        """The nodes that together hold everything; a single None where there is one server."""
        if self._cluster is None:
            return [None]
        try:
            await self._cluster.initialize()
            return list(self._cluster.get_primaries())
        except Exception as error:
            raise self._explained(error) from None

    async def aclose(self) -> None:
        """Close all connections. Idempotent."""
        if self._closed:
            return
        self._closed = True
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])
        for part in (self._client, self._sentinel):
            if part is not None:
                with suppress(Exception):  # a connection that can't even be closed is gone
                    await part.aclose()

    async def _mget(self, keys: Sequence[str]) -> list[bytes | None]:
        """Over connections that stay with the look-ups: the pool's round costs more than the rest."""
        pool = self._client.connection_pool
        connection = self._kept.pop() if self._kept else await pool.get_connection()
        try:
            await connection.connect()  # only where the last look-up broke it off
            await connection.send_command("MGET", *keys)
            found: list[bytes | None] = await connection.read_response()
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        finally:
            self._kept.append(connection)
        return found

    async def _pipeline(self, commands: Sequence[Command]) -> list[Any]:
        pipe = self._client.pipeline(transaction=False)
        for command in commands:
            pipe.execute_command(*command)
        try:
            results: list[Any] = await pipe.execute(raise_on_error=False)
        except Exception as error:
            raise self._explained(error) from None
        return [self._settled(result) for result in results]

    def _settled(self, result: Any) -> Any:
        if not isinstance(result, Exception):
            return result
        if isinstance(result, ResponseError) and str(result).startswith("WRONGTYPE"):
            return None
        return self._explained(result)

    def _explained(self, error: BaseException) -> StoreError:
        if self._cluster is not None and not isinstance(error, StoreError):
            self._refresh_soon(self._cluster)
        return explain(error, self.target)

    def _refresh_soon(self, cluster: RedisCluster) -> None:
        """Without retries the client does not look for a moved master by itself: ask, once a second."""
        now = time.monotonic()
        if self._closed or now - self._refreshed_at < _REFRESH_PAUSE:
            return
        if self._refreshing is None or self._refreshing.done():
            self._refreshed_at = now
            self._refreshing = asyncio.create_task(_refresh(cluster))

    def _make_client(self, options: dict[str, Any]) -> Any:
        settings, target = self.settings, self.target
        if target.topology is Topology.CLUSTER:
            if target.tls:
                options["ssl"] = True
            self._cluster = RedisCluster(
                startup_nodes=[ClusterNode(host, port) for host, port in target.nodes],
                max_connections=settings.max_connections,
                **options,
            )
            return self._cluster
        options["db"] = target.db
        if target.topology is Topology.SENTINEL:
            if target.tls:
                options["ssl"] = True
            sentinel_options = {k: v for k, v in options.items() if k not in ("db",)}
            sentinel_options["credential_provider"] = _credentials(
                settings.sentinel_username, settings.sentinel_password_file, None
            )
            make: Any = Sentinel  # not annotated in redis-py
            self._sentinel = make(list(target.nodes), sentinel_kwargs=sentinel_options)
            return self._sentinel.master_for(
                target.master, max_connections=settings.max_connections, **options
            )
        if target.topology is Topology.UNIX:
            options |= {"connection_class": UnixDomainSocketConnection, "path": target.path}
        else:
            host, port = target.nodes[0]
            options |= {"host": host, "port": port}
            if target.tls:
                options["connection_class"] = SSLConnection
        pool = ConnectionPool(max_connections=settings.max_connections, **options)
        return Redis.from_pool(pool)


class _Credentials(CredentialProvider):
    """Reads the password file for every connection, so that a rotated one is taken up."""

    def __init__(self, username: str | None, password_file: str | None, password: str | None):
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


async def _refresh(cluster: RedisCluster) -> None:
    try:
        await cluster.nodes_manager.initialize()
    except Exception:
        return

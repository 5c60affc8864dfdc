"""One client for everything that is kept in Redis, whatever the topology."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha1
from typing import Any, Final

from redis.asyncio import RedisCluster
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import NoScriptError, ReadOnlyError, ResponseError

from ..ports.exact_store import StoreError
from .redis_client import make_clients
from .redis_errors import explain
from .redis_settings import RedisSettings, Topology, parse_url

Command = tuple[Any, ...]

_SURVEY_PAUSE: Final = 1.0


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
    (in a cluster, for each lane); the other commands wait for a place in the rest. Replies are as the
    server sends them, in `command` and `run` as the client library reads them.

    Args:
        settings: see `RedisSettings`; a URL that can't be read raises `RedisSettingsError`.

    Attributes:
        lookups: how many `values` may be under way together.
    """

    def __init__(self, settings: RedisSettings) -> None:
        self.settings = settings
        self.target = parse_url(settings.url)
        self.is_cluster = self.target.topology is Topology.CLUSTER
        clients = make_clients(settings, self.target)
        self._client: Any = clients.main
        self._cluster = clients.cluster
        self._sentinel = clients.sentinel
        self._survey: asyncio.Task[None] | None = None
        self._surveyed_at = 0.0
        self._closed = False
        self.lookups = settings.max_connections // 2
        self._others = asyncio.Semaphore(settings.max_connections - self.lookups)
        self._kept: list[Any] = []
        self._rounds = 0

    async def command(self, *command: Any, node: Any | None = None) -> Any:
        """Send one command (in a cluster to `node` where given); its plain reply."""
        options = {} if node is None else {"target_nodes": node}
        try:
            await self._known()
            async with self._others:
                return await self._client.execute_command(*command, **options)
        except Exception as error:
            raise await self._answered(error) from None

    async def pipeline(self, commands: Sequence[Command]) -> list[Any]:
        """Send several in one round trip (to each node, in a cluster); raises the first error.

        The reply is None where a key holds something of a foreign type.
        """
        results = await self.together(commands)
        for result in results:
            if isinstance(result, StoreError):
                raise result
        return results

    async def together(self, commands: Sequence[Command]) -> list[Any]:
        """The same for commands of several callers: each error stands in its command's place."""
        try:
            await self._known()
        except Exception as error:
            raise self._explained(error) from None
        async with self._others:
            return await self._pipeline(commands)

    async def values(self, keys: Sequence[str]) -> Sequence[bytes | StoreError | None]:
        """What is under some keys of one lane, in one round trip."""
        if self.is_cluster:
            return await self._pipeline([("GET", key) for key in keys])
        (found,) = await self._pipeline([("MGET", *keys)])
        if isinstance(found, StoreError):
            raise found
        values: list[bytes | None] = found
        return values

    async def run(self, script: Script, keys: Sequence[str], args: Sequence[Any]) -> Any:
        """Run a script; all `keys` must share a hash slot."""
        rest = (len(keys), *keys, *args)
        try:
            await self._known()
            async with self._others:
                try:
                    return await self._client.execute_command("EVALSHA", script.sha, *rest)
                except NoScriptError:
                    return await self._client.execute_command("EVAL", script.source, *rest)
        except Exception as error:
            raise await self._answered(error) from None

    async def lane(self, key: str) -> str:
        """Names the node that holds `key`: what shares a lane may share a round trip."""
        if self._cluster is None:
            return ""
        try:
            await self._surveyed(self._cluster)
            node = self._cluster.get_node_from_key(key)
        except Exception as error:
            raise self._explained(error) from None
        return node.name if node is not None else ""

    async def primaries(self) -> list[Any]:
        """The nodes that together hold everything; a single None where there is one server."""
        if self._cluster is None:
            return [None]
        try:
            await self._surveyed(self._cluster)
            return list(self._cluster.get_primaries())
        except Exception as error:
            raise self._explained(error) from None

    async def aclose(self) -> None:
        """Close all connections. Idempotent."""
        if self._closed:
            return
        self._closed = True
        if self._survey is not None:
            self._survey.cancel()
            await asyncio.wait([self._survey])
        for part in (self._client, self._sentinel):
            if part is not None:
                with suppress(Exception):  # a connection that can't even be closed is gone
                    await part.aclose()

    async def _round(self, commands: Sequence[Command]) -> list[Any]:
        """The replies of one server, errors among them. Over connections that stay with us: the
        pool's round costs more than the rest."""
        self._rounds += 1
        try:
            pool = self._client.connection_pool
            connection = self._kept.pop() if self._kept else await pool.get_connection()
        except BaseException:
            self._rounds -= 1
            raise
        try:
            await connection.connect()  # only where the last look-up broke it off
            await connection.send_packed_command(connection.pack_commands(commands))
            replies = [await _reply(connection) for _ in commands]
        except BaseException as error:
            self._rounds -= 1
            lost = [connection]
            if isinstance(error, ConnectionLost):  # who went away took the idle ones along
                lost += self._kept
                self._kept.clear()
            await self._break_off(lost)
            raise
        self._rounds -= 1
        await self._put_back(connection)
        if any(isinstance(reply, ReadOnlyError) for reply in replies):
            await self._turned_away()
        return replies

    async def _break_off(self, lost: list[Any]) -> None:
        """Close connections of ours; they are connected anew when they are used."""
        try:
            for connection in lost:
                await connection.disconnect(nowait=True)
        finally:
            for connection in lost:
                await self._put_back(connection)

    async def _put_back(self, connection: Any) -> None:
        """Keep it, or give it back to the pool: together with those in rounds no more stay with us than
        look-ups may need, or the other commands would find none."""
        if len(self._kept) + self._rounds < self.lookups:
            self._kept.append(connection)
        else:
            await self._client.connection_pool.release(connection)

    async def _turned_away(self) -> None:
        """By a master that became a replica and closed nothing: only new connections may lead to the
        new one (behind the address of a Service, say)."""
        idle, self._kept = self._kept, []
        await self._break_off(idle)
        await self._client.connection_pool.disconnect(inuse_connections=False)

    async def _answered(self, error: Exception) -> StoreError:
        if self._cluster is None and isinstance(error, ReadOnlyError):
            await self._turned_away()
        return self._explained(error)

    async def _pipeline(self, commands: Sequence[Command]) -> list[Any]:
        try:
            if self._cluster is None:
                results = await self._round(commands)
            else:
                pipe: Any = self._cluster.pipeline(transaction=False)
                for command in commands:
                    pipe.execute_command(*command)
                results = await pipe.execute(raise_on_error=False)
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
            self._survey_again(self._cluster)
        return explain(error, self.target)

    async def _known(self) -> None:
        """In a cluster, know who holds what. The client would find out by itself, but several of its
        first commands at once would each do so, and end each other's connections."""
        if self._cluster is not None:
            await self._surveyed(self._cluster)

    async def _surveyed(self, cluster: RedisCluster) -> None:
        """Learn who holds what, once for all who ask: a caller's deadline must not end it."""
        if not cluster.nodes_manager.slots_cache:
            await asyncio.shield(self._survey_of(cluster))

    def _survey_of(self, cluster: RedisCluster) -> asyncio.Task[None]:
        if self._closed:
            raise StoreError("closed")
        if self._survey is None or self._survey.done():
            self._surveyed_at = time.monotonic()
            self._survey = asyncio.create_task(_survey(cluster))
            self._survey.add_done_callback(_look_at_outcome)
        return self._survey

    def _survey_again(self, cluster: RedisCluster) -> None:
        """Without retries the client does not look for a moved master: look, once a second."""
        if not self._closed and time.monotonic() - self._surveyed_at >= _SURVEY_PAUSE:
            self._survey_of(cluster)


async def _reply(connection: Any) -> Any:
    """The next reply; an error that the server answered is one too."""
    try:
        return await connection.read_response()
    except ResponseError as error:
        return error


async def _survey(cluster: RedisCluster) -> None:
    if cluster.nodes_manager.slots_cache:
        await cluster.nodes_manager.initialize()
    else:
        await cluster.initialize()


def _look_at_outcome(task: asyncio.Task[None]) -> None:
    """Those who wait raise its error; when nobody does, nobody misses it."""
    if not task.cancelled():
        task.exception()

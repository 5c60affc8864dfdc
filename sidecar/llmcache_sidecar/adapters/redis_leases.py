"""Leases in Redis: a key that only its holder's token may prolong or remove, and that expires."""

from __future__ import annotations

from typing import Any, Final

from ..domain.ids import ExactKey
from .batching import Batcher
from .redis_link import Command, RedisLink, Script

_TRIPS: Final = 4
"""Round trips under way at most; who comes meanwhile leaves with the next one."""
_RENEW: Final = Script(
    """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
)
_RELEASE: Final = Script(
    """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""
)


class RedisLeases:
    """See `ports.leases.Leases`; one round trip each, which those of one moment share where there is
    one server. The link stays the caller's to close."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._prefix = f"{link.settings.prefix}l:"
        self._together: Batcher[Command, Any] = Batcher(link.together, max_under_way=_TRIPS)

    async def take(self, key: ExactKey, token: str, seconds: float) -> bool:
        """See `ports.leases.Leases`."""
        reply = await self._do("SET", self._name(key), token, "NX", "PX", _ms(seconds))
        return reply is not None

    async def renew(self, key: ExactKey, token: str, seconds: float) -> bool:
        """See `ports.leases.Leases`."""
        return bool(await self._run(_RENEW, key, token, _ms(seconds)))

    async def release(self, key: ExactKey, token: str) -> bool:
        """See `ports.leases.Leases`."""
        return bool(await self._run(_RELEASE, key, token))

    async def held(self, key: ExactKey) -> bool:
        """See `ports.leases.Leases`."""
        return bool(await self._do("EXISTS", self._name(key)))

    async def aclose(self) -> None:
        """End what is under way; the link stays open."""
        await self._together.aclose()

    async def _do(self, *command: Any) -> Any:
        if self._link.is_cluster:  # commands of one trip may belong to several nodes
            return await self._link.command(*command)
        return await self._together.get(command)

    async def _run(self, script: Script, key: ExactKey, *args: Any) -> Any:
        if self._link.is_cluster:
            return await self._link.run(script, [self._name(key)], args)
        # By its text, of a hundred characters: what a server forgets must not fail in a batch.
        return await self._together.get(("EVAL", script.source, 1, self._name(key), *args))

    def _name(self, key: ExactKey) -> str:
        return self._prefix + key.hex()


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))

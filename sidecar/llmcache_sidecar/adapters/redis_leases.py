"""Leases in Redis: a key that only its holder's token may prolong or remove, and that expires."""

from __future__ import annotations

from typing import Final

from ..domain.ids import ExactKey
from .redis_link import RedisLink, Script

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
    """See `ports.leases.Leases`; one round trip each. The link stays the caller's to close."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._prefix = f"{link.settings.prefix}l:"

    async def take(self, key: ExactKey, token: str, seconds: float) -> bool:
        """See `ports.leases.Leases`."""
        reply = await self._link.command("SET", self._name(key), token, "NX", "PX", _ms(seconds))
        return reply is not None

    async def renew(self, key: ExactKey, token: str, seconds: float) -> bool:
        """See `ports.leases.Leases`."""
        return bool(await self._link.run(_RENEW, [self._name(key)], [token, _ms(seconds)]))

    async def release(self, key: ExactKey, token: str) -> bool:
        """See `ports.leases.Leases`."""
        return bool(await self._link.run(_RELEASE, [self._name(key)], [token]))

    async def held(self, key: ExactKey) -> bool:
        """See `ports.leases.Leases`."""
        return bool(await self._link.command("EXISTS", self._name(key)))

    def _name(self, key: ExactKey) -> str:
        return self._prefix + key.hex()


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))

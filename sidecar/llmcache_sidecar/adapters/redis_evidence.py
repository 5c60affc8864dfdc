"""Books of judged samples in Redis: a hash each, which goes when nobody has written for long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .redis_link import Command, RedisLink, Script

_KEPT_S: Final = 90 * 86400

_REPLACE: Final = Script(
    """
local found = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if found ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
"""
)


class RedisEvidence:
    """Implements `ports.evidence_store.EvidenceStore`."""

    def __init__(self, link: RedisLink) -> None:
        """Keep books through `link`, which stays the caller's to close."""
        self._link = link
        self._prefix = f"{link.settings.prefix}q:"

    async def read(self, book: str) -> dict[str, str]:
        """See `EvidenceStore`; one round trip."""
        reply = await self._link.command("HGETALL", self._prefix + book)
        pairs = reply.items() if isinstance(reply, dict) else zip(reply[::2], reply[1::2])  # noqa: B905
        return {_text(name): _text(value) for name, value in pairs}

    async def add(self, book: str, amounts: Mapping[str, int]) -> None:
        """See `EvidenceStore`; one round trip."""
        if not amounts:
            return
        key = self._prefix + book
        commands: list[Command] = [("HINCRBY", key, n, amount) for n, amount in amounts.items()]
        await self._link.pipeline([*commands, ("EXPIRE", key, _KEPT_S)])

    async def replace(self, book: str, name: str, expected: str, value: str) -> bool:
        """See `EvidenceStore`; compared and written in one step on the server."""
        key = self._prefix + book
        return bool(await self._link.run(_REPLACE, [key], [name, expected, value, _KEPT_S]))


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value

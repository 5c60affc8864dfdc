"""Books of judged samples in Redis: a hash each, which goes when nobody has written for long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .redis_link import RedisLink, Script

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

_ADD: Final = Script(
    """
local last = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0')
if last >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
for i = 4, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""
)
_SENDER: Final = "\x1esender "
"""Begins the names under which a book keeps what each sender added last."""


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
        found = {_text(name): _text(value) for name, value in pairs}
        return {name: value for name, value in found.items() if not name.startswith(_SENDER)}

    async def add(self, book: str, amounts: Mapping[str, int], sender: str, number: int) -> None:
        """See `EvidenceStore`; one step on the server."""
        flat = [part for name, amount in amounts.items() for part in (name, amount)]
        args = [_SENDER + sender, number, _KEPT_S, *flat]
        await self._link.run(_ADD, [self._prefix + book], args)

    async def replace(self, book: str, name: str, expected: str, value: str) -> bool:
        """See `EvidenceStore`; compared and written in one step on the server."""
        key = self._prefix + book
        return bool(await self._link.run(_REPLACE, [key], [name, expected, value, _KEPT_S]))


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value

"""Entries in Redis or Valkey, shared by replicas and kept across restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from math import ceil
from typing import Any, Final

from ..domain.entry import Entry, EntryMeta
from ..domain.ids import EntryId, ExactKey
from ..ports.clock import Clock, SystemClock
from .batching import Batcher
from .codec import ID_OFFSET, Codec, decode_meta, meta_span, stored_id
from .observing import Operation, Reason, Silent, StoreObserver
from .redis_link import Command, RedisLink, Script

_META_GUESS: Final = 1024
_META_LIMIT: Final = (1 << 20) + 300
_PAGE: Final = 200
_MAX_PAGES: Final = 1_000_000
_OFF_LOOP: Final = 128 * 1024
_MAX_LANES: Final = 256

_DELETE: Final = Script(
    f"""
local head = redis.call('GETRANGE', KEYS[1], {ID_OFFSET}, {ID_OFFSET + 255})
if #head == 0 then return false end
local stored = string.sub(head, 1, 1 + string.byte(head))
if ARGV[1] ~= '' and stored ~= ARGV[1] then return false end
redis.call('DEL', KEYS[1])
return string.sub(stored, 2)
"""
)


class RedisStore:
    """An `ExactStore` on a `RedisLink`; several may share the link.

    An entry is one value under its exact key, with the entry's own expiry. Beside it a pointer from
    the entry's id to its key lives as long, usually in another slot of a cluster: it may dangle, so
    `find` looks at what it points to. Large batches are encoded off the event loop.
    """

    def __init__(
        self,
        link: RedisLink,
        codec: Codec | None = None,
        clock: Clock | None = None,
        observer: StoreObserver | None = None,
    ) -> None:
        """Keep entries through `link`, which stays the caller's to close."""
        self._link = link
        self._codec = codec or Codec()
        self._time = (clock or SystemClock()).time
        self._count = (observer or Silent()).count
        self._entry_prefix = f"{link.settings.prefix}e:"
        self._id_prefix = f"{link.settings.prefix}i:"
        self._lanes: dict[str, Batcher[str, bytes | None]] = {}

    async def get(self, key: ExactKey) -> Entry | None:
        """See `ExactStore`; one round trip, shared with the `get`s of the same moment."""
        name = self._entry_prefix + key.hex()
        lane = await self._link.lane(name) if self._link.is_cluster else ""
        batcher = self._lanes.get(lane) or self._new_lane(lane)
        data = await batcher.get(name)
        if data is None:
            return None
        found = self._codec.decode(data, key)
        if isinstance(found, Reason):
            self._count(Operation.GET, found)
            return None
        return found if found.meta.expires_at > self._time() else None

    async def put(self, entry: Entry) -> bool:
        """See `ExactStore`."""
        return await self.put_many([entry]) == 1

    async def put_many(self, entries: list[Entry]) -> int:
        """See `ExactStore`; one round trip. What has expired already is left out too."""
        if sum(len(entry.body) for entry in entries) > _OFF_LOOP:
            commands = await asyncio.to_thread(self._commands, entries)
        else:
            commands = self._commands(entries)
        if commands:
            await self._link.pipeline(commands)
        return len(commands) // 2

    async def delete(self, key: ExactKey, only: EntryId | None = None) -> bool:
        """See `ExactStore`; compared and removed in one step on the server."""
        wanted = b"" if only is None else stored_id(only)
        name = self._entry_prefix + key.hex()
        removed = await self._link.run(_DELETE, [name], [wanted])
        if removed is None:
            return False
        await self._link.command("DEL", self._id_prefix.encode() + removed)
        return True

    async def find(self, entry_id: EntryId) -> EntryMeta | None:
        """See `ExactStore`; two round trips."""
        try:
            name = self._id_prefix + entry_id
            key = await self._link.command("GET", name.encode())
        except UnicodeError:
            return None
        if key is None:
            return None
        (meta,) = await self._metas([self._entry_prefix + key.hex()])
        return meta if meta is not None and meta.id == entry_id else None

    async def scan(self) -> AsyncIterator[EntryMeta]:
        """See `ExactStore`; an entry may come twice when the server rearranges its tables."""
        pages = 0
        for node in await self._link.primaries():
            cursor: Any = 0
            while pages < _MAX_PAGES:
                pages += 1
                cursor, names = await self._page(cursor, node)
                for meta in await self._metas([name.decode() for name in dict.fromkeys(names)]):
                    if meta is not None:
                        yield meta
                if cursor == 0:
                    break

    async def check(self) -> None:
        """See `ExactStore`; asks every master."""
        for node in await self._link.primaries():
            await self._link.command("PING", node=node)

    async def aclose(self) -> None:
        """End look-ups that are under way; the link stays open."""
        lanes, self._lanes = list(self._lanes.values()), {}
        for lane in lanes:
            await lane.aclose()

    def _commands(self, entries: list[Entry]) -> list[Command]:
        commands: list[Command] = []
        for entry in entries:
            meta = entry.meta
            life_ms = ceil((meta.expires_at - self._time()) * 1000)
            data = self._codec.encode(entry) if life_ms > 0 else None
            if data is None:
                continue
            commands.append(("SET", self._entry_prefix + meta.key.hex(), data, "PX", life_ms))
            commands.append(("SET", self._id_prefix + meta.id, bytes(meta.key), "PX", life_ms))
        return commands

    async def _page(self, cursor: Any, node: Any) -> tuple[int, list[bytes]]:
        reply = await self._link.command(
            "SCAN", cursor, "MATCH", self._entry_prefix + "*", "COUNT", _PAGE, node=node
        )
        if isinstance(reply[0], dict):  # the cluster client's form: a cursor a node
            return next(iter(reply[0].values())), reply[1]
        return int(reply[0]), reply[1]

    async def _metas(self, names: list[str]) -> list[EntryMeta | None]:
        """The metadata under some keys: one round trip, two when some is long."""
        if not names:
            return []
        replies = await self._link.pipeline(
            [("GETRANGE", name, 0, _META_GUESS - 1) for name in names]
        )
        heads = [reply or b"" for reply in replies]
        longer = {
            at: span
            for at, head in enumerate(heads)
            if (span := meta_span(head)) is not None and len(head) < span <= _META_LIMIT
        }
        if longer:
            rest = await self._link.pipeline(
                [("GETRANGE", names[at], 0, span - 1) for at, span in longer.items()]
            )
            for at, head in zip(longer, rest, strict=True):
                heads[at] = head or b""
        now = self._time()
        metas = (decode_meta(head) for head in heads)
        return [meta if meta is not None and meta.expires_at > now else None for meta in metas]

    def _new_lane(self, lane: str) -> Batcher[str, bytes | None]:
        if len(self._lanes) >= _MAX_LANES:
            self._lanes = {n: batcher for n, batcher in self._lanes.items() if not batcher.idle}
        batcher = Batcher(self._link.values, max_under_way=self._link.lookups)
        self._lanes[lane] = batcher
        return batcher

"""The purge log as a Redis stream, followed by every replica.

Two keys in one hash slot: the stream of records, and a hash with the log's epoch and floor. Both
have no expiry, so an eviction policy that takes only keys with one (volatile-*) leaves them alone;
should they go all the same, that is seen and starts another epoch: everything older is forgotten.

A replica that followed further than the log reaches, or knows a record that the log lacks, has
found that a failover lost the log's end. It starts another epoch for all, since nobody can say
which purges were lost with it.
"""

from __future__ import annotations

from secrets import token_hex
from typing import Any, Final

from ..domain.purge import LogPosition, LogSlice, Purge, PurgeRecord, PurgeScope
from ..ports.exact_store import StoreError
from .redis_link import RedisLink, Script

_PAGE: Final = 5_000

_COMMON: Final = """
local stream, state = KEYS[1], KEYS[2]

local function now_ms()
  local now = redis.call('TIME')
  return now[1] * 1000 + math.floor(now[2] / 1000)
end

local function halves(place)
  local ms, seq = string.match(place, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end

local function is_after(one, other)
  local ms, seq = halves(one)
  local other_ms, other_seq = halves(other)
  return ms > other_ms or (ms == other_ms and seq > other_seq)
end

local function newest()
  local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)
  return last[1] and last[1][1]
end

-- Another life of the log, beyond every place that anybody can have seen.
local function begin(epoch, beyond)
  local ms = now_ms()
  table.insert(beyond, newest())
  for _, place in ipairs(beyond) do ms = math.max(ms, halves(place) + 1) end
  local floor = string.format('%.0f-0', ms)
  redis.call('DEL', stream)
  redis.call('XADD', stream, floor, 'begin', epoch)
  redis.call('HSET', state, 'epoch', epoch, 'floor', floor)
  return epoch, floor
end

local function opened(fresh, beyond)
  local found = redis.call('HMGET', state, 'epoch', 'floor')
  if found[1] and found[2] and redis.call('EXISTS', stream) == 1 then return found[1], found[2] end
  return begin(fresh, beyond)
end
"""

_READ: Final = Script(
    _COMMON
    + """
local fresh, after, witness, page = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local seen = {after, witness}
local epoch, floor = opened(fresh, seen)
for _, place in ipairs(seen) do
  if is_after(place, floor) and #redis.call('XRANGE', stream, place, place) == 0 then
    epoch, floor = begin(fresh, seen)
    break
  end
end
local start = is_after(after, floor) and after or floor
local records = redis.call('XRANGE', stream, '(' .. start, '+', 'COUNT', page)
local head = newest()
if not head or is_after(floor, head) then head = floor end
return {epoch, floor, head, records}
"""
)

_APPEND: Final = Script(
    _COMMON
    + """
local fresh, witness, keep_ms, most, scope, value = unpack(ARGV)
local _, floor = opened(fresh, {witness})

local function trim_to(place)
  local ms, seq = halves(place)
  redis.call('XTRIM', stream, 'MINID', string.format('%.0f-%.0f', ms, seq + 1))
  if is_after(place, floor) then
    floor = place
    redis.call('HSET', state, 'floor', floor)
  end
end

local oldest = string.format('%.0f-0', math.max(now_ms() - keep_ms, 0))
local expired = redis.call('XREVRANGE', stream, '(' .. oldest, '-', 'COUNT', 1)
if expired[1] then trim_to(expired[1][1]) end

local place = redis.call('XADD', stream, '*', 'scope', scope, 'value', value)

local excess = redis.call('XLEN', stream) - most
if excess > 0 then
  local dropped = redis.call('XRANGE', stream, '-', '+', 'COUNT', excess)
  trim_to(dropped[#dropped][1])
end
return place
"""
)


class RedisPurgeLog:
    """A `PurgeLog` on a `RedisLink`; one round trip a reading (more only to catch up on thousands).

    Safe to use with several replicas of any age. An `append` returns when the master has the
    record; whether it also outlives a failover is the servers' business, and a record that did not
    is noticed by the replica that wrote it.
    """

    def __init__(
        self,
        link: RedisLink,
        *,
        keep_s: float = 8 * 86400.0,
        max_records: int = 100_000,
    ) -> None:
        """Log through `link`, which stays the caller's to close.

        Args:
            keep_s: seconds after which a record may be trimmed: at least the longest lifetime of an
                entry plus the longest inference. Default 8 days. The same on all replicas.
            max_records: the most that are kept; one more drops the oldest and raises the floor.
        """
        if max_records < 1:
            raise ValueError("max_records must be at least 1")
        self._link = link
        self.keep_s = keep_s
        self._max_records = max_records
        self._epoch = b""
        self._witness = LogPosition()  # the newest record that this replica knows to be written
        tag = f"{link.settings.prefix}{{{link.settings.namespace}}}:"
        self._keys = (f"{tag}purges", f"{tag}purge-state")

    async def append(self, purge: Purge) -> PurgeRecord:
        """See `PurgeLog`."""
        value = purge.value.encode(errors="surrogatepass")
        args = (
            token_hex(8),
            str(self._witness),
            int(self.keep_s * 1000),
            self._max_records,
            purge.scope.value,
            value,
        )
        place = await self._link.run(_APPEND, self._keys, args)
        position = _position(place)
        self._witness = max(self._witness, position)
        return PurgeRecord(purge, position)

    async def read(self, after: LogPosition) -> LogSlice:
        """See `PurgeLog`."""
        records: list[PurgeRecord] = []
        epoch, floor = b"", LogPosition()
        for _ in range(self._max_records // _PAGE + 2):
            args = (token_hex(8), str(after), str(self._witness), _PAGE)
            reply = await self._link.run(_READ, self._keys, args)
            if epoch and reply[0] != epoch:
                records.clear()  # another life began between two pages: it starts at its floor
            epoch, floor, head = reply[0], _position(reply[1]), _position(reply[2])
            page = reply[3]
            records += [record for item in page if (record := _record(item)) is not None]
            if len(page) < _PAGE:
                known = self._witness if epoch == self._epoch else head
                self._epoch, self._witness = epoch, max(known, head)
                return LogSlice(epoch.decode(), floor, head, tuple(records))
            after = _position(page[-1][0])
        raise StoreError("the purge log grows faster than it can be read")

    async def aclose(self) -> None:
        """Nothing of its own to release; the link stays open."""


def _position(place: bytes) -> LogPosition:
    return LogPosition.parse(place.decode())


def _record(item: Any) -> PurgeRecord | None:
    place, fields = item
    pairs = dict(zip(fields[::2], fields[1::2], strict=True))
    if b"begin" in pairs:
        return None
    try:
        scope = PurgeScope(pairs[b"scope"].decode())
        value = pairs[b"value"].decode(errors="surrogatepass")
    except (KeyError, ValueError):
        # A newer sidecar's scope: what can't be understood is taken to concern everything.
        return PurgeRecord(Purge(PurgeScope.ALL), _position(place))
    return PurgeRecord(Purge(scope, value), _position(place))

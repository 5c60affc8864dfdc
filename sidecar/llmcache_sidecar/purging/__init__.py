"""What purges mean for entries: pure look-ups over what was read of the purge log.

What may enter: bookkeeping over `LogSlice`, `PurgeRecord` and `EntryMeta`, and rules over times
that are passed in. No I/O, no clock, no asyncio. Whoever follows the log reads it with the port,
feeds the readings in here, and asks `PurgeIndex.is_purged` on every read and before every store.
"""

from .freshness import Freshness
from .index import PurgeIndex

__all__ = ["Freshness", "PurgeIndex"]

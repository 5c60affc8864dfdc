"""From the cache to the client: a stored answer in the form that is wanted, with ids of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from llmcache_api import TenancyScope

from ..apis.registry import DIALECTS
from ..domain.api import Api
from ..domain.entry import Entry
from ..domain.outcome import Record
from ..domain.request import RequestFacts
from ..ports.clock import Clock
from ..ports.hot_entries import HotEntries
from ..ports.journal import Journal
from ..streaming.template import Fresh
from .request.call import Call, Hit
from .settings.cache import CacheSettings
from .stored.look_up import Found
from .stored.renditions import OFF_LOOP, Rendition, Unusable, make_rendition, rendition_name

_log = logging.getLogger(__name__)


class FromCache:
    """Makes answers out of entries.

    Args:
        random_hex: gives that many random hexadecimal characters.
    """

    def __init__(
        self,
        hot: HotEntries,
        journal: Journal,
        clock: Clock,
        random_hex: Callable[[int], str],
    ) -> None:
        self._hot = hot
        self._journal = journal
        self._clock = clock
        self._random_hex = random_hex

    async def hit(
        self, call: Call, found: Found, facts: RequestFacts, settings: CacheSettings
    ) -> Hit | None:
        """The hit, entered into the call's record; None when the stored body is unusable."""
        rendition = await self._rendition(found, call.api, facts.streamed, facts.wants_usage)
        if rendition is None:
            return None
        return self._hit(rendition, found, facts, call.request_id, call.record, settings)

    def at_hand(
        self,
        found: Found,
        facts: RequestFacts,
        request_id: str | None,
        record: Record,
        settings: CacheSettings,
    ) -> Hit | None:
        """The same, where the entry was served in this form before; else None."""
        name = rendition_name(facts.streamed, facts.wants_usage)
        rendition: Rendition | None = found.hot.rendition(name)
        if rendition is None:
            return None
        return self._hit(rendition, found, facts, request_id, record, settings)

    def _hit(
        self,
        rendition: Rendition,
        found: Found,
        facts: RequestFacts,
        request_id: str | None,
        record: Record,
        settings: CacheSettings,
    ) -> Hit:
        meta = found.meta
        body = self._render(rendition, request_id, facts)
        record.saved_prompt_tokens = meta.prompt_tokens
        record.saved_completion_tokens = meta.completion_tokens
        record.saved_engine_s = meta.engine_seconds
        record.age_s = found.age_s
        record.stale = found.ttl_s < 0
        record.similarity = found.similarity
        return Hit(
            meta=meta,
            body=body,
            lines=rendition.lines,
            streamed=facts.streamed,
            age_s=found.age_s,
            ttl_s=found.ttl_s,
            shared=settings.scope is TenancyScope.SHARED,
            similarity=found.similarity,
            request_id=((request_id or self._random_hex(32)) if rendition.names_request else None),
        )

    async def whole(self, entry: Entry, call: Call, facts: RequestFacts) -> bytes | None:
        """A whole answer out of a stream that somebody else had; None when that can't be made."""
        found = Found(self._hot.put(entry, self._clock.monotonic()), 0.0, 0.0)
        rendition = await self._rendition(found, call.api, False, False)
        return None if rendition is None else self._render(rendition, call.request_id, facts)

    async def _rendition(
        self, found: Found, api: Api, streamed: bool, wants_usage: bool
    ) -> Rendition | None:
        """The entry in the form that is wanted, which is kept for the next hit."""
        hot = found.hot
        name = rendition_name(streamed, wants_usage)
        rendition: Rendition | None = hot.rendition(name)
        if rendition is not None:
            return rendition
        make = partial(
            make_rendition,
            hot.entry,
            DIALECTS[api],
            streamed,
            wants_usage,
            self._random_hex(32),
        )
        try:
            if found.meta.body_bytes > OFF_LOOP:
                rendition = await asyncio.to_thread(make)
            else:
                rendition = make()
        except Unusable as error:
            _log.warning("a stored answer is of no use and is dropped: %s", error)
            self._journal.count("unusable_entries")
            self._hot.drop(found.meta.key, found.meta.id)
            return None
        self._hot.add_rendition(hot, name, rendition, rendition.nbytes)
        return rendition

    def _render(self, rendition: Rendition, request_id: str | None, facts: RequestFacts) -> bytes:
        template = rendition.template
        random_hex = self._random_hex(template.random)
        fresh_id = DIALECTS[facts.api].new_id(facts, request_id, random_hex)
        return template.render(Fresh(fresh_id, int(self._clock.time()), self._random_hex))

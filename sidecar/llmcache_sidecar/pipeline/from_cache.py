"""From the cache to the client: a stored answer in the form that is wanted, with ids of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from llmcache_api import TenancyScope

from ..apis.registry import DIALECTS
from ..domain.entry import Entry, EntryMeta, Form
from ..domain.request import RequestFacts
from ..ports.clock import Clock
from ..ports.hot_entries import HotEntries
from ..ports.journal import Journal
from ..streaming.template import Fresh, Template
from .call import Call, Hit
from .keeper import REQUEST_ID
from .look_up import Found
from .renditions import OFF_LOOP, Unusable, make_template, rendition_name
from .settings import CacheSettings

_NOT_AS_STORED: Final = frozenset({"content-type", REQUEST_ID})
_CONTENT_TYPE: Final = {False: "application/json", True: "text/event-stream; charset=utf-8"}

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
        template = await self._template(found, call, facts.streamed, facts.wants_usage)
        if template is None:
            return None
        meta = found.meta
        body = self._render(template, call, facts)
        record = call.record
        record.saved_prompt_tokens = meta.prompt_tokens
        record.saved_completion_tokens = meta.completion_tokens
        record.saved_engine_s = meta.engine_seconds
        record.age_s = found.age_s
        record.stale = found.ttl_s < 0
        record.similarity = found.similarity
        return Hit(
            meta=meta,
            body=body,
            content_type=_content_type(meta.headers, meta.form, facts.streamed),
            kept=tuple(pair for pair in meta.headers if pair[0].lower() not in _NOT_AS_STORED),
            streamed=facts.streamed,
            age_s=found.age_s,
            ttl_s=found.ttl_s,
            shared=settings.scope is TenancyScope.SHARED,
            similarity=found.similarity,
            request_id=self._request_id(call, meta),
        )

    async def whole(self, entry: Entry, call: Call, facts: RequestFacts) -> bytes | None:
        """A whole answer out of a stream that somebody else had; None when that can't be made."""
        found = Found(self._hot.put(entry, self._clock.monotonic()), 0.0, 0.0)
        template = await self._template(found, call, False, False)
        if template is None:
            return None
        return self._render(template, call, facts)

    def _request_id(self, call: Call, meta: EntryMeta) -> str | None:
        if any(name.lower() == REQUEST_ID for name, _ in meta.headers):
            return call.request_id or self._random_hex(32)
        return None

    async def _template(
        self, found: Found, call: Call, streamed: bool, wants_usage: bool
    ) -> Template | None:
        hot = found.hot
        name = rendition_name(streamed, wants_usage)
        template: Template | None = hot.rendition(name)
        if template is not None:
            return template
        make = partial(
            make_template,
            hot.entry,
            DIALECTS[call.api],
            streamed,
            wants_usage,
            self._random_hex(32),
        )
        try:
            if found.meta.body_bytes > OFF_LOOP:
                template = await asyncio.to_thread(make)
            else:
                template = make()
        except Unusable as error:
            _log.warning("a stored answer is of no use and is dropped: %s", error)
            self._journal.count("unusable_entries")
            self._hot.drop(found.meta.key, found.meta.id)
            return None
        self._hot.add_rendition(hot, name, template, template.nbytes)
        return template

    def _render(self, template: Template, call: Call, facts: RequestFacts) -> bytes:
        random_hex = self._random_hex(template.random)
        fresh_id = DIALECTS[call.api].new_id(facts, call.request_id, random_hex)
        return template.render(Fresh(fresh_id, int(self._clock.time()), self._random_hex))


def _content_type(headers: tuple[tuple[str, str], ...], form: Form, streamed: bool) -> str:
    if (form is Form.STREAM) == streamed:
        for name, value in headers:
            if name.lower() == "content-type":
                return value
    return _CONTENT_TYPE[streamed]

"""Entries and purges: what is kept, and how it is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from ...domain.entry import EntryMeta
from ...domain.ids import EntryId
from ...domain.purge import Purge, PurgeScope
from ...pipeline.quality.learned import Learned
from ...pipeline.stored.purges import Purges, names
from ...ports.exact_store import ExactStore, StoreError
from ...ports.journal import Journal
from .models import EntryList, Feedback, ShownEntry, ShownReport
from .queries import (
    DRY_RUN,
    ENTRY,
    LIMIT,
    NAMED,
    read_entry_id,
    read_flag,
    read_limit,
    read_model,
    read_object,
    read_purge,
)
from .routes import NotThere, Route, answer

_EXAMINED: Final = 100_000
_LIST_S: Final = 5.0


class Entries:
    """The handlers."""

    def __init__(
        self, store: ExactStore, purges: Purges, journal: Journal, learned: Learned
    ) -> None:
        self._store = store
        self._purges = purges
        self._journal = journal
        self._learned = learned

    def routes(self) -> tuple[Route, ...]:
        """This room's routes."""
        path = "/admin/v1/entries"
        one = path + "/{id}"
        return (
            Route("GET", path, "listEntries", self._list,
                  "Entries that a purge with the same query would name.", EntryList,
                  (*NAMED, LIMIT), problems=(400, 503)),
            Route("DELETE", path, "purge", self._purge, "Forget entries, on every replica.",
                  ShownReport, (*NAMED, DRY_RUN), problems=(400, 503)),
            Route("GET", one, "showEntry", self._show, "One entry, without its prompt and answer.",
                  ShownEntry, (ENTRY,), problems=(400, 404, 503)),
            Route("DELETE", one, "purgeEntry", self._purge_entry,
                  "Forget one entry, on every replica.", ShownReport, (ENTRY, DRY_RUN),
                  problems=(400, 503)),
            Route("POST", "/admin/v1/feedback", "feedback", self._feedback,
                  "Say that a hit was wrong: the entry goes, on every replica.", ShownReport,
                  body=(Feedback,), problems=(400, 503)),
        )  # fmt: skip

    async def _list(self, request: web.Request) -> web.Response:
        purge = read_purge(request.query, everything=True)
        limit = read_limit(request.query)
        entries: list[ShownEntry] = []
        examined, complete = 0, True
        async with _scanning(self._store) as metas:
            async for meta in metas:
                if len(entries) >= limit or examined >= _EXAMINED:
                    complete = False
                    break
                examined += 1
                if names(purge, meta) and not self._purges.is_dead(meta):
                    entries.append(ShownEntry.of(meta))
        return answer(EntryList(entries=entries, examined=examined, complete=complete))

    async def _show(self, request: web.Request) -> web.Response:
        meta = await self._store.find(EntryId(read_entry_id(request)))
        if meta is None or self._purges.is_dead(meta):
            raise NotThere("there is no entry with this id (any more)")
        return answer(ShownEntry.of(meta))

    async def _purge(self, request: web.Request) -> web.Response:
        return await self._run(read_purge(request.query, everything=False), request)

    async def _purge_entry(self, request: web.Request) -> web.Response:
        return await self._run(Purge(PurgeScope.ENTRY, read_entry_id(request)), request)

    async def _run(self, purge: Purge, request: web.Request) -> web.Response:
        dry_run = read_flag(request.query, "dryRun")
        report = await self._purges.purge(purge, dry_run=dry_run)
        if not dry_run:
            self._journal.count("purges")
        return answer(ShownReport.of(purge, report))

    async def _feedback(self, request: web.Request) -> web.Response:
        """This hit was wrong. One purge even where nothing is found here: another replica may hold
        the entry; but only an entry that was found counts as a wrong hit."""
        given = read_model(Feedback, await read_object(request))
        purge = Purge(PurgeScope.ENTRY, given.entry)
        meta = None
        if given.similarity is not None:
            meta = await self._store.find(EntryId(given.entry))
        if meta is not None and given.similarity is not None:
            self._learned.enter_entry(meta.key, given.similarity, right=False)
        report = await self._purges.purge(purge)
        if report.matched:
            self._journal.count("feedback_wrong")
        return answer(ShownReport.of(purge, report))


@asynccontextmanager
async def _scanning(store: ExactStore) -> AsyncIterator[AsyncIterator[EntryMeta]]:
    """A scan that ends: in time, and with its connection given back."""
    metas = store.scan()
    try:
        async with asyncio.timeout(_LIST_S):
            yield metas
    except TimeoutError:
        raise StoreError(f"the store did not list its entries within {_LIST_S:g} s") from None
    finally:
        close = getattr(metas, "aclose", None)
        if close is not None:
            await close()

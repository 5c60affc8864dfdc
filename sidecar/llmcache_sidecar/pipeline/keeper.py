"""The keeper: judges an answer that has landed, and stores it where it may be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from ..apis.dialect import Dialect
from ..apis.registry import DIALECTS
from ..domain.entry import KEPT_HEADERS, Entry, EntryMeta, Form
from ..domain.ids import EntryId, ExactKey, Fingerprint, TenantId
from ..domain.json import JsonObject
from ..domain.purge import LogPosition
from ..domain.request import RequestFacts
from ..keys.lossless import parse_object
from ..policy.admission import Refusal, answers_the_question, judge_document, judge_finish
from ..ports.clock import Clock
from ..ports.engine import HeaderList
from ..ports.hot_entries import EntryWriter, HotEntries
from ..ports.journal import Journal
from ..streaming.sse import DONE, event_data
from .engine.flight import Landed
from .engine.profile import EngineProfile
from .quality.trials import Trial, Trials
from .semantic.meaning import Meaning
from .semantic.point_keeper import PointKeeper
from .stored.purges import Purges
from .stored.renditions import OFF_LOOP, parse_events


@dataclass(frozen=True, slots=True)
class Ticket:
    """What an answer is stored under, fixed when its inference starts.

    Attributes:
        model: its name, for purges.
        position: the purge log's place at that moment.
        keep: how long the body lives, in seconds.
        policy_version: of the policy that let the request in.
        meaning: what is known of its question.
        trial: judges what would have been served instead.
    """

    facts: RequestFacts
    key: ExactKey
    tenant: TenantId
    model: str
    fingerprint: Fingerprint
    tags: tuple[str, ...]
    position: LogPosition
    keep: float
    policy_version: str = ""
    meaning: Meaning | None = None
    trial: Trial | None = None


@dataclass(frozen=True, slots=True)
class _Admitted:
    """An entry and its answer."""

    entry: Entry
    answer: JsonObject


class Keeper:
    """Stores answers that admission lets in.

    Args:
        new_id: gives random entry ids.
    """

    def __init__(
        self,
        hot: HotEntries,
        writer: EntryWriter,
        purges: Purges,
        profile: EngineProfile,
        journal: Journal,
        clock: Clock,
        new_id: Callable[[], str],
        points: PointKeeper,
        trials: Trials,
    ) -> None:
        self._hot = hot
        self._writer = writer
        self._purges = purges
        self._profile = profile
        self._journal = journal
        self._clock = clock
        self._new_id = new_id
        self._points = points
        self._trials = trials

    async def keep(self, ticket: Ticket, landed: Landed) -> Entry | None:
        """Judge and store; the entry when the write queue took it."""
        try:
            admitted = await self._admit(ticket, landed)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            # An answer of an unexpected shape: whatever it is, it is not for keeping.
            admitted = Refusal.MALFORMED
        if isinstance(admitted, Refusal):
            self._journal.not_stored(admitted.value)
            return None
        entry = admitted.entry
        if ticket.trial is not None:
            self._trials.landed(ticket.trial, admitted.answer)
        before = self._hot.under(entry.meta.key)
        self._hot.put(entry, self._clock.monotonic())
        if not self._writer.offer(entry):
            self._journal.not_stored(Refusal.QUEUE_FULL.value)
            return None
        self._journal.stored(self._profile.label(ticket.facts.model), entry.meta.body_bytes)
        if entry.meta.answers:
            self._points.take(ticket.meaning, entry.meta, before)
        return entry

    async def _admit(self, ticket: Ticket, landed: Landed) -> _Admitted | Refusal:
        head = landed.head
        dialect = DIALECTS[ticket.facts.api]
        if not 200 <= head.status < 300:
            return Refusal.STATUS
        if landed.too_long:
            return Refusal.TOO_LARGE
        if _value(head.headers, "content-encoding") not in ("", "identity"):
            return Refusal.ENCODING
        if head.form is Form.STREAM:
            if not ticket.facts.streamed:
                return Refusal.CONTENT_TYPE
            answer = await _assembled(landed.pieces, dialect)
        else:
            if ticket.facts.streamed or not _is_json(head.headers):
                return Refusal.CONTENT_TYPE
            answer = parse_object(b"".join(landed.pieces))
        if isinstance(answer, Refusal):
            return answer
        finishes = dialect.finishes(answer)
        refusal = judge_document(answer) or judge_finish(finishes, ticket.facts)
        if refusal is not None:
            return refusal
        meta = self._meta(ticket, landed, dialect, answer, answers_the_question(finishes))
        if self._profile.fingerprint(ticket.facts.model) != ticket.fingerprint:
            return Refusal.ENGINE_CHANGED
        if self._profile.suspect:
            return Refusal.ENGINE_CHANGED
        if not await self._purges.regain_contact() or self._purges.is_dead(meta):
            return Refusal.PURGED
        entry = Entry(meta, b"".join(landed.pieces))
        return _Admitted(entry, answer)

    def _meta(
        self,
        ticket: Ticket,
        landed: Landed,
        dialect: Dialect,
        answer: JsonObject,
        answers: bool,
    ) -> EntryMeta:
        now = self._clock.time()
        usage = dialect.usage(answer)
        return EntryMeta(
            id=EntryId(self._new_id()),
            key=ticket.key,
            api=ticket.facts.api,
            tenant=ticket.tenant,
            model=ticket.model,
            fingerprint=ticket.fingerprint,
            form=landed.head.form,
            created_at=now,
            expires_at=now + ticket.keep,
            position=ticket.position,
            body_bytes=sum(map(len, landed.pieces)),
            tags=ticket.tags,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            engine_seconds=landed.seconds,
            policy_version=ticket.policy_version,
            headers=tuple(
                (name, value) for name, value in landed.head.headers if name.lower() in KEPT_HEADERS
            ),
            answers=answers,
        )


async def _assembled(events: list[bytes], dialect: Dialect) -> JsonObject | Refusal:
    """The whole answer of a stream; of a long one in a thread, so that nobody waits for it."""
    if dialect.ends_with_done and event_data(events[-1] if events else b"") != DONE:
        return Refusal.INCOMPLETE
    if sum(map(len, events)) > OFF_LOOP:
        return await asyncio.to_thread(_assemble, events, dialect)
    return _assemble(events, dialect)


def _assemble(events: list[bytes], dialect: Dialect) -> JsonObject | Refusal:
    documents = parse_events(events)
    if any(document.get("error") is not None for document in documents):
        return Refusal.ERROR_EVENT
    return dialect.assemble(documents) or Refusal.INCOMPLETE


def _value(headers: HeaderList, wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted), "")


def _is_json(headers: HeaderList) -> bool:
    return _value(headers, "content-type").partition(";")[0].strip() == "application/json"

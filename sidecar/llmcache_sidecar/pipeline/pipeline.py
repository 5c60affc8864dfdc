"""From the decision to the answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Final

import orjson

from llmcache_api import CacheMode, TenancyScope

from ..apis.registry import DIALECTS
from ..domain.api import Api
from ..domain.entry import Entry, EntryMeta, Form
from ..domain.ids import TenantId
from ..domain.json import JsonObject
from ..domain.outcome import Outcome
from ..domain.request import RequestFacts
from ..keys.lossless import Unparsable, parse_object
from ..keys.tenant import SHARED
from ..policy.wishes import NO_WISHES
from ..ports.clock import Clock
from ..ports.engine import Engine, EngineError, EngineRequest, HeaderList
from ..ports.hot_entries import HotEntries
from ..ports.journal import Journal
from ..streaming.template import Fresh, Template
from . import cache_status
from .call import Answer, Call, Flowing, Hit, PassOn, Whole
from .decision import Action, Decider, Decision, flight_key
from .elsewhere import Elsewhere
from .engine_profile import EngineProfile
from .flight import Flight, FlightKey, FlightTable, Head, Rider
from .isolation import Isolation
from .keeper import REQUEST_ID, Keeper, Ticket
from .key_gate import KeyGate
from .look_up import Found, LookUp
from .purges import Purges
from .renditions import Unusable, make_template, rendition_name
from .settings import CacheSettings
from .trials import Trials

NOT_CACHED: Final = "the request said only-if-cached, and there is no cached answer"
_JSON_HEADERS: Final[HeaderList] = [("Content-Type", "application/json")]
_NOT_AS_STORED: Final = frozenset({"content-type", REQUEST_ID})
_CONTENT_TYPE: Final = {False: "application/json", True: "text/event-stream; charset=utf-8"}

_log = logging.getLogger(__name__)


class Pipeline:
    """Answers calls. `settings` and `gate` are replaced as a whole when the configuration is.

    Args:
        look_up: for what other replicas store meanwhile.
        random_hex: gives that many random hexadecimal characters.
    """

    def __init__(
        self,
        settings: CacheSettings,
        gate: KeyGate,
        *,
        decider: Decider,
        engine: Engine,
        profile: EngineProfile,
        hot: HotEntries,
        keeper: Keeper,
        isolation: Isolation,
        trials: Trials,
        purges: Purges,
        journal: Journal,
        clock: Clock,
        random_hex: Callable[[int], str],
        flights: FlightTable,
        elsewhere: Elsewhere,
        look_up: LookUp,
    ) -> None:
        self.settings = settings
        self.gate = gate
        self._decider = decider
        self._engine = engine
        self._profile = profile
        self._hot = hot
        self._keeper = keeper
        self._isolation = isolation
        self._trials = trials
        self._purges = purges
        self._journal = journal
        self._clock = clock
        self._random_hex = random_hex
        self._table = flights
        self._elsewhere = elsewhere
        self._look_up = look_up
        self._background: set[asyncio.Task[None]] = set()

    @property
    def flights(self) -> int:
        """How many inferences others may join right now."""
        return len(self._table)

    async def answer(self, call: Call) -> Answer:
        """Answer one request on a cached route."""
        settings, gate = self.settings, self.gate
        decision = await self._decider.decide(call, settings, gate)
        if decision.action is Action.SHARE and await self._came(decision, settings):
            # Another replica had asked the same: its answer is looked up as any other is.
            decision = await self._decider.decide(call, settings, gate)
        record = call.record
        record.outcome = decision.outcome
        record.detail = decision.details[0] if decision.details else ""
        if decision.facts is not None:
            record.model = self._profile.label(decision.facts.model)
        match decision.action:
            case Action.SERVE:
                hit = self._serve(call, decision, settings)
                if hit is not None:
                    self._trials.hit(call, decision, settings)
                    return hit
                record.outcome = Outcome.MISS
                return await self._share(call, decision, settings)
            case Action.SHARE:
                return await self._share(call, decision, settings)
            case Action.FETCH:
                return await self._fetch(call, decision, settings)
            case Action.PASS:
                status = cache_status.MISS
                if decision.outcome is not Outcome.MISS:
                    status = cache_status.bypass(decision.details)
                return PassOn(
                    status, decision.credential, self._passed_on(call, decision, settings)
                )
            case Action.REFUSE:
                return self._refuse(call, decision.details[0])

    async def explain(self, call: Call) -> Decision:
        """The decision with its trace; nothing is sent, counted or stored."""
        return await self._decider.decide(call, self.settings, self.gate, explain=True)

    # From the cache.

    def _serve(self, call: Call, decision: Decision, settings: CacheSettings) -> Hit | None:
        """The hit, or None when the stored body turns out to be unusable."""
        found, facts = decision.found, decision.facts
        assert found is not None
        assert facts is not None
        template = self._template(found, call, facts.streamed, facts.wants_usage)
        if template is None:
            return None
        if found.ttl_s < 0 and decision.action is Action.SERVE:
            self._refresh(call, decision, settings)
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

    def _request_id(self, call: Call, meta: EntryMeta) -> str | None:
        if any(name.lower() == REQUEST_ID for name, _ in meta.headers):
            return call.request_id or self._random_hex(32)
        return None

    def _template(
        self, found: Found, call: Call, streamed: bool, wants_usage: bool
    ) -> Template | None:
        hot = found.hot
        name = rendition_name(streamed, wants_usage)
        template: Template | None = hot.rendition(name)
        if template is None:
            if hot.entry is None:
                return None
            try:
                template = make_template(
                    hot.entry, DIALECTS[call.api], streamed, wants_usage, self._random_hex(32)
                )
            except Unusable as error:
                _log.warning("a stored answer is of no use and is dropped: %s", error)
                self._journal.count("unusable_entries")
                self._hot.drop(found.meta.key, found.meta.id)
                return None
            self._hot.add_rendition(hot, name, template, template.nbytes)
        return template

    def _refresh(self, call: Call, decision: Decision, settings: CacheSettings) -> None:
        """Fetch a fresh answer behind a stale hit, unless somebody does already."""
        if self._table.find(self._flight_key(decision)) is not None:
            return
        flight = self._take_off(call, decision, settings, shared=True)
        rider = flight.board()

        async def land() -> None:
            try:
                await flight.landed()
            finally:
                rider.leave()

        task = asyncio.create_task(land())
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # From the engine.

    async def _came(self, decision: Decision, settings: CacheSettings) -> bool:
        """Whether another replica's answer to the same request has come into the store."""
        facts, key = decision.facts, decision.key
        assert facts is not None
        assert key is not None
        if (
            facts.streamed
            or settings.mode is not CacheMode.SERVE
            or decision.wishes != NO_WISHES
            or not self._purges.in_contact(self._clock.monotonic())
            or self._table.find(self._flight_key(decision)) is not None
        ):
            return False

        async def look() -> bool:
            found = await self._look_up.find(key, settings.ttl, settings.exact_keep)
            return found is not None

        return await self._elsewhere.came(key, look)

    async def _share(self, call: Call, decision: Decision, settings: CacheSettings) -> Answer:
        """Join or lead the flight for this key. When a leader is refused before the first byte,
        one of the others tries once more; what comes of that is everybody's."""
        facts = decision.facts
        assert facts is not None
        for last_try in (False, True):
            flight = self._table.find(self._flight_key(decision))
            leads = flight is None
            if flight is None:
                flight = self._take_off(call, decision, settings, shared=True)
            call.record.outcome = Outcome.MISS if leads else Outcome.COLLAPSED
            rider = flight.board()
            rider.wants_usage = facts.wants_usage or not facts.streamed
            try:
                head = await self._head(flight)
                if flight.retriable and not leads and not last_try:
                    rider.leave()
                    continue
                answer = await self._arrive(call, decision, settings, flight, rider, head, leads)
            except BaseException:
                rider.leave()
                raise
            if answer is not None:
                return answer
            # The answer came as a stream that is of no use to who wants it whole: ask for it whole.
            rider.leave()
        call.record.outcome = Outcome.MISS
        return await self._fetch(call, decision, settings)

    async def _fetch(self, call: Call, decision: Decision, settings: CacheSettings) -> Answer:
        """An inference of one's own, stored."""
        flight = self._take_off(call, decision, settings, shared=False)
        rider = flight.board()
        assert decision.facts is not None
        rider.wants_usage = decision.facts.wants_usage or not decision.facts.streamed
        try:
            head = await self._head(flight)
            answer = await self._arrive(call, decision, settings, flight, rider, head, True)
        except BaseException:
            rider.leave()
            raise
        assert answer is not None
        return answer

    def _flight_key(self, decision: Decision) -> FlightKey:
        return flight_key(decision, self._purges)

    def _take_off(
        self, call: Call, decision: Decision, settings: CacheSettings, *, shared: bool
    ) -> Flight:
        facts, key = decision.facts, decision.key
        assert facts is not None
        assert key is not None
        assert decision.fingerprint is not None
        keep, admitted = settings.keep, ""
        if decision.meaning is not None:
            admitted = decision.meaning.admitted
            if decision.meaning.ruling.longest is not None:
                keep = min(keep, decision.meaning.ruling.longest)
        elif decision.found is not None:
            admitted = decision.found.meta.policy_version
        ticket = Ticket(
            facts=facts,
            key=key,
            tenant=decision.tenant,
            model=facts.model or self._profile.label(None),
            fingerprint=decision.fingerprint,
            tags=decision.tags,
            position=self._purges.position,
            keep=keep,
            policy_version=admitted,
            meaning=decision.meaning,
            trial=self._trials.fetched(call, decision, settings),
        )
        flight = Flight(
            DIALECTS[call.api],
            facts.streamed,
            facts.choices,
            settings.stored_body,
            partial(self._keeper.keep, ticket),
            self._clock.monotonic,
            self._table.remove,
        )
        if shared:
            self._table.add(self._flight_key(decision), flight)
        headers = [(n, v) for n, v in call.forward() if n.lower() != "accept-encoding"]
        headers.append(("Accept-Encoding", "identity"))
        wanted = with_usage(call, facts)
        if settings.isolated:
            wanted = self._isolation.salted(wanted or facts.body, tenant_of(decision, settings))
        body = call.body if wanted is None else orjson.dumps(wanted)
        flight.start(self._engine, EngineRequest("POST", call.target, headers, body))
        if shared:
            self._elsewhere.lead(key, flight)
        return flight

    def _passed_on(self, call: Call, decision: Decision, settings: CacheSettings) -> bytes:
        """The client's own bytes, but for the salt. What can't be read has none: the engine refuses
        it, or keeps it apart from everything that has one."""
        if not settings.isolated:
            return call.body
        try:
            body = parse_object(call.body) if decision.facts is None else decision.facts.body
        except Unparsable:
            return call.body
        return orjson.dumps(self._isolation.salted(body, tenant_of(decision, settings)))

    async def _head(self, flight: Flight) -> Head | None:
        try:
            return await flight.head()
        except EngineError as error:
            self._profile.lost()
            _log.warning("%s", error)
            return None

    async def _arrive(
        self,
        call: Call,
        decision: Decision,
        settings: CacheSettings,
        flight: Flight,
        rider: Rider,
        head: Head | None,
        leads: bool,
    ) -> Answer | None:
        """What one rider gets; None when it wanted a whole answer and can't have it from here."""
        facts = decision.facts
        assert facts is not None
        if head is not None:
            self.gate.engine_said(decision.credential, head.status)
        if head is None or head.status >= 500:
            fallback = self._stand_in(call, decision, settings)
            if fallback is not None:
                rider.leave()
                return fallback
        if head is None:
            rider.leave()
            return self._broken(call, "the engine can't be reached; try again")
        status = self._status(decision, leads)
        if head.form is Form.STREAM and flight.streamed and not facts.streamed:
            entry = await flight.landed()
            if entry is None:
                return None
            whole = self._whole_of(entry, call, facts)
            if whole is None:
                return None
            rider.leave()
            return Whole(200, _JSON_HEADERS, whole, status)
        if head.form is Form.STREAM:
            return Flowing(head.status, head.headers, rider, status, head.reason)
        entry = await flight.landed()
        if flight.overflowed:
            return Flowing(head.status, head.headers, rider, status, head.reason)
        rider.leave()
        if flight.failure is not None:
            self._profile.lost()
            _log.warning("%s", flight.failure)
            return self._stand_in(call, decision, settings) or self._broken(
                call, "the engine broke off its answer; try again"
            )
        if entry is not None and leads:
            status += "; stored"
        body = flight.body(rider.wants_usage)
        return Whole(head.status, head.headers, body, status, head.reason)

    @staticmethod
    def _status(decision: Decision, leads: bool) -> str:
        if decision.outcome in (Outcome.HOLDOUT, Outcome.BYPASS):
            return cache_status.bypass(decision.details)
        if "request" in decision.details:
            return cache_status.REQUEST
        return cache_status.MISS if leads else cache_status.COLLAPSED

    def _whole_of(self, entry: Entry, call: Call, facts: RequestFacts) -> bytes | None:
        """A whole answer out of a stream that somebody else had."""
        found = Found(self._hot.put(entry, self._clock.monotonic()), 0.0, 0.0)
        template = self._template(found, call, False, False)
        if template is None:
            return None
        return self._render(template, call, facts)

    def _render(self, template: Template, call: Call, facts: RequestFacts) -> bytes:
        random_hex = self._random_hex(template.random)
        fresh_id = DIALECTS[call.api].new_id(facts, call.request_id, random_hex)
        return template.render(Fresh(fresh_id, int(self._clock.time()), self._random_hex))

    def _stand_in(self, call: Call, decision: Decision, settings: CacheSettings) -> Hit | None:
        """A stale answer in place of a failure, where the settings allow it."""
        found = decision.found
        if found is None or not settings.stale_if_error or decision.outcome is not Outcome.MISS:
            return None
        hit = self._serve(call, decision, settings)
        if hit is not None:
            call.record.outcome = Outcome.HIT_EXACT
        return hit

    # Errors of our own.

    def _refuse(self, call: Call, detail: str) -> Whole:
        if detail == "key":
            return self._error(call, 401, "this key is not accepted here", detail)
        return self._error(call, 504, NOT_CACHED, detail)

    def _broken(self, call: Call, message: str) -> Whole:
        call.record.outcome = Outcome.ERROR
        return self._error(call, 502, message, "engine")

    def _error(self, call: Call, status: int, message: str, detail: str) -> Whole:
        body = orjson.dumps(DIALECTS[call.api].error(status, message))
        return Whole(status, _JSON_HEADERS, body, cache_status.refused(detail))

    async def aclose(self) -> None:
        """Stop what runs in the background."""
        for task in list(self._background):
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._elsewhere.aclose()


def with_usage(call: Call, facts: RequestFacts) -> JsonObject | None:
    """What the engine is asked instead: a stream of chat or completions always for its usage, which
    the entry needs. None = the client's own bytes."""
    if not facts.streamed or facts.wants_usage or call.api not in (Api.CHAT, Api.COMPLETIONS):
        return None
    options = facts.body.get("stream_options")
    if options is not None and type(options) is not dict:
        return None
    return {**facts.body, "stream_options": {**(options or {}), "include_usage": True}}


def tenant_of(decision: Decision, settings: CacheSettings) -> TenantId:
    """Whose prefixes a request may share. One whose tenant was not asked for, or does not show, is
    told apart by its key."""
    if decision.tenant == SHARED and settings.scope is not TenancyScope.SHARED:
        return TenantId(decision.credential.hex())
    return decision.tenant


def _content_type(headers: tuple[tuple[str, str], ...], form: Form, streamed: bool) -> str:
    if (form is Form.STREAM) == streamed:
        for name, value in headers:
            if name.lower() == "content-type":
                return value
    return _CONTENT_TYPE[streamed]

"""From the engine to the client: inferences, shared by whoever asks the same meanwhile."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Final

import orjson

from llmcache_api import CacheMode

from ..apis.registry import DIALECTS
from ..domain.api import Api
from ..domain.entry import Form
from ..domain.json import JsonObject
from ..domain.outcome import Outcome
from ..domain.request import RequestFacts
from ..keys.lossless import Unparsable, parse_object
from ..policy.wishes import NO_WISHES
from ..ports.clock import Clock
from ..ports.engine import Engine, EngineError, EngineRequest
from .engine.elsewhere import Elsewhere
from .engine.flight import Flight, FlightTable, Head, Rider
from .engine.isolation import Isolation
from .engine.key_gate import KeyGate
from .engine.profile import EngineProfile
from .from_cache import FromCache
from .keeper import Keeper, Ticket
from .quality.trials import Trials
from .request import cache_status
from .request.call import Answer, Call, Flowing, Hit, PassOn, Whole
from .request.decision import Decision, flight_key, tenant_of
from .request.refusing import ENGINE_GONE, JSON_HEADERS, broken
from .settings.cache import CacheSettings
from .stored.look_up import LookUp
from .stored.purges import Purges

_BROKE_OFF: Final = "the engine broke off its answer; try again"

_log = logging.getLogger(__name__)


class FromEngine:
    """Asks the engine, and hands what it answers to riders and to the keeper.

    Args:
        look_up: for what other replicas store meanwhile, and what is stale.
        from_cache: for what stands in when the engine fails.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        profile: EngineProfile,
        flights: FlightTable,
        elsewhere: Elsewhere,
        look_up: LookUp,
        purges: Purges,
        keeper: Keeper,
        trials: Trials,
        isolation: Isolation,
        from_cache: FromCache,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._profile = profile
        self._flights = flights
        self._elsewhere = elsewhere
        self._look_up = look_up
        self._purges = purges
        self._keeper = keeper
        self._trials = trials
        self._isolation = isolation
        self._from_cache = from_cache
        self._clock = clock
        self._background: set[asyncio.Task[None]] = set()

    async def came(self, decision: Decision, settings: CacheSettings) -> bool:
        """Whether another replica's answer to the same request has come into the store."""
        facts, key = decision.facts, decision.key
        assert facts is not None
        assert key is not None
        if (
            facts.streamed
            or settings.mode is not CacheMode.SERVE
            or decision.wishes != NO_WISHES
            or not self._purges.in_contact(self._clock.monotonic())
            or self._flights.find(flight_key(decision, self._purges)) is not None
        ):
            return False
        # What is read anew from the store does not know it.
        longest = None if decision.found is None else decision.found.hot.longest

        async def look() -> bool:
            found = await self._look_up.find(key, settings.ttl, settings.exact_keep)
            if found is None:
                return False
            found.shorten(longest)
            found.shorten(found.hot.longest)
            if found.ttl_s >= -settings.stale_while_revalidate:
                return True
            self._look_up.read_anew(found)
            return False

        return await self._elsewhere.came(key, look)

    async def share(
        self, call: Call, decision: Decision, settings: CacheSettings, gate: KeyGate
    ) -> Answer:
        """Join or lead the flight for this key. When a leader is refused before the first byte,
        one of the others tries once more; what comes of that is everybody's."""
        facts = decision.facts
        assert facts is not None
        for last_try in (False, True):
            flight = self._flights.find(flight_key(decision, self._purges))
            leads = flight is None
            if flight is None:
                flight = self._take_off(call, decision, settings, shared=True)
            call.record.outcome = Outcome.MISS if leads else Outcome.COLLAPSED
            rider = _board(flight, facts)
            try:
                head = await self._head(flight)
                if flight.retriable and not leads and not last_try:
                    rider.leave()
                    continue
                answer = await self._arrive(
                    call, decision, settings, gate, flight, rider, head, leads
                )
            except BaseException:
                rider.leave()
                raise
            if answer is not None:
                return answer
            # The answer came as a stream that is of no use to who wants it whole: ask for it whole.
            rider.leave()
        call.record.outcome = Outcome.MISS
        return await self.fetch(call, decision, settings, gate)

    async def fetch(
        self, call: Call, decision: Decision, settings: CacheSettings, gate: KeyGate
    ) -> Answer:
        """An inference of one's own, stored."""
        assert decision.facts is not None
        flight = self._take_off(call, decision, settings, shared=False)
        rider = _board(flight, decision.facts)
        try:
            head = await self._head(flight)
            answer = await self._arrive(call, decision, settings, gate, flight, rider, head, True)
        except BaseException:
            rider.leave()
            raise
        assert answer is not None
        return answer

    def refresh(self, call: Call, decision: Decision, settings: CacheSettings) -> bool:
        """Fetch a fresh answer behind a stale hit, unless somebody does already; whether it is."""
        if self._flights.find(flight_key(decision, self._purges)) is not None:
            return False
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
        return True

    def pass_on(self, call: Call, decision: Decision, settings: CacheSettings) -> PassOn:
        """The client's own bytes, but for the salt. What can't be read has none: the engine refuses
        it, or keeps it apart from everything that has one."""
        status = cache_status.MISS
        if decision.outcome is not Outcome.MISS:
            status = cache_status.bypass(decision.details)
        body = call.body
        if settings.isolated:
            try:
                read = parse_object(body) if decision.facts is None else decision.facts.body
                body = orjson.dumps(self._isolation.salted(read, tenant_of(decision, settings)))
            except Unparsable:
                body = call.body
        return PassOn(status, decision.credential, body)

    async def aclose(self) -> None:
        """Stop what runs in the background."""
        for task in list(self._background):
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._elsewhere.aclose()

    def _take_off(
        self, call: Call, decision: Decision, settings: CacheSettings, *, shared: bool
    ) -> Flight:
        facts, key = decision.facts, decision.key
        assert facts is not None
        assert key is not None
        ticket = self._ticket(call, decision, settings)
        flight = Flight(
            DIALECTS[call.api],
            facts.streamed,
            facts.choices,
            settings.stored_body,
            partial(self._keeper.keep, ticket),
            self._clock.monotonic,
            self._flights.remove,
        )
        if shared:
            self._flights.add(flight_key(decision, self._purges), flight)
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

    def _ticket(self, call: Call, decision: Decision, settings: CacheSettings) -> Ticket:
        """What the answer will be stored under."""
        facts, key = decision.facts, decision.key
        assert facts is not None
        assert key is not None
        assert decision.fingerprint is not None
        keep, admitted = settings.keep, ""
        if decision.meaning is not None:
            admitted = decision.meaning.admitted
            if decision.meaning.ruling.longest is not None:
                keep = min(keep, decision.meaning.ruling.longest)
        elif decision.found is not None and decision.found.lives(keep):
            # Else its question is to be judged again, or the new answer would outlive its class.
            admitted = decision.found.meta.policy_version
        return Ticket(
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
        gate: KeyGate,
        flight: Flight,
        rider: Rider,
        head: Head | None,
        leads: bool,
    ) -> Answer | None:
        """What one rider gets; None when it wanted a whole answer and can't have it from here."""
        facts = decision.facts
        assert facts is not None
        if head is not None:
            gate.engine_said(decision.credential, head.status)
        if head is None or head.status >= 500:
            fallback = await self._stand_in(call, decision, settings)
            if fallback is not None:
                rider.leave()
                return fallback
        if head is None:
            rider.leave()
            return broken(call, ENGINE_GONE)
        status = _status(decision, leads)
        if head.form is Form.STREAM and flight.streamed and not facts.streamed:
            entry = await flight.landed()
            if entry is None:
                return None
            whole = await self._from_cache.whole(entry, call, facts)
            if whole is None:
                return None
            rider.leave()
            return Whole(200, JSON_HEADERS, whole, status)
        if head.form is Form.STREAM:
            return Flowing(head.status, head.headers, rider, status, head.reason)
        entry = await flight.landed()
        if flight.overflowed:
            return Flowing(head.status, head.headers, rider, status, head.reason)
        rider.leave()
        if flight.failure is not None:
            self._profile.lost()
            _log.warning("%s", flight.failure)
            return await self._stand_in(call, decision, settings) or broken(call, _BROKE_OFF)
        if entry is not None and leads:
            status += "; stored"
        body = flight.body(rider.wants_usage)
        return Whole(head.status, head.headers, body, status, head.reason)

    async def _stand_in(
        self, call: Call, decision: Decision, settings: CacheSettings
    ) -> Hit | None:
        """A stale answer in place of a failure, where the settings allow it. It is looked up again: the
        engine may have taken its time to fail."""
        before, facts, key = decision.found, decision.facts, decision.key
        if before is None or not settings.stale_if_error or decision.outcome is not Outcome.MISS:
            return None
        assert facts is not None
        assert key is not None
        found = await self._look_up.find(key, settings.ttl, settings.exact_keep)
        if found is None:
            return None
        found.shorten(before.hot.longest)
        if found.ttl_s < -settings.stale_if_error:
            return None
        hit = await self._from_cache.hit(call, found, facts, settings)
        if hit is not None:
            call.record.outcome = Outcome.HIT_EXACT
        return hit


def _board(flight: Flight, facts: RequestFacts) -> Rider:
    rider = flight.board()
    rider.wants_usage = facts.wants_usage or not facts.streamed
    return rider


def _status(decision: Decision, leads: bool) -> str:
    if decision.outcome in (Outcome.HOLDOUT, Outcome.BYPASS):
        return cache_status.bypass(decision.details)
    if "request" in decision.details:
        return cache_status.REQUEST
    return cache_status.MISS if leads else cache_status.COLLAPSED


def with_usage(call: Call, facts: RequestFacts) -> JsonObject | None:
    """What the engine is asked instead: a stream of chat or completions always for its usage, which
    the entry needs. None = the client's own bytes."""
    if not facts.streamed or facts.wants_usage or call.api not in (Api.CHAT, Api.COMPLETIONS):
        return None
    options = facts.body.get("stream_options")
    if options is not None and type(options) is not dict:
        return None
    return {**facts.body, "stream_options": {**(options or {}), "include_usage": True}}

"""The order of the steps, from the request to what is to be done. It reads top to bottom, and a trace
of the same steps is what explain prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from llmcache_api import CacheMode, TenancyScope

from ..apis.questions import Place
from ..apis.reading import Unreadable, read_facts
from ..domain.api import Api
from ..domain.entry import Form
from ..domain.ids import ExactKey, Fingerprint, TenantId
from ..domain.outcome import Outcome
from ..domain.request import RequestFacts
from ..domain.vectors import PartitionId
from ..keys.exact import body_digest, exact_key
from ..keys.lossless import Unparsable, parse_object
from ..keys.partition import partition_id
from ..keys.tenant import SHARED, TenantHasher
from ..policy.request_rules import Level, judge_request
from ..policy.wishes import NO_WISHES, Wishes, read_tags, read_wishes
from .aliases import Aliases
from .call import Call
from .decision_trace import Step
from .engine_profile import EngineProfile
from .flight import FlightKey, FlightTable
from .key_gate import KeyGate, Verdict
from .look_up import Found, LookUp
from .meaning import Meaning, Meanings
from .memo import Memo, Reading
from .purges import Purges
from .semantic_look_up import SemanticLookUp
from .settings import CacheSettings
from .standings import Nearness, Standings


class Action(Enum):
    """What is to be done with a request."""

    REFUSE = "refuse"  # answered here, with an error
    SERVE = "serve"  # answered from the cache
    SHARE = "share"  # to the engine; others may join; stored
    FETCH = "fetch"  # to the engine alone; stored
    PASS = "pass"  # noqa: S105 - to the engine alone; not stored


@dataclass(slots=True)
class Decision:
    """What is to be done, and everything that was found on the way.

    Attributes:
        details: the reasons of a bypass or refusal, in order.
        credential: digest of the caller's key.
        digest: of the body's canonical form.
        meaning: what is known of its question; None where nothing had to be found out.
        found: for SERVE the entry; for SHARE and FETCH one that may stand in if the engine fails.
        candidate: what was found and is not served (holdout, Observe, error budget): the engine's
            answer will tell whether it was right.
        trace: the steps, when asked for.
    """

    action: Action = Action.PASS
    outcome: Outcome = Outcome.BYPASS
    details: tuple[str, ...] = ()
    credential: bytes = b""
    tenant: TenantId = SHARED
    facts: RequestFacts | None = None
    digest: bytes | None = None
    wishes: Wishes = NO_WISHES
    tags: tuple[str, ...] = ()
    fingerprint: Fingerprint | None = None
    temperature: float | None = None
    key: ExactKey | None = None
    meaning: Meaning | None = None
    found: Found | None = None
    candidate: Found | None = None
    trace: list[Step] | None = field(default=None)

    def note(self, step: str, result: str) -> None:
        """Add a line to the trace, when there is one."""
        if self.trace is not None:
            self.trace.append(Step(step, result))

    def bypass(self, *details: str) -> Decision:
        """The cache stands aside."""
        self.action, self.outcome, self.details = Action.PASS, Outcome.BYPASS, details
        if self.trace is not None:
            self.note("decision", f"bypass: {', '.join(details)}")
        return self

    def refuse(self, detail: str) -> Decision:
        """The request is answered here, with an error."""
        self.action, self.outcome, self.details = Action.REFUSE, Outcome.REFUSED, (detail,)
        self.note("decision", f"refuse: {detail}")
        return self

    def do(self, action: Action, outcome: Outcome, *details: str) -> Decision:
        """Anything else."""
        self.action, self.outcome, self.details = action, outcome, details
        if self.trace is not None:
            self.note("decision", " ".join((action.value, outcome.value, *details)))
        return self


def flight_key(decision: Decision, purges: Purges) -> FlightKey:
    """What a request may share an inference by."""
    assert decision.facts is not None
    assert decision.key is not None
    form = Form.STREAM if decision.facts.streamed else Form.WHOLE
    return decision.key, form, decision.credential, purges.version


class Decider:
    """Decides what is to be done with a request.

    Args:
        draw: gives random numbers from 0 up to 1, for the holdout.
    """

    def __init__(
        self,
        hasher: TenantHasher,
        profile: EngineProfile,
        look_up: LookUp,
        meanings: Meanings,
        semantic: SemanticLookUp,
        flights: FlightTable,
        purges: Purges,
        standings: Standings,
        aliases: Aliases,
        draw: Callable[[], float],
    ) -> None:
        self._hasher = hasher
        self._profile = profile
        self._look_up = look_up
        self._meanings = meanings
        self._semantic = semantic
        self._flights = flights
        self._purges = purges
        self._standings = standings
        self._aliases = aliases
        self._draw = draw
        self._memo = Memo()

    async def decide(
        self,
        call: Call,
        settings: CacheSettings,
        gate: KeyGate,
        *,
        explain: bool = False,
    ) -> Decision:
        """Walk the steps for one request. With `explain` nothing is asked of the engine, nobody is
        drawn into the holdout, and every step is noted."""
        decision = Decision(trace=[] if explain else None)

        # Who asks?
        decision.credential = self._hasher.credential(call.credential)
        verdict = Verdict.ACCEPTED if explain else gate.judge(decision.credential)
        if explain:
            decision.note("key", f"{gate.mode.value}: {gate.judge(decision.credential).value}")
        if verdict is Verdict.REFUSED:
            return decision.refuse("key")

        # What does the client itself want of the cache?
        if call.cache_control:
            decision.wishes = read_wishes(call.cache_control)
        if not settings.works:
            return self._without_cache(decision, "off")

        # What is asked, in one normal form?
        try:
            known = self._memo.get(call.api, call.body)
            if known is None:
                facts = read_facts(call.api, parse_object(call.body))
            else:
                facts, decision.digest = known.facts, known.digest
        except Unparsable as error:
            decision.note("parse", str(error))
            return self._without_cache(decision, "unparsable")
        except Unreadable as error:
            decision.note("parse", str(error))
            return self._without_cache(decision, "unreadable")
        decision.facts = facts
        if explain:
            decision.note("parse", f"{facts.api.value}, model {facts.model}")

        # For whom?
        tenant = self._tenant(call, facts, decision.credential, settings)
        if tenant is None:
            return self._without_cache(decision, "tenant")
        decision.tenant = tenant
        if explain:
            decision.note("tenant", f"{tenant}, scope {settings.scope.value}")
        if call.tags:
            tags = read_tags(call.tags)
            if tags is None:
                return self._without_cache(decision, "tags")
            decision.tags = tags

        # Which engine would answer, and at which temperature?
        if not explain:
            await self._profile.freshen(call.credential)
        decision.fingerprint = fingerprint = self._profile.fingerprint(facts.model)
        if fingerprint is None:
            engine_known = self._profile.state is not None
            detail = "model-unknown" if engine_known else "engine-unknown"
            return self._without_cache(decision, detail)
        temperature = None
        if facts.api is not Api.EMBEDDINGS:
            temperature = facts.temperature
            if temperature is None:
                temperature = self._profile.temperature
        decision.temperature = temperature
        if explain:
            told = "not known" if temperature is None else f"{temperature:g}"
            decision.note("engine", f"fingerprint {fingerprint}, temperature {told}")

        # May it be cached at all?
        context = (settings, tenant, fingerprint, temperature, call.beside)
        policy = ruling = None
        if known is not None and known.context == context:
            decision.key = known.key
        else:
            policy = settings.policies.of(facts.api, facts.model)
            ruling = judge_request(facts, temperature, policy.rules)
            if explain:
                reasons = ", ".join(ruling.details) or "none"
                decision.note("rules", f"level {ruling.level.name.lower()}, reasons {reasons}")
            if ruling.level is Level.NONE:
                return self._without_cache(decision, *ruling.details)
            decision.key = self._key(call, decision, settings)

        # Is it a sample of what happens without the cache?
        wishes = decision.wishes
        holdout = settings.quality.holdout
        drawn = bool(holdout) and not explain and self._draw() < holdout
        drawn = drawn and not wishes.only_if_cached

        # Is there an answer to the same request?
        found = None
        if settings.mode is not CacheMode.OFF:
            found = await self._look_up.find(decision.key, settings.ttl, settings.exact_keep)
        if explain:
            decision.note("exact key", decision.key.hex())
            decision.note(
                "exact look-up",
                "nothing" if found is None else f"entry {found.meta.id}, {found.age_s:.0f} s old",
            )

        # What is it about? An entry says that the policy let its question in; a flight that it is
        # being asked already.
        known_good = found is not None and self._meanings.admitted(found.hot, settings)
        if found is None and not drawn and self._joinable(decision, settings):
            call.record.cacheable = True
            return decision.do(Action.SHARE, Outcome.MISS)
        if found is None and not drawn:
            similar = await self._by_alias(decision, settings)
            if similar is not None and _young_enough(similar, wishes):
                verdict = await self._verdict(verdict, gate, decision, call)
                if verdict is Verdict.ACCEPTED:
                    call.record.cacheable = True
                    decision.found = similar
                    return decision.do(Action.SERVE, Outcome.HIT_SEMANTIC)
        decision.meaning = None
        if not known_good or wishes.no_cache:
            policy = policy or settings.policies.of(facts.api, facts.model)
            ruling = ruling or judge_request(facts, temperature, policy.rules)
            meaning = await self._meanings.read(
                facts,
                ruling.level,
                policy,
                settings,
                lambda place: self._partition(place, call, decision, settings),
                counts=not explain,
            )
            decision.meaning = meaning
            if explain:
                self._explain_meaning(decision, meaning)
            if meaning.ruling.level is Level.NONE:
                return self._without_cache(decision, *meaning.ruling.details)
            if found is not None:
                found.hot.admitted = meaning.admitted
                if meaning.ruling.longest is not None:
                    found.ttl_s = min(found.ttl_s, meaning.ruling.longest - found.age_s)
        call.record.cacheable = True
        if drawn:
            if found is not None and _fresh_enough(found, wishes, settings):
                decision.candidate = found
            action = Action.PASS if wishes.no_store else Action.FETCH
            return decision.do(action, Outcome.HOLDOUT, "holdout")

        # May it be served?
        observed = False
        if found is not None and not wishes.no_cache and _fresh_enough(found, wishes, settings):
            verdict = await self._verdict(verdict, gate, decision, call)
            if verdict is Verdict.ACCEPTED:
                decision.found = found
                if settings.mode is CacheMode.SERVE:
                    self._remember(call, decision, known, context)
                    return decision.do(Action.SERVE, Outcome.HIT_EXACT)
                decision.candidate = found
                observed = True

        # Is there an answer to a request that means the same?
        similar = None
        if decision.meaning is not None and not wishes.no_cache and not observed:
            notes = decision if explain else None
            similar = await self._semantic.find(decision.meaning, settings, notes)
        if similar is not None and _young_enough(similar, wishes):
            verdict = await self._verdict(verdict, gate, decision, call)
            if verdict is Verdict.ACCEPTED:
                if settings.semantic.mode is CacheMode.SERVE:
                    if self._in_budget(similar, decision, settings):
                        decision.found = similar
                        return decision.do(Action.SERVE, Outcome.HIT_SEMANTIC)
                    call.record.withheld_hit = True
                else:
                    observed = True
                decision.candidate = similar
        call.record.observed_hit = observed
        if wishes.only_if_cached:
            return decision.refuse("only-if-cached")
        decision.found = None
        if (
            found is not None
            and found.age_s <= settings.ttl + settings.stale_if_error
            and settings.mode is CacheMode.SERVE
            and verdict is Verdict.ACCEPTED
            and not wishes.no_cache
        ):
            decision.found = found  # stands in if the engine fails

        # To the engine.
        if observed or not settings.serves:
            action = Action.PASS if wishes.no_store else Action.FETCH
            return decision.do(action, Outcome.BYPASS, "observe")
        if wishes.no_store:
            return decision.do(Action.PASS, Outcome.MISS)
        if wishes.no_cache or (wishes.max_age is not None and found is not None):
            return decision.do(Action.FETCH, Outcome.MISS, "request")
        return decision.do(Action.SHARE, Outcome.MISS)

    async def _by_alias(self, decision: Decision, settings: CacheSettings) -> Found | None:
        """The entry that this request is known to mean, where it may be served now."""
        key, aliases = decision.key, self._aliases
        assert key is not None
        alias = aliases.known(key)
        if alias is None or settings.semantic.mode is not CacheMode.SERVE:
            return None
        if decision.wishes.no_cache or not self._meanings.in_force(
            alias.meaning.admitted, settings
        ):
            return None
        found = await aliases.find(key, alias, settings)
        if found is None or not self._in_budget(found, decision, settings):
            return None
        decision.meaning = alias.meaning
        if decision.trace is not None:
            decision.note("alias", f"means what entry {found.meta.id} answers, as judged before")
        return found

    def _in_budget(self, found: Found, decision: Decision, settings: CacheSettings) -> bool:
        """Whether the error budget lets this candidate be served."""
        assert decision.facts is not None
        model = self._profile.label(decision.facts.model)
        nearness = Nearness(found.close, found.age_s <= settings.semantic.ttl / 2)
        allowed = self._standings.allows(model, nearness)
        if decision.trace is not None:
            serving = self._standings.serving(model).value
            decision.note("error budget", f"{serving}: {'may' if allowed else 'may not'} be served")
        if not settings.quality.learns:
            return allowed
        learned = self._standings.learned.allows(found, settings.quality.false_hits.allowed)
        if decision.trace is not None and not learned:
            decision.note("learned", "matches like this one were wrong too often")
        return allowed and learned

    def _remember(
        self, call: Call, decision: Decision, known: Reading | None, context: tuple[object, ...]
    ) -> None:
        """Keep what was found out about a body that made a hit."""
        assert decision.key is not None
        if known is not None:
            known.context, known.key = context, decision.key
        elif decision.facts is not None and decision.digest is not None:
            reading = Reading(decision.facts, decision.digest, context, decision.key)
            self._memo.put(call.api, call.body, reading)

    async def _verdict(
        self, verdict: Verdict, gate: KeyGate, decision: Decision, call: Call
    ) -> Verdict:
        """What is thought of the caller's key; the engine is asked where that is not known."""
        if verdict is Verdict.UNKNOWN:
            return await gate.ask(decision.credential, call.credential, call.target)
        return verdict

    def _joinable(self, decision: Decision, settings: CacheSettings) -> bool:
        """Whether the same is being asked right now, so that nothing need be found out anew."""
        return (
            decision.wishes == NO_WISHES
            and settings.serves
            and decision.trace is None
            and self._flights.find(flight_key(decision, self._purges)) is not None
        )

    def _explain_meaning(self, decision: Decision, meaning: Meaning) -> None:
        classes = ", ".join(meaning.reasons) or "none"
        decision.note("classes", f"{classes}; level {meaning.ruling.level.name.lower()}")
        if meaning.exact_only:
            decision.note("meaning", f"exact only: {meaning.exact_only}")
        elif meaning.question is not None:
            vector = "no vector: " + meaning.absent if meaning.vector is None else "embedded"
            decision.note("meaning", f"question of {len(meaning.text)} characters, {vector}")

    def _without_cache(self, decision: Decision, *details: str) -> Decision:
        if decision.wishes.only_if_cached:
            return decision.refuse("only-if-cached")
        return decision.bypass(*details)

    def _key(self, call: Call, decision: Decision, settings: CacheSettings) -> ExactKey:
        assert decision.facts is not None
        assert decision.fingerprint is not None
        if decision.digest is None:
            decision.digest = body_digest(decision.facts)
        return exact_key(
            decision.facts,
            decision.temperature,
            settings.namespace,
            decision.tenant,
            decision.fingerprint,
            call.beside,
            decision.digest,
        )

    def _partition(
        self, place: Place, call: Call, decision: Decision, settings: CacheSettings
    ) -> PartitionId:
        assert decision.facts is not None
        assert decision.fingerprint is not None
        return partition_id(
            decision.facts,
            place,
            decision.temperature,
            settings.namespace,
            decision.tenant,
            decision.fingerprint,
            call.beside,
        )

    def _tenant(
        self, call: Call, facts: RequestFacts, credential: bytes, settings: CacheSettings
    ) -> TenantId | None:
        """Whose answers this request may share; None when the request does not say."""
        match settings.scope:
            case TenancyScope.API_KEY:
                return TenantId(credential.hex())
            case TenancyScope.SHARED:
                return SHARED
            case TenancyScope.END_USER:
                if facts.end_user is None:
                    return None
                return self._hasher.tenant("user", credential.hex(), facts.end_user)
            case TenancyScope.HEADER:
                name = call.headers.get(settings.tenant_header or "", "")
                return self._hasher.tenant("header", name) if name else None


def _fresh_enough(found: Found, wishes: Wishes, settings: CacheSettings) -> bool:
    return _young_enough(found, wishes) and found.ttl_s >= -settings.stale_while_revalidate


def _young_enough(found: Found, wishes: Wishes) -> bool:
    return wishes.max_age is None or found.age_s <= wishes.max_age

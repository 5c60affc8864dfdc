"""The order of the steps, from the request to what is to be done. `decide` reads top to bottom, and a
trace of the same steps is what explain prints."""

from __future__ import annotations

from dataclasses import dataclass

from llmcache_api import CacheMode

from ..domain.outcome import Outcome
from ..policy.request_rules import Level, judge_request
from ..policy.request_rules import Verdict as Ruled
from ..policy.wishes import NO_WISHES, Wishes, read_wishes
from .engine.flight import FlightTable
from .engine.key_gate import KeyGate, Verdict
from .quality.lots import Lots
from .quality.standings import Nearness, Standings
from .request.call import Call
from .request.decision import Action, Decision, flight_key
from .request.identifying import Identifier
from .request.memo import Context, Reading
from .semantic.aliases import Aliases
from .semantic.look_up import SemanticLookUp
from .semantic.meaning import Meaning, Meanings
from .settings.cache import CacheSettings
from .settings.policies import Policy
from .stored.look_up import Found, LookUp
from .stored.purges import Purges


@dataclass(slots=True)
class _Walk:
    """One request on its way through the steps: what the next one needs of those before.

    Attributes:
        verdict: what is thought of the caller's key.
        known: what was remembered of the same body.
        context: see `memo.Context`.
        policy, rules: for this request; None where its admission is remembered.
        drawn: it is a sample of what happens without the cache.
        found: an answer to the same request.
        observed: something was found that is only looked at.
        again: it is walked for the second time.
    """

    call: Call
    settings: CacheSettings
    gate: KeyGate
    decision: Decision
    verdict: Verdict = Verdict.ACCEPTED
    known: Reading | None = None
    context: Context | None = None
    policy: Policy | None = None
    rules: Ruled | None = None
    drawn: bool = False
    found: Found | None = None
    observed: bool = False
    again: bool = False


class Decider:
    """Decides what is to be done with a request.

    Args:
        holdout: the lots by which requests are drawn into the holdout.
    """

    def __init__(
        self,
        identifier: Identifier,
        look_up: LookUp,
        meanings: Meanings,
        semantic: SemanticLookUp,
        flights: FlightTable,
        purges: Purges,
        standings: Standings,
        aliases: Aliases,
        holdout: Lots,
    ) -> None:
        self._identifier = identifier
        self._look_up = look_up
        self._meanings = meanings
        self._semantic = semantic
        self._flights = flights
        self._purges = purges
        self._standings = standings
        self._aliases = aliases
        self._holdout = holdout

    async def decide(
        self,
        call: Call,
        settings: CacheSettings,
        gate: KeyGate,
        *,
        explain: bool = False,
        again: bool = False,
    ) -> Decision:
        """Walk the steps for one request: the first that knows what to do ends the walk. With
        `explain` nothing is asked of the engine, nobody is drawn into the holdout, and every step
        is noted. `again`: it was walked before for this request, which is drawn only once; what the
        record says of that walk holds no more."""
        decision = Decision(trace=[] if explain else None)
        walk = _Walk(call, settings, gate, decision, again=again)
        if again:
            call.record.withheld_hit = call.record.observed_hit = False
        return (
            self._who_asks(walk)
            or self._what_is_asked(walk)
            or self._identifier.owner(call, decision, settings)
            or await self._identifier.engine(call, decision)
            or self._may_it_be_cached(walk)
            or await self._was_it_asked_before(walk)
            or await self._is_it_known_to_mean_another(walk)
            or await self._what_is_it_about(walk)
            or self._is_it_a_sample(walk)
            or await self._may_it_be_served(walk)
            or await self._does_another_mean_the_same(walk)
            or self._ask_the_engine(walk)
        )

    def _who_asks(self, walk: _Walk) -> Decision | None:
        """The caller's key, and what the client itself wants of the cache."""
        call, decision, gate = walk.call, walk.decision, walk.gate
        decision.credential = self._identifier.credential(call)
        if decision.traced:
            decision.note("key", f"{gate.mode.value}: {gate.judge(decision.credential).value}")
        else:
            walk.verdict = gate.judge(decision.credential)
        if walk.verdict is Verdict.REFUSED:
            return decision.refuse("key")
        if call.cache_control:
            decision.wishes = read_wishes(call.cache_control)
        return None if walk.settings.works else decision.without_cache("off")

    def _what_is_asked(self, walk: _Walk) -> Decision | None:
        read = self._identifier.read(walk.call, walk.decision)
        if isinstance(read, Decision):
            return read
        walk.known = read
        return None

    def _may_it_be_cached(self, walk: _Walk) -> Decision | None:
        """The rules on the request itself. What was let in under the same circumstances needs no
        second look."""
        call, settings, decision, known = walk.call, walk.settings, walk.decision, walk.known
        fingerprint = decision.fingerprint
        assert fingerprint is not None
        walk.context = Context(
            settings, decision.tenant, fingerprint, decision.temperature, call.beside
        )
        if known is not None and known.context == walk.context:
            decision.key = known.key
            return None
        _, rules = self._judged(walk)
        if decision.traced:
            reasons = ", ".join(rules.details) or "none"
            decision.note("rules", f"level {rules.level.name.lower()}, reasons {reasons}")
        if rules.level is Level.NONE:
            return decision.without_cache(*rules.details)
        decision.key = self._identifier.key(call, decision, settings)
        return None

    async def _was_it_asked_before(self, walk: _Walk) -> Decision | None:
        """Look for an answer to the same request, or for one that is on its way."""
        call, settings, decision = walk.call, walk.settings, walk.decision
        assert decision.key is not None
        holdout = settings.quality.holdout
        if not decision.traced and not walk.again:
            drawn = self._holdout.take() < holdout
            walk.drawn = drawn and not decision.wishes.only_if_cached
        if settings.mode is not CacheMode.OFF:
            keep = settings.exact_keep
            walk.found = await self._look_up.find(decision.key, settings.ttl, keep)
        if decision.traced:
            found = walk.found
            told = "nothing"
            if self._purges.trouble:
                told = f"nothing, since the purge log can't be read: {self._purges.trouble}"
            if found is not None:
                told = f"entry {found.meta.id}, {found.age_s:.0f} s old"
            decision.note("exact key", decision.key.hex())
            decision.note("exact look-up", told)
        if walk.found is None and not walk.drawn and self._joinable(decision, settings):
            call.record.cacheable = True
            return decision.do(Action.SHARE, Outcome.MISS)
        return None

    async def _is_it_known_to_mean_another(self, walk: _Walk) -> Decision | None:
        """An alias: judged before to mean what an entry answers."""
        decision = walk.decision
        if walk.found is not None or walk.drawn:
            return None
        similar = await self._by_alias(decision, walk.settings)
        if (
            similar is not None
            and _young_enough(similar, decision.wishes)
            and await self._accepted(walk)
        ):
            walk.call.record.cacheable = True
            decision.found = similar
            if not decision.traced:
                self._aliases.served()
            return decision.do(Action.SERVE, Outcome.HIT_SEMANTIC)
        decision.meaning = None
        return None

    async def _what_is_it_about(self, walk: _Walk) -> Decision | None:
        """The question, its vector and its classes. An entry says that the policy in force let its
        question in; then nothing has to be found out."""
        call, settings, decision, found = walk.call, walk.settings, walk.decision, walk.found
        assert decision.facts is not None
        known_good = found is not None and self._meanings.admitted(found.hot, settings)
        if not known_good or decision.wishes.no_cache:
            policy, rules = self._judged(walk)
            meaning = await self._meanings.read(
                decision.facts,
                rules.level,
                policy,
                settings,
                lambda place: self._identifier.partition(place, call, decision, settings),
                owner=decision.tenant or "",
                counts=not decision.traced,
            )
            decision.meaning = meaning
            if decision.traced:
                _explain_meaning(decision, meaning)
            if meaning.ruling.level is Level.NONE:
                return decision.without_cache(*meaning.ruling.details)
            if found is not None:
                found.hot.admitted = meaning.admitted
                found.hot.longest = meaning.ruling.longest
        if found is not None:
            found.shorten(found.hot.longest)
        call.record.cacheable = True
        return None

    def _is_it_a_sample(self, walk: _Walk) -> Decision | None:
        """The holdout: what would have been served is looked at beside the engine's answer."""
        decision, wishes, found = walk.decision, walk.decision.wishes, walk.found
        if not walk.drawn:
            return None
        if found is not None and _fresh_enough(found, wishes, walk.settings):
            decision.candidate = found
        action = Action.PASS if wishes.no_store else Action.FETCH
        return decision.do(action, Outcome.HOLDOUT, "holdout")

    async def _may_it_be_served(self, walk: _Walk) -> Decision | None:
        """The answer to the same request."""
        settings, decision, found = walk.settings, walk.decision, walk.found
        wishes = decision.wishes
        if found is None or wishes.no_cache or not _fresh_enough(found, wishes, settings):
            return None
        if not await self._accepted(walk):
            return None
        if settings.mode is CacheMode.SERVE:
            decision.found = found
            self._identifier.remember(walk.call, decision, walk.known, walk.context)
            return decision.do(Action.SERVE, Outcome.HIT_EXACT)
        decision.candidate = found
        walk.observed = True
        return None

    async def _does_another_mean_the_same(self, walk: _Walk) -> Decision | None:
        """The answer to another request that means the same."""
        settings, decision, record = walk.settings, walk.decision, walk.call.record
        meaning = decision.meaning
        similar = None
        if meaning is not None and not decision.wishes.no_cache and not walk.observed:
            notes = decision if decision.traced else None
            max_age = decision.wishes.max_age
            similar = await self._semantic.find(meaning, settings, notes, max_age=max_age)
        if similar is not None and await self._accepted(walk):
            decision.candidate = similar
            if settings.semantic.mode is not CacheMode.SERVE:
                walk.observed = True
            elif self._in_budget(similar, decision, settings):
                decision.candidate = None
                decision.found = similar
                return decision.do(Action.SERVE, Outcome.HIT_SEMANTIC)
            else:
                record.withheld_hit = True
        record.observed_hit = walk.observed
        return None

    def _ask_the_engine(self, walk: _Walk) -> Decision:
        """Nothing is there that may be served."""
        settings, decision, found = walk.settings, walk.decision, walk.found
        wishes = decision.wishes
        if wishes.only_if_cached:
            return decision.refuse("only-if-cached")
        if (
            found is not None
            and found.age_s <= settings.ttl + settings.stale_if_error
            and settings.mode is CacheMode.SERVE
            and walk.verdict is Verdict.ACCEPTED
            and not wishes.no_cache
        ):
            decision.found = found  # stands in if the engine fails
        if walk.observed or not settings.serves:
            action = Action.PASS if wishes.no_store else Action.FETCH
            return decision.do(action, Outcome.BYPASS, "observe")
        if wishes.no_store:
            return decision.do(Action.PASS, Outcome.MISS)
        if wishes.no_cache or (wishes.max_age is not None and found is not None):
            return decision.do(Action.FETCH, Outcome.MISS, "request")
        return decision.do(Action.SHARE, Outcome.MISS)

    # What the steps share.

    @staticmethod
    def _judged(walk: _Walk) -> tuple[Policy, Ruled]:
        """The policy for this request and what its rules say, found out once."""
        facts, settings = walk.decision.facts, walk.settings
        assert facts is not None
        policy = walk.policy = walk.policy or settings.policies.of(facts.api, facts.model)
        if walk.rules is None:
            walk.rules = judge_request(facts, walk.decision.temperature, policy.rules)
        return policy, walk.rules

    @staticmethod
    async def _accepted(walk: _Walk) -> bool:
        """Whether the caller's key is good; the engine is asked where that is not known."""
        if walk.verdict is Verdict.UNKNOWN:
            call, credential = walk.call, walk.decision.credential
            walk.verdict = await walk.gate.ask(credential, call.credential, call.target)
        return walk.verdict is Verdict.ACCEPTED

    async def _by_alias(self, decision: Decision, settings: CacheSettings) -> Found | None:
        """The entry that this request is known to mean, where it may be served now."""
        key, aliases = decision.key, self._aliases
        assert key is not None
        alias = aliases.known(key, settings)
        if alias is None or settings.semantic.mode is not CacheMode.SERVE:
            return None
        if decision.wishes.no_cache or not self._meanings.in_force(
            alias.meaning.admitted, settings
        ):
            return None
        found = await aliases.find(key, alias, settings, looks_only=decision.traced)
        if found is None or not self._in_budget(found, decision, settings):
            return None
        found.shorten(alias.meaning.ruling.longest)
        if found.ttl_s < 0:
            return None
        decision.meaning = alias.meaning
        decision.note("alias", f"means what entry {found.meta.id} answers, as judged before")
        return found

    def _in_budget(self, found: Found, decision: Decision, settings: CacheSettings) -> bool:
        """Whether the error budget lets this candidate be served."""
        model = self._identifier.judged_model(decision.facts)
        nearness = Nearness(found.close, found.age_s <= settings.semantic.ttl / 2)
        allowed = self._standings.allows(model, nearness)
        if decision.traced:
            serving = self._standings.serving(model).value
            decision.note("error budget", f"{serving}: {'may' if allowed else 'may not'} be served")
        if not settings.quality.learns:
            return allowed
        learned = self._standings.learned.allows(found, settings.quality.false_hits.allowed)
        if not learned:
            decision.note("learned", "matches like this one were wrong too often")
        return allowed and learned

    def _joinable(self, decision: Decision, settings: CacheSettings) -> bool:
        """Whether the same is being asked right now, so that nothing need be found out anew."""
        return (
            decision.wishes == NO_WISHES
            and settings.serves
            and not decision.traced
            and self._flights.find(flight_key(decision, self._purges)) is not None
        )


def _explain_meaning(decision: Decision, meaning: Meaning) -> None:
    classes = ", ".join(meaning.reasons) or "none"
    decision.note("classes", f"{classes}; level {meaning.ruling.level.name.lower()}")
    if meaning.exact_only:
        decision.note("meaning", f"exact only: {meaning.exact_only}")
    elif meaning.question is not None:
        vector = "no vector: " + meaning.absent if meaning.vector is None else "embedded"
        decision.note("meaning", f"question of {len(meaning.text)} characters, {vector}")


def _fresh_enough(found: Found, wishes: Wishes, settings: CacheSettings) -> bool:
    return _young_enough(found, wishes) and found.ttl_s >= -settings.stale_while_revalidate


def _young_enough(found: Found, wishes: Wishes) -> bool:
    return wishes.max_age is None or found.age_s <= wishes.max_age

"""From the decision to the answer."""

from __future__ import annotations

from .decider import Decider
from .engine.flight import FlightTable
from .engine.key_gate import KeyGate
from .engine.profile import EngineProfile
from .from_cache import FromCache
from .from_engine import FromEngine
from .quality.trials import Trials
from .repeats import Repeat, Repeats
from .request.call import Answer, Asked, Call, Hit
from .request.decision import Action, Decision
from .request.refusing import refused
from .settings.cache import CacheSettings


class Pipeline:
    """Answers calls. `settings` and `gate` are replaced as a whole when the configuration is."""

    def __init__(
        self,
        settings: CacheSettings,
        gate: KeyGate,
        *,
        decider: Decider,
        repeats: Repeats,
        profile: EngineProfile,
        from_cache: FromCache,
        from_engine: FromEngine,
        trials: Trials,
        flights: FlightTable,
    ) -> None:
        self.settings = settings
        self.gate = gate
        self._decider = decider
        self._repeats = repeats
        self._profile = profile
        self._from_cache = from_cache
        self._from_engine = from_engine
        self._trials = trials
        self._flights = flights

    @property
    def flights(self) -> int:
        """How many inferences others may join right now."""
        return len(self._flights)

    @property
    def repeats_nothing(self) -> bool:
        """Whether there is no need to ask for a `repeat`."""
        return self._repeats.none

    def repeat(self, asked: Asked) -> Repeat | None:
        """The answer to a request that was a hit before, where it is at hand; None = `answer` it."""
        return self._repeats.find(asked, self.settings, self.gate)

    async def answer(self, call: Call) -> Answer:
        """Answer one request on a cached route."""
        settings, gate, engine = self.settings, self.gate, self._from_engine
        decision = await self._decider.decide(call, settings, gate)
        if decision.action is Action.SHARE and await engine.came(decision, settings):
            # Another replica had asked the same: its answer is looked up as any other is.
            decision = await self._decider.decide(call, settings, gate, again=True)
        self._enter(call, decision)
        if decision.action is Action.SERVE:
            hit = await self._serve(call, decision, settings)
            if hit is not None:
                return hit
            self._enter(call, decision.unserved())
        match decision.action:
            case Action.SHARE | Action.SERVE:  # none is left to serve here
                return await engine.share(call, decision, settings, gate)
            case Action.FETCH:
                return await engine.fetch(call, decision, settings, gate)
            case Action.PASS:
                return engine.pass_on(call, decision, settings)
            case Action.REFUSE:
                return refused(call, decision.details[0])

    def _enter(self, call: Call, decision: Decision) -> None:
        record = call.record
        record.outcome = decision.outcome
        record.detail = decision.details[0] if decision.details else ""
        if decision.facts is not None:
            record.model = self._profile.label(decision.facts.model)

    async def _serve(self, call: Call, decision: Decision, settings: CacheSettings) -> Hit | None:
        """The hit, and what is to be done behind it; None where the entry can't be made into one."""
        found, facts = decision.found, decision.facts
        assert found is not None
        assert facts is not None
        hit = await self._from_cache.hit(call, found, facts, settings)
        if hit is None:
            return None
        if (
            found.ttl_s < 0
            and decision.wishes.follow_ups
            and self._from_engine.refresh(call, decision, settings)
        ):
            call.record.refreshes()
        self._trials.hit(call, decision, settings)
        return hit

    async def explain(self, call: Call) -> Decision:
        """The decision with its trace; nothing is sent, counted or stored."""
        return await self._decider.decide(call, self.settings, self.gate, explain=True)

    async def aclose(self) -> None:
        """Stop what runs in the background."""
        await self._from_engine.aclose()

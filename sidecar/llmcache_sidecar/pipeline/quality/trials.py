"""Which hits and would-be hits are judged, and what is needed to judge them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

from llmcache_api import CacheMode

from ...apis.saying import Said, said_in
from ...domain.api import Api
from ...domain.ids import ExactKey
from ...domain.json import JsonObject
from ...domain.outcome import Outcome
from ...domain.quality import CacheLevel, SampleSource
from ...domain.request import RequestFacts
from ...ports.clock import Clock
from ...ports.engine import HeaderList
from ..engine.isolation import Isolation
from ..request.call import Call
from ..request.decision import Decision
from ..semantic.meaning import Meaning
from ..settings.cache import CacheSettings, QualitySettings
from ..stored.look_up import Found
from .lots import Lots

_DAY_S: Final = 86400.0
_DROPPED: Final = frozenset(
    {"accept-encoding", "cache-control", "llmcache-tags", "x-request-id", "content-length"}
)
_FORM_ONLY: Final = frozenset({"stream", "stream_options", "request_id", "background"})


@dataclass(slots=True)
class Trial:
    """One sample on its way to a verdict. It lives in memory only, for minutes at most.

    Attributes:
        target, headers, body: what the engine is asked again, for a whole answer. The headers hold
            the caller's own key.
        found: the entry that was or would have been served; None = one is looked for (the holdout).
        meaning: of a request that may be looked up by meaning.
        given: what the client's answer said, where the engine gave it one; None = all is asked anew.
        begun: monotonic seconds.
    """

    source: SampleSource
    model: str
    facts: RequestFacts
    target: str
    headers: HeaderList
    body: JsonObject
    key: ExactKey
    settings: CacheSettings
    found: Found | None
    meaning: Meaning | None
    begun: float
    given: Said | None = None

    @property
    def level(self) -> CacheLevel:
        """Of the entry."""
        return CacheLevel.SEMANTIC if self.found is None else _level(self.found)


class TrialQueue(Protocol):
    """Takes trials, off the clients' path."""

    def offer(self, trial: Trial) -> bool:
        """Take `trial`; False when there is no room."""
        ...


@dataclass(slots=True)
class _Drawn:
    """How many hits of one model and level were drawn since `since` (monotonic seconds)."""

    since: float
    number: int = 0


@dataclass(slots=True)
class Sampler:
    """Draws hits: a share of them, and at least some a day."""

    lots: Lots
    clock: Clock
    _drawn: dict[tuple[str, CacheLevel], _Drawn] = field(default_factory=dict)

    def draws(self, model: str, level: CacheLevel, share: float, daily: int) -> bool:
        """Whether the next hit is a sample."""
        now = self.clock.monotonic()
        drawn = self._drawn.get((model, level))
        if drawn is None:
            drawn = self._drawn[model, level] = _Drawn(now)
        if now - drawn.since > _DAY_S:
            drawn.since, drawn.number = now, 0
        # What a day is short of is made up for evenly, not by its first hits.
        due = daily * (now - drawn.since) / _DAY_S
        return self.lots.next < share or drawn.number < int(due)

    def drew(self, model: str, level: CacheLevel) -> None:
        """It was, and is one now."""
        self._drawn[model, level].number += 1


class Trials:
    """Makes trials of what passes by."""

    def __init__(
        self, queue: TrialQueue, sampler: Sampler, isolation: Isolation, clock: Clock
    ) -> None:
        self._queue = queue
        self._sampler = sampler
        self._isolation = isolation
        self._clock = clock

    def would_sample(self, model: str, found: Found, quality: QualitySettings) -> bool:
        """Whether `hit` would make a sample of this one."""
        if not quality.shadow or found.ttl_s < 0 or found.meta.api is Api.EMBEDDINGS:
            return False
        share, daily = quality.shadow, quality.daily_samples
        return self._sampler.draws(model, _level(found), share, daily)

    def let_pass(self) -> None:
        """A hit was served that is no sample."""
        self._sampler.lots.take()

    def hit(self, call: Call, decision: Decision, settings: CacheSettings) -> None:
        """A hit was served: it may become a sample."""
        found, model = decision.found, call.record.model
        if (
            found is not None
            and decision.wishes.follow_ups
            and self.would_sample(model, found, settings.quality)
        ):
            self._sampler.drew(model, _level(found))
            self._queue.offer(self._trial(SampleSource.SHADOW, call, decision, settings))
        self._sampler.lots.take()

    def fetched(self, call: Call, decision: Decision, settings: CacheSettings) -> Trial | None:
        """A request goes to the engine: its answer judges the entry that it would have got."""
        if call.api is Api.EMBEDDINGS:
            return None
        if decision.outcome is Outcome.HOLDOUT:
            source = SampleSource.HOLDOUT
            looks = settings.semantic.mode is not CacheMode.OFF and decision.meaning is not None
            if decision.candidate is None and not looks:
                return None
        elif decision.candidate is None:
            return None
        else:
            observed = decision.outcome is Outcome.BYPASS
            source = SampleSource.OBSERVED if observed else SampleSource.WITHHELD
        return self._trial(source, call, decision, settings)

    def landed(self, trial: Trial, answer: JsonObject) -> None:
        """The engine's answer to a trial's client is there."""
        trial.given = said_in(trial.facts.api, answer)
        if trial.given is not None:
            self._queue.offer(trial)

    def _trial(
        self, source: SampleSource, call: Call, decision: Decision, settings: CacheSettings
    ) -> Trial:
        facts, key = decision.facts, decision.key
        assert facts is not None
        assert key is not None
        body = {name: value for name, value in facts.body.items() if name not in _FORM_ONLY}
        if settings.isolated:
            body = self._isolation.salted(body, decision.tenant)
        headers = [(n, v) for n, v in call.forward() if n.lower() not in _DROPPED]
        return Trial(
            source=source,
            model=call.record.model,
            facts=facts,
            target=call.target,
            headers=[*headers, ("Accept-Encoding", "identity")],
            body=body,
            key=key,
            settings=settings,
            found=decision.found if source is SampleSource.SHADOW else decision.candidate,
            meaning=decision.meaning,
            begun=self._clock.monotonic(),
        )


def _level(found: Found) -> CacheLevel:
    return CacheLevel.EXACT if found.similarity is None else CacheLevel.SEMANTIC

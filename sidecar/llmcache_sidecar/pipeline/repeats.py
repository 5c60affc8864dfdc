"""A hit like one before: the same bytes, under the same circumstances.

Most hits of an FAQ are repeats, and what the steps of a decision find out for them is known. Here is
asked only what may have changed since: the caller's key, the engine, the configuration, the policy,
purges, the entry and its age. Nothing is waited for. Wherever the answer is not a plain yes, the
steps are walked as for any other request; they alone decide what is no repeat.
"""

from __future__ import annotations

from typing import NamedTuple

from llmcache_api import CacheMode

from ..domain.outcome import Outcome, Record
from .engine.key_gate import KeyGate, Verdict
from .from_cache import FromCache
from .quality.lots import Lots
from .quality.trials import Trials
from .request.call import Asked, Hit
from .request.identifying import Identifier
from .semantic.meaning import Meanings
from .settings.cache import CacheSettings
from .stored.look_up import LookUp


class Repeat(NamedTuple):
    """A hit, and its line in the account, without its times."""

    hit: Hit
    record: Record


class Repeats:
    """Finds repeats.

    Args:
        holdout: the lots by which requests are drawn into the holdout.
    """

    def __init__(
        self,
        identifier: Identifier,
        look_up: LookUp,
        meanings: Meanings,
        from_cache: FromCache,
        trials: Trials,
        holdout: Lots,
    ) -> None:
        self._identifier = identifier
        self._look_up = look_up
        self._meanings = meanings
        self._from_cache = from_cache
        self._trials = trials
        self._holdout = holdout

    @property
    def none(self) -> bool:
        """Whether there can be none, whatever is asked."""
        return self._look_up.empty_handed

    def find(self, asked: Asked, settings: CacheSettings, gate: KeyGate) -> Repeat | None:
        """The hit that the steps would come to as well; None where they must be asked."""
        identifier = self._identifier
        known = identifier.remembered(asked)
        if known is None or asked.cache_control or asked.tags:
            return None
        if settings.mode is not CacheMode.SERVE or not identifier.settled(asked):
            return None
        # First what is most often missing: without it all the rest is in vain.
        found = self._look_up.at_hand(known.key, settings.ttl, settings.exact_keep)
        if found is None or found.ttl_s < 0:
            return None
        credential = identifier.credential(asked)
        if gate.judge(credential) is not Verdict.ACCEPTED:
            return None
        facts = known.facts
        context = identifier.context(asked, facts, credential, settings)
        if context is None or context != known.context:
            return None
        quality = settings.quality
        if self._holdout.next < quality.holdout:
            return None
        if not self._meanings.admitted(found.hot, settings):
            return None
        found.shorten(found.hot.longest)
        if found.ttl_s < 0:
            return None
        record = Record(
            asked.api, identifier.model(facts), Outcome.HIT_EXACT, cacheable=True, status=200
        )
        if self._trials.would_sample(record.model, found, quality):
            return None
        hit = self._from_cache.at_hand(found, facts, asked.request_id, record, settings)
        if hit is None:
            return None
        self._holdout.take()
        self._trials.let_pass()
        return Repeat(hit, record)

"""Judging samples: off everybody's path, one at a time, while the engine has nothing waiting."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Final, Protocol

from ...apis.questions import with_text
from ...apis.registry import DIALECTS
from ...apis.saying import Said, said_in
from ...domain.json import JsonObject
from ...domain.quality import CacheLevel, SampleSource
from ...quality.verdicts import OddOne, Verdict, of_exact, of_fresh, of_own
from ..semantic.aliases import Aliases
from ..semantic.look_up import SemanticLookUp
from ..stored.look_up import Found
from ..stored.renditions import OFF_LOOP, Unusable, whole_answer
from .answer_comparison import AnswerComparison
from .fresh_answers import Abandoned, FreshAnswers, ShadowJournal
from .standings import Nearness, Standings
from .trials import Trial

_WAITING: Final = 64

_log = logging.getLogger(__name__)


class SampleJournal(ShadowJournal, Protocol):
    """Counts what became of samples."""

    def judged(
        self, model: str, level: CacheLevel, source: SampleSource, verdict: Verdict
    ) -> None: ...

    def count(self, event: str, amount: int = 1) -> None: ...


class Shadow:
    """Implements `trials.TrialQueue`, and works it off in `run`."""

    def __init__(
        self,
        fresh: FreshAnswers,
        comparison: AnswerComparison,
        semantic: SemanticLookUp,
        standings: Standings,
        aliases: Aliases,
        journal: SampleJournal,
    ) -> None:
        self._fresh = fresh
        self._comparison = comparison
        self._semantic = semantic
        self._standings = standings
        self._aliases = aliases
        self._journal = journal
        self._waiting: deque[Trial] = deque()
        self._some = asyncio.Event()
        self._stopped = False
        self._busy = False
        # Models and levels of which the last further answer could not be had.
        self._doubted: set[tuple[str, CacheLevel]] = set()

    @property
    def waiting(self) -> int:
        """Samples that wait for their verdict, the one in work included."""
        return len(self._waiting) + self._busy

    def offer(self, trial: Trial) -> bool:
        """See `trials.TrialQueue`."""
        if self._stopped or len(self._waiting) >= _WAITING:
            self._journal.count("samples_dropped")
            return False
        self._waiting.append(trial)
        self._some.set()
        return True

    def stop(self) -> None:
        """Give up all samples: the sidecar is about to leave. Idempotent."""
        self._stopped = True
        self._waiting.clear()

    async def run(self) -> None:
        """Work for ever."""
        while True:
            await self._some.wait()
            self._some.clear()
            while self._waiting:
                trial = self._waiting.popleft()
                self._busy = True
                try:
                    await self._judge(trial)
                except Abandoned as reason:
                    self._journal.count(f"samples_abandoned_{reason.reason}")
                except Exception:
                    _log.exception("a defect: a sample could not be judged")
                    self._journal.count("samples_abandoned_defect")
                finally:
                    self._busy = False

    async def _judge(self, trial: Trial) -> None:
        self._check(trial)
        found = trial.found or await self._candidate(trial)
        if found is None:
            return
        trial.found = found
        stored = await _said(trial, found)
        verdict = await self._verdict(trial, found, stored)
        if verdict is None:
            return
        self._check(trial)
        quality = trial.settings.quality
        served_else = not quality.learns or self._standings.learned.allows(
            found, quality.false_hits.allowed
        )
        if trial.level is CacheLevel.SEMANTIC:
            if verdict is Verdict.RIGHT:
                self._aliases.learn(trial.key, found, trial.meaning, trial.settings)
            elif verdict is Verdict.ANOTHER_QUESTION:
                self._aliases.forget(trial.key)
            if verdict in (Verdict.RIGHT, Verdict.ANOTHER_QUESTION):
                self._standings.learned.enter(found, right=verdict is Verdict.RIGHT)
        self._journal.judged(trial.model, trial.level, trial.source, verdict)
        if not served_else:
            return  # kept from being served for what it is itself: no sample of what is served
        self._standings.enter(
            trial.model,
            trial.level,
            verdict,
            Nearness(found.close, found.age_s <= trial.settings.semantic.ttl / 2),
            free=trial.given is not None,
        )

    def _check(self, trial: Trial) -> None:
        """What was let through under other settings is no evidence about these."""
        if trial.settings.book != self._standings.book:
            raise Abandoned("reconfigured")

    async def _candidate(self, trial: Trial) -> Found | None:
        """What a request of the holdout would have got by its meaning."""
        if trial.meaning is None:
            return None
        return await self._semantic.find(trial.meaning, trial.settings, without=trial.key)

    async def _verdict(self, trial: Trial, found: Found, stored: Said) -> Verdict | None:
        """See `quality.verdicts`; None where a free sample may not cost what it takes to tell.

        Whether a sample counts must not depend on what it says, and one that differs needs further
        answers. So while the last of these could not be had, they are asked for one that agrees
        too, and it is given up along with them.
        """
        agree, given = self._comparison.agree, trial.given
        if given is not None and not _judges(trial):
            agreed = await agree(trial, stored, given)
            if agreed is None:
                return Verdict.INCONCLUSIVE
            # Counting only those that agree would flatter the rate: these are told apart.
            self._journal.count("samples_agreed" if agreed else "samples_differed")
            return None
        semantic = trial.level is CacheLevel.SEMANTIC
        body = own_body(trial, found) if semantic else None
        if semantic and body is None:
            return Verdict.INCONCLUSIVE  # an error could not be told from anything else
        doubted = (trial.model, trial.level) in self._doubted
        if given is None:
            fresh = await self._fresh.to(trial, trial.body)
            again = await self._fresh.to(trial, trial.body)
            stored_fresh = await agree(trial, stored, fresh)
        else:
            await self._fresh.turn(trial)
            stored_fresh = await agree(trial, stored, given)
            if stored_fresh is None:
                return Verdict.INCONCLUSIVE
            if stored_fresh and not doubted:
                return Verdict.RIGHT
            fresh, again = given, await self._further(trial, trial.body)
        verdict: Verdict | OddOne = Verdict.RIGHT
        if given is None or not stored_fresh:
            verdict = of_fresh(
                stored_fresh, await agree(trial, stored, again), await agree(trial, fresh, again)
            )
        if not isinstance(verdict, OddOne):
            if doubted and verdict is Verdict.RIGHT and body is not None:
                await self._further(trial, body)
            return verdict
        if body is None:
            return of_exact(verdict)
        own = await self._further(trial, body)
        odd = {"stored": stored, "fresh": fresh, "again": again}[verdict.odd]
        return of_own(verdict, await agree(trial, odd, own))

    async def _further(self, trial: Trial, body: JsonObject) -> Said:
        """An answer that only a sample that differs needs. Raises `Abandoned`."""
        about = (trial.model, trial.level)
        self._doubted.add(about)
        said = await self._fresh.to(trial, body)
        self._doubted.discard(about)
        return said


def _judges(trial: Trial) -> bool:
    """Whether a sample whose fresh answer was the client's own may cost what it takes to tell. Those
    that the budget withholds may: the way back leads through them."""
    return trial.settings.quality.shadow > 0 or trial.source is SampleSource.WITHHELD


def own_body(trial: Trial, found: Found) -> JsonObject | None:
    """The request that the entry belongs to: its partition is the asked one's, so that it differs in
    the question alone. None where the question's place can't be told."""
    meaning = trial.meaning
    if meaning is None or meaning.question is None or found.question is None:
        return None
    place = meaning.question
    if place.text.count(meaning.text) != 1:
        return None
    text = place.text.replace(meaning.text, found.question)
    return with_text(trial.body, place.path, place.before + text + place.after)


async def _said(trial: Trial, found: Found) -> Said:
    """What the served entry says. Raises `Abandoned`."""
    api = trial.facts.api

    def read() -> Said | None:
        return said_in(api, whole_answer(found.hot.entry, DIALECTS[api]))

    try:
        long = found.meta.body_bytes > OFF_LOOP
        said = await asyncio.to_thread(read) if long else read()
    except (Unusable, ValueError, KeyError, TypeError, AttributeError):
        said = None
    if said is None:
        raise Abandoned("unreadable")
    return said

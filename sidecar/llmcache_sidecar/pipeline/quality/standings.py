"""What samples have shown so far, and what the semantic level may do by it.

Replicas share it through a store where there is one; each counts on by itself while the store is
away, and hands in later what it counted.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from ...domain.quality import CacheLevel, RateKind
from ...ports.clock import Clock
from ...ports.evidence_store import EvidenceStore
from ...ports.exact_store import StoreError
from ...ports.journal import Journal
from ...quality.budget import Budget, Serving, Term, follow, renews, standing_of
from ...quality.confidence import Evidence, Tally, conclusive, measure
from ...quality.measured import Measured
from ...quality.verdicts import Verdict
from .learned import Learned
from .shared_book import SharedBook

_EVERY_S: Final = 5.0
_SEPARATOR: Final = "\x1f"
_SERVED, _WITHHELD = "served", "withheld"
_WEIGHTS: Final = {"free": 1.0, "shadow": 0.5}
_COUNTS: Final = ("wrong", "chance", "right")

_log = logging.getLogger(__name__)


class Budgets(Protocol):
    """The budgets in force."""

    @property
    def false_hits(self) -> Budget: ...

    @property
    def staleness(self) -> Budget: ...


@dataclass(frozen=True, slots=True)
class Nearness:
    """How clearly a candidate is one.

    Attributes:
        close: it would pass clearly tighter thresholds (`verify.chain.is_close`).
        young: it is younger than half of its ttl.
    """

    close: bool = True
    young: bool = True


_Name = tuple[str, CacheLevel, RateKind]


class Standings:
    """Takes verdicts, and tells what follows.

    Attributes:
        learned: what follows for single entries.

    Args:
        store: None where nobody shares it.
        book: names what all evidence is about (the semantic settings and the embedding model): with
            others it would say nothing.
    """

    def __init__(
        self,
        budgets: Budgets,
        book: str,
        store: EvidenceStore | None,
        clock: Clock,
        journal: Journal,
    ) -> None:
        self._budgets = budgets
        self._book = SharedBook(store, book)
        self._store = store
        self._clock = clock
        self._journal = journal
        self._terms: dict[_Name, Term] = {}
        self._shared_terms: dict[_Name, str] = {}
        self._counts: dict[str, int] = {}
        self._failing = False
        self.learned = Learned(store, f"{book}-l")

    def configure(self, budgets: Budgets, book: str) -> None:
        """Take over other budgets; with another book nothing is known yet."""
        self._budgets = budgets
        if self._book.turn_to(book):
            for known in (self._terms, self._shared_terms, self._counts):
                known.clear()
            self.learned.configure(f"{book}-l")
        for name, term in list(self._terms.items()):
            self._follow(name, term)  # what was too much may be allowed now

    @property
    def book(self) -> str:
        """What evidence is gathered about."""
        return self._book.name

    # What may be served.

    def serving(self, model: str | None) -> Serving:
        """The least of what both rates of the semantic level allow for `model`; None = any model may
        be meant, so that the least of what any may do holds."""
        found = {serving for kind in RateKind for serving in self._servings(model, kind)}
        for serving in (Serving.OBSERVING, Serving.TIGHTENED):
            if serving in found:
                return serving
        return Serving.SERVING

    def allows(self, model: str | None, nearness: Nearness) -> bool:
        """Whether a candidate of the semantic level may be served; `model` as in `serving`."""
        if not self._terms:
            return True
        for kind in RateKind:
            servings = self._servings(model, kind)
            if Serving.OBSERVING in servings:
                return False
            if Serving.TIGHTENED in servings and not _passes(kind, nearness):
                return False
        return True

    def _servings(self, model: str | None, kind: RateKind) -> set[Serving]:
        if model is not None:
            return {self._term((model, CacheLevel.SEMANTIC, kind)).serving}
        semantic = (CacheLevel.SEMANTIC, kind)
        return {term.serving for (_, *of), term in self._terms.items() if tuple(of) == semantic}

    # Evidence.

    def enter(
        self,
        model: str,
        level: CacheLevel,
        verdict: Verdict,
        nearness: Nearness,
        *,
        free: bool,
    ) -> None:
        """A sample was judged.

        Args:
            free: its fresh answer was the client's own (see `quality.verdicts` and `Tally.weight`).
        """
        for kind in RateKind:
            if level is CacheLevel.EXACT and kind is RateKind.FALSE_HIT:
                continue
            name = (model, level, kind)
            term = self._term(name)
            self._terms.setdefault(name, term)
            arm = self._arm(name, term, nearness)
            if arm is None:
                continue
            self._add(_field(name, term.number, arm, *_counted(verdict, kind, free)))
            self._follow(name, term)

    def _arm(self, name: _Name, term: Term, nearness: Nearness) -> str | None:
        """Which evidence a sample belongs to: what is served, or what would be one step back."""
        passes = _passes(name[2], nearness)
        match term.serving:
            case Serving.SERVING:
                return _SERVED
            case Serving.TIGHTENED:
                return _SERVED if passes else _withheld(term)
            case Serving.OBSERVING:
                return _withheld(term) if passes else None

    def _follow(self, name: _Name, term: Term) -> None:
        served = self._evidence(name, term.number, _SERVED)
        withheld = self._evidence(name, term.number, _withheld(term))
        budget = self._budget(name)
        serving = follow(term, served, withheld, budget)
        if serving is None:
            if renews(term, withheld, budget):
                self._terms[name] = term.renewed()
            return
        if name[1] is CacheLevel.EXACT and serving is not term.serving:
            # Its answers belong to the very request, so that no threshold would help: it is told.
            if conclusive(served) < budget.longest_term:
                return
            serving = term.serving
        following = term.next(serving, self._clock.time())
        self._terms[name] = following
        if serving is not term.serving:
            model, _, kind = name
            self._journal.count(f"budget_{kind.value}_{serving.value.lower()}")
            _log.warning(
                "the error budget for %s of model %s: the semantic level is %s now (was %s)",
                "false hits" if kind is RateKind.FALSE_HIT else "staleness",
                model,
                serving.value,
                term.serving.value,
            )

    # Reading it.

    def measured(self) -> Iterator[Measured]:
        """Every rate that there are samples of."""
        for name in sorted(self._terms):
            term = self._term(name)
            arm = _withheld(term) if term.serving is Serving.OBSERVING else _SERVED
            evidence = self._evidence(name, term.number, arm)
            if term.carried:
                evidence += self._evidence(name, term.number - 1, arm)
            budget = self._budget(name)
            numbers = (term.number - 1, term.number) if term.carried else (term.number,)
            yield Measured(
                *name,
                rate=measure(evidence),
                standing=standing_of(evidence, budget),
                serving=term.serving,
                allowed=budget.allowed,
                inconclusive=sum(
                    self._counts.get(_field(name, number, arm, "inconclusive"), 0)
                    for number in numbers
                ),
                since=term.since,
            )

    def _budget(self, name: _Name) -> Budget:
        if name[2] is RateKind.FALSE_HIT:
            return self._budgets.false_hits
        return self._budgets.staleness

    def _term(self, name: _Name) -> Term:
        return self._terms.get(name) or Term()

    def _evidence(self, name: _Name, number: int, arm: str) -> Evidence:
        tallies = []
        for sort, weight in _WEIGHTS.items():
            counts = [
                self._counts.get(_field(name, number, arm, sort, count), 0) for count in _COUNTS
            ]
            if any(counts):
                wrong, chance, right = counts
                tallies.append(Tally(wrong, chance, right, weight))
        return tuple(tallies)

    def _add(self, field: str) -> None:
        self._counts[field] = self._counts.get(field, 0) + 1
        self._book.add(field)

    # Sharing it.

    async def share(self) -> None:
        """Exchange with the other replicas for ever."""
        while self._store is not None:
            await self.exchange()
            await asyncio.sleep(_EVERY_S)

    async def exchange(self) -> None:
        """Hand in what was counted here, and take over what all have counted. Never raises."""
        store, book = self._store, self._book.name
        if store is None:
            return
        try:
            for name, term in list(self._terms.items()):
                known, word = self._shared_terms.get(name, ""), _term_word(term)
                if known != word:
                    await store.replace(book, _field(name, "term"), known, word)
            found = await self._book.exchange()
            await self.learned.exchange()
        except StoreError as error:
            if not self._failing:
                _log.warning("what samples showed is not shared for now: %s", error)
                self._journal.count("evidence_not_shared")
            self._failing = True
            return
        self._failing = False
        if found is not None and book == self._book.name:
            self._adopt(found)

    def _adopt(self, found: dict[str, str]) -> None:
        """What the store holds is what all replicas know; what is pending here comes on top."""
        counts: dict[str, int] = {}
        self._shared_terms.clear()  # a store that lost its terms is told them again
        for field, value in found.items():
            name = _name_of(field)
            if field.endswith(f"{_SEPARATOR}term"):
                term = _read_term(value)
                if name is None or term is None:
                    continue
                self._shared_terms[name] = value
                known = self._term(name)
                if (term.number, term.round) >= (known.number, known.round):
                    self._terms[name] = term
            elif value.lstrip("-").isdigit():
                counts[field] = int(value)
                if name is not None:
                    self._terms.setdefault(name, Term())
        for field, amount in self._book.on_top():
            counts[field] = counts.get(field, 0) + amount
        self._counts = counts
        for name, term in list(self._terms.items()):
            self._follow(name, term)


def _passes(kind: RateKind, nearness: Nearness) -> bool:
    return nearness.close if kind is RateKind.FALSE_HIT else nearness.young


def _withheld(term: Term) -> str:
    return f"{_WITHHELD} {term.round}" if term.round else _WITHHELD


def _counted(verdict: Verdict, kind: RateKind, free: bool) -> tuple[str, ...]:
    """Where a verdict is counted for one kind of rate."""
    sort = "free" if free else "shadow"
    wrong, chance = {
        RateKind.FALSE_HIT: (Verdict.ANOTHER_QUESTION, Verdict.CHANCE_QUESTION),
        RateKind.STALE: (Verdict.STALE, Verdict.CHANCE_STALE),
    }[kind]
    if verdict is wrong:
        return sort, "wrong"
    if verdict is chance:
        return sort, "chance"
    return ("inconclusive",) if verdict.is_inconclusive else (sort, "right")


def _field(name: _Name, *more: object) -> str:
    model, level, kind = name
    parts = (model.replace(_SEPARATOR, " "), level.value, kind.value, *map(str, more))
    return _SEPARATOR.join(parts)


def _name_of(field: str) -> _Name | None:
    parts = field.split(_SEPARATOR)
    try:
        return parts[0], CacheLevel(parts[1]), RateKind(parts[2])
    except (IndexError, ValueError):
        return None


def _term_word(term: Term) -> str:
    word = f"{term.number} {term.serving.value} {term.since:.3f} {int(term.carried)}"
    return f"{word} {term.round}" if term.round else word


def _read_term(word: str) -> Term | None:
    try:
        number, serving, since, carried, *more = word.split(" ")
        return Term(Serving(serving), int(number), float(since), carried == "1", *map(int, more))
    except (ValueError, TypeError):
        return None

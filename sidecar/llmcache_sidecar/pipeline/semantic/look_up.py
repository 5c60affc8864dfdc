"""The semantic look-up: the nearest questions of the partition, verified one by one."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from ...domain.ids import ExactKey
from ...domain.vectors import EmbeddingModel, Neighbour
from ...ports.clock import Clock
from ...ports.cross_encoder import CrossEncoderBusy, CrossEncoderError, CrossEncoderUnfit
from ...ports.exact_store import ExactStore, StoreError
from ...ports.journal import Journal
from ...ports.sealer import Sealer
from ...ports.vector_store import PointWriter, VectorSearch
from ...verify.chain import CROSS_ENCODER, Chain, Judgement, is_close
from ..settings.cache import CacheSettings
from ..stored.look_up import Found, LookUp
from .meaning import Meaning
from .trace import Notes
from .verification import Verification

_TIDYING: Final = 16
"""Points looked after at a time; others wait for the next look-up that meets them."""


_COMPARED: Final = 2
"""Grey candidates that a cross-encoder reads for one request; each takes it some milliseconds."""


@dataclass(slots=True)
class _Search:
    """One look-up.

    Attributes:
        life, oldest: seconds, as `LookUp.find` takes them.
        until: monotonic seconds; later nobody waits for it any more.
        counts: what is refused is entered into the account.
        left: candidates that a cross-encoder may still read.
        denied: it has refused one.
    """

    meaning: Meaning
    chain: Chain
    life: float
    oldest: float
    until: float
    notes: Notes | None
    counts: bool
    left: int = _COMPARED
    denied: bool = False


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A neighbour, its question, and what was judged of it."""

    neighbour: Neighbour
    question: str
    judgement: Judgement


class SemanticLookUp:
    """Finds an entry whose question means the same.

    Args:
        model: gives the embedding model in use.
        budget: seconds for the embedding and the search together; what that leaves no time for is
            not found.
    """

    def __init__(
        self,
        vectors: VectorSearch,
        points: PointWriter,
        look_up: LookUp,
        store: ExactStore,
        sealer: Sealer,
        verification: Verification,
        model: Callable[[], EmbeddingModel | None],
        budget: Callable[[], float],
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._vectors = vectors
        self._points = points
        self._look_up = look_up
        self._store = store
        self._sealer = sealer
        self._verification = verification
        self._model = model
        self._budget = budget
        self._journal = journal
        self._clock = clock
        self._tidying: set[asyncio.Task[None]] = set()

    async def find(
        self,
        meaning: Meaning,
        settings: CacheSettings,
        notes: Notes | None = None,
        *,
        max_age: float | None = None,
        without: ExactKey | None = None,
    ) -> Found | None:
        """The entry of the nearest question that every gate lets through and that is young enough,
        or None. Never raises.

        Args:
            max_age: seconds; the client wants nothing older. None: what is asked decides alone.
            without: an entry that is not looked for: the request's own, stored meanwhile. With it
                nothing is counted.
            notes: takes every candidate and what became of it; with them nothing is counted and
                nothing is cleaned up.
        """
        semantic = settings.semantic
        model = self._model()
        if meaning.vector is None or meaning.question is None or model is None:
            return None
        assert meaning.partition is not None
        chain = self._verification.chain(model, semantic.threshold, compares=semantic.cross_encoder)
        threshold = chain.threshold.least
        life = _life(meaning, settings)
        oldest = life if max_age is None else min(life, max_age)
        # A trial that is looked at again, later, keeps nobody waiting.
        began = math.inf if without is not None else meaning.began
        until = began + self._budget()
        search = _Search(meaning, chain, life, oldest, until, notes, without is None)
        neighbours = await self._vectors.search(
            meaning.partition,
            meaning.vector,
            semantic.candidates,
            self._clock.time(),
            within=until - self._clock.monotonic(),
        )
        if notes is not None:
            nearest = f", the nearest at {neighbours[0].similarity:.3f}" if neighbours else ""
            notes.note("semantic search", f"{len(neighbours)} candidates{nearest}")
        found, grey = None, list[_Candidate]()
        for neighbour in neighbours:
            if neighbour.key == without:
                continue
            if neighbour.similarity < threshold:
                if notes is not None:
                    notes.note(
                        "threshold",
                        f"{neighbour.similarity:.3f} is below {threshold:.3f}",
                    )
                break
            # The nearest may be too old for this request and hide nobody who is younger.
            age = self._clock.time() - neighbour.created_at
            if age > oldest:
                if notes is not None:
                    notes.note(
                        "candidate",
                        f"entry {neighbour.id}, similarity {neighbour.similarity:.3f}: "
                        f"{age:.0f} s old, and no more than {oldest:.0f} s may be",
                    )
                continue
            candidate = await self._judged(search, neighbour)
            if candidate is None:
                continue
            if candidate.judgement.grey and not candidate.judgement.accepted:
                grey.append(candidate)
                continue
            found = await self._settled(search, candidate)
            if found is not None:
                break
        grey.sort(key=lambda one: one.judgement.score, reverse=True)
        for candidate in grey:
            if found is None:
                found = await self._settled(search, candidate)
            else:
                self._tell(search, candidate)
        return found

    async def _settled(self, search: _Search, candidate: _Candidate) -> Found | None:
        """The entry of a candidate that is accepted in the end. One that nobody may read any more, after
        others like it were refused, is not."""
        if candidate.judgement.grey:
            if search.left:
                candidate = await self._compared(search, candidate)
            elif candidate.judgement.accepted and search.denied:
                refused = replace(candidate.judgement, accepted=False, gate=CROSS_ENCODER)
                candidate = replace(candidate, judgement=refused)
        self._tell(search, candidate)
        return await self._found(search, candidate) if candidate.judgement.accepted else None

    async def _judged(self, search: _Search, neighbour: Neighbour) -> _Candidate | None:
        stored = self._sealer.open(neighbour.payload, neighbour.key)
        if stored is None:
            if search.notes is None:
                self._journal.count("unreadable_points")
            return None
        meaning = search.meaning
        assert meaning.partition is not None
        return _Candidate(
            neighbour,
            stored,
            await self._verification.judge(
                search.chain, meaning.partition, meaning.text, stored, neighbour.similarity
            ),
        )

    async def _compared(self, search: _Search, candidate: _Candidate) -> _Candidate:
        """A grey candidate as a cross-encoder judges it; as it was where that can't tell."""
        meaning, neighbour = search.meaning, candidate.neighbour
        assert meaning.partition is not None
        try:
            judgement = await self._verification.compare(
                search.chain,
                meaning.partition,
                meaning.text,
                candidate.question,
                neighbour.similarity,
                candidate.judgement,
                search.until - self._clock.monotonic(),
            )
        except CrossEncoderError as error:
            if not isinstance(error, CrossEncoderUnfit):
                search.left -= 1
            if search.notes is not None:
                search.notes.note("cross-encoder", f"entry {neighbour.id}: {error}")
            elif search.counts:
                self._journal.count(f"cross_encoder_{_trouble(error)}")
            return candidate
        search.left -= 1
        search.denied |= not judgement.accepted
        return replace(candidate, judgement=judgement)

    def _tell(self, search: _Search, candidate: _Candidate) -> None:
        """Note what became of a candidate, or count one that was refused."""
        neighbour, judgement = candidate.neighbour, candidate.judgement
        if search.notes is not None:
            verdict = "accepted" if judgement.accepted else f"refused by {judgement.gate}"
            search.notes.note(
                "candidate",
                f"entry {neighbour.id}, similarity {neighbour.similarity:.3f}: {verdict}"
                + (f" ({judgement.reason})" if judgement.reason else ""),
            )
        elif search.counts and not judgement.accepted:
            self._journal.refused(judgement.gate)

    async def _found(self, search: _Search, candidate: _Candidate) -> Found | None:
        """The entry of an accepted candidate, while there is one."""
        neighbour, judgement = candidate.neighbour, candidate.judgement
        found = await self._look_up.find(neighbour.key, search.life, search.oldest)
        # What was asked again since may have been cut, or call a tool: that answers nobody else.
        if found is None or not found.meta.answers:
            if search.notes is not None:
                search.notes.note("candidate", f"entry {neighbour.id} is gone")
            else:
                self._tidy(neighbour)
            return None
        found.similarity = neighbour.similarity
        found.question = candidate.question
        found.score = judgement.score
        found.close = is_close(judgement, neighbour.similarity, search.chain.threshold)
        return found

    def _tidy(self, neighbour: Neighbour) -> None:
        """Remove a point whose entry is gone: gone by the store's own word, not because the store
        was slow or away."""
        if len(self._tidying) < _TIDYING:
            task = asyncio.create_task(self._remove_if_gone(neighbour))
            self._tidying.add(task)
            task.add_done_callback(self._tidying.discard)

    async def _remove_if_gone(self, neighbour: Neighbour) -> None:
        try:
            gone = await self._store.find(neighbour.id) is None
        except StoreError:
            return
        if gone:
            self._journal.count("dangling_points")
            self._points.drop([neighbour.id])

    async def aclose(self) -> None:
        """Stop tidying. Idempotent."""
        for task in self._tidying:
            task.cancel()
        await asyncio.gather(*self._tidying, return_exceptions=True)


def _life(meaning: Meaning, settings: CacheSettings) -> float:
    """Seconds that an answer to this question may be served for: an entry's own question may belong to
    no class with a shorter life where this one does."""
    longest = meaning.ruling.longest
    return settings.semantic.ttl if longest is None else min(settings.semantic.ttl, longest)


def _trouble(error: CrossEncoderError) -> str:
    """How it is counted."""
    match error:
        case CrossEncoderBusy():
            return "busy"
        case CrossEncoderUnfit():
            return "unread"
        case _:
            return "failed"

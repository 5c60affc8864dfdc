"""The semantic look-up: the nearest questions of the partition, verified one by one."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Final

from ...domain.ids import ExactKey
from ...domain.vectors import EmbeddingModel, Neighbour
from ...ports.clock import Clock
from ...ports.exact_store import ExactStore, StoreError
from ...ports.journal import Journal
from ...ports.sealer import Sealer
from ...ports.vector_store import PointWriter, VectorSearch
from ...verify.chain import Chain, is_close
from ..settings.cache import CacheSettings
from ..stored.look_up import Found, LookUp
from .meaning import Meaning
from .trace import Notes
from .verification import Verification

_TIDYING: Final = 16
"""Points looked after at a time; others wait for the next look-up that meets them."""


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
        chain = self._verification.chain(model, semantic.threshold)
        threshold = chain.threshold.least
        life = _life(meaning, settings)
        oldest = life if max_age is None else min(life, max_age)
        # A trial that is looked at again, later, keeps nobody waiting.
        began = math.inf if without is not None else meaning.began
        neighbours = await self._vectors.search(
            meaning.partition,
            meaning.vector,
            semantic.candidates,
            self._clock.time(),
            within=began + self._budget() - self._clock.monotonic(),
        )
        if notes is not None:
            nearest = f", the nearest at {neighbours[0].similarity:.3f}" if neighbours else ""
            notes.note("semantic search", f"{len(neighbours)} candidates{nearest}")
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
            found = await self._verified(
                meaning, neighbour, chain, life, oldest, notes, without is None
            )
            if found is not None:
                return found
        return None

    async def _verified(
        self,
        meaning: Meaning,
        neighbour: Neighbour,
        chain: Chain,
        life: float,
        oldest: float,
        notes: Notes | None,
        counts: bool,
    ) -> Found | None:
        stored = self._sealer.open(neighbour.payload, neighbour.key)
        if stored is None:
            if notes is None:
                self._journal.count("unreadable_points")
            return None
        assert meaning.partition is not None
        judgement = await self._verification.judge(
            chain, meaning.partition, meaning.text, stored, neighbour.similarity
        )
        if notes is not None:
            verdict = "accepted" if judgement.accepted else f"refused by {judgement.gate}"
            notes.note(
                "candidate",
                f"entry {neighbour.id}, similarity {neighbour.similarity:.3f}: {verdict}"
                + (f" ({judgement.reason})" if judgement.reason else ""),
            )
        elif counts and not judgement.accepted:
            self._journal.refused(judgement.gate)
        if not judgement.accepted:
            return None
        found = await self._look_up.find(neighbour.key, life, oldest)
        # What was asked again since may have been cut, or call a tool: that answers nobody else.
        if found is None or not found.meta.answers:
            if notes is not None:
                notes.note("candidate", f"entry {neighbour.id} is gone")
            else:
                self._tidy(neighbour)
            return None
        found.similarity = neighbour.similarity
        found.question = stored
        found.score = judgement.score
        found.close = is_close(judgement, neighbour.similarity, chain.threshold)
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

"""Requests known to mean what an entry answers: found again without an embedding.

A semantic hit that was judged right becomes an alias of its entry. It is no entry of its own: it has no
body and no life, and is worth something only while the very entry that it was judged with is alive.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from ...domain.ids import EntryId, ExactKey
from ...ports.journal import Journal
from ..settings.cache import CacheSettings
from ..stored.look_up import Found, LookUp
from .meaning import Meaning

_MOST: Final = 20_000
"""Aliases kept; about a kilobyte each, and never more than some. The least recently used goes first."""
_LONGEST: Final = 4_000
"""Characters of both questions and of what stands around the asked one; what is longer becomes no
alias."""


@dataclass(frozen=True, slots=True)
class Alias:
    """What was judged.

    Attributes:
        key, entry: of the entry.
        question: the entry's own.
        similarity: of the two questions.
        score, close: as in `look_up.Found`.
        meaning: of the request, without its vector.
        version: of what let the two meet (`CacheSettings.meaning_version`): under other settings they
            might not.
    """

    key: ExactKey
    entry: EntryId
    question: str
    similarity: float
    score: float
    close: bool
    meaning: Meaning
    version: str


class Aliases:
    """Of this process; other replicas learn theirs from their own samples."""

    def __init__(self, look_up: LookUp, journal: Journal, most: int = _MOST) -> None:
        self._look_up = look_up
        self._journal = journal
        self._most = most
        self._known: OrderedDict[ExactKey, Alias] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def learn(
        self, key: ExactKey, found: Found, meaning: Meaning | None, settings: CacheSettings
    ) -> None:
        """The request under `key` was judged to mean what `found` answers; `settings` are those that
        it came under."""
        if meaning is None or meaning.question is None:
            return
        if found.similarity is None or found.question is None or not meaning.admitted:
            return
        place = meaning.question
        kept = (place.before, place.text, place.after, found.question)
        if sum(map(len, kept)) > _LONGEST:
            return
        if key not in self._known:
            self._journal.count("aliases_learned")
        self._known[key] = Alias(
            found.meta.key,
            found.meta.id,
            found.question,
            found.similarity,
            found.score,
            found.close,
            Meaning(
                question=meaning.question,
                text=meaning.text,
                ruling=meaning.ruling,
                admitted=meaning.admitted,
                partition=meaning.partition,
            ),
            settings.meaning_version,
        )
        self._known.move_to_end(key)
        if len(self._known) > self._most:
            self._known.popitem(last=False)

    def forget(self, key: ExactKey) -> None:
        """The two were judged to be different, or the policy has changed."""
        if self._known.pop(key, None) is not None:
            self._journal.count("aliases_forgotten")

    def served(self) -> None:
        """A request was served by an alias: a semantic hit that cost no embedding."""
        self._journal.count("alias_hits")

    def known(self, key: ExactKey, settings: CacheSettings) -> Alias | None:
        """What is known of a request that comes under `settings`."""
        alias = self._known.get(key) if self._known else None
        return None if alias is None or alias.version != settings.meaning_version else alias

    async def find(
        self, key: ExactKey, alias: Alias, settings: CacheSettings, *, looks_only: bool = False
    ) -> Found | None:
        """The entry, while it is the one that was judged; else the alias is gone too, unless one
        `looks_only`."""
        ttl = settings.semantic.ttl
        found = await self._look_up.find(alias.key, ttl, ttl)
        if found is None or found.meta.id != alias.entry:
            if not looks_only:
                self.forget(key)
            return None
        self._known.move_to_end(key)
        found.similarity = alias.similarity
        found.question = alias.question
        found.score = alias.score
        found.close = alias.close
        return found

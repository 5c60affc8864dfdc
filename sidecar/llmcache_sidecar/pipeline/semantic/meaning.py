"""What a request means: its question, the question's vector, and the classes it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from ...apis.questions import Place, find_question, user_text
from ...domain.api import Api
from ...domain.request import RequestFacts
from ...domain.vectors import EmbeddingModel, PartitionId, Vector
from ...policy.meaning_rules import exact_only
from ...policy.request_rules import Level
from ...policy.treatment import FREE, Ruling, rule
from ...ports.clock import Clock
from ...ports.embedder import (
    Embedder,
    EmbeddingError,
    EmbeddingOverdue,
    EmbeddingOverload,
    TextTooLong,
)
from ...ports.hot_entries import HotEntry
from ...ports.journal import Journal
from ...ports.turns import Spare, Turns
from ..settings.cache import CacheSettings
from ..settings.policies import Policy
from .frames import Frames

LONGEST_QUESTION: Final = 8_192
"""Characters; a longer one is not embedded: no model's window holds it."""


class ContentJudge(Protocol):
    """Tells which classes a question belongs to."""

    @property
    def version(self) -> str:
        """Changes with whatever may change a verdict."""
        ...

    @property
    def by_meaning(self) -> bool:
        """Vectors count; else words alone decide."""
        ...

    def judge(self, text: str, vector: Vector | None, watched: frozenset[str]) -> Iterable[Finding]:
        """The classes, of those that are watched, in a fixed order."""
        ...


class Finding(Protocol):
    """One class that a question belongs to."""

    @property
    def content_class(self) -> str: ...

    @property
    def reason(self) -> str: ...


@dataclass(slots=True)
class Meaning:
    """What is known of a request's question.

    Attributes:
        question: None where the request has none that may be looked up by meaning.
        text: of the question, without the frame that all its like share.
        exact_only: why it may not.
        vector: None where there is none.
        absent: why there is none, one of a closed set of words.
        ruling: what the classes say.
        reasons: the classes with their reasons, for a trace.
        admitted: the version of the policy that `ruling` comes from.
        began: when its text was handed to the model, in monotonic seconds.
        partition: set when it is looked up.
    """

    question: Place | None = None
    text: str = ""
    exact_only: str = ""
    vector: Vector | None = None
    absent: str = ""
    ruling: Ruling = FREE
    reasons: tuple[str, ...] = ()
    admitted: str = ""
    began: float = 0.0
    partition: PartitionId | None = None


@dataclass(frozen=True, slots=True)
class _InForce:
    """The version of the policy, and what it was made of.

    Attributes:
        model: None while words alone decide.
        policy: without the model.
        version: with it; empty while there is none.
    """

    settings: CacheSettings
    model: EmbeddingModel | None
    judge: ContentJudge
    policy: str
    version: str


class Meanings:
    """Reads the meaning of requests.

    Args:
        judge: gives the present judge of classes.
        turns: of those who hold the event loop.
        read_ahead: begins what a candidate's checks will want to know of a question of this partition.
    """

    def __init__(
        self,
        embedder: Embedder,
        judge: Callable[[], ContentJudge],
        journal: Journal,
        clock: Clock,
        turns: Turns,
        read_ahead: Callable[[PartitionId, str], Spare],
    ) -> None:
        self._embedder = embedder
        self._judge = judge
        self._journal = journal
        self._clock = clock
        self._turns = turns
        self._read_ahead = read_ahead
        self._frames = Frames()
        self._now: _InForce | None = None

    def admitted(self, hot: HotEntry, settings: CacheSettings) -> bool:
        """Whether the policy in force let this entry in, so that it needs no second verdict."""
        if hot.meta.api is Api.EMBEDDINGS:
            return True
        return self.in_force(hot.admitted or hot.meta.policy_version, settings)

    def in_force(self, version: str, settings: CacheSettings) -> bool:
        """Whether a verdict of the policy of that version still holds."""
        if not settings.policies.watched:
            return True
        now = self._in_force(settings)
        if version == now.version:
            return True
        # With words alone no stricter verdict can be had than that which let it in.
        return now.model is None and version.partition("/")[0] == now.policy

    def _in_force(self, settings: CacheSettings) -> _InForce:
        """Made anew only when something of it has changed: every hit asks for it."""
        judge = self._judge()
        model = self._embedder.model if judge.by_meaning else None
        now = self._now
        if (
            now is None
            or now.settings is not settings
            or now.model is not model
            or (now.judge is not judge)
        ):
            policy = f"{settings.policy_version}.{judge.version}"
            now = self._now = _InForce(
                settings,
                model,
                judge,
                policy,
                "" if model is None else f"{policy}/{model.identity}",
            )
        return now

    async def read(
        self,
        facts: RequestFacts,
        level: Level,
        policy: Policy,
        settings: CacheSettings,
        partition_of: Callable[[Place], PartitionId],
        *,
        owner: str = "",
        counts: bool = True,
    ) -> Meaning:
        """Read `facts`; `level` is how far the request rules let it go. Never raises.

        Args:
            owner: whose turn the text takes where others wait for the model.
            counts: whether what is missing is entered into the account, and the question counts among
                those of its partition.
        """
        meaning = Meaning()
        if facts.api is Api.EMBEDDINGS:
            meaning.exact_only = "embeddings"
            return meaning
        semantic = settings.semantic
        if semantic.works:
            # Without it a request's pieces are small, and a turn costs a tenth of them.
            await self._turns.next()
        text = user_text(facts)
        place = find_question(facts, semantic.query)
        if semantic.rules.query_on_purpose and place is not None:
            text = place.text
        if semantic.works and level is Level.ALL:
            meaning.exact_only = exact_only(facts, semantic.rules) or ""
            if not meaning.exact_only:
                if place is None:
                    meaning.exact_only = "no-question"
                else:
                    meaning.question = place
                    meaning.partition, meaning.text = self._frames.cut(
                        partition_of(place), place.text, learns=counts
                    )
        elif semantic.works:
            meaning.exact_only = "rules"
        watched = policy.treatments.watched
        if text and (meaning.question is not None or watched):
            if semantic.works:
                await self._embed(meaning, meaning.text or text, owner, counts)
                if meaning.vector is not None:
                    await self._turns.next(begun=True)
            else:
                meaning.absent = "off"
        now = self._in_force(settings)
        if watched:
            findings = tuple(now.judge.judge(text, meaning.vector, watched)) if text else ()
            meaning.ruling = rule(
                [finding.content_class for finding in findings], policy.treatments
            )
            meaning.reasons = tuple(f"{f.content_class} ({f.reason})" for f in findings)
        by_words = meaning.vector is None or now.model is None
        meaning.admitted = f"{now.policy}/words" if by_words else now.version
        if meaning.ruling.level is not Level.ALL:
            meaning.question = None
        return meaning

    async def _embed(self, meaning: Meaning, text: str, owner: str, counts: bool) -> None:
        meaning.began = self._clock.monotonic()
        if self._embedder.model is None:
            meaning.absent = "loading"
        elif len(text) > LONGEST_QUESTION:
            meaning.absent = "too-long"
        else:
            ahead = None
            if meaning.question is not None and meaning.partition is not None:
                ahead = self._read_ahead(meaning.partition, meaning.text)
            try:
                meaning.vector = await self._embedder.embed(text, owner)
                return
            except TextTooLong:
                meaning.absent = "too-long"
            except EmbeddingOverload:
                meaning.absent = "overload"
            except EmbeddingOverdue:
                meaning.absent = "deadline"
            except EmbeddingError:
                meaning.absent = "failed"
            finally:
                if ahead is not None:
                    ahead.cancel()
        if counts:
            self._journal.count(f"no_vector_{meaning.absent.replace('-', '_')}")

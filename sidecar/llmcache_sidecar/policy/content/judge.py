"""The judge: a text, and its vector where there is one, to the classes that it belongs to.

Three voices, each worth something alone: the lexical rules (precise, few), the word model (every
language that has phrases, no vector needed) and, once the examples are embedded, the meaning model.
Words and meaning are averaged as log-odds; a rule decides alone unless the words deny it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, inf, log
from types import MappingProxyType
from typing import Final

import numpy as np

from ...domain.vectors import Vector
from .classes import ContentClass, ContentFinding
from .custom import CustomClass, CustomModel, fit_custom
from .knowledge import Knowledge
from .meaning import MeaningModel, fit_meaning
from .rules import RULES
from .word_model import see

DEFAULT_THRESHOLDS: Final[Mapping[ContentClass, float]] = MappingProxyType(
    {
        ContentClass.PERSONAL: 0.54,
        ContentClass.TEMPORAL: 0.56,
        ContentClass.FINANCIAL: 0.5,
        ContentClass.CODE: 0.56,
        ContentClass.ACTION: 0.52,
        ContentClass.RANDOM: 0.46,
        ContentClass.CONTEXTUAL: 0.56,
        ContentClass.CREATIVE: 0.4,
    }
)
"""Probability from which a text belongs to a class: lower where that finds more than it skips wrongly
of what authors wrote whom the words had not been taught (docs/decisions/0016)."""
MEANING_SHARE: Final = 0.25
"""How much the meaning counts beside the words; measured (docs/decisions/0016)."""

CLASSES: Final = tuple(ContentClass)


@dataclass(frozen=True, slots=True)
class ContentSettings:
    """What a user may change.

    Attributes:
        enabled: the classes that are looked for.
        thresholds: probability from which a text belongs to a class, where it is not that of
            `DEFAULT_THRESHOLDS`.
        custom: classes of the user's own; they need an embedding model.
    """

    enabled: frozenset[ContentClass] = frozenset(ContentClass)
    thresholds: Mapping[ContentClass, float] = field(default_factory=lambda: MappingProxyType({}))
    custom: tuple[CustomClass, ...] = ()


class ContentJudge:
    """Compiled once; judges any number of texts. Immutable: `with_examples` makes another."""

    def __init__(
        self,
        knowledge: Knowledge,
        settings: ContentSettings | None = None,
        meaning: MeaningModel | None = None,
        custom: Iterable[CustomModel] = (),
    ) -> None:
        self._knowledge = knowledge
        self._settings = settings = settings or ContentSettings()
        self._meaning = meaning
        self._custom = tuple(custom)
        self._rules = tuple(rule for rule in RULES if rule.content_class in settings.enabled)
        self._bars = tuple(
            _log_odds(settings.thresholds.get(one, DEFAULT_THRESHOLDS[one]))
            if one in settings.enabled
            else inf
            for one in CLASSES
        )

    @property
    def by_meaning(self) -> bool:
        """The examples are embedded; without, only words and rules decide."""
        return self._meaning is not None

    def texts_to_embed(self) -> list[str]:
        """Our examples, then those of the user's classes: what `with_examples` wants vectors of."""
        texts = [text for _, text in self._knowledge.examples()]
        for custom in self._settings.custom:
            texts.extend(custom.phrases)
        return texts

    def with_examples(self, vectors: Sequence[Vector]) -> ContentJudge:
        """The same judge, which now knows the meaning: vectors of `texts_to_embed`, in its order.

        A second of numpy; not for the event loop.
        """
        examples = self._knowledge.examples()
        if len(vectors) != len(self.texts_to_embed()):
            raise ValueError("not one vector per text to embed")
        ours = np.stack(vectors[: len(examples)]).astype(np.float32)
        classes = [content_class for content_class, _ in examples]
        cacheable = ours[[at for at, one in enumerate(classes) if one is None]]
        models = []
        at = len(examples)
        for custom in self._settings.custom:
            end = at + len(custom.phrases)
            models.append(fit_custom(custom, vectors[at:end], cacheable))
            at = end
        return ContentJudge(self._knowledge, self._settings, fit_meaning(classes, ours), models)

    def judge(self, text: str, vector: Vector | None = None) -> tuple[ContentFinding, ...]:
        """The classes of a text, in the order of `ContentClass`, then the user's own.

        Of several words' classes only those within reach of the strongest are told. Never raises
        on any text; work is bounded whatever its length.
        """
        found, cues = see(text, self._knowledge.cues)
        odds = self._knowledge.words.log_odds(found)
        reasons: dict[ContentClass, str] = {}
        for rule in self._rules:
            one = rule.content_class
            if one not in reasons and rule.applies(cues) and odds[CLASSES.index(one)] >= _DENIED:
                reasons[one] = f"lexical:{rule.name}"
        source = "phrases"
        if self._meaning is not None and vector is not None:
            odds = (1 - MEANING_SHARE) * odds + MEANING_SHARE * self._meaning.log_odds(vector)
            source = "examples"
        scores = odds.tolist()
        least = max(scores) - _REACH
        for content_class, score, bar in zip(CLASSES, scores, self._bars, strict=True):
            if score >= bar and score >= least and content_class not in reasons:
                reasons[content_class] = f"{source}:{_probability(score):.2f}"
        if not reasons and not self._custom:
            return ()
        findings = tuple(ContentFinding(one, reasons[one]) for one in CLASSES if one in reasons)
        if self._custom and vector is not None:
            findings += tuple(
                ContentFinding(custom.name, f"examples:{nearest:.2f}")
                for custom in self._custom
                if (nearest := custom.nearest(vector)) >= custom.threshold
            )
        return findings


_REACH: Final = 2.0
_DENIED: Final = -2.0
"""Log-odds (a probability of 0.12) below which the words overrule a rule; measured (docs/policy.md)."""


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return log(bounded / (1 - bounded))


def _probability(odds: float) -> float:
    return 1 / (1 + exp(-min(max(odds, -30.0), 30.0)))


def judge_content(
    text: str, vector: Vector | None, judge: ContentJudge
) -> tuple[ContentFinding, ...]:
    """`judge.judge`, in the form of the other rules: what is judged first, what it is judged by last."""
    return judge.judge(text, vector)

"""What the learned verifier looks at: cheap numbers about a pair that passed every gate.

Each feature is between 0 and about 1 and means the same in every language. The cosine is told
relative to the threshold of the model that made it, since models use the scale differently.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .lexicon import Question
from .pair import Differences, Pair
from .reading import CONTENT, Reading, Word

_SURE: Final = 0.98
_MANY: Final = 8


def _relative(pair: Pair) -> float:
    """The cosine, with 0 at the model's threshold and 1 at the same text."""
    return max(-0.5, min(1.0, (pair.similarity - pair.floor) / (1.0 - min(pair.floor, _SURE))))


def _weight(words: tuple[Word, ...]) -> float:
    return sum(word.weight for word in words)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _adjuncts(words: tuple[Word, ...], reading: Reading) -> float:
    """Phrases that narrow: content behind a preposition."""
    openers = reading.lexicon.phrase_openers
    found = sum(word.lead in openers and word.weight >= CONTENT for word in words)
    return min(found, 2) / 2


def _added(pair: Pair) -> tuple[Reading, tuple[Word, ...]] | None:
    """The text that says more, and the words of content that it adds; None where both say something
    that the other does not, or neither."""
    differences = pair.differences
    asked, stored = differences.asked_content, differences.stored_content
    if bool(asked) == bool(stored):
        return None
    return (pair.asked, asked) if asked else (pair.stored, stored)


def _behind(pair: Pair) -> bool:
    """All that one text says beyond the other stands behind what both say: "... on holidays"."""
    added = _added(pair)
    if added is None:
        return False
    reading, more = added
    alone = {word.stem for word in more}
    content = [word.stem in alone for word in reading.words if word.weight >= CONTENT]
    return content[-len(more) :] == [True] * len(more) and not content[0]


def _before(pair: Pair) -> bool:
    """What one text says beyond the other stands right before a word of both: "business card"."""
    added = _added(pair)
    if added is None:
        return False
    reading, more = added
    alone = {word.stem for word in more}
    return any(
        one.stem in alone and other.stem not in alone and not other.lead
        for one, other in pairwise(reading.words)
    )


def _narrowing(words: tuple[Word, ...], reading: Reading) -> float:
    """Names, facts and words of a kind: they narrow more than other words."""
    table = reading.lexicon.class_of
    found = sum(word.name or word.fact or word.stem in table for word in words)
    return min(found, 2) / 2


def _kinds(pair: Pair) -> tuple[float, float]:
    """Whether both ask for the same kind of answer, and whether one asks yes or no only."""
    asked = pair.asked.questions[0] if pair.asked.questions else Question.NONE
    stored = pair.stored.questions[0] if pair.stored.questions else Question.NONE
    if asked is stored:
        return 0.0, 0.0
    one = Question.YES_NO in (asked, stored)
    none = Question.NONE in (asked, stored)
    return float(not none), float(one and not none)


def _asks_more(pair: Pair) -> bool:
    """One asks for more answers; "can you help me?" before a question asks for none."""
    asked = sum(kind is not Question.YES_NO for kind in pair.asked.questions)
    stored = sum(kind is not Question.YES_NO for kind in pair.stored.questions)
    return asked != stored and min(asked, stored) > 0


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    both = len(one & other)
    return _share(2.0 * both, len(one) + len(other))


def _of_one_side(pair: Pair, differences: Differences) -> tuple[float, float]:
    """Words left over on the fuller side where the other has none, and on the emptier side."""
    asked, stored = len(differences.asked_content), len(differences.stored_content)
    return max(asked, stored), min(asked, stored)


FEATURES: Final = (
    "relative similarity",
    "relative similarity, squared",
    "very similar",
    "trigrams",
    "frame",
    "left over, share",
    "left over on the emptier side, share",
    "one word inserted",
    "two words inserted",
    "more words inserted",
    "one word on each side",
    "two words on each side",
    "more words on each side",
    "phrase inserted",
    "phrase on each side",
    "added behind the end",
    "added right before a word",
    "narrower",
    "narrower on each side",
    "soft words left over",
    "slips",
    "length",
    "other kind of question",
    "yes or no on one side",
    "another clause",
    "a pole on one side",
    "a quantifier on one side",
    "another tense",
    "few words in common",
    "nothing in common",
    "nothing left over",
    "similarity, one word inserted",
    "similarity, words on each side",
    "one word for another",
    "small words apart",
)
"""Names of the features, in order: the weights file names them too."""


def features(pair: Pair) -> NDArray[np.float64]:
    """The features of one pair."""
    asked, stored = pair.asked, pair.stored
    differences = pair.differences
    relative = _relative(pair)
    total_asked, total_stored = _weight(asked.words), _weight(stored.words)
    left_asked = _share(_weight(differences.asked), total_asked)
    left_stored = _share(_weight(differences.stored), total_stored)
    more, less = _of_one_side(pair, differences)
    inserted = more - less
    adjuncts = (_adjuncts(differences.asked, asked), _adjuncts(differences.stored, stored))
    narrowing = (_narrowing(differences.asked, asked), _narrowing(differences.stored, stored))
    soft = len(differences.asked) + len(differences.stored) - more - less
    other_kind, yes_no = _kinds(pair)
    lengths = sorted((len(asked.exact), len(stored.exact)))
    poles = set(asked.sides) ^ set(stored.sides)
    common = sum(word.weight >= CONTENT for word in differences.common)
    return np.array(
        (
            relative,
            relative * abs(relative),
            max(0.0, relative - 0.6) * 2.5,
            _overlap(asked.grams, stored.grams),
            _overlap(frozenset(asked.empty), frozenset(stored.empty)),
            max(left_asked, left_stored),
            min(left_asked, left_stored),
            inserted == 1,
            inserted == 2,
            inserted > 2,
            less == 1,
            less == 2,
            less > 2,
            max(adjuncts),
            min(adjuncts),
            _behind(pair),
            _before(pair),
            max(narrowing),
            min(narrowing),
            min(soft, 4) / 4,
            min(len(differences.near), 3) / 3,
            _share(lengths[0], lengths[1]),
            other_kind,
            yes_no,
            _asks_more(pair),
            min(len(poles), 2) / 2,
            asked.amounts != stored.amounts,
            asked.tense != stored.tense,
            common == 1,
            common == 0,
            more == 0,
            relative * (inserted == 1),
            relative * (less > 0),
            more == 1 == less,
            min(pair.small_words_apart, _MANY) / _MANY,
        ),
        dtype=np.float64,
    )

"""Texts that say the same word for word, in other forms: nothing is left over on either side.

Small models put a slip of the pen, another form of a verb or a language that they read badly far
apart, though a reader finds every word of one text in the other.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from .asked_for import kind_of, lists, names_the_answer
from .frames import (
    ALLOWED,
    BEST,
    EXISTS,
    FILLERS,
    FRAME,
    HANDLING,
    MAY,
    OBLIGED,
    OF,
    OWNERS,
    OWNING,
    SENT,
    THERE,
    TO_DO,
    WAYS,
)
from .lexicon import Question
from .pair import Differences, Pair, one_slip
from .reading import ACTORS, CONTENT, Reading

_WORDS: Final = 2
_LIKE: Final = frozenset({Question.HOW, Question.NONE})
"""Kinds of questions that stand for each other in the same words: "I want to X", "how do I X"."""
_ON_A_SITE: Final = frozenset({Question.HOW, Question.WHERE})
_SENT_TO: Final = "to"
"""The one that stands for all of `THERE`."""


def same_words(pair: Pair) -> bool:
    """Whether the texts share every word that says something, and at least two."""
    return _shared(pair) >= _WORDS


def _shared(pair: Pair) -> int:
    """How many words of content have a partner; 0 where one has none."""
    differences = pair.differences
    if differences.in_content:
        return 0
    partners = (*differences.near, *differences.akin)
    return sum(word.weight >= CONTENT for word in differences.common) + sum(
        CONTENT in (one.weight, other.weight) for one, other in partners
    )


def aligned(pair: Pair) -> bool:
    """Whether nothing of one text is left over in the other: no soft word, preposition or amount,
    no other time or kind of question."""
    asked, stored = pair.asked, pair.stored
    shared = _shared(pair)
    if not shared or not _read_alike(asked, stored):
        return False
    differences = pair.differences
    if shared == 1 and not (lists(asked) and lists(stored)) and not _same_frame(pair):
        return False
    apart = {word.form for word in (*differences.asked, *differences.stored)}
    if _permitted(asked, stored):
        apart -= ALLOWED
    if not apart <= (FILLERS | BEST if apart & WAYS else FILLERS):
        return False
    loose = asked.lexicon.turning.loose | _asking_when(pair)
    if asked.amounts != stored.amounts or not asked.turns ^ stored.turns <= loose:
        return False
    kinds = {_kind(asked), _kind(stored)}
    on_a_site = kinds == _ON_A_SITE and _handles(pair)
    if len(kinds) > 1 and not on_a_site and not kinds <= _LIKE and not _both_whether(kinds, pair):
        return False
    stems = {word.stem for word in differences.common}
    partners = _partners(differences)
    return _relations(asked, stored, stems, partners) == _relations(stored, asked, stems, partners)


def _asking_when(pair: Pair) -> frozenset[tuple[int, int]]:
    """What "when" says beside "if" says nothing where both ask when: "what time", "when"."""
    if any(kind_of(reading) is not Question.WHEN for reading in (pair.asked, pair.stored)):
        return frozenset()
    lexicon = pair.asked.lexicon
    return frozenset(side for word, side in lexicon.turning.sides.items() if word in lexicon.asking)


def _both_whether(kinds: set[Question], pair: Pair) -> bool:
    """Whether both can be answered with yes or no, though one says so by its mark alone: "ist ein
    Termin nötig", "brauche ich einen Termin?"."""
    return kinds == {Question.YES_NO, Question.NONE} and all(
        (reading.questions or reading.text.rstrip().endswith("?")) and not reading.trouble
        for reading in (pair.asked, pair.stored)
    )


def _asks_whether_there(reading: Reading) -> bool:
    return EXISTS.match(" ".join(reading.forms)) is not None


def _same_frame(pair: Pair) -> bool:
    """Whether around one word of content nothing else says something: "my name" is not "a name", and
    a transformer does more than transform."""
    asked, stored = pair.asked, pair.stored
    if not all(_is_slip(one.form, other.form) for one, other in pair.differences.near):
        return False
    there = _asks_whether_there(asked) and _asks_whether_there(stored)
    if not there and not {*asked.empty} ^ {*stored.empty} <= FRAME | OWNING:
        return False
    if any(owner.isdisjoint(asked.empty) != owner.isdisjoint(stored.empty) for owner in OWNERS):
        return False
    for reading in (asked, stored):
        first = next((word.weight for word in reading.words), CONTENT)
        if first >= CONTENT and any(word.weight < CONTENT for word in reading.words):
            return False  # "what does the manager want": behind it, a filler is more than that
    leads = {word.stem: word.lead for word in stored.words}
    return all(
        word.weight >= CONTENT or word.form in FILLERS or leads[word.stem] == word.lead
        for word in pair.differences.common
    )


def _permitted(asked: Reading, stored: Reading) -> bool:
    """Whether both ask if one may: "may I smoke", "is smoking allowed"."""
    return all(
        reading.questions[:1] == (Question.YES_NO,)
        and not (MAY | ALLOWED).isdisjoint(reading.forms)
        for reading in (asked, stored)
    )


def _is_slip(one: str, other: str) -> bool:
    """Whether two spellings are of one word, and no letter makes another of it: "charge", "charger"."""
    short, long = sorted((one, other), key=len)
    return one_slip(one, other) and not (long != short and long.startswith(short))


def _read_alike(asked: Reading, stored: Reading) -> bool:
    """Whether one language's tables read both; two words alone ("order cancellation") tell none."""
    if asked.tables != stored.tables:
        return False
    return all(
        reading.language or len(reading.words) == len(reading.forms) == _WORDS
        for reading in (asked, stored)
    ) and bool(asked.language or stored.language)


def _kind(reading: Reading) -> Question:
    if any(word.form in WAYS for word in reading.words):
        return Question.HOW
    return kind_of(reading)


def _handles(pair: Pair) -> bool:
    """Whether both say what one does with an account or an order."""
    return any(word.stem in HANDLING for word in pair.differences.common) or any(
        {one.stem, other.stem} & HANDLING for one, other in pair.differences.akin
    )


def _partners(differences: Differences) -> dict[str, set[str]]:
    """What each word stands for in the other text."""
    found = {word.stem: {word.stem} for word in differences.common}
    for one, other in (*differences.near, *differences.akin):
        found.setdefault(one.stem, set()).add(other.stem)
        found.setdefault(other.stem, set()).add(one.stem)
    return found


def _relations(
    reading: Reading, other: Reading, stems: set[str], partners: dict[str, set[str]]
) -> set[tuple[str, str]]:
    """Words of both texts and the prepositions before them.

    "The loss of my card" is "lost my card", "apply for leave" is "request leave", and "the price of
    it" is "how much is it".
    """
    openers = reading.lexicon.phrase_openers
    acting = {word.stem for word in other.words if word.lead in ACTORS}
    bare = {word.stem for word in other.words if word.lead not in openers}
    beside = {(one.stem, word.stem) for one, word in pairwise(other.words) if word.stem in bare}
    # "How to pay it", "how do I pay it", "who has to pay it".
    obliged = any(one in OBLIGED and to == "to" for one, to in pairwise(reading.forms))
    found: set[tuple[str, str]] = set()
    for before, word in zip((None, *reading.words), reading.words, strict=False):
        if word.lead not in openers or word.stem not in stems:
            continue
        to_do = word.lead in ACTORS and (word.stem in acting or (word.stem in bare and obliged))
        if to_do or (word.lead in TO_DO and word.stem in bare):
            continue
        lead = word.lead
        if lead in THERE and any(one.form.startswith(SENT) for one in reading.words):
            lead = _SENT_TO
        if before is None or word.lead not in OF:
            found.add((word.stem, lead))
        elif not names_the_answer(before, reading, other):
            asks = before.form in FILLERS and word.stem in bare
            pairs = {(stem, word.stem) for stem in partners.get(before.stem, ())}
            if not asks and pairs.isdisjoint(beside):
                found.add((word.stem, lead))
    return found

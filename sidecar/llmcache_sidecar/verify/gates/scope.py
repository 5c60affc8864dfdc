"""What a question covers: its language, its kind, its time, how many it speaks of."""

from __future__ import annotations

from collections import Counter
from typing import Final

from ..asked_for import costs, is_called, kind_of
from ..lexicon import Question, listed
from ..pair import Pair
from ..reading import ACTORS, CONTENT, Reading
from .base import Refusal
from .measures import another_measure, counted, counts, measure_or_way, rated
from .objects import asks_another_deed
from .whether import another_kind

_TELLING: Final = frozenset(
    {
        Question.WHO,
        Question.WHERE,
        Question.WHEN,
        Question.WHY,
        Question.HOW,
        Question.HOW_MUCH,
        Question.HOW_LONG,
    }
)
# Kinds that people use for one another: "when will it come", "how long does it take".
_KIN: Final = frozenset(
    {
        frozenset({Question.WHEN, Question.HOW_LONG}),
        frozenset({Question.HOW, Question.HOW_MUCH}),
        frozenset({Question.HOW_LONG, Question.HOW_MUCH}),
        frozenset({Question.HOW, Question.WHERE}),
    }
)


ALL, SOME, NONE, ONLY, MOST, FEW, BOTH = range(7)
"""Lines of a lexicon's quantifiers."""
_AND: Final = frozenset(listed("and und et y e en i"))
_PARTS: Final = frozenset({SOME, NONE, FEW, MOST})


_REASONS: Final = frozenset(
    listed(
        "reason reasons cause causes caused make makes made grund grunde ursache raison raisons "
        "cause razon razones causa motivo motivi ragione razao reden oorzaak powod przyczyna"
    )
)
_DEFINING: Final = frozenset(
    listed(
        "mean means meaning definition define explain describe exactly tell know "
        "bedeutet bedeutung heisst genau erklaren signifie signification veut dire exactement "
        "significa significado significato exactamente esattamente betekent betekenis precies "
        "znaczy oznacza znaczenie dokladnie"
    )
)
_ACTING: Final = frozenset(
    listed(
        "used calculate compute "
        "get getting make making find finding start set put take keep need needs want "
        "bekomme bekommen kriege machen finde finden brauche starten "
        "obtenir trouver faire avoir besoin obtener encontrar hacer necesito necesita "
        "ottenere trovare fare obter fazer preciso krijg krijgen vinden maken "
        "uzyskac dostac otrzymac zrobic znalezc potrzebuje"
    )
)


_COPULAS: Final = frozenset({"is", "are", "was", "were"})
_PLACES: Final = frozenset(
    listed("place places site sites store shop shops ort orte lugar endroit lieu luogo posto plek")
)


_WHAT_IS: Final = frozenset({("what", "is"), ("what", "are")})
_FOR: Final = frozenset(
    listed("used known famous good responsible meant made needed required best bad looking")
)


def language(pair: Pair) -> Refusal | None:
    """An answer is in the language of its question."""
    asked, stored = pair.asked.language, pair.stored.language
    if asked and stored and asked != stored:
        return Refusal("language", f"{asked} against {stored}")
    return None


def asks(pair: Pair) -> Refusal | None:
    """Who, where, when, why and how ask for different things."""
    asked = _TELLING.intersection(pair.asked.questions)
    stored = _TELLING.intersection(pair.stored.questions)
    more, less = sorted((pair.asked.questions, pair.stored.questions), key=len, reverse=True)
    if len(more) > 1 and not less:
        return Refusal("question", "only one asks, and more than once")
    beyond = Counter(more) - Counter(less)
    if len(more) > len(less) > 0 and not _TELLING.intersection(beyond) <= {Question.WHY}:
        return Refusal("question", "one asks more")
    if (Question.WHY in asked) != (Question.WHY in stored) and len(less) > 0:
        # "Is it so?" and "what is it?" do not ask why; "what is the reason?" does.
        without = pair.stored if Question.WHY in asked else pair.asked
        if not _TELLING.intersection(without.questions) and not _gives_reasons(without, pair):
            return Refusal("question", "only one asks why")
    if is_called(pair.asked) is not is_called(pair.stored) and asked == stored == {Question.HOW}:
        return Refusal("question", "what it is called against how to do it")
    for told, without in pair.both_ways:
        if told.trouble and not without.trouble and _asks_about_it(without, pair):
            return Refusal("question", "what to do then, against another question")
    if any(
        kind_of(lasting) is Question.HOW_LONG
        and kind_of(priced) is Question.HOW_MUCH
        and costs(priced)
        for lasting, priced in pair.both_ways
    ):
        return Refusal("question", "how long it takes against what it costs")
    another = another_kind(pair)
    if another:
        return Refusal("question", another)
    deed = asks_another_deed(pair)
    if deed:
        return Refusal("question", f"another deed: {deed}")
    either = measure_or_way(pair)
    if either:
        return Refusal("question", either)
    measured = another_measure(pair)
    if measured is not None:
        return measured
    if (
        counts(pair.asked) is not counts(pair.stored)
        and Question.HOW in (*pair.asked.questions[:1], *pair.stored.questions[:1])
        and not pair.differences.in_content
    ):
        return Refusal("question", "how against how many")
    if any(counted(one) & rated(other) for one, other in pair.both_ways):
        return Refusal("question", "how many against how much for each")
    if ("whose" in pair.asked.forms) != ("whose" in pair.stored.forms) and asked == stored:
        return Refusal("question", "who against whose")
    if not pair.differences.in_content:
        # In other words: "what is the name of the president" asks who it is.
        if _is_definition(pair.asked, pair.stored) or _is_definition(pair.stored, pair.asked):
            return Refusal("question", "what it is against how to get it")
        if _asks_what_it_does(pair.asked) is not _asks_what_it_does(pair.stored):
            return Refusal("question", "what it does against what it is")
        if _who_or_what(pair):
            return Refusal("question", "who against what")
        if any(_best_place(one) and _best_time(other) for one, other in pair.both_ways):
            return Refusal("question", "which place against what time")
        if _where_or_what(pair):
            return Refusal("question", "where against what")
    if not asked or not stored or asked & stored or kind_of(pair.asked) is kind_of(pair.stored):
        return None
    if _lasts_or_begins(pair):
        return Refusal("question", "how long it is against when it is")
    for one in asked:
        for other in stored:
            if frozenset({one, other}) in _KIN:
                return None
    return Refusal(
        "question", f"{min(q.value for q in asked)} against {min(q.value for q in stored)}"
    )


def _is_definition(one: Reading, other: Reading) -> bool:
    """One asks what a thing is, and nothing else; the other wants to get or make it."""
    if one.questions != (Question.WHAT,) or not other.questions:
        return False
    if kind_of(one) is not Question.WHAT:
        return False  # "what is the delivery time", "how long does delivery take"
    for word in one.words:
        if word.lead in ACTORS or (word.weight < CONTENT and word.form not in _DEFINING):
            return False
    acts = any(word.weight < CONTENT and word.form in _ACTING for word in other.words)
    return acts and _ACTING.isdisjoint(one.empty)


def _asks_what_it_does(reading: Reading) -> bool:
    """What does it do, or what is it for?"""
    exact = reading.exact
    if exact[:2] in _WHAT_IS and exact[-1] == "for" and exact[-2] not in _FOR:
        return True  # "what is it for", not "what is it known for"
    if exact[:2] == ("what", "does"):
        return exact[-1] == "do"
    return "what" in exact and exact[-1] == "does"  # "can you explain what it does"


def _who_or_what(pair: Pair) -> bool:
    """One asks who, and the other what it is, or whether."""
    kinds = {reading.questions[:1] for reading in (pair.asked, pair.stored)}
    return kinds in ({(Question.WHO,), (Question.WHAT,)}, {(Question.WHO,), (Question.YES_NO,)})


def _asks_about_it(reading: Reading, pair: Pair) -> bool:
    """Whether a text asks something else than how about what the other tells: whether it is so, too."""
    if pair.differences.in_content or not reading.questions:
        return False
    return reading.questions[0] is not Question.HOW


def _lasts_or_begins(pair: Pair) -> bool:
    """How long is the break, and when is it; "how long will it take" may ask when it comes."""
    if pair.differences.in_content or pair.asked.tables != "en":
        return False
    return any(
        one.forms[:2] == ("how", "long")
        and other.forms[:1] == ("when",)
        and not _COPULAS.isdisjoint(one.forms[2:3])
        and not _COPULAS.isdisjoint(other.forms[1:2])
        for one, other in pair.both_ways
    )


def _best_place(reading: Reading) -> bool:
    return kind_of(reading) is Question.WHAT and not _PLACES.isdisjoint(reading.forms)


def _best_time(reading: Reading) -> bool:
    """Whether a noun asks when: "what is the best time to visit"."""
    return kind_of(reading) is Question.WHEN and reading.questions[:1] == (Question.WHAT,)


def _where_or_what(pair: Pair) -> bool:
    """One asks where, and the other what it is, not what place it is."""
    kinds = {kind_of(reading) for reading in (pair.asked, pair.stored)}
    common = sum(word.weight >= CONTENT for word in pair.differences.common)
    if kinds != {Question.WHERE, Question.WHAT} or common > 1:
        return False
    return all(_PLACES.isdisjoint(reading.forms) for reading in (pair.asked, pair.stored))


def _gives_reasons(reading: Reading, pair: Pair) -> bool:
    """Whether a text asks for reasons in other words; or the two share too little to tell."""
    if pair.differences.in_content:
        return True
    return any(word.form in _REASONS for word in reading.words)


def tense(pair: Pair) -> Refusal | None:
    """What was is not what will be; and asked in the same words, it is not what is."""
    asked, stored = pair.asked.tense, pair.stored.tense
    if asked == stored or not asked or not stored:
        return None
    if "past" in (asked, stored):
        differences = pair.differences
        apart = len(differences.asked_content) + len(differences.stored_content)
        if apart == 0 or (apart <= 1 and "future" in (asked, stored)):
            return Refusal("tense", f"{asked} against {stored}")
    return None


def amounts(pair: Pair) -> Refusal | None:
    """All is not some; and in the same words, only is not also."""
    asked = pair.asked.amounts - pair.stored.amounts
    stored = pair.stored.amounts - pair.asked.amounts
    if (ALL in asked and not stored.isdisjoint(_PARTS)) or (
        ALL in stored and not asked.isdisjoint(_PARTS)
    ):
        return Refusal("amounts", "all against a part")
    for limit in (ONLY, BOTH, ALL):
        if (limit in asked) != (limit in stored):
            if limit == BOTH and all(
                _AND & {*reading.forms} for reading in (pair.asked, pair.stored)
            ):
                continue  # "both tea and coffee"
            if not pair.differences.in_content:
                return Refusal("amounts", "a limit in one text only")
            break
    return None

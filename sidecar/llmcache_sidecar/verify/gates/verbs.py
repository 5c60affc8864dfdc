"""What stands beside a verb and makes another verb of it: take off, get to work, to be tested."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final

from ..lexicon import Lexicon
from ..pair import Pair
from ..reading import Reading
from .base import Refusal
from .objects import another_object

_ARTICLES: Final = frozenset({"a", "an", "the"})


def verbs(pair: Pair) -> Refusal | None:
    """A verb has the same particle in both texts, and is done or suffered in both."""
    if pair.asked.tables != pair.stored.tables:
        return None
    if pair.asked.lexicon.left_behind and not pair.differences.in_content:
        for one, other in pair.both_ways:
            last = _split_off(one, other)
            if last:
                return Refusal("verbs", f"{last} at the end of one text only")
    if pair.asked.tables == "en" and _thing_and_deed(pair):
        return Refusal("verbs", "a thing against what is done")
    another = another_object(pair)
    if another:
        return Refusal("verbs", f"{another}: done to something in one text only")
    lexicon = pair.asked.lexicon
    if not lexicon.light_verbs and not lexicon.reaching_verbs:
        return None
    for one, other in pair.both_ways:
        particle = _particle(one, other, lexicon)
        if particle:
            return Refusal("verbs", f"{particle} in one text only")
        verb = _reached(one, other, lexicon)
        if verb:
            return Refusal("verbs", f"{verb} in one text only")
    return _suffered(pair)


def _particle(one: Reading, other: Reading, lexicon: Lexicon) -> str:
    """A particle right behind a small verb, which the other text has without it: "look after"."""
    theirs = {lexicon.stem(form) for form in other.forms}
    for verb, after, behind in _threes((*one.forms, "")):
        if after not in lexicon.particle_words or after in other.forms:
            continue
        if (after == "into" and "to" in other.forms) or behind == "to" or behind[:1].isdigit():
            continue  # "get into" and "get to"; "up to 10", "over 10"
        stem = lexicon.stem(verb)
        if stem in lexicon.light_verbs and stem in theirs:
            return f"{verb} {after}"
    return ""


def _split_off(one: Reading, other: Reading) -> str:
    """The other half of a verb, which the other text has neither apart nor before it."""
    last = one.forms[-1] if one.forms else ""
    if last not in one.lexicon.left_behind or any(form.startswith(last) for form in other.forms):
        return ""
    return last


def _reached(one: Reading, other: Reading, lexicon: Lexicon) -> str:
    """ "Get to work", "get work"; "stop to smoke", "stop smoking"; "jouer au", "jouer du"."""
    reach = lexicon.governed_of
    theirs = {lexicon.stem(verb): reach[to] for verb, to in pairwise(other.forms) if to in reach}
    for verb, to, word in _threes(one.forms):
        if to not in reach or lexicon.stem(verb) not in lexicon.reaching_verbs:
            continue
        if theirs.get(lexicon.stem(verb), reach[to]) != reach[to]:
            return f"{verb} {to}"
        joined = (lexicon.stem(verb), lexicon.stem(word))
        if any((lexicon.stem(a), lexicon.stem(b)) == joined for a, b in pairwise(other.forms)):
            return f"{verb} {word}"
    return ""


def _thing_and_deed(pair: Pair) -> bool:
    """A book and a booking, the park and parking: one word to their endings, and two things."""
    for one, other in pair.both_ways:
        things = {what for article, what in pairwise(one.forms) if article in _ARTICLES}
        stems = {word.stem for word in one.words if word.form in things and word.form[-3:] != "ing"}
        named = {what for article, what in pairwise(other.forms) if article in _ARTICLES}
        stems -= {word.stem for word in other.words if word.form in named}
        if any(word.form.endswith("ing") and word.stem in stems for word in other.words):
            return True
    return False


def _suffered(pair: Pair) -> Refusal | None:
    """To be tested is not to test, and who is bored is not boring."""
    asked, stored = pair.asked.forms, pair.stored.forms
    stem = pair.asked.lexicon.stem
    if len(asked) == len(stored):
        apart = [(one, other) for one, other in zip(asked, stored, strict=True) if one != other]
        if len(apart) == 1:
            one, other = apart[0]
            if {one[-2:], other[-2:]} == {"ed", "ng"} and stem(one) == stem(other):
                return Refusal("verbs", f"{one} against {other}")
    for passive, active in ((asked, stored), (stored, asked)):
        who = _whose_verbs(active, stem)
        for (subject, verb, word), is_done in _whose_verbs(passive, stem).items():
            if is_done and not who.get((subject, verb, word), True):
                return Refusal("verbs", f"{subject} to be {word} against to {word}")
    return None


def _whose_verbs(
    forms: tuple[str, ...], stem: Callable[[str], str]
) -> dict[tuple[str, str, str], bool]:
    """Who, what of, and the verb behind "to"; and whether it is done to them: "I need to be ..."."""
    found: dict[tuple[str, str, str], bool] = {}
    for at in range(2, len(forms) - 1):
        if forms[at] == "to":
            is_done = forms[at + 1] == "be" and at + 2 < len(forms)
            word = stem(forms[at + 1 + is_done])
            found[forms[at - 2], forms[at - 1], word] = is_done
    return found


def _threes(forms: tuple[str, ...]) -> zip[tuple[str, str, str]]:
    return zip(forms, forms[1:], forms[2:], strict=False)

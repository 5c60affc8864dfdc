"""Two texts, and how they differ: worked out once, read by every gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import pairwise
from typing import Final

from .asked_for import kind_of, names_the_answer
from .doers import does, take_doers
from .lexicon import Lexicon
from .reading import CONTENT, Reading, Word

_LONG: Final = 6
_SHARED_START: Final = 5
_LEAST_VERB: Final = 4
_SHARED_PART: Final = 0.7
_LONGEST_PREFIX: Final = 4
_LEAST_ROOT: Final = 3
_OTHER_FRAME: Final = 4
MOST_APART: Final = 60
"""Words of one text only, from which on nobody looks for one word in two spellings: each would be held
against each, and texts so far apart are not one question."""


@dataclass(frozen=True)
class Pair:
    """The question asked, a question whose answer is stored, and their cosine.

    Attributes:
        asked, stored: what was read of the two.
        similarity: the cosine of their vectors.
        floor: the threshold of the model that made the vectors; similarity is read relative to it.
    """

    asked: Reading
    stored: Reading
    similarity: float
    floor: float = field(default=0.0)

    @cached_property
    def differences(self) -> Differences:
        """What stands in one text only."""
        return compare(self.asked, self.stored)

    @cached_property
    def small_words_apart(self) -> int:
        """How many of the words that say nothing stand in one text only."""
        asked, stored = Counter(self.asked.empty), Counter(self.stored.empty)
        return (asked - stored).total() + (stored - asked).total()

    @property
    def in_another_frame(self) -> bool:
        """Whether the sentences are built otherwise, in English. People who ask one thing choose a
        frame each; one word for another, or in another place, says less there than between the
        same small words. In other languages too few such pairs were seen to tell."""
        english = self.asked.tables == self.stored.tables == "en"
        return english and self.small_words_apart >= _OTHER_FRAME

    @property
    def both_ways(self) -> tuple[tuple[Reading, Reading], tuple[Reading, Reading]]:
        """One text and the other, for what may stand in either."""
        return (self.asked, self.stored), (self.stored, self.asked)


@dataclass(frozen=True, slots=True)
class Differences:
    """What stands in one text only, and what in both.

    Attributes:
        asked, stored: words of one text only, in order.
        common: words of both (as the asked text has them).
        near: pairs taken for one word: a slip of the pen, another ending.
        akin: pairs of words that may stand for each other.
        language: the tables that read both.
    """

    asked: tuple[Word, ...]
    stored: tuple[Word, ...]
    common: tuple[Word, ...]
    near: tuple[tuple[Word, Word], ...]
    akin: tuple[tuple[Word, Word], ...]

    @property
    def asked_content(self) -> tuple[Word, ...]:
        """Words of the asked text only that say much."""
        return tuple(word for word in self.asked if word.weight >= CONTENT)

    @property
    def stored_content(self) -> tuple[Word, ...]:
        """Words of the stored text only that say much."""
        return tuple(word for word in self.stored if word.weight >= CONTENT)

    @property
    def in_content(self) -> bool:
        """Whether a word that says much stands in one text only."""
        return bool(self.asked_content or self.stored_content)


def compare(asked: Reading, stored: Reading) -> Differences:
    """Take away what both have; then what is the same word in another spelling or form."""
    left = Counter(word.stem for word in asked.words)
    right = Counter(word.stem for word in stored.words)
    both = left & right
    asked_only, common = _rest(asked.words, both)
    stored_only, _ = _rest(stored.words, both)
    # A word repeated in one text says nothing new.
    asked_only = [word for word in asked_only if word.fact or not right[word.stem]]
    stored_only = [word for word in stored_only if word.fact or not left[word.stem]]
    near: list[tuple[Word, Word]] = []
    akin: list[tuple[Word, Word]] = []
    if max(len(asked_only), len(stored_only)) > MOST_APART:
        return Differences(tuple(asked_only), tuple(stored_only), tuple(common), (), ())
    if asked_only and stored_only:
        _pair_off(asked_only, stored_only, near, partial(_one_word, lexicon=asked.lexicon))
        _join(asked_only, stored_only, near)
        _join(stored_only, asked_only, near)
        take_doers(asked_only, stored_only, (asked, stored), near)
    _take_joined(asked_only, asked, stored, near)
    _take_joined(stored_only, stored, asked, near)
    if asked_only and stored_only:
        _pair_off(asked_only, stored_only, akin, partial(_akin, lexicon=asked.lexicon))
    if (asked_only or stored_only) and kind_of(asked) is kind_of(stored):
        asked_left = [word for word in asked_only if not names_the_answer(word, asked, stored)]
        stored_left = [word for word in stored_only if not names_the_answer(word, stored, asked)]
        # "Where do I find it" is "where is it", but not "where do I pay it".
        if not _in_content(stored_left):
            asked_only = asked_left
        if not _in_content(asked_left):
            stored_only = stored_left
    return Differences(
        tuple(asked_only), tuple(stored_only), tuple(common), tuple(near), tuple(akin)
    )


def _in_content(words: list[Word]) -> bool:
    return any(word.weight >= CONTENT for word in words)


def _rest(words: tuple[Word, ...], both: Counter[str]) -> tuple[list[Word], list[Word]]:
    left = dict(both)
    rest: list[Word] = []
    common: list[Word] = []
    for word in words:
        if left.get(word.stem, 0):
            left[word.stem] -= 1
            common.append(word)
        else:
            rest.append(word)
    return rest, common


def _pair_off(
    asked: list[Word],
    stored: list[Word],
    pairs: list[tuple[Word, Word]],
    alike: Callable[[Word, Word], bool],
) -> None:
    for one in tuple(asked):
        for other in stored:
            if alike(one, other):
                asked.remove(one)
                stored.remove(other)
                pairs.append((one, other))
                break


def _akin(one: Word, other: Word, lexicon: Lexicon) -> bool:
    """Whether a table says that two words may stand for each other."""
    if one.fact or other.fact or one.name or other.name:
        return False
    kin = lexicon.kin_of
    mine = kin.get(one.form) or kin.get(one.stem, ())
    return not set(mine).isdisjoint(kin.get(other.form) or kin.get(other.stem, ()))


def _join(parts: list[Word], wholes: list[Word], near: list[tuple[Word, Word]]) -> None:
    """Two words in one text, one in the other: "web site", "website"."""
    for whole in tuple(wholes):
        for first, second in pairwise(tuple(parts)):
            if first.form + second.form == whole.form:
                near.append((first, whole))
                parts.remove(first)
                parts.remove(second)
                wholes.remove(whole)
                break


def _take_joined(
    left: list[Word], reading: Reading, other: Reading, near: list[tuple[Word, Word]]
) -> None:
    """The same where the second word alone says as much: "web site", "website", "site"."""
    if not left:
        return
    wholes = {word.form: word for word in other.words}
    for first, second in pairwise(reading.words):
        whole = wholes.get(first.form + second.form)
        if whole is not None and first in left:
            left.remove(first)
            near.append((first, whole))


def same_word(one: Word, other: Word) -> bool:
    """Whether two words are one, written or inflected in another way. Never so for facts."""
    if one.fact or other.fact:
        return False
    a, b = one.form, other.form
    if a == b:
        return True
    if a.isascii() is not b.isascii():
        return False  # letters of another script that look alike are no slip of the pen
    if opposed(one, other) or _doer_and_done(a, b):
        return False
    if _verb_forms(a, b):
        return True
    if one.name and other.name:
        return _demonym(a, b) or (one_slip(a, b) and min(len(a), len(b)) > _LONG)
    shared = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        shared += 1
    if shared >= _SHARED_START and shared >= _SHARED_PART * max(len(a), len(b)):
        return not (one.name or other.name)
    return one_slip(a, b)


_TRADE: Final = "ician"
_CRAFTS: Final = ("icity", "ics", "ic", "ical")
_SALTS: Final = ("ate", "ite")


def _other_suffix(a: str, b: str) -> bool:
    """Who does it and what it is ("electrician", "electricity"), and salts ("nitrate", "nitrite")."""
    for one, other in ((a, b), (b, a)):
        one, other = (
            one.removesuffix("s"),
            other if other.endswith("ics") else other.removesuffix("s"),
        )
        if one.endswith(_TRADE):
            root = one.removesuffix(_TRADE)
            return other in {root + ending for ending in _CRAFTS}
        if one.endswith(_SALTS[0]) and other == one.removesuffix(_SALTS[0]) + _SALTS[1]:
            return True
    return False


def _one_word(one: Word, other: Word, lexicon: Lexicon) -> bool:
    """`same_word`, but for what a table tells apart, and for a deed and who or what does it: "charge"
    or "charged", "charger"; "account", "accountant"."""
    apart = lexicon.apart_of
    if apart and not set(_lines(one, apart)).isdisjoint(_lines(other, apart)):
        return one.form == other.form
    if lexicon.prefix_of and _prefixed_otherwise(one.form, other.form, lexicon.prefix_of):
        return False
    if lexicon.code == "en" and (
        does(one.form, other.form, lexicon)
        or does(other.form, one.form, lexicon)
        or _other_suffix(one.form, other.form)
    ):
        return False
    return same_word(one, other)


def _prefixed_otherwise(a: str, b: str, prefixes: frozenset[str]) -> bool:
    """Whether two words are one but for their first syllable: "Anreise", "Abreise"."""
    if a == b:
        return False
    for length in range(1, min(len(a), _LONGEST_PREFIX + 1)):
        if a[:length] not in prefixes or len(a) - length < _LEAST_ROOT:
            continue
        root = a[length:]
        if b.endswith(root) and b != root and b[: -len(root)] in prefixes:
            return True
    return False


def _lines(word: Word, table: dict[str, tuple[int, ...]]) -> tuple[int, ...]:
    return table.get(word.form) or table.get(word.stem, ())


def _verb_forms(a: str, b: str) -> bool:
    """What I do, and to do it, in Italian, Spanish, Portuguese and German: "annullo", "annullare";
    "sammle", "sammeln"."""
    mine, whole = sorted((a, b), key=len)
    if len(mine) < _LEAST_VERB:
        return False
    if whole.endswith("eln"):
        return mine == whole[:-3] + "le"
    if whole.endswith(("are", "ere", "ire")):
        return mine in (whole[:-3] + "o", whole[:-2] + "sco")
    return whole.endswith(("ar", "er", "ir")) and mine == whole[:-2] + "o"


def _doer_and_done(a: str, b: str) -> bool:
    """Trainer and trainee."""
    return a[:-2] == b[:-2] and "ee" in (a[-2:], b[-2:])


def _demonym(a: str, b: str) -> bool:
    """Arabia, Arabian; but not Niger, Nigeria."""
    short, long = sorted((a, b), key=len)
    return long in (short + "n", short + "an", short + "s")


_TURNING: Final = (
    "un",
    "in",
    "im",
    "ir",
    "il",
    "dis",
    "de",
    "non",
    "mis",
    "anti",
    "re",
    "pre",
    "ent",
    "des",
)


_HEAD: Final = 4
"""Letters by which a word is known behind such a syllable."""


def opposed(one: Word, other: Word) -> bool:
    """Whether one is the other with a syllable before it that turns it round."""
    a, b = sorted((one.form, other.form), key=len)
    if len(a) < _HEAD or len(a) == len(b):
        return False
    return any(b.startswith(turn) and b[len(turn) :][:_HEAD] == a[:_HEAD] for turn in _TURNING)


def turned(asked: tuple[Word, ...], stored: tuple[Word, ...]) -> tuple[Word, Word] | None:
    """Two words of which one turns the other round."""
    for ones, others in ((asked, stored), (stored, asked)):
        heads: dict[str, list[Word]] = {}
        for word in others:
            heads.setdefault(word.form[:_HEAD], []).append(word)
        for one in ones:
            for turn in _TURNING:
                if not one.form.startswith(turn):
                    continue
                for other in heads.get(one.form[len(turn) :][:_HEAD], ()):
                    if opposed(one, other):
                        return (one, other) if ones is asked else (other, one)
    return None


def one_slip(a: str, b: str) -> bool:
    """Whether one letter was missed, doubled, changed or swapped with its neighbour."""
    if abs(len(a) - len(b)) > 1 or min(len(a), len(b)) < _LONG or a[0] != b[0]:
        return False
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    rest_a, rest_b = a[start : len(a) - end], b[start : len(b) - end]
    if len(rest_a) == 2 == len(rest_b):
        return rest_a == rest_b[::-1]
    return len(rest_a) <= 1 and len(rest_b) <= 1

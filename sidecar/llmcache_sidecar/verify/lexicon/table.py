"""How one language's words are stated, and the look-ups made from them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Final

from .grammar import Deeds, Doers, Places, Whither, words

_MARKS: Final = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u0652\u0670]"
)
"""Accents, and what Hebrew and Arabic may leave unwritten."""
_SIGN: Final = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+")
"""Scripts in which a sign is read as a word."""


def fold(text: str) -> str:
    """Lower case without Latin accents, so that one spelling stands in the tables."""
    if text.isascii():
        return text.lower()
    folded = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return folded.replace("\u2019", "'").replace("\u00f8", "o").replace("\u0142", "l")


class Question(Enum):
    """What kind of answer is asked for."""

    NONE = "none"
    WHO = "who"
    WHERE = "where"
    WHEN = "when"
    WHY = "why"
    WHAT = "what"
    WHICH = "which"
    HOW = "how"
    HOW_MUCH = "how-much"
    HOW_LONG = "how-long"
    YES_NO = "yes-no"


def spelling(text: str) -> str:
    """As it is written, but for its case."""
    return unicodedata.normalize("NFKC", text.casefold())


def listed(text: str, separator: str = " ") -> list[str]:
    """The words of a table that is written as one text."""
    return text.split(separator)


def _line_of(lines: tuple[str, ...], first: int = 0) -> dict[str, int]:
    """Word to the number of the line that it stands in; the last one, where it stands in several."""
    return {word: number for number, line in enumerate(lines, first) for word in line.split()}


def without_endings(word: str, endings: tuple[str, ...]) -> str:
    """`word` without the first of `endings` that it has, where enough of it is left."""
    if len(word) < 5:
        return word
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _never(_: str) -> bool:
    return False


def _plain(word: str) -> str:
    return word


@dataclass(frozen=True, slots=True)
class Turning:
    """Small words that turn a question, by what they say.

    Attributes:
        sides: word, or words joined by "_", to its line and side.
        needed: sides that must stand in both texts.
        needed_whether: the same where one of them asks whether.
        loose: sides that tell nothing where they stand in one text only.
        told: a side's first word.
    """

    sides: dict[str, tuple[int, int]]
    needed: frozenset[tuple[int, int]]
    needed_whether: frozenset[tuple[int, int]]
    loose: frozenset[tuple[int, int]]
    told: dict[tuple[int, int], str]

    @classmethod
    def of(cls, lines: tuple[str, ...]) -> Turning:
        """The look-ups of a lexicon's `turns`."""
        sides: dict[str, tuple[int, int]] = {}
        marked: dict[str, set[tuple[int, int]]] = {"+": set(), "?": set(), "~": set()}
        told: dict[tuple[int, int], str] = {}
        for number, line in enumerate(lines):
            for place, side_words in enumerate(line.split("|")):
                side = (number, place)
                for marked_word in side_words.split():
                    word = marked_word.lstrip("+?~")
                    if word != marked_word:
                        marked[marked_word[0]].add(side)
                    sides[word] = side
                    told.setdefault(side, word.replace("_", " "))
        needed, whether, loose = (frozenset(marked[mark]) for mark in "+?~")
        return cls(sides, needed, whether, loose, told)

    def found(self, forms: list[str]) -> frozenset[tuple[int, int]]:
        """The sides that a text takes."""
        if not self.sides:
            return frozenset()
        sides = self.sides
        found: set[tuple[int, int]] = set()
        before = earlier = ""
        for form in forms:
            for word in (form, f"{before}_{form}", f"{earlier}_{form}"):
                if word in sides:
                    found.add(sides[word])
            earlier, before = before, form
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Sense:
    """What a verb says beside some objects.

    Attributes:
        name: the one word that says it.
        particles: that follow the verb's first word.
        objects: beside which it says so.
    """

    name: str
    particles: tuple[str, ...]
    objects: frozenset[str]


@dataclass(frozen=True)
class Lexicon:
    """One language's tables, as stated, and the look-ups made from them.

    Attributes:
        code: ISO 639-1, or "" for what holds anywhere.
        function: words that carry no content of their own.
        soft: words that are content by grammar but say little ("way", "please", "best").
        negations: words that turn a statement round.
        opposites: lines "these | those": two sides of one axis.
        synonyms: lines of words that may stand for each other; the first is their name.
        akin: lines of words that may stand for each other, without one name for all: a word may be
            in several lines, and those of a line of synonyms are akin as well.
        phrases: lines "word: phrase, phrase": phrases that say what the word says; "~" stands for up
            to four words between ("turn ~ on"), and a word with "+" before it is read as well.
        senses: lines "name: verb, verb | object object": what a verb (which may be several words) says
            where one of the objects stands at most four words behind it; the object is read as well.
        verbs_last: verbs stand behind their objects, so that their senses are sought there too.
        undergoing: words before a verb's participle (formed as in English) where its object stands
            before it ("needs to be changed").
        apart: lines of words that look like forms of one word, and are several ("contact", "contract").
        places: what stands before a place or a thing.
        deeds: how one tells what one did, and what was done.
        doers: how who does a thing is named after it.
        whither: how one asks where something goes.
        belonging: what stands between a thing and its owner.
        split_off: what a verb may leave at the end of its sentence ("ich leihe Geld aus").
        governed: lines of what stands behind `reaching` verbs, those of one meaning together.
        or_not: the negation that closes "or not".
        accents: lines "plain | marked" of words that only an accent tells apart ("schon | schön"), the
            marked ones as they are written. Elsewhere an accent that is left out makes no other word.
        prefixes: syllables that make another word of what stands behind them ("anmelden", "abmelden").
        lookalikes: words that are one slip away from one of these tables, and words of their own.
        acts: lines of soft words of which each says something else than those of other lines.
        classes: lines of words of one kind that exclude each other (colours, relatives).
        quantifiers: lines of words of one amount ("all every each").
        distributives: quantifiers that make a rate before a unit ("each year", as "per year").
        numbers: number words and their values.
        ordinals: ordinal words and their values.
        tens_then_units, glue: how compound numbers are written ("" where they are not).
        months, weekdays: twelve and seven lines of spellings.
        units: lines of spellings of one unit; the first is its name.
        questions: question words and what they ask for; two words joined by "_" come first.
        openers: verbs that open a yes-no question.
        past, present, future: auxiliary words that place a sentence in time.
        passives: forms of "to be" that a passive is made with.
        conditionals: words that make a supposition of a sentence.
        source, target: prepositions for where something comes from and goes to.
        relations: lines of prepositions that say the same; those of other lines say something else.
        conjunctions: words between things whose order says nothing.
        prepositions: words that open a phrase which may stand elsewhere in the sentence.
        audiences: words that narrow whom or what a question is about.
        turns: lines "these | those" of small words that turn a question ("still | again"); words are
            joined by "_" where they stand beside each other, or one apart. A text with one side is
            not answered by one with another; a word with "+" before it must stand in both, and one
            with "?" where one of the texts asks whether; "~" marks a side that is compared
            with the others of its line only.
        bounds: lines of words right before a number ("at_least"), those of one bound together.
        light: verbs of which a particle behind them makes another verb ("take off").
        particles: such particles.
        reaching: verbs that mean something else with "to" behind them ("get to work").
        stem: takes endings away.
        participle: whether a form may follow what it is done to.
        names_by_capital: whether a capital within a sentence says that a word is a name.
    """

    code: str
    function: str = ""
    soft: str = ""
    negations: str = ""
    opposites: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    akin: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    senses: tuple[str, ...] = ()
    verbs_last: bool = False
    undergoing: str = ""
    apart: tuple[str, ...] = ()
    places: Places = Places()
    deeds: Deeds = Deeds()
    doers: Doers = Doers()
    whither: Whither = Whither()
    belonging: str = ""
    split_off: str = ""
    governed: tuple[str, ...] = ()
    or_not: str = ""
    accents: tuple[str, ...] = ()
    prefixes: str = ""
    lookalikes: str = ""
    acts: tuple[str, ...] = ()
    quantifiers: tuple[str, ...] = ()
    distributives: str = ""
    numbers: dict[str, int] = field(default_factory=dict)
    ordinals: dict[str, int] = field(default_factory=dict)
    ones: str = ""
    months: tuple[str, ...] = ()
    weekdays: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    questions: dict[str, Question] = field(default_factory=dict)
    openers: str = ""
    past: str = ""
    present: str = ""
    future: str = ""
    conditionals: str = ""
    passives: str = ""
    source: str = ""
    target: str = ""
    relations: tuple[str, ...] = ()
    conjunctions: str = ""
    prepositions: str = ""
    joiners: str = ""
    turns: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()
    light: str = ""
    particles: str = ""
    reaching: str = ""
    stem: Callable[[str], str] = _plain
    participle: Callable[[str], bool] = _never
    names_by_capital: bool = True

    markers: frozenset[str] = field(init=False)
    vocabulary: frozenset[str] = field(init=False)
    known_words: frozenset[str] = field(init=False)
    own_words: frozenset[str] = field(init=False)
    empty_words: frozenset[str] = field(init=False)
    soft_stems: frozenset[str] = field(init=False)
    negation_words: frozenset[str] = field(init=False)
    negation_runs: dict[str, tuple[tuple[str, ...], ...]] = field(init=False)
    sides: dict[str, tuple[int, ...]] = field(init=False)
    name_of: dict[str, str] = field(init=False)
    kin_of: dict[str, tuple[int, ...]] = field(init=False)
    phrases_from: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = field(init=False)
    senses_from: dict[str, tuple[Sense, ...]] = field(init=False)
    undergone_from: dict[str, tuple[Sense, ...]] = field(init=False)
    undergoing_words: frozenset[str] = field(init=False)
    class_of: dict[str, tuple[int, ...]] = field(init=False)
    amount_of: dict[str, int] = field(init=False)
    distributing: frozenset[str] = field(init=False)
    accented: dict[str, str] = field(init=False)
    prefix_of: frozenset[str] = field(init=False)
    owned_by: frozenset[str] = field(init=False)
    left_behind: frozenset[str] = field(init=False)
    governed_of: dict[str, int] = field(init=False)
    apart_of: dict[str, tuple[int, ...]] = field(init=False)
    act_of: dict[str, tuple[int, ...]] = field(init=False)
    one_words: frozenset[str] = field(init=False)
    joining_words: frozenset[str] = field(init=False)
    month_of: dict[str, int] = field(init=False)
    weekday_of: dict[str, int] = field(init=False)
    unit_of: dict[str, str] = field(init=False)
    opening: frozenset[str] = field(init=False)
    conditional: frozenset[str] = field(init=False)
    passive: frozenset[str] = field(init=False)
    asking: frozenset[str] = field(init=False)
    tense_of: dict[str, str] = field(init=False)
    way_of: dict[str, str] = field(init=False)
    relation_of: dict[str, tuple[int, ...]] = field(init=False)
    linking: frozenset[str] = field(init=False)
    phrase_openers: frozenset[str] = field(init=False)
    telling: frozenset[str] = field(init=False)
    turning: Turning = field(init=False)
    bound_of: dict[str, int] = field(init=False)
    light_verbs: frozenset[str] = field(init=False)
    particle_words: frozenset[str] = field(init=False)
    reaching_verbs: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Make the look-ups, once, at import."""

        def put(name: str, value: object) -> None:
            object.__setattr__(self, name, value)

        # Words come again and again: half of a reading's time would go into their endings.
        put("stem", lru_cache(maxsize=8192)(self.stem))
        function = words(self.function)
        linking = words(self.conjunctions)
        prepositions = words(self.prepositions)
        way = dict.fromkeys(words(self.source), "from") | dict.fromkeys(words(self.target), "to")
        tense = dict.fromkeys(words(self.past), "past")
        tense |= dict.fromkeys(words(self.present), "present")
        tense |= dict.fromkeys(words(self.future), "future")
        asking = {word for words in self.questions for word in words.split("_")}
        empty = function | linking | prepositions | set(way) | set(tense) | asking
        empty |= words(self.openers)
        put("markers", frozenset(empty | words(self.negations)))
        put("empty_words", frozenset(empty))
        put("soft_stems", frozenset(self.stem(word) for word in self.soft.split()))
        put("negation_words", frozenset(fold(word) for word in self.negations.split()))
        put("negation_runs", _runs(words(self.negations)))
        put("linking", linking)
        put("phrase_openers", prepositions | frozenset(way))
        put("telling", prepositions | frozenset(way) | linking)
        put("way_of", way)
        put("relation_of", self._numbered(self.relations))
        put("tense_of", tense)
        put("opening", words(self.openers))
        put("passive", words(self.passives))
        put("asking", frozenset(asking))
        put("conditional", words(self.conditionals))
        put("one_words", words(self.ones))
        put("joining_words", words(self.joiners))
        put("turning", Turning.of(self.turns))
        put("bound_of", _line_of(self.bounds))
        put("light_verbs", frozenset(self.stem(word) for word in self.light.split()))
        put("particle_words", words(self.particles))
        put("reaching_verbs", frozenset(self.stem(word) for word in self.reaching.split()))
        put("sides", self._sides())
        put("name_of", self._names())
        put("kin_of", self._numbered((*self.akin, *self.synonyms)))
        put("phrases_from", self._phrases())
        senses = self._senses()
        put("senses_from", senses)
        put("undergone_from", self._undergone(senses))
        put("undergoing_words", words(self.undergoing))
        put("class_of", self._numbered(self.classes))
        put("owned_by", words(self.belonging))
        put("left_behind", words(self.split_off))
        put("governed_of", _line_of(self.governed))
        put("accented", _accented(self.accents))
        put("prefix_of", words(self.prefixes))
        put("apart_of", self._numbered(self.apart))
        put("act_of", self._numbered(self.acts))
        put("amount_of", _line_of(self.quantifiers))
        put("distributing", words(self.distributives))
        put("month_of", _line_of(self.months, 1))
        put("weekday_of", _line_of(self.weekdays, 1))
        put("unit_of", {w: line.split()[0] for line in self.units for w in line.split()})
        lines = (self.soft, *self.opposites, *self.synonyms, *self.classes, *self.quantifiers)
        known = {word for line in lines for word in line.split() if len(word) > 2}
        for table in (self.numbers, self.ordinals, self.month_of, self.weekday_of, self.unit_of):
            known.update(table)
        put("vocabulary", frozenset(known))
        # Where no spelling is known to be another word's, none is put right.
        put("known_words", self.markers | known if self.lookalikes else frozenset())
        put("own_words", words(self.lookalikes))

    def _sides(self) -> dict[str, tuple[int, ...]]:
        """Word to its places: axis + 1, negative for the right side."""
        sides: dict[str, tuple[int, ...]] = {}
        for axis, line in enumerate(self.opposites, 1):
            left, right = line.split("|")
            for sign, side_words in ((1, left), (-1, right)):
                for word in side_words.split():
                    for form in {word, self.stem(word)}:
                        sides[form] = (*sides.get(form, ()), sign * axis)
        return sides

    def _names(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for line in self.synonyms:
            words = line.split()
            name = self.stem(words[0])
            for word in words:
                names.setdefault(self.stem(word), name)
                names.setdefault(word, name)
        return names

    def _phrases(self) -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
        """First word to the rests of phrases and their names, the longest first, and those with a gap
        last ("turn off the alarm on my phone" turns nothing on)."""
        found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for line in self.phrases:
            name, phrases = line.split(": ")
            for phrase in phrases.split(", "):
                first, *rest = phrase.split()
                found.setdefault(first, []).append((tuple(rest), name))
        return {
            first: tuple(sorted(rests, key=lambda rest: (rest[0][0] == "~", -len(rest[0]))))
            for first, rests in found.items()
        }

    def _senses(self) -> dict[str, tuple[Sense, ...]]:
        """First word of a verb to what it says beside which objects."""
        found: dict[str, list[Sense]] = {}
        for line in self.senses:
            name, rest = line.split(": ")
            verbs, objects = rest.split(" | ")
            for verb in verbs.split(", "):
                first, *particles = verb.split()
                found.setdefault(first, []).append(Sense(name, tuple(particles), words(objects)))
        return {first: tuple(senses) for first, senses in found.items()}

    def _undergone(self, senses: dict[str, tuple[Sense, ...]]) -> dict[str, tuple[Sense, ...]]:
        """A verb of one word, as it stands behind its object, to what it says there."""
        plain = _of_one_word(senses)
        if self.verbs_last:
            return plain
        return {_participle(verb): found for verb, found in plain.items() if self.undergoing}

    def _numbered(self, lines: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        for number, line in enumerate(lines):
            for word in line.split():
                for form in {word, self.stem(word)}:
                    found[form] = (*found.get(form, ()), number)
        return found


def _accented(lines: tuple[str, ...]) -> dict[str, str]:
    """Spelling to the word that is meant; without its accent too where that makes no word."""
    found: dict[str, str] = {}
    plain, marked = (words(" ".join(line.split("|")[side] for line in lines)) for side in (0, 1))
    for word in marked:
        found[word] = word
        if fold(word) not in plain:
            found[fold(word)] = word
    return found


def _runs(negations: frozenset[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """First sign to the words of several signs that it opens."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for word in negations:
        if len(word) > 1 and _SIGN.fullmatch(word):
            run = tuple(fold(sign) for sign in word)
            found[run[0]] = (*found.get(run[0], ()), run)
    return found


def _of_one_word(senses: dict[str, tuple[Sense, ...]]) -> dict[str, tuple[Sense, ...]]:
    """Those of verbs of one word."""
    plain = {
        verb: tuple(one for one in found if not one.particles) for verb, found in senses.items()
    }
    return {verb: found for verb, found in plain.items() if found}


def _participle(verb: str) -> str:
    """The regular participle of an English verb: "changed", "applied"."""
    if verb.endswith("e"):
        return verb + "d"
    return verb[:-1] + "ied" if verb.endswith("y") else verb + "ed"

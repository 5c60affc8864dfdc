"""What was read of one text, once: the same for every pair that the text is part of."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, NamedTuple

from .courtesies import mentioned, the_trouble, without_courtesies
from .facts import Fact, Token, find_facts, tokens_of
from .lexicon import Lexicon, Question, fold, language_of, lexicon_of, listed, spelling
from .phrases import with_phrases
from .signs import signs_of
from .slips import with_accents, without_slips

CONTENT: Final = 1.0
SOFT: Final = 0.3
EMPTY: Final = 0.0
ACTORS: Final = frozenset(
    listed(
        "i you we they to can could should would will cannot one ich man wir sie je on nous vous "
        "yo "
        "io eu ik ja me"
    )
)
"""Words before what somebody does: "how can I unblock it", "to unblock it"."""

_QUOTED: Final = re.compile(
    r"[\"\u201c\u201d\u201e\u00ab\u00bb`]([^\"\u201c\u201d\u201e\u00ab\u00bb`]{2,}?)[\"\u201c\u201d\u201e\u00ab\u00bb`]+|(?<!\w)'([^']{2,}?)'(?!\w)"
)
"""Begins with the last of several marks: from each of them on, a run of marks would be read anew."""
_OPERATORS: Final = re.compile(r"[<>=&|^~*%]+|!=+")
_PAYLOAD: Final = re.compile(r"^([^:?\n]{3,80}):\s+(\S[^\n?]*\s\S.*)$", re.DOTALL)
_MOSTLY: Final = 0.6


class Word(NamedTuple):
    """One word, or one fact, of a text.

    Attributes:
        form: folded.
        stem: without its ending, under the name that its synonyms share.
        weight: how much it says: CONTENT, SOFT or EMPTY.
        name: its capital says that it names something.
        fact: it is a number, a date or an identifier.
        lead: of the empty words right before it the one that says most, a preposition if there is
            one; "" where there is none.
        marked: as it is written, where it has an accent; "" where it has none.
    """

    form: str
    stem: str
    weight: float
    name: bool
    fact: bool
    lead: str
    marked: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one text.

    Attributes:
        text: as it came.
        language: of the text; "" where no table's words are many enough to tell.
        tables: the language whose tables read it: English for plain letters in no known language.
        exact: every piece in order, in lower case: equal for texts that differ in layout only.
        words: in order, without those that say nothing.
        empty: the words that say nothing, in order: the frame around the others.
        facts: numbers, dates and identifiers.
        ones: words for one ("one", "a" in some languages), which may be a number or not.
        negations: how often the sense is turned round.
        sides: places on axes of opposites, and the words that stand there.
        tense: past, present or future, as the first auxiliary says; "" where none does.
        amounts: quantifiers.
        questions: the kinds of answer asked for, in order.
        literals: quoted strings, what follows an instruction and a colon, and courtesies that are
            asked about ("how do you say thank you").
        grams: character trigrams.
        forms: every word that is read, in order.
        turns: what its small words turn it to (`Lexicon.turns`).
        bounds: what stands before its numbers ("at least").
        operators: signs of computers' languages, as written ("==").
        signs: other signs that are no words ("@", "["), in order.
        trouble: it tells what happened and asks what to do then; the asking is not read.
    """

    text: str
    language: str
    tables: str
    exact: tuple[str, ...]
    words: tuple[Word, ...]
    empty: tuple[str, ...]
    facts: tuple[Fact, ...]
    ones: int
    negations: int
    sides: dict[str, tuple[int, ...]]
    tense: str
    amounts: frozenset[int]
    questions: tuple[Question, ...]
    literals: tuple[tuple[str, ...], ...]
    grams: frozenset[str]
    forms: tuple[str, ...]
    turns: frozenset[tuple[int, int]]
    bounds: frozenset[int]
    operators: tuple[str, ...]
    signs: tuple[str, ...]
    trouble: bool

    @property
    def lexicon(self) -> Lexicon:
        """The tables that read it."""
        return lexicon_of(self.tables)


def read(text: str) -> Reading:
    """Read one text. Costs some tens of microseconds; the caller may keep the result."""
    came, text = text, unicodedata.normalize("NFC", text)
    written = tokens_of(text)
    language = language_of([(token.raw.lower(), token.form) for token in written], text)
    tables = language or ("en" if text.isascii() and written else "")
    lexicon = lexicon_of(tables)
    asked = without_courtesies(without_slips(written, lexicon))
    trouble = the_trouble(asked)
    told = with_accents(asked if trouble is None else trouble, lexicon)
    tokens = with_phrases(told, lexicon)
    forms = [token.form for token in tokens]
    pieces = find_facts(tokens, lexicon)
    words, empty = _words(pieces, lexicon)
    return Reading(
        text=came,
        language=language,
        tables=tables,
        exact=tuple(token.raw.lower() for token in written),
        words=words,
        empty=empty,
        facts=tuple(piece for piece in pieces if isinstance(piece, Fact)),
        ones=sum(form in lexicon.one_words for form in forms),
        negations=_negations(tokens, lexicon),
        sides=_sides(forms, lexicon),
        tense="" if trouble is not None else _tense(forms, lexicon),
        amounts=_amounts(forms, lexicon),
        questions=_questions(tokens, lexicon),
        literals=(*_literals(text, lexicon), *mentioned(asked)),
        grams=_grams(forms),
        forms=tuple(forms),
        turns=lexicon.turning.found(forms),
        bounds=_bounds(forms, lexicon),
        operators=tuple(_OPERATORS.findall(text)),
        signs=signs_of(text),
        trouble=trouble is not None,
    )


def _words(
    pieces: list[Token | Fact], lexicon: Lexicon
) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    capitals = _capitals(pieces, lexicon)
    words: list[Word] = []
    empty: list[str] = []
    lead = ""
    telling = lexicon.telling
    for piece in pieces:
        if isinstance(piece, Fact):
            value = " ".join(piece) if piece.unit else piece.value
            words.append(Word(value, piece.value, CONTENT, False, True, lead))
            lead = ""
            continue
        form = piece.form
        name = capitals and _is_name(piece)
        if form in lexicon.empty_words and not (name and len(form) > 1 and piece.raw.isupper()):
            empty.append(form)
            # "of the king": what opens the phrase says more than the article behind it.
            if lead not in telling or form in telling:
                lead = form
            continue
        stem = lexicon.stem(form)
        weight = SOFT if stem in lexicon.soft_stems and not name else CONTENT
        stem = lexicon.name_of.get(stem, lexicon.name_of.get(form, stem))
        stem = lexicon.unit_of.get(form, stem)
        words.append(Word(form, stem, weight, name, False, lead, _marked(piece)))
        lead = ""
    return tuple(words), tuple(empty)


def _is_name(token: Token) -> bool:
    raw = token.raw
    return raw[:1].isupper() and (not token.first or (len(raw) > 1 and raw.isupper()))


def _marked(token: Token) -> str:
    """Its spelling where accents are written; a short i is a letter."""
    if token.raw.isascii() or fold(token.raw) != token.form:
        return ""
    written = spelling(token.raw).replace("\u0439", "\u0438")
    return "" if written == token.form else written


def _capitals(pieces: list[Token | Fact], lexicon: Lexicon) -> bool:
    """Whether capitals say something here: not in German, nor In A Headline, nor IN ANGER."""
    if not lexicon.names_by_capital:
        return False
    upper = total = 0
    for piece in pieces:
        if isinstance(piece, Token) and not piece.first:
            total += 1
            upper += piece.raw[:1].isupper()
    return upper <= max(2.0, _MOSTLY * total)


def _negations(tokens: list[Token], lexicon: Lexicon) -> int:
    """How often the sense is turned round; "or not" at a sentence's end turns nothing."""
    count = 0
    ending = lexicon.or_not
    size = len(tokens)
    for at, token in enumerate(tokens):
        for run in lexicon.negation_runs.get(token.form, ()):
            count += tuple(sign.form for sign in tokens[at : at + len(run)]) == run
        if token.form not in lexicon.negation_words:
            continue
        last = at + 1 == size or tokens[at + 1].first
        if last and at > 1 and token.form == ending:
            before = tokens[at - 1].form
            if before in lexicon.linking or (
                tokens[at - 2].form in lexicon.linking and before == "why"
            ):
                continue
        count += 1
    return count


def _tense(forms: list[str], lexicon: Lexicon) -> str:
    """The time that the first auxiliary tells; behind an "if", none is meant."""
    if not lexicon.conditional.isdisjoint(forms):
        return ""
    return next((lexicon.tense_of[form] for form in forms if form in lexicon.tense_of), "")


def _amounts(forms: list[str], lexicon: Lexicon) -> frozenset[int]:
    """How many are spoken of; "each year" is a rate, as "per year" and "yearly" are."""
    return frozenset(
        lexicon.amount_of[form]
        for form, after in zip_longest(forms, forms[1:], fillvalue="")
        if form in lexicon.amount_of
        and not (form in lexicon.distributing and after in lexicon.unit_of)
    )


def _bounds(forms: list[str], lexicon: Lexicon) -> frozenset[int]:
    """What bounds the numbers: "at least 5", "over $300"."""
    table = lexicon.bound_of
    found: set[int] = set()
    if not table:
        return frozenset()
    for at, form in enumerate(forms):
        if not (form[0].isdigit() or form in lexicon.numbers or form in lexicon.one_words):
            continue
        before = [word for word in forms[max(0, at - 4) : at] if word.isalpha()]
        if before and before[-1] in lexicon.unit_of:
            before.pop()  # "under Rs 15000"
        before = before[-3:]
        for length in (3, 2, 1):
            bound = table.get("_".join(before[-length:])) if len(before) >= length else None
            if bound is not None:
                found.add(bound)
                break
    return frozenset(found)


def _sides(forms: list[str], lexicon: Lexicon) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    table = lexicon.sides
    before = earlier = ""
    for form in forms:
        places = table.get(form) or table.get(lexicon.stem(form))
        if places:
            found[form] = places
        # "log in", and "log me in"
        for joined in (f"{before}_{form}", f"{earlier}_{form}"):
            if joined in table:
                found[joined] = table[joined]
        earlier, before = before, form
    return found


def _questions(tokens: list[Token], lexicon: Lexicon) -> tuple[Question, ...]:
    kinds = lexicon.questions
    found: list[Question] = []
    size = len(tokens)
    asked = False
    for at, token in enumerate(tokens):
        asked = asked and not token.first
        if asked and not (at + 1 < size and tokens[at - 1].form in lexicon.linking):
            continue  # "what shall I do when ..." asks what, not when; "and how long" asks more
        kind = None
        for length in (3, 2):
            if at + length <= size:
                kind = kinds.get("_".join(t.form for t in tokens[at : at + length]))
                if kind is not None:
                    break
        if kind is None:
            kind = kinds.get(token.raw.lower()) or kinds.get(token.form)
        if kind is None and token.first and token.form in lexicon.opening:
            kind = Question.YES_NO
        if kind is not None:
            found.append(kind)
            asked = True
    return tuple(found)


def _literals(text: str, lexicon: Lexicon) -> tuple[tuple[str, ...], ...]:
    found = [_forms(a or b) for a, b in _QUOTED.findall(text)]
    payload = _PAYLOAD.match(text)
    if payload and len(payload[1].split()) <= 8 and "?" not in payload[2]:
        behind = _forms(payload[2])
        if behind and behind[0] not in lexicon.questions and behind[0] not in lexicon.opening:
            found.append(behind)
    return tuple(literal for literal in found if literal)


def _forms(text: str) -> tuple[str, ...]:
    return tuple(token.form for token in tokens_of(text))


def _grams(forms: list[str]) -> frozenset[str]:
    joined = f" {' '.join(forms)} "
    return frozenset(joined[at : at + 3] for at in range(len(joined) - 2))

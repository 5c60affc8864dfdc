"""Numbers, units, dates and identifiers: what one text states to the letter.

A fact has a value and maybe a unit. Spellings fall together ("$1,000", "1000 dollars", "one thousand
dollars"); what could be read in two ways stays as it is written, so that a doubt is a difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from .lexicon import Lexicon, fold, listed


class Token(NamedTuple):
    """A piece of a text: as it is written, folded, and whether a capital says something."""

    raw: str
    form: str
    first: bool
    """Opens a sentence, so that its capital says nothing."""


class Fact(NamedTuple):
    """Something that must be the same in both texts."""

    value: str
    unit: str = ""


def _runs(of: Iterable[int]) -> Iterator[str]:
    """Characters as ranges of a class of characters."""
    first = last = -2
    for sign in of:
        if sign != last + 1:
            if last >= 0:
                yield f"\\U{first:08x}-\\U{last:08x}"
            first = sign
        last = sign
    yield f"\\U{first:08x}-\\U{last:08x}"


_MARKS: Final = "".join(
    _runs(sign for sign in range(0x300, 0x11800) if unicodedata.category(chr(sign))[0] == "M")
)
"""Vowel signs and accents that stand alone: part of the word, though no letters by themselves."""
_WORD: Final = rf"[^\W\d_]+(?:[{_MARKS}]+[^\W\d_]*)*"
TOKENS: Final = re.compile(
    rf"""(?:https?://|www\.)[^\s<>"]+          # an address
      | [\w.+-]{{1,64}}@\w[\w-]*(?:\.\w+)+      # a mailbox
      | [A-Za-z]{{1,2}}\#(?!\w)               # F#
      | (?<!\w)(?:[A-Za-z]|[A-Z]{{2}})-(?![\w-]|\s+(?:und|oder|bzw|bis|and|or|en|of)\b)
                                              # a grade, a blood group; no half of "S- und U-Bahn"
      | [A-Za-z]:\\\S+ | (?<!\S)~?/\w[\w./-]* # a path
      | [\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]  # scripts without spaces: a sign is a word
      | [^\W\d_]++\+{{1,2}}(?!\w)             # Disney+, C++
      | (?:(?<![\w.,])\.(?=\d)|v)?\d[^\W_]*(?:[-.,:/_'][^\W_]*\d[^\W_]*)*   # begins with a digit
      | [^\W\d_]+(?:[-_.]?\d[^\W_]*(?:[-._/]\w+)*)+ # letters, then digits: an identifier
      | [^\W\d_]+(?:_\w+)+                    # an_identifier
      | {_WORD}(?:['\u2019]{_WORD})*           # a word
      | \d+ | [$\u20ac\u00a3\u00a5\u20b9%\u00b0] | [+*/=<>^\u00d7\u00f7\u2212] | (?<![^\W\d_])- | [?!.;:]
    """,
    re.VERBOSE,
)
_CURRENCIES: Final = {
    "$": "usd",
    "\u20ac": "eur",
    "\u00a3": "gbp",
    "\u00a5": "jpy",
    "\u20b9": "inr",
}
_SIGNS: Final = _CURRENCIES | {"%": "percent", "\u00b0": "degree"}
_MINUS: Final = "\u2212"
"""How a sign that may make its number negative is read."""
_DASHES: Final = frozenset({"-", _MINUS})
_NEGATIVE: Final = re.compile(r"(?<![\w)\]])[-\u2212](?=[$\u20ac\u00a3\u00a5\u20b9]?\.?\d)")
_OPERATORS: Final = {"\u00d7": "*", "\u00f7": "/", _MINUS: "-"}
OPERATORS: Final = frozenset("+*/=<>^-\u00d7\u00f7\u2212")
STOPS: Final = frozenset("?!.;:")
_ROMAN: Final = {
    numeral: str(value)
    for value, numeral in enumerate(
        listed("- II III IV - VI VII VIII IX - XI XII XIII XIV XV XVI XVII XVIII XIX XX XXI"),
        1,
    )
    if numeral != "-"
}
_NUMBER: Final = re.compile(r"(\d[\d.,']*)([a-z\u00b0\u00ba\u00aa]*)$")
_DATE: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})$")
_PARTS: Final = re.compile(r"\d+(?:[/-]\d+)+$")
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})([ap]m)?$")
_ORDINAL: Final = frozenset(listed("st nd rd th er re e eme º ª o a ste de"))
_SCALES: Final = {"k": 1000, "mn": 10**6, "mio": 10**6, "bn": 10**9, "mrd": 10**9}
_BY_CASE: Final = re.compile("[mM](?:W|Wh|V|A|J|N|Hz|Pa|Bq)")
"""Units whose first letter is a thousandth or a million, as it is written."""
_MEASURES: Final = {
    "m": "meter",
    "s": "second",
    "h": "hour",
    "min": "minute",
    "t": "ton",
    "l": "litre",
    "g": "gram",
}
"""Letters that are units right behind a number, in any language."""
_GROUP: Final = 3
_MANY: Final = 1000
_LONGEST_NUMBER: Final = 24
"""Characters; a longer number is rather an identifier. Python reads no more than 4,300 digits, and
`Decimal` rounds beyond 28."""
# Words of the calendar that are other words too: taken for a date beside a number only.
_DOUBTFUL: Final = frozenset(
    listed(
        "may maja march mars marco mon sec secs min mins ms second h mi rs jan segunda terca quarta "
        "quinta sexta std an real cup cups degree degrees foot cent cents m day days mes kilo "
        "yard yards"
    )
)


def plain_number(digits: str, english: bool) -> str | None:
    """One spelling for one number; None for what is rather a version."""
    digits = digits.rstrip(".,'").replace("'", "")
    thousands, point = (",", ".") if english else (".", ",")
    if re.fullmatch(
        rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+(?:{re.escape(point)}\d+)?", digits
    ):
        digits = digits.replace(thousands, "")
    digits = digits.replace(",", ".")
    if digits.count(".") > 1:
        return None
    whole, _, part = digits.partition(".")
    if part and (part.strip("0") or (len(part) == _GROUP and len(whole) <= _GROUP)):
        # "10.000" is ten thousand to whoever writes it so elsewhere: neither 10 nor 10,000.
        return f"{int(whole or 0)}.{part}"
    return str(int(whole or 0))


def fact_of(token: str, lexicon: Lexicon) -> list[Fact]:
    """What a token with a digit in it says."""
    if len(token) > _LONGEST_NUMBER:
        return [Fact(f"id {_plain_id(token)}")]
    if match := _DATE.match(token):
        year, month, day = (str(int(part)) for part in match.groups())
        return [Fact(year), Fact(f"month {month}"), Fact(day)]
    if match := _CLOCK.match(token):
        hour = int(match[1]) % 12 + 12 * (match[3] == "pm") if match[3] else int(match[1])
        return [Fact(f"clock {hour * 60 + int(match[2])}")]
    if _PARTS.match(token):
        return [Fact(str(int(part))) for part in re.split("[/-]", token)]
    if token[0] == "v" and token[1:2].isdigit():
        token = token[1:]
    if match := _NUMBER.match(token):
        number = plain_number(match[1], lexicon.code in ("en", ""))
        ending = match[2]
        if number is not None:
            if not ending or ending in _ORDINAL:
                return [Fact(number)]
            if ending in ("am", "pm"):
                hour = int(float(number)) % 12 + 12 * (ending == "pm")
                return [Fact(f"clock {hour * 60}")]
            if ending in _SCALES:
                return [Fact(f"{float(number) * _SCALES[ending]:.15g}")]
            if ending in lexicon.unit_of:
                return [Fact(number, lexicon.unit_of[ending])]
    return [Fact(f"id {_plain_id(token)}")]


def _plain_id(token: str) -> str:
    """W-2, w2 and W_2 are one; 1.2 and 12 are not."""
    return token.strip(".-_/").replace("-", "").replace("_", "")


def _counted(tokens: list[Token], start: int, lexicon: Lexicon) -> tuple[int, int]:
    """The number that number words from `start` on make, and where it ends."""
    total = current = 0
    last = 0
    at = start
    while at < len(tokens):
        form = tokens[at].form
        value = lexicon.numbers.get(form)
        if value is None:
            value = lexicon.ordinals.get(form)
        if value is None and current and form in lexicon.joining_words and at + 1 < len(tokens):
            # "two and three" are two numbers, "a hundred and three" and "treinta y tres" are one.
            following = lexicon.numbers.get(tokens[at + 1].form, 0)
            if last >= 20 and 0 < following < (10 if last < 100 else last):
                at += 1
                continue
            break
        if value is None:
            break
        if value >= _MANY:
            total += max(current, 1) * value
            current = 0
        elif value == 100:
            current = max(current, 1) * 100
        elif last and not (last >= 100 > value or (20 <= last < 100 and value < 20)):
            break
        else:
            current += value
        last = value
        at += 1
    return total + current, at


_HALVES: Final = frozenset({"am", "pm"})
_DECIMAL: Final = re.compile(r"\d+(?:\.\d+)?")
_TOLD_OPERATORS: Final = {
    "plus": "+",
    "minus": "-",
    "times": "*",
    "mal": "*",
    "fois": "*",
    "moins": "-",
    "piu": "+",
    "meno": "-",
    "menos": "-",
}


def find_facts(tokens: list[Token], lexicon: Lexicon) -> list[Token | Fact]:
    """The same tokens, with what states a fact replaced by the fact."""
    found: list[Token | Fact] = []
    at, size = 0, len(tokens)
    negative = False
    while at < size:
        token = tokens[at]
        form = token.form
        previous = found[-1] if found else None
        if not negative and _is_negative(tokens[at : at + 2], previous):
            negative = True
            at += 1
            continue
        facts: list[Fact] = []
        after = at + 1
        if form[0].isdigit() or (form[0] == "v" and form[1:2].isdigit()):
            facts = fact_of(form, lexicon)
            # 401(k), 5 k, 3 million
            if len(facts) == 1 and after < size and _DECIMAL.fullmatch(facts[0].value):
                scale = tokens[after].form
                scaled = _scaled(facts[0], scale, lexicon)
                if scaled is not None:
                    facts = [scaled]
                    after += 1
                elif scale in _HALVES and facts[0].value.isdigit() and lexicon.code == "en":
                    facts = fact_of(facts[0].value + scale, lexicon)
                    after += 1
        elif len(form) > 1 and form[-1] in "+-":
            facts = [Fact(f"id {form}")]
        elif any(sign.isdigit() or sign in "_#" for sign in form):
            facts = [Fact(f"id {_plain_id(form)}")]
        elif (
            "@" in form
            or "://" in form
            or form.startswith("www.")
            or (form[0] in "~/" and len(form) > 1)
        ):
            address = form.removeprefix("https://").removeprefix("http://").removeprefix("www.")
            facts = [Fact(f"id {address.rstrip('/.,?!)')}")]
        elif form in lexicon.numbers or (form in lexicon.ordinals):
            number, after = _counted(tokens, at, lexicon)
            facts = [Fact(str(number))]
        elif token.raw in _ROMAN:
            facts = [Fact(_ROMAN[token.raw])]
        elif form in _SIGNS:
            facts = _signed(found, tokens, at, lexicon)
            after = at + 1 + (form in _CURRENCIES and len(facts) > 0)
            # $5 million
            if len(facts) == 1 and after < size:
                scaled = _scaled(facts[0], tokens[after].form, lexicon)
                if scaled is not None:
                    facts = [scaled]
                    after += 1
        elif (form in lexicon.month_of or form in lexicon.weekday_of) and _is_date(
            token, previous, tokens[after] if after < size else None
        ):
            month = lexicon.month_of.get(form)
            facts = [Fact(f"month {month}" if month else f"weekday {lexicon.weekday_of[form]}")]
        elif (unit := _unit(token, lexicon)) and isinstance(previous, Fact) and not previous.unit:
            if previous.value.lstrip("-")[0].isdigit():
                found[-1] = Fact(previous.value, unit)
                at = after
                continue
        elif (
            form in _TOLD_OPERATORS
            and isinstance(previous, Fact)
            and after < size
            and tokens[after].form[0].isdigit()
        ):
            facts = [Fact(f"op {_TOLD_OPERATORS[form]}")]
        elif form in OPERATORS:
            nearby = tokens[after].form[:1] if after < size else ""
            beside = (isinstance(previous, Fact), nearby.isdigit())
            if all(beside) if form in _DASHES else any(beside):
                facts = [Fact(f"op {_OPERATORS.get(form, form)}")]
            at = after
            found.extend(facts)
            continue
        if negative and facts and facts[0].value[0].isdigit():
            facts = [facts[0]._replace(value=f"-{facts[0].value}"), *facts[1:]]
        negative = False
        found.extend(facts or (token,))
        at = after
    return found


def _is_negative(tokens: list[Token], previous: Token | Fact | None) -> bool:
    """Whether a minus belongs to the number behind it: "-5", "minus 5"; but not in "10 - 5"."""
    if isinstance(previous, Fact) or len(tokens) < 2:
        return False
    minus, number = tokens
    return (minus.form == _MINUS and not number.form.isalpha()) or (
        minus.form == "minus" and number.form[0].isdigit()
    )


def _unit(token: Token, lexicon: Lexicon) -> str | None:
    """The unit that a word is; None where it is none."""
    if _BY_CASE.fullmatch(token.raw):
        return token.raw
    return lexicon.unit_of.get(token.form) or _MEASURES.get(token.raw)


def _scaled(fact: Fact, scale: str, lexicon: Lexicon) -> Fact | None:
    """A number with the "million" behind it; None where that is no such word."""
    times = _SCALES.get(scale) or lexicon.numbers.get(scale, 0)
    if times < _MANY or not _DECIMAL.fullmatch(fact.value):
        return None
    value = Decimal(fact.value) * times
    return Fact(str(int(value)) if value == int(value) else str(value.normalize()), fact.unit)


def _signed(
    found: list[Token | Fact], tokens: list[Token], at: int, lexicon: Lexicon
) -> list[Fact]:
    """A currency or percent sign, joined to the number before or behind it."""
    unit = _SIGNS[tokens[at].form]
    if tokens[at].form in _CURRENCIES and at + 1 < len(tokens):
        following = tokens[at + 1].form
        if following[0].isdigit():
            return [Fact(fact.value, unit) for fact in fact_of(following, lexicon)]
    if found and isinstance(found[-1], Fact) and not found[-1].unit:
        found[-1] = Fact(found[-1].value, unit)
    return []


def _is_date(token: Token, previous: Token | Fact | None, following: Token | None) -> bool:
    if token.form not in _DOUBTFUL:
        return True
    if isinstance(previous, Fact) or (following is not None and following.form[:1].isdigit()):
        return True
    return token.raw[:1].isupper() and not token.first


def tokens_of(text: str) -> list[Token]:
    """A text's pieces in order; stops are left out, but known to have been there."""
    tokens: list[Token] = []
    first = True
    for match in TOKENS.finditer(text):
        raw = match[0]
        if raw in STOPS:
            first = first or raw != ":"
            continue
        form = fold(raw) if raw[0] != "." else "0" + fold(raw)
        if raw in _DASHES:
            form = _MINUS if _NEGATIVE.match(text, match.start()) else "-"
        if "'" in form and not form[0].isdigit():
            parts = [form] if form.endswith("n't") else form.split("'")
            raws = [raw] if form.endswith("n't") else re.split("['\u2019]", raw)
            for piece, part in zip(raws, parts, strict=True):
                if part:
                    tokens.append(Token(piece, part, first))
        else:
            tokens.append(Token(raw, form, first))
        first = False
    return tokens

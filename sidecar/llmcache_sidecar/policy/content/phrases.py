"""The files of phrases: what each class sounds like, one file a language.

    @thing = my order | my parcel     a slot: what may stand in for {thing}
    [personal]                        a class, or [cacheable]
    where is {thing} (right now|)     a phrase: {slot}, (one|of|these), (or nothing|)
    def f\\(x\\):                       a backslash before ( ) { } |: the character itself

A phrase stands for all that can be made of it. `first` makes the plainest one, for embeddings;
`sample` draws some, for the training of the words.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from .classes import CACHEABLE, ContentClass

_INNERMOST: Final = re.compile(r"\(([^()]*)\)")
_SLOT: Final = re.compile(r"\{(\w+)\}")
_DEPTH: Final = 8
_SPECIAL: Final = "(){}|"
_ESCAPED: Final = {"\\" + one: chr(0xE000 + at) for at, one in enumerate(_SPECIAL)}
_PLAIN: Final = str.maketrans({hidden: pair[1] for pair, hidden in _ESCAPED.items()})
_Choose: TypeAlias = Callable[[Sequence[str]], str]
_NAMES: Final[Mapping[str, ContentClass | None]] = {
    CACHEABLE: None,
    **{one.value.lower(): one for one in ContentClass},
}


class PhraseError(ValueError):
    """A file of phrases can't be read; the message names the line."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language's phrases.

    Attributes:
        language: two letters, as the file is named.
        slots: what may stand in for a {slot}. `open`, `close` and `ask` are what people say around
            any prompt.
        templates: (class or None for cacheable, phrase), in the order of the file.
    """

    language: str
    slots: Mapping[str, tuple[str, ...]]
    templates: tuple[tuple[ContentClass | None, str], ...]


def read_phrases(language: str, text: str) -> Phrases:
    """Parse one file. Raises `PhraseError`."""
    slots: dict[str, tuple[str, ...]] = {}
    templates: list[tuple[ContentClass | None, str]] = []
    section: ContentClass | None = None
    started = False
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        for pair, hidden in _ESCAPED.items():
            line = line.replace(pair, hidden)
        if line.startswith("@"):
            name, _, values = line[1:].partition("=")
            slots[name.strip()] = tuple(value.strip() for value in values.split("|"))
        elif line.startswith("["):
            if line[1:-1] not in _NAMES:
                raise PhraseError(f"{language}, line {number}: no such class: {line}")
            section, started = _NAMES[line[1:-1]], True
        elif not started:
            raise PhraseError(f"{language}, line {number}: a phrase before the first [class]")
        else:
            templates.append((section, line))
    phrases = Phrases(language, slots, tuple(templates))
    for _, template in templates:
        first(phrases, template)
    return phrases


def first(phrases: Phrases, template: str) -> str:
    """The plainest phrase: the first choice everywhere."""
    return _fill(phrases, template, lambda choices: choices[0])


def sample(phrases: Phrases, template: str, most: int, rng: random.Random) -> Iterator[str]:
    """Up to `most` different phrases, the plainest first."""
    seen = {first(phrases, template)}
    yield next(iter(seen))
    for _ in range(most * 2):
        if len(seen) >= most:
            return
        text = _fill(phrases, template, rng.choice)
        if text not in seen:
            seen.add(text)
            yield text


def _fill(phrases: Phrases, text: str, choose: _Choose) -> str:
    for _ in range(_DEPTH):
        if "{" in text:
            text = _SLOT.sub(lambda found: choose(_slot(phrases, found[1])), text)
        elif "(" in text:
            text = _INNERMOST.sub(lambda found: choose(found[1].split("|")), text)
        else:
            return " ".join(text.split()).translate(_PLAIN)
    raise PhraseError(f"{phrases.language}: slots or brackets that never end: {text}")


def _slot(phrases: Phrases, name: str) -> tuple[str, ...]:
    try:
        return phrases.slots[name]
    except KeyError:
        raise PhraseError(f"{phrases.language}: no slot {{{name}}}") from None

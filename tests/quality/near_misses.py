"""Pairs of our own making, with known answers: paraphrases, and questions that only look alike.

Frames (`intents/*.txt`) and words are split into halves for training and testing, so that nothing
that a test asks was trained on. The same seed makes the same pairs.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from .edits import ADJUNCTS, CARRIERS, FILLERS, FRAMES, MODIFIERS, SECOND_QUESTIONS
from .words import SLOTS

INTENTS: Final = Path(__file__).with_name("intents")
LANGUAGES: Final = ("en", "de", "fr", "es", "it", "pt", "nl")
HALVES: Final = ("train", "test")


@dataclass(frozen=True, slots=True)
class Made:
    """Two texts, whether one answer fits both, and what was done to make them."""

    a: str
    b: str
    same: bool
    kind: str
    lang: str
    half: str


@dataclass(frozen=True, slots=True)
class Intent:
    """One question, in several wordings."""

    name: str
    topic: str
    lang: str
    half: str
    wordings: tuple[str, ...]

    @property
    def slots(self) -> tuple[str, ...]:
        """Places that a word goes to."""
        return tuple(dict.fromkeys(re.findall(r"{(\w+)}", " ".join(self.wordings))))


@cache
def intents(lang: str) -> tuple[Intent, ...]:
    """A language's questions; of every three, one is kept for testing."""
    found: list[Intent] = []
    topic = ""
    text = (INTENTS / f"{lang}.txt").read_text(encoding="utf-8")
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("# ")]
        if lines and lines[0].startswith("##"):
            topic = lines.pop(0)[2:].strip()
        if lines:
            half = "test" if len(found) % 3 == 1 else "train"
            found.append(Intent(f"{lang}/{len(found)}", topic, lang, half, tuple(lines)))
    return tuple(found)


def words(lang: str, slot: str, half: str) -> list[str]:
    """What may fill a slot: every other word is kept for testing."""
    return SLOTS[lang][slot.rstrip("2")][HALVES.index(half) :: 2]


def filled(wording: str, values: dict[str, str]) -> str:
    """A wording with its slots filled."""
    return re.sub(r"{(\w+)}", lambda match: values[match[1]], wording)


def _values(intent: Intent, half: str, draw: random.Random) -> dict[str, str]:
    values: dict[str, str] = {}
    for slot in intent.slots:
        choices = [word for word in words(intent.lang, slot, half) if word not in values.values()]
        values[slot] = draw.choice(choices)
    return values


def careless(text: str, draw: random.Random) -> str:
    """The same text as people type it: without capitals, marks or care."""
    chance = draw.random()
    if chance < 0.3:
        text = text.rstrip("?. ").lower()
    elif chance < 0.4:
        text = text.rstrip("?")
    if draw.random() < 0.06:
        places = [at for at in range(2, len(text) - 2) if text[at - 1 : at + 2].isalpha()]
        if places:
            at = draw.choice(places)
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text


def polite(text: str, lang: str, draw: random.Random) -> str:
    """The same question with words around it that ask for nothing more."""
    before, after = FILLERS[lang]
    if draw.random() < 0.6:
        opening = draw.choice(before)
        lowered = text[0].lower() + text[1:] if opening.endswith((" ", ", ")) else text
        return opening + lowered
    return text.rstrip("?. ") + draw.choice(after)


def carried(text: str, lang: str, half: str, draw: random.Random) -> str | None:
    """The same question behind other opening words; None where it opens in another way."""
    pattern, carriers = CARRIERS[lang]
    match = re.fullmatch(pattern, text)
    if match is None:
        return None
    return draw.choice(carriers[HALVES.index(half) :: 2]).format(match[1])


def paraphrases(lang: str, half: str, draw: random.Random, rounds: int) -> Iterator[Made]:
    """Two wordings of one question about one thing."""
    for intent in intents(lang):
        if intent.half != half:
            continue
        for _ in range(rounds):
            values = _values(intent, half, draw)
            one, other = draw.sample(intent.wordings, 2)
            a, b = filled(one, values), filled(other, values)
            yield Made(careless(a, draw), careless(b, draw), True, "paraphrase", lang, half)
        values = _values(intent, half, draw)
        text = filled(draw.choice(intent.wordings), values)
        yield Made(text, polite(text, lang, draw), True, "politeness", lang, half)
        for _ in range(max(1, rounds // 2)):
            values = _values(intent, half, draw)
            one, other = draw.sample(intent.wordings, 2)
            told = carried(filled(one, values), lang, half, draw)
            if told:
                asked = filled(draw.choice((one, other)), values)
                yield Made(told, careless(asked, draw), True, "carried", lang, half)
        yield Made(text, careless(text, draw), True, "carelessness", lang, half)


def near_misses(lang: str, half: str, draw: random.Random, rounds: int) -> Iterator[Made]:
    """Two questions that share most of their words, and no answer."""
    mine = [intent for intent in intents(lang) if intent.half == half]
    for intent in mine:
        siblings = [other for other in mine if other.topic == intent.topic and other != intent]
        for _ in range(rounds):
            values = _values(intent, half, draw)
            one, other = draw.sample(intent.wordings, 2)
            a = filled(one, values)
            if siblings:
                sibling = draw.choice(siblings)
                shared = _values(sibling, half, draw) | values
                b = filled(draw.choice(sibling.wordings), shared)
                yield Made(careless(a, draw), careless(b, draw), False, "sibling", lang, half)
            if intent.slots:
                slot = draw.choice(intent.slots)
                others = [w for w in words(lang, slot, half) if w not in values.values()]
                changed = values | {slot: draw.choice(others)}
                again = draw.choice((one, other))
                yield Made(a, filled(again, changed), False, f"other {slot}", lang, half)
            adjunct = draw.choice(ADJUNCTS[lang][HALVES.index(half) :: 2])
            b = f"{filled(draw.choice((one, other)), values).rstrip('?. ')} {adjunct}?"
            yield Made(a, b, False, "narrowed", lang, half)
            if lang == "en":
                narrower = _modified(filled(draw.choice((one, other)), values), half, draw)
                if narrower:
                    yield Made(a, narrower, False, "modified", lang, half)
                if draw.random() < 0.2:
                    b = f"{a.rstrip('?')} {draw.choice(SECOND_QUESTIONS[HALVES.index(half) :: 2])}?"
                    yield Made(a, b, False, "asks more", lang, half)


def _modified(text: str, half: str, draw: random.Random) -> str | None:
    """One noun made narrower by a word before it."""
    modifiers = MODIFIERS[HALVES.index(half) :: 2]
    places = [
        match.start(2)
        for match in re.finditer(
            r"\b(a|an|the|my|your|an order|which|what|good|best) (\w{4,})", text
        )
    ]
    if not places:
        return None
    at = draw.choice(places)
    return text[:at] + draw.choice(modifiers) + " " + text[at:]


def changed_frames(half: str, draw: random.Random, rounds: int) -> Iterator[Made]:
    """Frames that say themselves what is the same in them and what is not (`edits.FRAMES`)."""
    frames = [f for at, f in enumerate(FRAMES) if ("test" if at % 3 == 1 else "train") == half]
    for lang, kind, text, same, different in frames:
        for _ in range(rounds):
            values = {
                slot: word
                for slot in re.findall(r"{(\w+)}", text + same + different)
                for word in (draw.choice(words(lang, slot, half)),)
            }
            for slot in [slot for slot in values if slot.endswith("2")]:
                choices = words(lang, slot, half)
                values[slot] = draw.choice([w for w in choices if w != values.get(slot[:-1])])
            a = filled(text, values)
            if same:
                yield Made(a, filled(same, values), True, f"{kind}, same", lang, half)
            if different:
                yield Made(a, filled(different, values), False, kind, lang, half)


def made(half: str, seed: int = 7, rounds: int = 6) -> list[Made]:
    """All pairs of one half."""
    draw = random.Random(f"{seed}{half}")
    found: list[Made] = []
    for lang in LANGUAGES:
        found += paraphrases(lang, half, draw, rounds)
        found += near_misses(lang, half, draw, rounds)
    found += changed_frames(half, draw, rounds)
    unique = {(pair.a, pair.b): pair for pair in found if pair.a != pair.b}
    return list(unique.values())


def stream(half: str, seed: int = 11, length: int = 2000) -> Iterator[tuple[str, str]]:
    """Requests in order of arrival, with their intents: popular questions, and near misses of them."""
    draw = random.Random(f"{seed}{half}")
    mine = [intent for lang in LANGUAGES for intent in intents(lang) if intent.half == half]
    draw.shuffle(mine)
    weights = [1 / (rank + 1) for rank in range(len(mine))]
    things = {intent.name: [_values(intent, half, draw) for _ in range(3)] for intent in mine}
    for intent in draw.choices(mine, weights, k=length):
        which = min(int(draw.expovariate(1.2)), 2) if intent.slots else 0
        text = filled(draw.choice(intent.wordings), things[intent.name][which])
        name = "/".join((intent.name, *things[intent.name][which].values()))
        chance = draw.random()
        if chance < 0.12:
            adjunct = draw.choice(ADJUNCTS[intent.lang][HALVES.index(half) :: 2])
            text, name = f"{text.rstrip('?. ')} {adjunct}?", f"{name}/{adjunct}"
        elif chance < 0.2:
            text = polite(text, intent.lang, draw)
        else:
            text = careless(text, draw)
        yield text, name

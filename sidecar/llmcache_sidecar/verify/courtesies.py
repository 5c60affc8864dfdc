"""Greetings and thanks around a question: they ask for nothing, so no gate should see them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from .facts import Token
from .lexicon import listed

_LEAST: Final = 2
"""Words that must be left: a text that is a greeting alone stays as it is."""


def _table(lines: Iterable[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """First word to the phrases that it opens, the longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for line in lines:
        words = tuple(re.split("[ '-]", line))
        found.setdefault(words[0], []).append(words)
    return {word: tuple(sorted(phrases, key=len, reverse=True)) for word, phrases in found.items()}


_OPENINGS: Final = _table(
    listed(
        "hi|hi there|hi all|hello|hello there|hey|hey there|good morning|good afternoon|"
        "good evening|good day|excuse me|quick question|i was wondering|just wondering|"
        "sorry to bother you|dear team|dear sir or madam|please tell me|"
        "hallo|hallo zusammen|guten tag|guten morgen|guten abend|kurze frage|eine kurze frage|"
        "entschuldigung|moin|servus|gruss gott|sehr geehrte damen und herren|liebes team|"
        "bonjour|bonsoir|salut|excusez moi|petite question|question rapide|"
        "hola|buenas|buenos dias|buenas tardes|buenas noches|disculpe|disculpa|perdon|una pregunta|"
        "ciao|salve|buongiorno|buonasera|buon giorno|scusi|scusa|una domanda|"
        "ola|oi|bom dia|boa tarde|boa noite|desculpe|com licenca|uma pergunta|"
        "hoi|goedemorgen|goedemiddag|goedenavond|goedendag|korte vraag|"
        "czesc|dzien dobry|witam|dobry wieczor|przepraszam|szybkie pytanie|mam pytanie|hej",
        "|",
    )
)
_SENTENCES: Final = _table(
    listed(
        "can you help me|could you help me|please help|please help me|i need help|"
        "i have a question|i have a quick question|ich habe eine frage|konnen sie mir helfen|"
        "kannst du mir helfen|j'ai une question|pouvez-vous m'aider|"
        "tengo una pregunta|me pueden ayudar|puede ayudarme|ho una domanda|potete aiutarmi|"
        "mi puoi aiutare|tenho uma pergunta|podem me ajudar|voce pode me ajudar|"
        "ik heb een vraag|kunt u mij helpen|kun je me helpen|mam pytanie|czy mozesz mi pomoc",
        "|",
    )
)
"""Whole sentences before a question: with more behind them they ask for something."""
_ENDINGS: Final = _table(
    listed(
        "please|thanks|thank you|thx|thanks a lot|many thanks|thanks in advance|"
        "thank you in advance|thank you very much|thank you so much|cheers|kind regards|"
        "best regards|bitte|danke|danke schon|vielen dank|danke im voraus|besten dank|"
        "vielen dank im voraus|danke vielmals|mit freundlichen grussen|viele grusse|"
        "s'il vous plait|s'il te plait|svp|stp|merci|merci beaucoup|merci d'avance|"
        "merci par avance|cordialement|por favor|gracias|muchas gracias|gracias de antemano|"
        "un saludo|per favore|per piacere|grazie|grazie mille|molte grazie|grazie in anticipo|"
        "cordiali saluti|obrigado|obrigada|muito obrigado|muito obrigada|desde ja obrigado|"
        "alstublieft|alsjeblieft|aub|bedankt|dank u|dank je|dank u wel|alvast bedankt|"
        "met vriendelijke groet|prosze|dziekuje|dzieki|z gory dziekuje|dziekuje bardzo|pozdrawiam",
        "|",
    )
)
_IF: Final = frozenset({"if", "whether"})


def without_courtesies(tokens: list[Token]) -> list[Token]:
    """The tokens without greetings before and thanks behind; what is left opens a sentence."""
    start, end = 0, len(tokens)
    while (length := _at(tokens, start, end)) and end - start - length >= _LEAST:
        start += length
    while (length := _before(tokens, start, end)) and end - start - length >= _LEAST:
        end -= length
    if start == 0:
        return tokens if end == len(tokens) else tokens[:end]
    return [tokens[start]._replace(first=True), *tokens[start + 1 : end]]


def _at(tokens: list[Token], start: int, end: int) -> int:
    """How many words of courtesy stand here."""
    form = tokens[start].form if start < end else ""
    for phrase in _OPENINGS.get(form, ()):
        behind = start + len(phrase)
        if _is(tokens, start, phrase) and behind < end and tokens[behind].form not in _IF:
            return len(phrase)
    for phrase in _SENTENCES.get(form, ()):
        behind = start + len(phrase)
        if _is(tokens, start, phrase) and behind < end and tokens[behind].first:
            return len(phrase)
    return 0


_LONGEST: Final = max(len(phrase) for phrases in _ENDINGS.values() for phrase in phrases)


def _before(tokens: list[Token], start: int, end: int) -> int:
    for length in range(min(_LONGEST, end - start), 0, -1):
        phrases = _ENDINGS.get(tokens[end - length].form, ())
        if any(len(phrase) == length and _is(tokens, end - length, phrase) for phrase in phrases):
            return length
    return 0


def _is(tokens: list[Token], at: int, phrase: tuple[str, ...]) -> bool:
    return all(
        at + offset < len(tokens) and tokens[at + offset].form == word
        for offset, word in enumerate(phrase)
    )

"""What a question asks for where a noun or a verb says it: "what is the price", "how much is it".

Nothing but words that name the answer itself may enter: a price, a duration, a place, hours.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from .lexicon import Question, listed
from .reading import Reading, Word

_COST: Final = {
    "en": "cost costs price prices fee fees charge charges",
    "de": "kosten kostet preis preise gebuhr gebuhren versandkosten",
    "fr": "prix cout couts coute coutent frais tarif tarifs",
    "es": "precio precios costo coste costes cuesta cuestan tarifa tarifas vale",
    "it": "prezzo prezzi costo costi costa costano tariffa tariffe",
    "pt": "preco precos custo custos custa custam tarifa taxa valor",
    "nl": "prijs prijzen kosten kost tarief verzendkosten",
    "pl": "cena ceny koszt koszty kosztuje kosztuja oplata oplaty",
}
_DURATION: Final = {
    "en": "duration",
    "de": "dauer dauert lieferzeit lieferdauer bearbeitungszeit bearbeitungsdauer wartezeit",
    "fr": "duree delai delais dure prend met",
    "es": "duracion plazo plazos tarda tardan demora dura lleva",
    "it": "durata tempi dura impiega",
    "pt": "duracao prazo prazos demora dura leva",
    "nl": "duur duurt levertijd wachttijd verwerkingstijd",
    "pl": "trwa trwaja",
}
_PLACE: Final = {
    "en": "address location",
    "de": "adresse standort",
    "fr": "adresse",
    "es": "direccion ubicacion",
    "it": "indirizzo",
    "pt": "endereco morada localizacao",
    "nl": "adres locatie",
    "pl": "adres lokalizacja",
}
_HOURS: Final = {
    "en": "hours",
    "de": "offnungszeiten uhr",
    "fr": "horaires horaire heures heure",
    "es": "horario horarios hora horas",
    "it": "orari orario ora",
    "pt": "horario horarios horas hora",
    "nl": "openingstijden openingsuren uur",
    "pl": "godziny godzinach",
}
_TABLES: Final = (
    (Question.HOW_MUCH, _COST),
    (Question.HOW_LONG, _DURATION),
    (Question.WHERE, _PLACE),
    (Question.WHEN, _HOURS),
)
_NAMED: Final = {
    code: {word: kind for kind, table in _TABLES for word in listed(table[code])} for code in _COST
}
_TIMED: Final = frozenset(
    listed("delivery shipping processing waiting response turnaround transit wait")
)
"""Whose time is a duration."""
_VERBS: Final = frozenset(
    listed(
        "cost costs kostet dauert coute coutent dure prend met cuesta cuestan vale tarda tardan "
        "demora dura lleva costa costano impiega custa custam leva kost duurt kosztuje kosztuja trwa "
        "trwaja heure hora ora horas heures uhr"
    )
)
"""What says nothing more where the question word has said it: "how much does it cost"."""
_OPEN: Final = frozenset({Question.WHAT, Question.WHICH, Question.NONE})
"""Kinds that say what they ask for in a noun."""
_HOW_IS: Final = frozenset(listed("wie hoe"))
"""Of how a noun is, German and Dutch ask too: "wie sind Ihre Öffnungszeiten"."""


def kind_of(reading: Reading) -> Question:
    """The kind of answer asked for, whether a question word or a noun says it."""
    kind = reading.questions[0] if reading.questions else Question.NONE
    named = _NAMED.get(reading.tables, {})
    told = next((named[word.form] for word in reading.words if word.form in named), None)
    if kind is Question.HOW_MUCH and told is Question.HOW_LONG:
        return told  # "ile trwa", "cuánto tarda"
    if kind not in _OPEN and not (kind is Question.HOW and _HOW_IS & {*reading.forms[:1]}):
        return kind
    if told is not None:
        return told
    if any(of in _TIMED and time == "time" for of, time in pairwise(reading.forms)):
        return Question.HOW_LONG
    return kind


def names_the_answer(word: Word, reading: Reading) -> bool:
    """Whether a word says only what the question asks for, so that a question word may stand for it."""
    kind = _NAMED.get(reading.tables, {}).get(word.form)
    if kind is None or len(reading.questions) > 1 or kind is not kind_of(reading):
        return False
    asked = reading.questions[0] if reading.questions else Question.NONE
    return asked is not kind or word.form in _VERBS

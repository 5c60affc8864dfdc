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
    "de": "kosten kostet preis preise gebuhr gebuhren versandkosten teuer",
    "fr": "prix cout couts coute coutent frais tarif tarifs",
    "es": "precio precios costo coste costes cuesta cuestan tarifa tarifas vale gastos",
    "it": "prezzo prezzi costo costi costa costano tariffa tariffe spese",
    "pt": "preco precos custo custos custa custam tarifa taxa valor",
    "nl": "prijs prijzen kosten kost tarief verzendkosten",
    "pl": "cena ceny koszt koszty kosztuje kosztuja oplata oplaty",
}
_DURATION: Final = {
    "en": "duration",
    "de": "dauer dauert lieferzeit lieferdauer bearbeitungszeit bearbeitungsdauer wartezeit",
    "fr": "duree delai delais dure prend met",
    "es": "duracion plazo plazos tarda tardan demora dura lleva",
    "it": "durata tempi dura impiega vuole",
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
    "en": "hours season month date dates",
    "de": "offnungszeiten uhr jahreszeit monat reisezeit zeitpunkt datum",
    "fr": "horaires horaire heures heure periode saison moment mois date dates",
    "es": "horario horarios hora horas epoca temporada mes momento fecha fechas",
    "it": "orari orario ora periodo stagione mese momento data date",
    "pt": "horario horarios horas hora epoca temporada mes momento data datas",
    "nl": "openingstijden openingsuren uur seizoen maand datum",
    "pl": "godziny godzinach miesiacu terminie dniu",
}
_WAY: Final = {
    "en": "command commands",
    "de": "befehl",
    "fr": "",
    "es": "comando",
    "it": "comando",
    "pt": "comando",
    "nl": "commando",
    "pl": "polecenie",
}
_TABLES: Final = (
    (Question.HOW, _WAY),
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
_IMPLIED: Final = {
    Question.HOW_MUCH: frozenset(
        listed("entitled zusteht droit corresponden corresponde spettano spetta recht przysluguje")
    ),
    Question.HOW_LONG: frozenset(
        listed(
            "dauert dure prend met tarda tardan demora dura lleva impiega vuole leva duurt trwa "
            "trwaja"
        )
    ),
    Question.WHEN: frozenset(
        listed("mois mes mese maand monat month heure hora ora horas heures uhr")
    ),
    Question.WHERE: frozenset(
        listed(
            "find found see view located finde finden einsehen abrufen trouver trouve encontrar "
            "encuentro trovare "
            "trovo "
            "encontro vinden vind znalezc znajde"
        )
    ),
}
"""What says nothing more where the question word has said it: "how much does it cost"."""
HELD: Final = (
    "includ",
    "contain",
    "enthalten",
    "inklusive",
    "inbegriffen",
    "inclu",
    "compris",
    "compres",
    "inbegrepen",
    "wliczon",
)
"""How words begin that say that one thing is part of another."""
_MUCH: Final = frozenset(listed("much viel teuer combien cuanto quanto hoeveel duur"))
_BE: Final = frozenset(listed("is are s ist sind est sont es son e sono sao zijn"))
WHICH: Final = frozenset(
    listed(
        "which what welche welcher welches quelle quel quelles quels que cuales quale quali che qual "
        "quais welke welk wat jakie ktore"
    )
)
_CALLED: Final = frozenset(
    listed(
        "called named heisst appelle appellent llama llaman chiama chiamano chama chamam heet heten"
    )
)
"""How a thing is called, is what it is."""
_OFFERED: Final = frozenset(
    listed(
        "offer have provide available there exist offered possible "
        "bieten anbieten haben verfugbar moglich angeboten vorhanden "
        "proposez offrez avez disponibles existe existent possibles proposes "
        "ofrecen tienen disponibles existen posibles "
        "offrite avete disponibili esistono possibili "
        "oferecem tem ha hay disponiveis existem possiveis "
        "aanbieden bieden hebben beschikbaar mogelijk "
        "oferujecie macie dostepne mozliwe"
    )
)
"""What a question for what there is ends with: "which sizes do you have", "are available"."""
_TAKEN: Final = frozenset(
    listed(
        "accept take accepted support supported akzeptieren akzeptiert acceptez acceptes acceptees "
        "aceptan aceptados accettate accettati aceitam aceitos aceites accepteren geaccepteerd "
        "akceptujecie akceptowane przyjmujecie"
    )
)
"""The same where one pays."""
_PAYING: Final = ("pay", "zahl", "bezahl", "paiement", "pago", "pagament", "betaal", "platnos")
_THERE: Final = frozenset(
    {
        ("gibt", "es"),
        ("haben", "sie"),
        ("habt", "ihr"),
        ("bieten", "sie"),
        ("avez", "vous"),
        ("proposez", "vous"),
        ("ci", "sono"),
        ("zijn", "er"),
        ("hebben", "jullie"),
        ("hebt", "u"),
    }
)
_LEAST_LISTED: Final = 3
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
    if is_called(reading):
        return Question.WHAT
    if kind not in _OPEN and not (kind is Question.HOW and _HOW_IS & {*reading.forms[:1]}):
        return kind
    if told is not None:
        return told
    if any(best == "best" and time == "time" for best, time in pairwise(reading.forms)):
        return Question.WHEN
    if any(of in _TIMED and time == "time" for of, time in pairwise(reading.forms)):
        return Question.HOW_LONG
    return Question.WHAT if kind is Question.WHICH else kind


def is_called(reading: Reading) -> bool:
    """Whether it asks how a thing is called."""
    asked = reading.questions[:1]
    return asked in ((Question.HOW,), (Question.WHAT,)) and not _CALLED.isdisjoint(reading.forms)


def names_the_answer(word: Word, reading: Reading, other: Reading) -> bool:
    """Whether a word says only what is asked for, which the other text says with a question word."""
    if len(reading.questions) > 1:
        return False
    if lists(reading) and lists(other):
        return word.form in _OFFERED | _TAKEN
    asked = reading.questions[0] if reading.questions else Question.NONE
    if word.form in listed(_COST.get(reading.tables, "")) and any(
        held.form.startswith(HELD) for held in reading.words
    ):
        return True  # "included in the price"
    if word.lead in WHICH and any(
        form == word.form and be in _BE for form, be in pairwise(reading.forms)
    ):
        return True  # "which city is the capital"
    if asked in (Question.HOW, Question.WHAT) and word.form in _CALLED:
        return True
    if word.form in _IMPLIED.get(asked, ()):
        return True
    kind = _NAMED.get(reading.tables, {}).get(word.form)
    if kind is None or kind is not kind_of(reading):
        return False
    if kind is Question.HOW_MUCH:
        return costs(other)
    return kind is not asked


def lists(reading: Reading) -> bool:
    """Whether it asks what there is of something: "which payment methods do you accept"."""
    forms = reading.forms
    if len(forms) < _LEAST_LISTED or forms[0] not in WHICH or not reading.words:
        return False
    if reading.words[0].form != forms[1] or forms[1] in _OFFERED:
        return False
    offered = forms[-1] in _OFFERED or forms[-2:] in _THERE
    paid = forms[-1] in _TAKEN and any(form.startswith(_PAYING) for form in forms)
    return offered or paid


def costs(reading: Reading) -> bool:
    """Whether a text asks what something costs: "how much is it", not "how much of it is there"."""
    named = _NAMED.get(reading.tables, {})
    return any(named.get(word.form) is Question.HOW_MUCH for word in reading.words) or any(
        much in _MUCH and be in _BE for much, be in pairwise(reading.forms)
    )

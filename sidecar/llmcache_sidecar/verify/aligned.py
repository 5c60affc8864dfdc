"""Texts that say the same word for word, in other forms: nothing is left over on either side.

Small models put a slip of the pen, another form of a verb or a language that they read badly far
apart, though a reader finds every word of one text in the other.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from .asked_for import kind_of, names_the_answer
from .lexicon import Question, listed
from .pair import Differences, Pair, one_slip
from .reading import ACTORS, CONTENT, Reading

_WORDS: Final = 2
_WAYS: Final = frozenset(
    listed(
        "way ways method methods steps procedure weg moglichkeit schritte facon maniere moyen "
        "etapes "
        "manera forma pasos modo maniera passi maneira passos manier stappen sposob kroki"
    )
)
"""Whoever asks for the way asks how; and the best one is the one that is wanted."""
_FILLERS: Final = _WAYS | frozenset(
    listed(
        "possible able moglich posible possibile possivel mogelijk mozliwe "
        "show tell know explain describe help need want like sagen sag lassen lasse erklaren "
        "erklare zeigen zeig "
        "hilfe brauche wissen dire dites explique expliquez aide besoin savoir decir dime explica "
        "ayuda necesito saber dimmi spiega aiuto bisogno sapere dizer diga ajuda preciso zeg "
        "vertel "
        "uitleggen hulp nodig weten powiedz wyjasnij pokaz pomoc potrzebuje wiedziec"
    )
)
"""Soft words that only say that one asks, and how."""
_FRAME: Final = frozenset(
    listed(
        "a an the how what which when much long time is are s do does can could would will i you "
        "we "
        "one to be please it there d m re "
        "der die das den dem ein eine einen wie was ist sind kann konnen konnte wird werden man "
        "ich "
        "wir zu bitte es wo wann lange lang zeit habt haben sich "
        "le la les l un une des comment quel quelle quels quelles est sont peux puis peut pouvez "
        "je "
        "on nous vous que se c qu d de temps ou où combien quand heure "
        "el los las tiene tienen una unos como cual cuales es son puedo puede pueden podemos yo "
        "cuanto tiempo "
        "donde cuando se "
        "il lo i gli uno come qual quale quali e sono posso puo possono si gli di del dei della "
        "delle che ora ad faccio "
        "fare quanto tempo dove quando "
        "o os as um uma do da dos das e sao posso pode podem eu voce voces de que quanto tempo "
        "onde quando faco "
        "estao para "
        "de het een hoe wat welke is zijn kan kunnen kunt ik men u wij we jullie lang tijd waar "
        "wanneer "
        "hoeveel te "
        "jak jaki jaka jakie jest sa moge mozna moze sie dlugo czasu gdzie kiedy ile"
    )
)
"""Empty words that turn nothing: articles, who asks, and that it is asked."""
_OWNERS: Final = (
    frozenset(
        listed(
            "my mein meine meinen meinem meiner mon ma mes mi mis mio mia miei mie meu minha meus "
            "minhas mijn moj moja moje mojego mojej"
        )
    ),
    frozenset(
        listed(
            "your dein deine deinen deinem deiner ihr ihre ihren ihrem ihrer euer eure votre vos "
            "ton "
            "ta tes tu tus su sus tuo tua vostro vostri vostra seu sua seus suas teu tua uw jouw "
            "je "
            "jullie twoj twoja twoje"
        )
    ),
)
_OWNING: Final = frozenset().union(*_OWNERS)
"""Whose it is, a person a line."""
_BEST: Final = frozenset(
    listed("best beste besten meilleur meilleure mejor migliore melhor najlepszy good")
)
_LIKE: Final = frozenset({Question.HOW, Question.NONE})
"""Kinds of questions that stand for each other in the same words: "I want to X", "how do I X"."""
_ALLOWED: Final = frozenset(
    listed(
        "allowed permitted erlaubt gestattet permis autorise permitido permesso consentito "
        "toegestaan "
        "wolno"
    )
)
_MAY: Final = frozenset(
    listed("can could may kann darf peut puis puede puedo posso pode mag kan mozna")
)
_OF: Final = frozenset(
    listed(
        "of for de du des d von fur pour del para di della do da per van voor za "
        "to with in mit bei avec con com met z"
    )
)
"""What stands between a deed and what is done to it, or a price and what it is the price of."""
_SENT_TO: Final = "to"
_OBLIGED: Final = frozenset({"have", "has", "had", "need", "needs", "want", "able", "possible"})
_TO_DO: Final = frozenset({"zu", "te"})
"""What German and Dutch put before a verb."""


_ON_A_SITE: Final = {Question.HOW, Question.WHERE}
_HANDLING: Final = frozenset(
    listed(
        "cancel change chang update updat edit delete delet remove remov clean register reset "
        "download "
        "upload view manage manag submit renew report activate activat enable disable redeem track "
        "add configure login "
        "kundig stornier ander losch beantrag aktivier melden "
        "annul modifi supprim resili chang activ "
        "cancel cambi elimin activ modific actualiz "
        "annull attiv modific disd "
        "alter atualiz ativ "
        "wijzig opzegg annuler activer verwijder"
    )
)
"""What is done on a site or in an app: where one does it is how one does it."""
_SENT: Final = (
    "deliver", "ship", "liefer", "versand", "versend", "livr", "envoi", "expedi", "envi", "entreg",
    "consegn", "spedi", "lever", "bezorg", "verzend", "dostaw", "wysyl", "dostarcz",
)  # fmt: skip
_THERE: Final = frozenset(
    listed("to in within nach in en pour vers a au aux para em na no per naar do")
)
"""What stands before where something is sent."""


def same_words(pair: Pair) -> bool:
    """Whether the texts share every word that says something, and at least two."""
    return _shared(pair) >= _WORDS


def _shared(pair: Pair) -> int:
    """How many words of content have a partner; 0 where one has none."""
    differences = pair.differences
    if differences.in_content:
        return 0
    partners = (*differences.near, *differences.akin)
    return sum(word.weight >= CONTENT for word in differences.common) + sum(
        CONTENT in (one.weight, other.weight) for one, other in partners
    )


def aligned(pair: Pair) -> bool:
    """Whether nothing of one text is left over in the other: no soft word, preposition or amount,
    no other time or kind of question."""
    asked, stored = pair.asked, pair.stored
    shared = _shared(pair)
    if not shared or not _read_alike(asked, stored):
        return False
    differences = pair.differences
    if shared == 1 and not _same_frame(pair):
        return False
    apart = {word.form for word in (*differences.asked, *differences.stored)}
    if _permitted(asked, stored):
        apart -= _ALLOWED
    if not apart <= (_FILLERS | _BEST if apart & _WAYS else _FILLERS):
        return False
    loose = asked.lexicon.turning.loose
    if asked.amounts != stored.amounts or not asked.turns ^ stored.turns <= loose:
        return False
    kinds = {_kind(asked), _kind(stored)}
    on_a_site = kinds == _ON_A_SITE and _handles(pair)
    if len(kinds) > 1 and not on_a_site and not kinds <= _LIKE:
        return False
    stems = {word.stem for word in differences.common}
    partners = _partners(differences)
    return _relations(asked, stored, stems, partners) == _relations(stored, asked, stems, partners)


_EXISTS: Final = re.compile(
    r"(do you (guys )?have|have you got|is there|are there|haben sie|habt ihr|gibt es|avez vous|"
    r"vous avez|est ce qu il y a|est ce que vous avez|y a t il|il y a|hay|tienen|tiene|c e|ci sono|"
    r"avete|ha|tem|voces tem|is er|zijn er|hebben jullie|heeft u|hebt u|czy jest|czy sa|czy macie|"
    r"czy maja) (?!to |zu |que |de )"
)
"""How one asks whether something is there, or whether they have it."""


def _asks_whether_there(reading: Reading) -> bool:
    return _EXISTS.match(" ".join(reading.forms)) is not None


def _same_frame(pair: Pair) -> bool:
    """Whether around one word of content nothing else says something: "my name" is not "a name", and
    a transformer does more than transform."""
    asked, stored = pair.asked, pair.stored
    if not all(_is_slip(one.form, other.form) for one, other in pair.differences.near):
        return False
    there = _asks_whether_there(asked) and _asks_whether_there(stored)
    if not there and not {*asked.empty} ^ {*stored.empty} <= _FRAME | _OWNING:
        return False
    if any(owner.isdisjoint(asked.empty) != owner.isdisjoint(stored.empty) for owner in _OWNERS):
        return False
    for reading in (asked, stored):
        first = next((word.weight for word in reading.words), CONTENT)
        if first >= CONTENT and any(word.weight < CONTENT for word in reading.words):
            return False  # "what does the manager want": behind it, a filler is more than that
    leads = {word.stem: word.lead for word in stored.words}
    return all(
        word.weight >= CONTENT or word.form in _FILLERS or leads[word.stem] == word.lead
        for word in pair.differences.common
    )


def _permitted(asked: Reading, stored: Reading) -> bool:
    """Whether both ask if one may: "may I smoke", "is smoking allowed"."""
    return all(
        reading.questions[:1] == (Question.YES_NO,)
        and not (_MAY | _ALLOWED).isdisjoint(reading.forms)
        for reading in (asked, stored)
    )


def _is_slip(one: str, other: str) -> bool:
    """Whether two spellings are of one word, and no letter makes another of it: "charge", "charger"."""
    short, long = sorted((one, other), key=len)
    return one_slip(one, other) and not (long != short and long.startswith(short))


def _read_alike(asked: Reading, stored: Reading) -> bool:
    """Whether one language's tables read both; two words alone ("order cancellation") tell none."""
    if asked.tables != stored.tables:
        return False
    return all(
        reading.language or len(reading.words) == len(reading.forms) == _WORDS
        for reading in (asked, stored)
    ) and bool(asked.language or stored.language)


def _kind(reading: Reading) -> Question:
    if any(word.form in _WAYS for word in reading.words):
        return Question.HOW
    return kind_of(reading)


def _handles(pair: Pair) -> bool:
    """Whether both say what one does with an account or an order."""
    return any(word.stem in _HANDLING for word in pair.differences.common) or any(
        {one.stem, other.stem} & _HANDLING for one, other in pair.differences.akin
    )


def _partners(differences: Differences) -> dict[str, set[str]]:
    """What each word stands for in the other text."""
    found = {word.stem: {word.stem} for word in differences.common}
    for one, other in (*differences.near, *differences.akin):
        found.setdefault(one.stem, set()).add(other.stem)
        found.setdefault(other.stem, set()).add(one.stem)
    return found


def _relations(
    reading: Reading, other: Reading, stems: set[str], partners: dict[str, set[str]]
) -> set[tuple[str, str]]:
    """Words of both texts and the prepositions before them.

    "The loss of my card" is "lost my card", "apply for leave" is "request leave", and "the price of
    it" is "how much is it".
    """
    openers = reading.lexicon.phrase_openers
    acting = {word.stem for word in other.words if word.lead in ACTORS}
    bare = {word.stem for word in other.words if word.lead not in openers}
    beside = {(one.stem, word.stem) for one, word in pairwise(other.words) if word.stem in bare}
    # "How to pay it", "how do I pay it", "who has to pay it".
    obliged = any(one in _OBLIGED and to == "to" for one, to in pairwise(reading.forms))
    found: set[tuple[str, str]] = set()
    for before, word in zip((None, *reading.words), reading.words, strict=False):
        if word.lead not in openers or word.stem not in stems:
            continue
        to_do = word.lead in ACTORS and (word.stem in acting or (word.stem in bare and obliged))
        if to_do or (word.lead in _TO_DO and word.stem in bare):
            continue
        lead = word.lead
        if lead in _THERE and any(one.form.startswith(_SENT) for one in reading.words):
            lead = _SENT_TO
        if before is None or word.lead not in _OF:
            found.add((word.stem, lead))
        elif not names_the_answer(before, reading, other):
            asks = before.form in _FILLERS and word.stem in bare
            pairs = {(stem, word.stem) for stem in partners.get(before.stem, ())}
            if not asks and pairs.isdisjoint(beside):
                found.add((word.stem, lead))
    return found

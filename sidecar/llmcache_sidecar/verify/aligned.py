"""Texts that say the same word for word, in other forms: nothing is left over on either side.

Small models put a slip of the pen, another form of a verb or a language that they read badly far
apart, though a reader finds every word of one text in the other.
"""

from __future__ import annotations

from typing import Final

from .lexicon import Question, listed
from .pair import Pair
from .reading import CONTENT, Reading

_WORDS: Final = 2
_WAYS: Final = frozenset(
    listed(
        "way ways method methods steps procedure weg moglichkeit schritte facon maniere moyen etapes "
        "manera forma pasos modo maniera passi maneira passos manier stappen sposob kroki"
    )
)
"""Whoever asks for the way asks how; and the best one is the one that is wanted."""
_FILLERS: Final = _WAYS | frozenset(
    listed(
        "show tell know explain describe help need want like sagen sag erklaren erklare zeigen zeig "
        "hilfe brauche wissen dire dites explique expliquez aide besoin savoir decir dime explica "
        "ayuda necesito saber dimmi spiega aiuto bisogno sapere dizer diga ajuda preciso zeg vertel "
        "uitleggen hulp nodig weten powiedz wyjasnij pokaz pomoc potrzebuje wiedziec"
    )
)
"""Soft words that only say that one asks, and how."""
_FRAME: Final = frozenset(
    listed(
        "a an the how what which is are s do does can could would will i you we one to be please it "
        "there d m re "
        "der die das den dem ein eine einen wie was ist sind kann konnen konnte wird werden man ich wir "
        "zu bitte es "
        "le la les l un une des comment quel quelle quels quelles est sont peux puis peut pouvez je on "
        "nous vous que se c qu "
        "el los las una unos como cual cuales es son puedo puede pueden podemos yo "
        "il lo i gli uno come qual quale quali e sono posso puo possono si "
        "o os as um uma e sao posso pode podem eu voce voces "
        "de het een hoe wat welke is zijn kan kunnen kunt ik je men u wij we "
        "jak jaki jaka jakie jest sa moge mozna moze sie"
    )
)
"""Empty words that turn nothing: articles, who asks, and that it is asked."""
_BEST: Final = frozenset(
    listed("best beste besten meilleur meilleure mejor migliore melhor najlepszy good")
)
_PRICED: Final = frozenset(
    listed(
        "cost costs price fee fees kostet kosten preis coute coutent prix frais cuesta cuestan precio "
        "costa costano prezzo custa custam preco kost prijs kosztuje kosztuja cena"
    )
)
_LIKE: Final = frozenset({Question.HOW, Question.NONE})
"""Kinds of questions that stand for each other in the same words: "I want to X", "how do I X"."""
_PRICES: Final = frozenset({Question.HOW_MUCH, Question.WHAT, Question.WHICH})
"""And where a price is asked for: "how much does it cost", "what does it cost"."""


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
    if not apart <= (_FILLERS | _BEST if apart & _WAYS else _FILLERS):
        return False
    loose = asked.lexicon.turning.loose
    if asked.amounts != stored.amounts or not asked.turns ^ stored.turns <= loose:
        return False
    kinds = {_kind(asked), _kind(stored)}
    if len(kinds) > 1 and not kinds <= _LIKE and not (kinds <= _PRICES and _of_a_price(pair)):
        return False
    stems = {word.stem for word in differences.common}
    return _relations(asked, stems) == _relations(stored, stems)


def _same_frame(pair: Pair) -> bool:
    """Whether around one word of content nothing else says something: "my name" is not "a name", and
    a transformer does more than transform."""
    asked, stored = pair.asked, pair.stored
    if pair.differences.near or not {*asked.empty} ^ {*stored.empty} <= _FRAME:
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
    return reading.questions[0] if reading.questions else Question.NONE


def _of_a_price(pair: Pair) -> bool:
    return all(
        any(word.form in _PRICED for word in reading.words) for reading in (pair.asked, pair.stored)
    )


def _relations(reading: Reading, stems: set[str]) -> set[tuple[str, str]]:
    """Words of both texts and the prepositions before them."""
    openers = reading.lexicon.phrase_openers
    return {
        (word.stem, word.lead)
        for word in reading.words
        if word.lead in openers and word.stem in stems
    }

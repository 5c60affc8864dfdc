"""What may, must, should or need be: each is another question in the same words."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from ..asked_for import WHICH
from ..lexicon import Question, listed
from ..pair import Pair
from ..reading import ACTORS, CONTENT, Reading
from .base import Refusal

_DUTY: Final = frozenset(
    listed(
        "should must ought soll sollte sollen muss mussen dois doit devons deve deves devo debe "
        "debo deberia devrais moet moeten powinienem powinnam powinno powinien nalezy"
    )
)


_MUST: Final = frozenset(
    listed(
        "must have has muss mussen dois doit devons devo debo debe tengo devi deve deves tenho moet "
        "moeten musze musi musimy"
    )
)
_SHOULD: Final = frozenset(
    listed(
        "should ought supposed soll sollte sollen devrais dovrei deberia deveria powinienem powinnam "
        "powinno zou"
    )
)
_MAY: Final = frozenset(
    listed(
        "can could may might allowed kann darf konnen durfen peux puis pouvons peut posso puo possiamo "
        "puedo puede podemos pode kan mag kunnen mogen moge moga mozna wolno"
    )
)
_BE: Final = frozenset(listed("be sein etre ser essere zijn byc"))
_IS: Final = frozenset(listed("is are ist sind est sont es esta son e sono sao jest sa zijn"))
_CAN: Final = frozenset({"can", "could", "may", "might"})
_SPOKEN: Final = 4
"""Words at the start of a question among which its modal verb stands."""
_SAID: Final = 6
"""The same where what is asked for stands before it: "which documents do I have to bring"."""
_LIMITED: Final = frozenset(
    {Question.WHEN, Question.HOW_MUCH, Question.HOW_LONG, Question.WHO, Question.WHICH}
)
_TIMED: Final = frozenset({Question.WHEN, Question.WHO})
_HOW: Final = frozenset(listed("how wie hoe"))
_MEASURED: Final = frozenset(listed("much many long viel lange veel lang"))
_NEEDS: Final = frozenset(
    listed(
        "need needs needed required requires require necessary mandatory compulsory obligatory "
        "brauche brauchst braucht brauchen erforderlich notwendig notig "
        "besoin necessaire obligatoire faut serve servono "
        "necesito necesita necesitamos necesario obligatorio "
        "bisogno necessario obbligatorio preciso precisa nodig "
        "potrzebuje potrzebujesz potrzebujemy potrzebny konieczny"
    )
)
_HAVE: Final = frozenset({"have", "has"})
_HAD: Final = frozenset({"had", "got", "gotten"})
_OBLIGED: Final = frozenset(
    {
        ("have", "to"),
        ("has", "to"),
        ("need", "to"),
        ("needs", "to"),
        ("required", "to"),
        ("supposed", "to"),
        ("to", "be"),
        ("tengo", "que"),
        ("tiene", "que"),
        ("hay", "que"),
        ("faut", "il"),
        ("tenho", "que"),
    }
)
"""Duties that take two words."""


def duty(pair: Pair) -> Refusal | None:
    """Whether one should is not whether one does, nor how: questions in the same words."""
    if _whether(pair.asked) and _whether(pair.stored) and not pair.differences.in_content:
        needed = _needed(pair) or _another_modal(pair) or _can_or_does(pair)
        if needed is not None:
            return needed
    if not pair.asked.questions or not pair.stored.questions:
        return None
    if any(_needs_or_had(one, other, pair) for one, other in pair.both_ways):
        return Refusal("duty", "what is needed, against what one had")
    whether = pair.asked.questions[0] is Question.YES_NO
    if whether is not (pair.stored.questions[0] is Question.YES_NO):
        asks, asks_how = (pair.asked, pair.stored) if whether else (pair.stored, pair.asked)
        if asks_how.questions[0] is Question.HOW and _needs_it(asks) and not _needs_it(asks_how):
            return Refusal("duty", "whether one needs it, against how to do it")
        if _DUTY.isdisjoint(asks.empty[:1]):
            return None
        if _DUTY.isdisjoint(asks_how.empty) and pair.differences.in_content:
            return None
        return Refusal("duty", "only one asks whether it should be")
    if not whether:
        return _may_or_must(pair) or _as_it_should_be(pair)
    if pair.differences.in_content:
        return None
    asked, stored = _obliged(pair.asked), _obliged(pair.stored)
    if asked == stored:
        return None
    return Refusal("duty", "only one asks whether it should be")


def _whether(reading: Reading) -> bool:
    """Whether it can be answered with yes or no; many languages say so by the order of words only."""
    if reading.questions:
        return reading.questions[0] is Question.YES_NO
    return reading.text.rstrip().endswith("?")


def _needed(pair: Pair) -> Refusal | None:
    """Whether one needs a thing is not whether one has it."""
    asked, stored = _needs(pair.asked, pair), _needs(pair.stored, pair)
    if asked == stored:
        return None
    return Refusal("duty", "only one asks whether one needs it")


def _another_modal(pair: Pair) -> Refusal | None:
    """Whether one may is not whether one must, nor whether one should."""
    asked, stored = _modal(pair.asked), _modal(pair.stored)
    if asked and stored and asked != stored:
        return Refusal("duty", f"{asked} against {stored}")
    return None


def _may_or_must(pair: Pair) -> Refusal | None:
    """How early one may be there is not how early one has to be; but how one may, one has to."""
    differences = pair.differences
    left = (*differences.asked_content, *differences.stored_content)
    if any(word.form not in _MAY for word in left) or not _asks_for_a_limit(
        pair.asked, pair.stored
    ):
        return None
    asked, stored = _modal(pair.asked, _SAID), _modal(pair.stored, _SAID)
    modals = {asked, stored}
    timed = all(r.questions[0] in _TIMED for r in (pair.asked, pair.stored))
    expected = any("expect" in r.forms for r in (pair.asked, pair.stored))
    if modals != {"may", "must"} and not (timed and not expected and modals == {"may", "should"}):
        return None
    return Refusal("duty", f"{asked} against {stored}")


def _asks_for_a_limit(*readings: Reading) -> bool:
    """Whether all ask for what another answer may be given where one must: when, how much, who."""
    for reading in readings:
        how, much = (*reading.forms, "", "")[:2]
        measured = how in _HOW and much not in reading.lexicon.empty_words - _MEASURED
        which = how in WHICH and any(word.form == much for word in reading.words)
        deed = reading.questions[0] is Question.WHAT and _names_a_deed(reading)
        if reading.questions[0] not in _LIMITED and not (measured or which or deed):
            return False
    return True


def _names_a_deed(reading: Reading) -> bool:
    """What one may eat; not what one can do, which is what one has to do."""
    first = reading.words[0] if reading.words else None
    if first is None or first.weight < CONTENT:
        return False
    return first.lead in ACTORS and ("do", "to") not in pairwise(reading.forms)


def _can_or_does(pair: Pair) -> Refusal | None:
    """Whether it can change is not whether it is changing."""
    if pair.asked.tables != "en":
        return None
    for can, does in pair.both_ways:
        if _CAN.isdisjoint(can.forms[:1]) or _IS.isdisjoint(does.forms[:1]):
            continue
        stem = can.lexicon.stem
        acts = {stem(form) for form in can.forms if not form.endswith("ing")}
        if any(form.endswith("ing") and stem(form) in acts for form in does.forms):
            return Refusal("duty", "whether it can, against whether it does")
    return None


def _modal(reading: Reading, spoken: int = _SPOKEN) -> str:
    start = reading.forms[:spoken]
    if not _MAY.isdisjoint(start):
        return "may"
    if not _SHOULD.isdisjoint(start):
        return "should"
    for form, after in pairwise(reading.forms[: spoken + 1]):
        # "Do I have to"; what somebody has is no duty.
        if form in _MUST and (form not in _HAVE or after == "to"):
            return "must"
    return ""


def _as_it_should_be(pair: Pair) -> Refusal | None:
    """What it should be is not what it is."""
    kinds = (pair.asked.questions[:1], pair.stored.questions[:1])
    if pair.differences.in_content or kinds != ((Question.WHAT,), (Question.WHAT,)):
        return None
    asked, stored = (
        not _SHOULD.isdisjoint(reading.forms) and not _BE.isdisjoint(reading.forms)
        for reading in (pair.asked, pair.stored)
    )
    if asked == stored:
        return None
    is_so = pair.stored if asked else pair.asked
    if _IS.isdisjoint(is_so.forms):
        return None
    return Refusal("duty", "what it should be, against what it is")


def _needs_or_had(one: Reading, other: Reading, pair: Pair) -> bool:
    """ "Which vaccinations do I need", "which vaccinations have I had"."""
    if pair.differences.in_content or _HAD.isdisjoint(other.forms[1:]):
        return False
    return _needs(one, pair) and not _needs(other, pair)


def _needs(reading: Reading, pair: Pair) -> bool:
    """Whether it speaks of a need, in a word that is not akin to one of the other text."""
    akin = {word.form for words in pair.differences.akin for word in words}
    forms = {*reading.empty, *(word.form for word in reading.words)}
    return not _NEEDS.isdisjoint(forms - akin)


def _needs_it(reading: Reading) -> bool:
    """Whether what it asks is if somebody needs something: "do I need a licence"."""
    return not _NEEDS.isdisjoint(reading.forms[:_SPOKEN])


def _obliged(reading: Reading) -> bool:
    """Whether it speaks of what somebody has to do, rather than may, can or does."""
    if not _DUTY.isdisjoint(reading.empty):
        return True
    return not _OBLIGED.isdisjoint(pairwise(reading.exact))

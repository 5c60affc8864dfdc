"""Who does a thing, and what is done: "teacher", "teaches"; "charger", "charge".

Two words, but where a question asks who it is that does it.
"""

from __future__ import annotations

from typing import Final

from .lexicon import Lexicon, Question, listed
from .reading import Reading, Word

_COMPARED: Final = frozenset(
    listed(
        "cheaper quicker slower higher larger smaller faster longer shorter younger older newer "
        "harder softer weaker stronger thicker brighter darker louder quieter sooner later "
        "nearer safer "
        "cleaner lighter fresher smarter nicer"
    )
)
"""Adjectives that end as doers do."""
_DOERS: Final = ("ant", "or", "ist", "ism", "ian", "ive", "ee")
_SUFFERS: Final = "ee"
"""How who has it done to him is named: "trainee"."""
_IS: Final = frozenset(listed("is are was were s ist sind war waren zijn waren"))


def does(doer: str, deed: str, lexicon: Lexicon) -> bool:
    """Whether one word names who or what does the other."""
    done = lexicon.doers.done
    if not done:
        return False
    doer = doer.removesuffix(lexicon.doers.plural)
    if lexicon.code == "en" and doer.endswith(_DOERS):
        root = next(doer.removesuffix(ending) for ending in _DOERS if doer.endswith(ending))
        return deed.rstrip("s") in (root, root + "e")
    if not doer.endswith("er") or doer in _COMPARED:
        return False
    return deed in {doer[:-2] + ending for ending in done}


def take_doers(
    asked: list[Word],
    stored: list[Word],
    readings: tuple[Reading, Reading],
    near: list[tuple[Word, Word]],
) -> None:
    """Pair off "who teaches it" and "who is the teacher of it"."""
    if any(reading.questions != (Question.WHO,) for reading in readings):
        return
    for one in tuple(asked):
        for other in tuple(stored):
            if _is_who_does(one, other, readings) or _is_who_does(other, one, readings[::-1]):
                asked.remove(one)
                stored.remove(other)
                near.append((one, other))
                return


def _is_who_does(doer: Word, deed: Word, readings: tuple[Reading, ...]) -> bool:
    named, acted = readings
    return (
        not doer.form.removesuffix("s").endswith(_SUFFERS)
        and named.forms[1:2] != ()
        and named.forms[1] in _IS
        and acted.forms[1:2] == (deed.form,)
        and does(doer.form, deed.form, acted.lexicon)
    )

"""What one sample shows: from which of a few answers agree.

`stored` is the answer that was (or would have been) served; `fresh` and `again` are two new answers to
the prompt that was asked; `own` is a new answer to the prompt that the stored one belongs to.

- fresh and again agree, and stored agrees with them: **right**;
- they agree, stored differs from both, and agrees with own: it answers **another question**;
- they agree, stored differs from both and from own: it is **stale**;
- fresh and again differ: the engine does not answer this twice alike, so nothing is held against the
  cache: **inconclusive**.

Agreement by chance. An engine that says "yes" or "no" at random agrees with itself half of the time,
and then half of the stored answers differ: that looks like errors and is none. But if stored, fresh,
again and own are four draws of one distribution, each may take the place of each other. "Stored
stands alone, fresh and again agree" is then exactly as likely as "fresh stands alone, stored and again
agree", which no error of the cache can explain. Counting such finds against the errors makes the
random engine's rate zero, whatever it answers with.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Agreement = bool | None
"""Two answers say the same, say different things, or nobody can tell."""


class Verdict(StrEnum):
    """Of one sample."""

    RIGHT = "right"
    ANOTHER_QUESTION = "another_question"
    STALE = "stale"
    INCONCLUSIVE = "inconclusive"
    CHANCE_QUESTION = "chance_question"
    """As another question, with a fresh answer in the place of the stored one: chance."""
    CHANCE_STALE = "chance_stale"
    """As stale, with a fresh answer in the place of the stored one: chance."""

    @property
    def is_inconclusive(self) -> bool:
        """Nothing is said about this hit."""
        return self not in (Verdict.RIGHT, Verdict.ANOTHER_QUESTION, Verdict.STALE)


@dataclass(frozen=True, slots=True)
class OddOne:
    """One answer stands alone: the own prompt has to tell why.

    Attributes:
        by_chance: a fresh one does, not the stored one.
        odd: which: "stored", "fresh" or "again".
    """

    by_chance: bool
    odd: str


def of_fresh(stored_fresh: Agreement, stored_again: Agreement, both: Agreement) -> Verdict | OddOne:
    """What the fresh answers say.

    Args:
        stored_fresh, stored_again: stored against each of the two.
        both: fresh against again.
    """
    if stored_fresh is None or stored_again is None or both is None:
        return Verdict.INCONCLUSIVE
    match stored_fresh, stored_again, both:
        case True, True, True:
            return Verdict.RIGHT
        case False, False, True:
            return OddOne(False, "stored")
        case False, True, False:
            return OddOne(True, "fresh")
        case True, False, False:
            return OddOne(True, "again")
        case _:
            return Verdict.INCONCLUSIVE


def of_exact(odd: OddOne) -> Verdict:
    """An exact hit's own prompt is the one that was asked."""
    return Verdict.CHANCE_STALE if odd.by_chance else Verdict.STALE


def of_own(odd: OddOne, odd_own: Agreement) -> Verdict:
    """What the own prompt's answer says of a semantic hit; `odd_own`: it against the odd one."""
    if odd_own is None:
        return Verdict.INCONCLUSIVE
    if odd_own:
        return Verdict.CHANCE_QUESTION if odd.by_chance else Verdict.ANOTHER_QUESTION
    return of_exact(odd)

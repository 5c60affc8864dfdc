"""What a run comes to: hits, wrong hits with their interval, and examples for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ...apis.saying import Said
from ...quality.comparing import compare
from .log import Line
from .running import Served


@dataclass(frozen=True, slots=True)
class Count:
    """One run in numbers.

    Attributes:
        requests: of the log.
        exact, semantic, bypass: how many were served so, or passed by.
        possible: requests whose intent was asked before; None without intents.
        right: hits, exact or semantic, that answered the intent: at most what was possible.
        judged: semantic hits of which the log says whether they were right.
        wrong: those of them that answered something else.
        unclear: semantic hits with answers that can't be compared for certain.
        bypasses: why requests were passed by.
    """

    requests: int
    exact: int
    semantic: int
    bypass: int
    possible: int | None
    right: int
    judged: int
    wrong: int
    unclear: int
    bypasses: Counter[str]


def count(lines: Sequence[Line], served: Sequence[Served]) -> Count:
    """Count a run."""
    hows = Counter(one.how for one in served)
    right = judged = wrong = unclear = 0
    for number, one in enumerate(served):
        if one.source is None:
            continue
        asked, source = lines[number], lines[one.source]
        right += asked.intent is not None and asked.intent == source.intent
        if one.how != "semantic":
            continue
        same, known = judge(asked, source)
        judged += same is not None
        wrong += same is False
        unclear += known and same is None
    return Count(
        len(lines),
        hows["exact"],
        hows["semantic"],
        hows["bypass"],
        _possible(lines),
        right,
        judged,
        wrong,
        unclear,
        Counter(one.detail for one in served if one.how == "bypass"),
    )


def judge(asked: Line, source: Line) -> tuple[bool | None, bool]:
    """Whether one answer fits both, by intent or by answer; and whether the log says anything.

    None where it can't be told: two free texts in other words may say the same.
    """
    if asked.intent is not None and source.intent is not None:
        return asked.intent == source.intent, True
    if asked.answer is None or source.answer is None:
        return None, False
    found = compare(Said((asked.answer,)), Said((source.answer,)))
    return (found, True) if isinstance(found, bool) else (None, True)


def _possible(lines: Sequence[Line]) -> int | None:
    if any(line.intent is None for line in lines):
        return None
    return len(lines) - len({(line.model, line.intent) for line in lines})

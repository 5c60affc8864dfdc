"""The report, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from ...quality.shares import interval
from .counting import Count, count, judge
from .log import Line
from .running import Refused, Replayed, Served

_WIDTH = 100
"""Characters of an example; the rest is cut."""


def _share(part: int, whole: int) -> str:
    low, high = interval(part, whole)
    return f"{part / max(1, whole):6.1%} ({low:.1%} to {high:.1%})"


def summary(lines: Sequence[Line], run: Replayed) -> Iterator[str]:
    """What the configured cache would have done."""
    found = count(lines, run.served)
    yield f"{found.requests:,} requests"
    if found.possible is not None:
        yield f"  possible hits      {_share(found.possible, found.requests)}"
    else:
        yield "  possible hits      unknown: not every line has an `intent`"
    yield f"  exact hits         {_share(found.exact, found.requests)}"
    yield f"  semantic hits      {_share(found.semantic, found.requests)}"
    if found.possible:
        yield f"  of the possible    {_share(found.right, found.possible)}"
    yield f"  passed by          {_share(found.bypass, found.requests)}"
    for detail, number in found.bypasses.most_common(5):
        yield f"    {number:7,} {detail}"
    yield from _wrong(found)


def _wrong(found: Count) -> Iterator[str]:
    if found.judged:
        yield (
            f"  wrong              {_share(found.wrong, found.judged)} of {found.judged:,} semantic"
            " hits that the log can judge"
        )
    elif not found.semantic:
        yield "  wrong              none: no hit was semantic"
    else:
        yield "  wrong              unknown: the log has no `intent` and no answers to compare"
    if found.unclear:
        yield f"                     {found.unclear:,} more have free texts that differ in words"


def thresholds(lines: Sequence[Line], runs: Sequence[tuple[str, Replayed]]) -> Iterator[str]:
    """The same at several thresholds, a line each."""
    yield f"{'least cosine':<14}{'exact':>8}{'semantic':>10}{'judged':>8}{'wrong':>7}   share of wrong"
    for name, run in runs:
        found = count(lines, run.served)
        yield (
            f"{name:<14}{found.exact:8,}{found.semantic:10,}{found.judged:8,}{found.wrong:7,}"
            f"   {_share(found.wrong, found.judged) if found.judged else 'unknown'}"
        )


def gates(run: Replayed) -> Iterator[str]:
    """Candidates that were near enough, by the gate that refused them."""
    yield "near enough, and refused by"
    for gate, number in run.gates.most_common():
        yield f"  {gate:<14}{number:8,}"
    if not run.gates:
        yield "  nothing was"


def examples(lines: Sequence[Line], run: Replayed, most: int) -> Iterator[str]:
    """Pairs for a person to judge: hits known to be wrong, the least near hits, and refusals."""
    hits = [
        (number, one)
        for number, one in enumerate(run.served)
        if one.how == "semantic" and one.source is not None
    ]
    hits.sort(key=lambda hit: (not _is_wrong(lines, *hit), hit[1].similarity or 0.0))
    yield "served by meaning: would the second one's answer do for the first?"
    for number, one in hits[:most]:
        assert one.source is not None
        mark = "  WRONG" if _is_wrong(lines, number, one) else ""
        yield f"  {one.similarity:.3f}{mark}"
        yield from _pair(lines[number], lines[one.source])
    yield "refused: would it have done?"
    for refused in _a_few_of_each(run.refused, most):
        reason = f" ({refused.reason})" if refused.reason else ""
        yield f"  {refused.similarity:.3f} {refused.gate}{reason}"
        yield from _pair(lines[refused.asked], lines[refused.stored])


def _is_wrong(lines: Sequence[Line], number: int, one: Served) -> bool:
    return one.source is not None and judge(lines[number], lines[one.source])[0] is False


def _a_few_of_each(refused: Mapping[str, Sequence[Refused]], most: int) -> list[Refused]:
    """The nearest of each gate in turn."""
    turns = zip_longest(*refused.values())
    return [one for turn in turns for one in turn if one is not None][:most]


def _pair(asked: Line, stored: Line) -> Iterator[str]:
    for line in (asked, stored):
        text = " ".join(line.shown.split())
        # A control character of somebody's prompt must not reach the terminal.
        printed = "".join(sign if sign.isprintable() else "?" for sign in text)
        yield "      " + (printed if len(printed) <= _WIDTH else printed[: _WIDTH - 1] + "\u2026")

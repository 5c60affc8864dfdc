"""The KPI table: the same stream of questions with and without the cache."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import aiohttp

from .story import say
from .talk import Heard, Line

_CONCURRENCY = 4


@dataclass(frozen=True)
class Run:
    """One way through the stream.

    Attributes:
        seconds: wall time of the whole stream.
        prefix_hits, prefix_queries: prompt tokens that the engine's prefix cache had, and was
            asked for; None when the engine does not tell.
    """

    heard: list[Heard]
    seconds: float
    prefix_hits: float | None
    prefix_queries: float | None


async def drive(name: str, line: Line, questions: list[str], engine: aiohttp.ClientSession) -> Run:
    """Ask all `questions`, a few at a time, every third as a stream."""
    queue = list(enumerate(questions))[::-1]
    heard: list[Heard] = []
    before = await prefix_counters(engine)
    started = time.perf_counter()
    told = started

    async def worker() -> None:
        nonlocal told
        while queue:
            number, question = queue.pop()
            heard.append(await line.ask(question, stream=number % 3 == 2))
            if time.perf_counter() - told > 2:
                told = time.perf_counter()
                say(f"    {name}: {len(heard)} of {len(questions)} questions")

    await asyncio.gather(*(worker() for _ in range(_CONCURRENCY)))
    seconds = time.perf_counter() - started
    after = await prefix_counters(engine)
    say(f"    {name}: {len(heard)} questions in {seconds:.1f} s")
    if before is None or after is None:
        return Run(heard, seconds, None, None)
    return Run(heard, seconds, after[0] - before[0], after[1] - before[1])


async def prefix_counters(engine: aiohttp.ClientSession) -> tuple[float, float] | None:
    """vLLM's counters of its prefix cache, in tokens: hits and queries."""
    try:
        async with engine.get("/metrics") as answer:
            page = await answer.text()
    except aiohttp.ClientError:
        return None
    sums = {"vllm:prefix_cache_hits_total": 0.0, "vllm:prefix_cache_queries_total": 0.0}
    seen = False
    for line in page.splitlines():
        name = line.partition("{")[0].partition(" ")[0]
        if name in sums:
            sums[name] += float(line.rpartition(" ")[2])
            seen = True
    return (*sums.values(),) if seen else None  # type: ignore[return-value]


def quantile(values: list[float], share: float) -> float:
    """The value that `share` of all are below, in order."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def table(without: Run, with_cache: Run, stats: dict[str, Any], before: dict[str, Any]) -> str:
    """The KPIs as docs/kpis.md defines them, one a line."""
    asked = len(with_cache.heard)
    hits = sum(h.hit for h in with_cache.heard)
    alike = sum("detail=semantic" in h.cache_status for h in with_cache.heard)
    cacheable = stats["cacheable"] - before["cacheable"]
    rows = [
        ("hit rate, all requests", "-", _percent(hits / asked), f"{hits} of {asked}"),
        ("hit rate, cacheable requests", "-", _percent(hits / cacheable if cacheable else 0), ""),
        ("of these in other words", "-", _percent(alike / asked), f"{alike} of {asked}"),
    ]
    for name, pick in (("first byte", _first), ("whole answer", _total)):
        for label, share in (("p50", 0.5), ("p99", 0.99)):
            old = quantile([pick(h) for h in without.heard], share) * 1000
            new = quantile([pick(h) for h in with_cache.heard], share) * 1000
            rows.append(
                (f"{name}, {label}", f"{old:.1f} ms", f"{new:.1f} ms", f"{old / new:.1f} x")
            )
    saved, was = stats["saved"], before["saved"]
    prompt = saved["promptTokens"] - was["promptTokens"]
    completion = saved["completionTokens"] - was["completionTokens"]
    rows += [
        ("requests not sent to inference", "0", str(saved["requests"] - was["requests"]), ""),
        ("prompt tokens not computed", "0", str(prompt), ""),
        ("completion tokens not computed", "0", str(completion), ""),
        ("engine seconds saved", "0",
         f"{saved['engineSeconds'] - was['engineSeconds']:.1f}", "at the measured rate"),
        ("wall time of the stream", f"{without.seconds:.1f} s", f"{with_cache.seconds:.1f} s",
         f"{without.seconds / with_cache.seconds:.1f} x"),
        ("prefix hit rate in the engine", _prefix(without), _prefix(with_cache),
         "of what still reaches it"),
        ("both levels: prompt tokens saved", _both(without, 0, without),
         _both(with_cache, prompt, with_cache), "of those asked for"),
        ("age of served answers, p99", "-", f"{stats['servedAge']['p99S'] or 0:.1f} s", ""),
        ("false hits, staleness", "-", "Unproven", "the demo judges no samples"),
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    head = ("", "without", "with cache", "")
    widths = [max(width, len(title)) for width, title in zip(widths, head, strict=True)]
    lines = [
        f"  {a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}  {d}".rstrip()
        for a, b, c, d in [head, *rows]
    ]
    return "\n".join(lines)


def _first(heard: Heard) -> float:
    return heard.first_s


def _total(heard: Heard) -> float:
    return heard.total_s


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _prefix(run: Run) -> str:
    if not run.prefix_queries:
        return "not told"
    return _percent((run.prefix_hits or 0) / run.prefix_queries)


def _both(run: Run, saved_by_hits: int, asked: Run) -> str:
    tokens = sum(h.prompt_tokens for h in asked.heard)
    if not tokens or run.prefix_hits is None:
        return "not told"
    return _percent((saved_by_hits + run.prefix_hits) / tokens)

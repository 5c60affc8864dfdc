"""What must hold after each run. Each oracle gives the problems that it sees, in words."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from llmcache_sidecar.adapters.codec import Codec
from llmcache_sidecar.adapters.redis_link import RedisLink
from llmcache_sidecar.adapters.redis_settings import RedisSettings
from llmcache_sidecar.adapters.redis_store import RedisStore
from llmcache_sidecar.domain.entry import Form
from llmcache_sidecar.domain.ids import ExactKey
from tests.faults.asking import Alone, Ask, Exchange, Kind, Said, read
from tests.faults.stage import CANARIES, PATIENCE_S, Program, Stage, until
from tests.faults.workload import Load, Record

SEEN_S: Final = 1.0
"""Within this long after it was promised, a purge is seen by every replica."""

_BAD_WORDS: Final = (
    "Traceback", "never retrieved", "was destroyed", "never awaited", "a defect", "a flight broke",
    "unexpected", "Unhandled", "Exception in", "CRITICAL",
)  # fmt: skip


@dataclass(frozen=True)
class Allowed:
    """What clients may see beside what the engine alone would have given.

    Attributes:
        bad_gateway: the sidecar's own 502: the engine is away.
        broken: answers that break off, or no answer: the engine, or the sidecar, ends on the way.
        restarts: the sidecar ends on the way, and its account with it.
    """

    bad_gateway: bool = False
    broken: bool = False
    restarts: bool = False


@dataclass(frozen=True)
class Level:
    """What a process holds on to."""

    open_files: int
    resident: int


def level(program: Program) -> Level:
    """What it holds on to now."""
    return Level(program.open_files, program.resident)


# What clients got.


async def wrong_and_lost(
    record: Record, alone: Alone, allowed: Allowed, load: Load
) -> tuple[list[str], list[str]]:
    """Answers that say something else than the engine alone would have said, and those that did not
    come though it would have given one."""
    wrong, lost = [], []
    for found in record.exchanges:
        revision = found.said.revision or 0
        patience = load.hang_s if found.ask.hangs else PATIENCE_S
        expected = await alone.says(found.ask, revision, patience)
        verdict = _compare(found.said, expected, allowed)
        if verdict == "lost":
            lost.append(f"{_told(found)}: the engine alone gave {expected.kind.value}")
        elif verdict == "wrong":
            wrong.append(f"{_told(found)}: the engine alone said {expected}")
    return wrong, lost


def _told(found: Exchange) -> str:
    return f"{found.ask} got {found.said} ({found.cache or 'no Cache-Status'})"


def _compare(said: Said, expected: Said, allowed: Allowed) -> str:
    """Empty where it is right."""
    if said == expected:
        return ""
    if said.kind is Kind.LATE and expected.kind is not Kind.LATE:
        return "lost"
    if expected.good and not said.good:
        if said.status == 502 and allowed.bad_gateway:
            return ""
        if said.kind in (Kind.BROKEN, Kind.NOTHING) and allowed.broken:
            return "" if expected.text.startswith(_told_of(said)) else "wrong"
        return "lost"
    if expected.good:
        return "wrong"
    # The engine alone fails here: then the failure has to look like one.
    if expected.kind is Kind.LATE:
        return "" if said.kind is Kind.LATE else "wrong"
    if expected.kind in (Kind.BROKEN, Kind.NOTHING):
        if said.status == 502 or said.kind in (Kind.BROKEN, Kind.NOTHING):
            return ""
        return "wrong"
    if allowed.bad_gateway and said.status == 502:
        return ""
    return "wrong" if said.status or not allowed.broken else ""


def _told_of(said: Said) -> str:
    """What a broken answer says, without a revision's number that may have been cut in the middle."""
    return said.text if said.revision is not None else said.text.rstrip("0123456789")


def foreign_hits(record: Record) -> list[str]:
    """A hit for a tenant who has never had that answer computed: it was somebody else's."""
    computed = [(began, ask) for began, ask in record.rude]
    computed += [(found.began, found.ask) for found in record.exchanges if not found.hit]
    first: dict[tuple[str, str, str], float] = {}
    for began, ask in computed:
        first[_whose(ask)] = min(began, first.get(_whose(ask), began))
    return [
        f"{_told(found)}: this tenant never asked it before"
        for found in record.exchanges
        if found.hit and first.get(_whose(found.ask), found.ended) >= found.ended
    ]


def _whose(ask: Ask) -> tuple[str, str, str]:
    return ask.tenant, ask.text, ask.api


def undone_purges(record: Record, replicas: int) -> list[str]:
    """Answers from before a purge, to requests that began after it was seen everywhere."""
    slack = SEEN_S if replicas > 1 else 0.0
    problems = []
    for found in record.exchanges:
        revision = found.said.revision
        if revision is None:
            continue
        floor = max((p.revision for p in record.purged if p.at + slack <= found.began), default=0)
        if revision < floor:
            problems.append(f"{_told(found)}: purged up to revision {floor}")
    return problems


# What the sidecars say of themselves.


async def account(stage: Stage, record: Record, *, exact: bool) -> list[str]:
    """One outcome for each request; what clients saw adds up to what is counted."""
    problems = []
    for number, program in enumerate(stage.sidecars):
        await _quiet(stage, program)
        stats = await stage.stats(program)
        outcomes: dict[str, int] = stats["outcomes"]
        if sum(outcomes.values()) != stats["requests"]:
            problems.append(f"outcomes {outcomes} are not {stats['requests']} requests")
        if not exact:
            continue
        sent = record.sent.get(number, 0) + program.asked
        # One that left, or whose patience ended, may not have got through; one may have sent two.
        rude = len(record.rude)
        late = sum(
            found.said.kind is Kind.LATE for found in record.exchanges if found.sidecar == number
        )
        if not sent - rude - late <= stats["requests"] <= sent + rude:
            problems.append(f"{sent} requests were sent, {stats['requests']} counted")
        if record.rude:
            continue
        seen = Counter(
            outcome
            for found in record.exchanges
            # What breaks off is an error, whatever its head said.
            if found.sidecar == number
            and found.said.kind in (Kind.WHOLE, Kind.STREAM)
            and (outcome := _outcome(found.cache))
        )
        if any(seen[outcome] > outcomes.get(outcome, 0) for outcome in seen):
            problems.append(f"clients saw {dict(seen)}, counted were {outcomes}")
    return problems


def _outcome(cache: str) -> str:
    if "detail=semantic" in cache:
        return "hit_semantic"
    if "; hit" in cache:
        return "hit_exact"
    return "collapsed" if "collapsed" in cache else ""


async def _quiet(stage: Stage, program: Program) -> None:
    """Wait until nothing is going on there."""

    async def idle() -> bool:
        stats = await stage.stats(program)
        waiting = stats["stores"].get("writeQueueEntries", 0)
        return not (stats["inFlight"] or stats["openFlights"] or waiting)

    await until(idle, "the sidecar to come to rest")


async def resources(stage: Stage, before: list[Level]) -> list[str]:
    """Open files return to their level, and memory near it."""
    problems = []
    for program, first in zip(stage.sidecars, before, strict=True):
        limit = first.open_files + 24  # kept connections to the engine and the store
        deadline = time.monotonic() + PATIENCE_S / 3
        while program.open_files > limit and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        if program.open_files > limit:
            problems.append(f"{program.open_files} open files, {first.open_files} before")
        grown = program.resident - first.resident
        if grown > 96 * 2**20:
            problems.append(f"{grown / 2**20:.0f} MiB more memory than before")
    return problems


def logs(stage: Stage) -> list[str]:
    """No defect is told in a log, and no prompt, answer or key."""
    problems = []
    for program in stage.sidecars:
        for line in program.log.splitlines():
            if any(word in line for word in _BAD_WORDS):
                problems.append(f"in the log: {line}")
            if any(canary in line for canary in CANARIES):
                problems.append(f"a secret in the log: {line}")
    return problems


# What is stored.


async def stored_bodies(stage: Stage, record: Record, alone: Alone) -> list[str]:
    """Every stored body is what a fresh engine answers to that very request."""
    if stage.valkey is None or not any(each.runs for each in stage.sidecars):
        return []
    asked = {
        (found.ask.question, found.ask.tenant, found.ask.api, found.ask.fault): found.ask
        for found in record.exchanges
    }
    by_key: dict[ExactKey, Ask] = {}
    for ask in asked.values():
        for streamed in (False, True):
            form = replace(ask, streamed=streamed)
            by_key[await _key(stage, form)] = form
    link = RedisLink(RedisSettings(f"redis://127.0.0.1:{stage.valkey.port}/0", "default"))
    store = RedisStore(link, Codec(max_body_bytes=8 * 2**20))
    problems = []
    try:
        async for meta in store.scan():
            entry = await store.get(meta.key)
            if entry is None:
                continue
            known = by_key.get(meta.key)
            if known is None:
                # What the stage itself asks, or what only clients asked who left.
                continue
            ask = replace(known, streamed=meta.form is Form.STREAM)
            media = "text/event-stream" if ask.streamed else "application/json"
            kind = Kind.STREAM if ask.streamed else Kind.WHOLE
            said = read(ask, kind, 200, entry.body, media)
            expected = await alone.says(ask, said.revision or 0, PATIENCE_S)
            if not _worth_storing(expected):
                problems.append(
                    f"stored for {ask}: {said}, though the engine alone said {expected}"
                )
            elif not _same_content(said, expected):
                problems.append(f"stored for {ask}: {said}; a fresh engine says {expected}")
    finally:
        await store.aclose()
        await link.aclose()
    return problems


def _worth_storing(said: Said) -> bool:
    """An answer of the model, whole, and without an error in it."""
    if not said.good or said.revision is None or {"error", "malformed"} & set(said.rest):
        return False
    return said.kind is Kind.WHOLE or bool({"done", "stop"} & set(said.rest))


def _same_content(said: Said, expected: Said) -> bool:
    """A stored stream holds its usage, whether its client asked for that or not."""
    return said.text == expected.text and set(expected.rest) <= set(said.rest)


async def _key(stage: Stage, ask: Ask) -> ExactKey:
    document = {"route": ask.path, "headers": ask.headers, "body": ask.body}
    async with stage.admin.post(
        f"{stage.sidecars[0].admin}/admin/v1/explain", json=document
    ) as response:
        explained: dict[str, Any] = await response.json()
    return ExactKey(bytes.fromhex(explained["key"]))


def first(problems: list[str], most: int = 5) -> Iterator[str]:
    """A few of them, for a message."""
    yield from problems[:most]
    if len(problems) > most:
        yield f"and {len(problems) - most} more"

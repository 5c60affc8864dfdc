"""Changes of a resource while requests go on."""

from __future__ import annotations

import time
from functools import partial
from itertools import cycle, islice
from math import ceil

from tests.e2e.client import chat
from tests.e2e.stage import KEY, Stage, eventually, nothing_failed


async def test_a_change_of_policy_is_in_force_everywhere_without_a_restart(cache: Stage) -> None:
    url, question = cache.url("llama"), "Who keeps the spare key of the depot?"
    before = await cache.identities("llama")
    ask = [chat(url, question, key=KEY, model="llama", temperature=0.5) for _ in range(4)]
    answers = await cache.client.ask(*ask)
    assert answers[-1].cache_status.startswith("hit")
    took: list[float] = []
    turns = cycle(((0.2, "detail=temperature"), (0.8, "hit")))
    try:
        for maximum, wanted in islice(turns, cache.settings.changes):
            began = time.monotonic()
            await cache.change({"responseCache": {"policy": {"maxTemperature": maximum}}})
            await cache.ready()
            took.append(round(time.monotonic() - began, 1))

            # Each pod answers from what ConfigApplied has promised.
            answers = await cache.client.ask(*ask)
            assert all(wanted in answer.cache_status for answer in answers), answers
    finally:
        await cache.change({"responseCache": {"policy": None}})
    await cache.ready()
    assert await cache.identities("llama") == before
    took.sort()
    cache.figures.note(
        "policy in force in every sidecar",
        changes=len(took),
        p50_seconds=took[len(took) // 2],
        p95_seconds=took[ceil(0.95 * len(took)) - 1],
        longest_seconds=took[-1],
    )


async def test_switching_the_semantic_level_off_needs_no_restart(cache: Stage) -> None:
    before = await cache.identities("llama")
    began = time.monotonic()
    await cache.change({"responseCache": {"semantic": {"mode": "Off"}}})
    await cache.ready()
    cache.figures.note("semantic Off in force", seconds=round(time.monotonic() - began, 1))
    await cache.change({"responseCache": {"semantic": {"mode": None}}})
    await cache.ready()
    assert await cache.identities("llama") == before


async def test_scaling_up_and_down_fails_no_request(cache: Stage) -> None:
    async def scale() -> None:
        for replicas in (3, 2):
            await cache.alter("llama", replicas=replicas)
            await cache.rolled("llama")
            # The pod that leaves takes its time: it serves what it has begun.
            await eventually(partial(_count, cache, replicas), what=f"{replicas} pods")

    nothing_failed(await cache.under_load("scale 2 -> 3 -> 2", scale))


async def test_a_changed_engine_flag_rolls_the_pods_and_fails_no_request(cache: Stage) -> None:
    before = await cache.identities("llama")

    async def change() -> None:
        await cache.alter("llama", maxModelLen=4096)
        await cache.ready()
        await cache.rolled("llama")
        await eventually(partial(_count, cache, 2), what="two pods")

    summary = await cache.under_load("rolling change of an engine flag", change)
    nothing_failed(summary)
    after = await cache.identities("llama")
    assert len(after) == 2
    assert not set(before) & set(after)


async def _count(stage: Stage, wanted: int) -> bool:
    selector = "llmcache.dev/cache=support,llmcache.dev/model=llama"
    return len(await stage.kubectl.list("pods", selector)) == wanted

"""A soak: prompts without end against a small store. Memory and open files must stay where they are.

Either no prompt comes twice, or they are drawn from so many questions by Zipf's law, as people's are:
then most of the common ones are hits, and the store is full of what comes once.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import Final

from tests.bench.client import burst
from tests.bench.figures import Results, SoakPoint
from tests.bench.processes import Cores, Running
from tests.bench.systems import sidecar, upstream
from tests.bench.wire import HIT, MISS, Expectation, answer, same_answer, unique, zipf

STORE_BYTES: Final = 16 * 2**20
FIRST_LEVEL_BYTES: Final = 8 * 2**20
"""Room for some thousands of answers: full before a tenth of the default soak."""

_CONNECTIONS: Final = 16
_MOST_SECONDS: Final = 3600.0
_STEPS: Final = 100
_SEED: Final = 7


async def soak(
    prompts: int,
    cores: Cores,
    logs: Path,
    flags: Sequence[str],
    results: Results,
    say: Callable[[str], None],
    questions: int = 0,
) -> None:
    """Send so many prompts; note memory, open files and hits after each hundredth.

    Args:
        questions: different ones, drawn by Zipf's law; 0: no prompt comes twice.
    """
    more = ["--memory-store-bytes", str(STORE_BYTES)]
    more += ["--first-level-bytes", str(FIRST_LEVEL_BYTES), *flags]
    with (
        upstream("soak-upstream", cores.client, logs, 0.0) as engine,
        sidecar("soak-sidecar", engine, cores, logs, more) as running,
    ):
        results.soak_store_bytes = STORE_BYTES
        results.soak_questions = questions
        results.soak.append(SoakPoint(0, running.memory().resident, running.open_files()))
        requests = zipf("k", questions, random.Random(_SEED)) if questions else unique("k")
        await _send(prompts, running, requests, results, say)


async def _send(
    prompts: int,
    running: Running,
    requests: Iterator[bytes],
    results: Results,
    say: Callable[[str], None],
) -> None:
    wanted = HIT if results.soak_questions else MISS
    expected = Expectation(wanted, body=same_answer(answer()))
    began = monotonic()
    sent = hits = 0
    for step in range(1, _STEPS + 1):
        left = _MOST_SECONDS - (monotonic() - began)
        if left <= 0:
            say(f"soak: stopped after {sent} prompts, the hour is over")
            return
        count = prompts * step // _STEPS - sent
        sample = await burst(
            running.port,
            requests,
            expected,
            connections=_CONNECTIONS,
            count=count,
            seconds=left,
        )
        sent += len(sample.total)
        as_wanted = len(sample.total) - sample.others
        hits += as_wanted if results.soak_questions else sample.others
        resident, files = running.memory().resident, running.open_files()
        results.soak.append(SoakPoint(sent, resident, files, hits))
        if step == 1 or step % 10 == 0:
            say(
                f"soak: {sent} prompts, {hits} hits, {resident / 1e6:.1f} MB resident, "
                f"{files} open files"
            )

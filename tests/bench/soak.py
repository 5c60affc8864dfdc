"""A soak: unique prompts without end against a small store. Memory must stay where it is."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import Final

from tests.bench.client import burst
from tests.bench.figures import Results, SoakPoint
from tests.bench.processes import Cores, Running
from tests.bench.systems import sidecar, upstream
from tests.bench.wire import MISS, Expectation, answer, same_answer, unique

STORE_BYTES: Final = 16 * 2**20
FIRST_LEVEL_BYTES: Final = 8 * 2**20
"""Room for some thousands of answers: full before a tenth of the default soak."""

_CONNECTIONS: Final = 16
_MOST_SECONDS: Final = 3600.0
_STEPS: Final = 100


async def soak(
    prompts: int,
    cores: Cores,
    logs: Path,
    flags: Sequence[str],
    results: Results,
    say: Callable[[str], None],
) -> None:
    """Send so many unique prompts; note resident memory after each hundredth."""
    more = ["--memory-store-bytes", str(STORE_BYTES)]
    more += ["--first-level-bytes", str(FIRST_LEVEL_BYTES), *flags]
    with (
        upstream("soak-upstream", cores.client, logs, 0.0) as engine,
        sidecar("soak-sidecar", engine, cores, logs, more) as running,
    ):
        results.soak_store_bytes = STORE_BYTES
        results.soak.append(SoakPoint(0, running.memory().resident))
        await _send(prompts, running, unique("k"), results, say)


async def _send(
    prompts: int,
    running: Running,
    requests: Iterator[bytes],
    results: Results,
    say: Callable[[str], None],
) -> None:
    expected = Expectation(MISS, body=same_answer(answer()))
    began = monotonic()
    sent = 0
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
        resident = running.memory().resident
        results.soak.append(SoakPoint(sent, resident))
        if step == 1 or step % 10 == 0:
            say(f"soak: {sent} unique prompts, {resident / 1e6:.1f} MB resident")

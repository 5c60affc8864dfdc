"""The deadline holds whatever the model does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import numpy as np
import pytest

from llmcache_sidecar.adapters.breaker import Breaker, BreakerSettings, BreakerState
from llmcache_sidecar.adapters.embedding.hosted import HostedEmbedder
from llmcache_sidecar.adapters.embedding.observing import EmbedderState, Tally, Trouble
from llmcache_sidecar.domain.vectors import Vector
from llmcache_sidecar.ports.embedder import (
    EmbeddingError,
    EmbeddingLoadError,
    EmbeddingOverdue,
    EmbeddingOverload,
    Encoder,
    TextTooLong,
)
from tests.sidecar.stores.making import HandClock

from .doubles import DEFECT, FAULTY, TOO_LONG, DoubleEncoder, vector_of

Make = Callable[..., Awaitable[HostedEmbedder]]


@pytest.fixture
def tally() -> Tally:
    return Tally()


@pytest.fixture
async def make(tally: Tally) -> AsyncIterator[Make]:
    made: list[HostedEmbedder] = []

    async def _make(encoder: Encoder, deadline_s: float = 5.0, **more: object) -> HostedEmbedder:
        embedder = HostedEmbedder(lambda: encoder, deadline_s, observer=tally, **more)  # type: ignore[arg-type]
        made.append(embedder)
        embedder.start()
        await embedder.ready()
        return embedder

    yield _make
    for embedder in made:
        await embedder.aclose()


def _outcomes(results: list[Vector | BaseException]) -> list[str]:
    return [type(r).__name__ if isinstance(r, BaseException) else "vector" for r in results]


async def test_each_gets_its_own_vector(make: Make, tally: Tally) -> None:
    embedder = await make(DoubleEncoder())
    texts = [f"text {number}" for number in range(30)]
    vectors = await asyncio.gather(*map(embedder.embed, texts))
    for text, vector in zip(texts, vectors, strict=True):
        assert np.array_equal(vector, vector_of(text))
    assert tally.vectors == 30
    assert not tally.troubles


async def test_what_an_embedding_took_is_told_by_the_clock_and_not_by_the_event_loop(
    make: Make, tally: Tally
) -> None:
    """uvloop's time goes on in whole milliseconds."""
    clock = HandClock()

    class Slow(DoubleEncoder):
        def encode_many(self, texts: list[str]) -> list[Vector]:
            clock.pass_by(0.0037)
            return super().encode_many(texts)

    embedder = await make(Slow(), clock=clock)
    await embedder.embed("text")
    assert tally.seconds == pytest.approx(0.0037)


async def test_a_model_that_hangs_costs_the_deadline_then_nothing(make: Make, tally: Tally) -> None:
    encoder = DoubleEncoder()
    breaker = Breaker(BreakerSettings(failures=3, first_pause_s=0.05), jitter=lambda: 0.0)
    embedder = await make(encoder, 0.1, breaker=breaker)
    encoder.gate.clear()
    for _ in range(3):
        began = time.monotonic()
        with pytest.raises(EmbeddingOverdue):
            await embedder.embed("hangs")
        assert time.monotonic() - began < 0.7
    assert embedder.breaker.value == BreakerState.OPEN.value
    began = time.monotonic()
    with pytest.raises(EmbeddingError, match="paused"):
        await embedder.embed("not tried")
    assert time.monotonic() - began < 0.05
    assert tally.troubles[Trouble.CIRCUIT_OPEN] == 1
    assert embedder.figures["waiting"] == 0
    encoder.gate.set()
    await asyncio.sleep(0.08)
    assert np.array_equal(await embedder.embed("again"), vector_of("again"))
    assert embedder.breaker.value == BreakerState.CLOSED.value
    assert encoder.runs == [["hangs"], ["again"]]  # what nobody waited for was never begun


async def test_who_could_not_be_served_in_time_is_told_at_once(make: Make, tally: Tally) -> None:
    encoder = DoubleEncoder(0.04, batch_invariant=False)
    embedder = await make(encoder, 0.2)
    await embedder.embed("to be measured")
    began = time.monotonic()
    results = await asyncio.gather(
        *(embedder.embed(str(n)) for n in range(40)), return_exceptions=True
    )
    assert time.monotonic() - began < 1.0
    outcomes = _outcomes(results)
    assert 1 <= outcomes.count("vector") <= 5
    assert outcomes.count("EmbeddingOverload") == 40 - outcomes.count("vector")
    assert tally.troubles[Trouble.OVERLOAD] >= 30


async def test_the_queue_is_bounded(make: Make, tally: Tally) -> None:
    encoder = DoubleEncoder(batch_invariant=False)
    embedder = await make(encoder, 0.05, queue=2)
    encoder.gate.clear()
    results = await asyncio.gather(
        *(embedder.embed(str(n)) for n in range(9)), return_exceptions=True
    )
    assert set(_outcomes(results)) == {"EmbeddingOverdue", "EmbeddingOverload"}
    assert tally.troubles[Trouble.OVERLOAD] >= 6
    encoder.gate.set()


async def test_requests_share_a_run_only_where_that_changes_nothing(make: Make) -> None:
    for invariant in (True, False):
        encoder = DoubleEncoder(batch_invariant=invariant)
        embedder = await make(encoder, 5.0)
        encoder.gate.clear()
        tasks = [asyncio.create_task(embedder.embed(str(n))) for n in range(6)]
        await asyncio.sleep(0.02)
        encoder.gate.set()
        await asyncio.gather(*tasks)
        longest = max(map(len, encoder.runs))
        assert longest >= 5 if invariant else longest == 1


async def test_one_of_a_batch_that_is_too_long_harms_nobody_else(make: Make, tally: Tally) -> None:
    encoder = DoubleEncoder()
    embedder = await make(encoder, 5.0)
    encoder.gate.clear()
    texts = ["first", "second", TOO_LONG, "third"]
    tasks = [asyncio.create_task(embedder.embed(text)) for text in texts]
    await asyncio.sleep(0.02)
    encoder.gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert _outcomes(results) == ["vector", "vector", "TextTooLong", "vector"]
    assert tally.troubles == {Trouble.TOO_LONG: 1}


async def test_texts_that_are_too_long_never_open_the_circuit(make: Make) -> None:
    embedder = await make(DoubleEncoder(), breaker=Breaker(BreakerSettings(failures=2)))
    for _ in range(5):
        with pytest.raises(TextTooLong):
            await embedder.embed(TOO_LONG)
    assert embedder.breaker.value == BreakerState.CLOSED.value


@pytest.mark.parametrize(
    ("text", "trouble"), [(FAULTY, Trouble.MODEL_ERROR), (DEFECT, Trouble.DEFECT)]
)
async def test_whatever_goes_wrong_is_an_embedding_error(
    make: Make, tally: Tally, text: str, trouble: Trouble
) -> None:
    embedder = await make(DoubleEncoder())
    with pytest.raises(EmbeddingError):
        await embedder.embed(text)
    with pytest.raises(EmbeddingError):
        await embedder.embed_many([text])
    assert tally.troubles == {trouble: 1}
    assert np.array_equal(await embedder.embed("fine"), vector_of("fine"))


async def test_a_request_goes_before_the_background(make: Make) -> None:
    encoder = DoubleEncoder(0.005)
    embedder = await make(encoder, 5.0)
    background = asyncio.create_task(embedder.embed_many([f"b{n}" for n in range(20)]))
    await asyncio.sleep(0.02)
    await embedder.embed("request")
    assert not background.done()
    assert len(await background) == 20
    assert all(len(run) == 1 for run in encoder.runs)


async def test_a_client_that_leaves_takes_its_text_along(make: Make) -> None:
    encoder = DoubleEncoder(batch_invariant=False)
    embedder = await make(encoder, 5.0)
    encoder.gate.clear()
    stays = asyncio.create_task(embedder.embed("stays"))
    await asyncio.sleep(0.01)
    leaves = asyncio.create_task(embedder.embed("leaves"))
    await asyncio.sleep(0.01)
    leaves.cancel()
    await asyncio.wait([leaves])
    encoder.gate.set()
    await stays
    assert encoder.runs == [["stays"]]


async def test_before_it_is_loaded_requests_are_told_at_once(tally: Tally) -> None:
    def load() -> Encoder:
        time.sleep(0.1)
        return DoubleEncoder()

    embedder = HostedEmbedder(load, observer=tally)
    began = time.monotonic()
    embedder.start()
    assert time.monotonic() - began < 0.05
    assert embedder.status.state.value == EmbedderState.LOADING.value
    assert embedder.model is None
    with pytest.raises(EmbeddingError, match="loading"):
        await embedder.embed("early")
    assert tally.troubles == {Trouble.NOT_READY: 1}
    assert (await embedder.ready()).name == "double"
    assert embedder.status.state.value == EmbedderState.READY.value
    await embedder.aclose()


async def test_a_broken_model_stays_failed_and_says_why() -> None:
    def load() -> Encoder:
        raise EmbeddingLoadError("model.onnx is missing")

    embedder = HostedEmbedder(load)
    embedder.start()
    with pytest.raises(EmbeddingLoadError, match=r"model\.onnx is missing"):
        await embedder.ready()
    assert embedder.status.state is EmbedderState.FAILED
    assert not embedder.status.retrying
    with pytest.raises(EmbeddingError, match=r"failed: model\.onnx is missing"):
        await embedder.embed("text")
    await embedder.aclose()


async def test_a_download_is_tried_again() -> None:
    attempts = []

    def load() -> Encoder:
        attempts.append(1)
        if len(attempts) < 3:
            raise EmbeddingLoadError("no way to the hub", transient=True)
        return DoubleEncoder()

    embedder = HostedEmbedder(load, 1.0, retries_s=(0.02,))
    embedder.start()
    while embedder.status.state is EmbedderState.LOADING:
        await asyncio.sleep(0.001)
    assert embedder.status.retrying
    assert embedder.status.reason == "no way to the hub"
    await embedder.ready()
    assert embedder.status.attempts == 3
    assert len(await embedder.embed("works")) == 4
    await embedder.aclose()


async def test_closing_ends_the_background_and_frees_the_model(make: Make) -> None:
    encoder = DoubleEncoder()
    embedder = await make(encoder, 5.0)
    encoder.gate.clear()
    background = asyncio.create_task(embedder.embed_many(["a", "b"]))
    await asyncio.sleep(0.01)
    closing = asyncio.create_task(embedder.aclose())
    with pytest.raises(EmbeddingError, match="closed"):
        await background
    encoder.gate.set()
    await closing
    assert encoder.closed


async def test_several_threads_work_at_once(make: Make) -> None:
    encoder = DoubleEncoder(0.1, batch_invariant=False)
    embedder = await make(encoder, 5.0, threads=4)
    began = time.monotonic()
    await asyncio.gather(*(embedder.embed(str(n)) for n in range(4)))
    assert time.monotonic() - began < 0.35


async def test_overload_is_counted_and_never_opens_the_circuit(make: Make, tally: Tally) -> None:
    """The model gets on, only not with everybody: nobody who was late is the model's failure."""
    encoder = DoubleEncoder(0.03, batch_invariant=False)
    breaker = Breaker(BreakerSettings(failures=1))
    embedder = await make(encoder, 0.5, breaker=breaker)
    encoder.gate.clear()
    # Before anything was measured nobody can be told at once: these wait, and some in vain.
    first = [asyncio.create_task(embedder.embed(f"first {number}")) for number in range(40)]
    await asyncio.sleep(0.02)
    encoder.gate.set()
    outcomes = _outcomes(await asyncio.gather(*first, return_exceptions=True))
    assert outcomes.count("vector") >= 1
    assert outcomes.count("EmbeddingOverload") == 40 - outcomes.count("vector")
    assert tally.troubles == {Trouble.OVERLOAD: 40 - outcomes.count("vector")}
    assert embedder.breaker is BreakerState.CLOSED
    await embedder.embed("after the storm")


async def test_a_long_text_counts_for_as_much_as_it_costs(make: Make) -> None:
    encoder = DoubleEncoder(0.1, batch_invariant=False)
    embedder = await make(encoder, 1.0)
    await embedder.embed("a short one")
    encoder.gate.clear()
    ahead = asyncio.create_task(embedder.embed("short"))
    await asyncio.sleep(0.02)
    with pytest.raises(EmbeddingOverload):
        await embedder.embed("long " * 400)
    behind = asyncio.create_task(embedder.embed("short too"))
    await asyncio.sleep(0.02)
    encoder.gate.set()
    await asyncio.gather(ahead, behind)


async def test_one_tenants_flood_does_not_keep_the_others_from_the_model(make: Make) -> None:
    """Without lanes the quiet one was told that too many texts are ahead, or waited behind all."""
    encoder = DoubleEncoder(batch_invariant=False)
    embedder = await make(encoder, 30.0)
    encoder.gate.clear()
    flood = [asyncio.create_task(embedder.embed(f"loud {n}", "loud")) for n in range(60)]
    await asyncio.sleep(0.02)
    quiet = [asyncio.create_task(embedder.embed(f"quiet {n}", "quiet")) for n in range(3)]
    await asyncio.sleep(0.02)
    encoder.gate.set()
    await asyncio.gather(*flood, *quiet)
    order = [text for run in encoder.runs for text in run]
    assert max(order.index(f"quiet {n}") for n in range(3)) <= 8


async def test_what_is_ahead_counts_by_turns(make: Make) -> None:
    encoder = DoubleEncoder(0.1, batch_invariant=False)
    embedder = await make(encoder, 2.0)
    await embedder.embed("to be measured", "loud")
    encoder.gate.clear()
    flood = [asyncio.create_task(embedder.embed(f"loud {n}", "loud")) for n in range(60)]
    await asyncio.sleep(0.02)
    refused = sum(task.done() for task in flood)
    assert refused > 30
    quiet = asyncio.create_task(embedder.embed("quiet", "quiet"))
    await asyncio.sleep(0.02)
    assert not quiet.done(), "it was refused though its turn comes next"
    encoder.gate.set()
    await asyncio.gather(*flood, return_exceptions=True)
    assert np.array_equal(await quiet, vector_of("quiet"))


async def test_a_full_queue_makes_room_for_who_has_little_in_it(make: Make, tally: Tally) -> None:
    encoder = DoubleEncoder(batch_invariant=False)
    embedder = await make(encoder, 30.0, queue=8)
    encoder.gate.clear()
    flood = [asyncio.create_task(embedder.embed(f"loud {n}", "loud")) for n in range(20)]
    await asyncio.sleep(0.02)
    quiet = [asyncio.create_task(embedder.embed(f"quiet {n}", "quiet")) for n in range(3)]
    await asyncio.sleep(0.02)
    encoder.gate.set()
    assert _outcomes(await asyncio.gather(*quiet, return_exceptions=True)) == ["vector"] * 3
    outcomes = _outcomes(await asyncio.gather(*flood, return_exceptions=True))
    assert set(outcomes) == {"vector", "EmbeddingOverload"}
    assert tally.troubles == {Trouble.OVERLOAD: outcomes.count("EmbeddingOverload")}

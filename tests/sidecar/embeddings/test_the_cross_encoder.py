"""The cross-encoder in the package is what was recorded, and what makes it fit for the request path."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from llmcache_sidecar.adapters.cross_encoder.bundled import FOLDER, load_bundled
from llmcache_sidecar.adapters.cross_encoder.hosted import HostedCrossEncoder
from llmcache_sidecar.adapters.cross_encoder.onnx_pair_encoder import OnnxPairEncoder
from llmcache_sidecar.ports.cross_encoder import (
    CrossEncoderBusy,
    CrossEncoderError,
    CrossEncoderUnfit,
    PairEncoder,
)

SOON_S = 10.0


async def eventually(holds: Callable[[], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.001)


@pytest.fixture(scope="module")
def bundled() -> OnnxPairEncoder:
    return load_bundled()


def test_its_graph_is_the_one_that_was_recorded() -> None:
    record = json.loads((FOLDER / "reference.json").read_bytes())
    digest = hashlib.sha256((FOLDER / "model.onnx").read_bytes()).hexdigest()
    assert digest == record["sha256"]
    assert record["logitsToFp32"]["mean"] < 0.3


def test_it_tells_one_answer_from_another(bundled: OnnxPairEncoder) -> None:
    asked = "How do I reset my password?"
    same = bundled.compare(asked, "I forgot my password, how can I set a new one?")
    other = bundled.compare(asked, "How do I delete my account?")
    assert same > 0 > other


def test_both_orders_are_one_pair(bundled: OnnxPairEncoder) -> None:
    one, other = "Where is my parcel?", "How can I track a package?"
    assert bundled.compare(one, other) == bundled.compare(other, one)


@pytest.mark.parametrize(
    "text",
    ["half a \ud800 character", "word " * 200, "x" * 3_000, "What is \U0001f9ff\U0001fae0?"],
    ids=["no Unicode", "too many tokens", "too many characters", "signs it has no token for"],
)
def test_what_it_can_not_read_it_says_nothing_about(bundled: OnnxPairEncoder, text: str) -> None:
    with pytest.raises(CrossEncoderUnfit) as raised:
        bundled.compare("How do I reset my password?", text)
    assert text not in str(raised.value)


def test_a_damaged_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(CrossEncoderError, match=r"model\.onnx"):
        load_bundled(tmp_path)


class Scripted:
    """A model that says what it is told to, when it is told to."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.go_on.set()
        self.fails = False
        self.closed = False

    def compare(self, one: str, other: str) -> float:
        self.go_on.wait(SOON_S)
        if self.fails:
            raise ValueError("a defect")
        return float(len(one) - len(other))

    def close(self) -> None:
        self.closed = True


@pytest.fixture
async def hosted() -> AsyncIterator[tuple[HostedCrossEncoder, Scripted]]:
    model = Scripted()
    encoder = HostedCrossEncoder(lambda: model)
    encoder.start()
    await eventually(lambda: encoder.ready, SOON_S)
    yield encoder, model
    model.go_on.set()
    await encoder.aclose()


Hosted = tuple[HostedCrossEncoder, Scripted]


async def test_it_answers(hosted: Hosted) -> None:
    encoder, _ = hosted
    assert await encoder.compare("abc", "a", SOON_S) == 2.0


async def test_a_third_pair_is_not_kept_waiting(hosted: Hosted) -> None:
    encoder, model = hosted
    model.go_on.clear()
    two = [asyncio.create_task(encoder.compare("a", "a", SOON_S)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(CrossEncoderBusy):
        await encoder.compare("a", "a", SOON_S)
    model.go_on.set()
    assert await asyncio.gather(*two) == [0.0, 0.0]
    assert await encoder.compare("ab", "a", SOON_S) == 1.0


async def test_nobody_waits_longer_than_he_said(hosted: Hosted) -> None:
    encoder, model = hosted
    model.go_on.clear()
    with pytest.raises(CrossEncoderBusy):
        await encoder.compare("a", "a", 0.01)
    with pytest.raises(CrossEncoderBusy):
        await encoder.compare("a", "a", 0.0)
    model.go_on.set()

    async def told() -> bool:
        try:
            return await encoder.compare("abcd", "a", SOON_S) == 3.0
        except CrossEncoderBusy:
            return False

    while not await told():
        await asyncio.sleep(0.01)


async def test_who_leaves_takes_nothing_away(hosted: Hosted) -> None:
    encoder, model = hosted
    model.go_on.clear()
    leaving = asyncio.create_task(encoder.compare("a", "a", SOON_S))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    staying = asyncio.create_task(encoder.compare("ab", "a", SOON_S))
    await asyncio.sleep(0)
    model.go_on.set()
    assert await staying == 1.0


async def test_a_defect_of_the_model_is_told_without_the_texts(hosted: Hosted) -> None:
    encoder, model = hosted
    model.fails = True
    with pytest.raises(CrossEncoderError, match="ValueError"):
        await encoder.compare("secret", "a", SOON_S)
    model.fails = False
    assert await encoder.compare("a", "a", SOON_S) == 0.0


def broken() -> PairEncoder:
    raise CrossEncoderError("the folder is damaged")


async def test_one_that_can_not_be_loaded_is_logged_and_asked_for_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    encoder = HostedCrossEncoder(broken)
    with caplog.at_level(logging.ERROR, "llmcache"):
        encoder.start()
        await eventually(lambda: bool(caplog.records), SOON_S)
    assert "the folder is damaged" in caplog.text
    assert not encoder.ready
    with pytest.raises(CrossEncoderError, match="not loaded"):
        await encoder.compare("a", "b", 1.0)
    await encoder.aclose()


async def test_a_reload_finds_one_that_is_in_order_again() -> None:
    loads: list[PairEncoder | None] = [None, Scripted()]

    def load() -> PairEncoder:
        return loads.pop(0) or broken()

    encoder = HostedCrossEncoder(load)
    encoder.start()
    await eventually(lambda: len(loads) == 1, SOON_S)
    await asyncio.sleep(0.01)
    encoder.start()
    await eventually(lambda: encoder.ready, SOON_S)
    await encoder.aclose()


async def test_closing_frees_the_model_and_may_come_twice() -> None:
    model = Scripted()
    encoder = HostedCrossEncoder(lambda: model)
    encoder.start()
    await eventually(lambda: encoder.ready, SOON_S)
    await encoder.aclose()
    await encoder.aclose()
    assert model.closed
    assert not encoder.ready

"""Models and stores that are broken, slow, late or away: the exact level goes on, nobody waits."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from llmcache_sidecar.adapters.embedding.bundled import FOLDER
from tests.sidecar.data_plane.answers import chat_request
from tests.sidecar.data_plane.running import Running, eventually

from .asking import FIRST, SAME, figure, settled
from .conftest import Start

BODY = chat_request(FIRST)


async def exact_level_serves(running: Running) -> None:
    """A miss, then a hit."""
    assert not (await running.ask(BODY)).hit
    assert "detail=exact" in (await running.ask(BODY)).cache


def state(running: Running, name: str) -> str:
    """One word of the semantic level's figures."""
    return str(running.sidecar.semantic.figures().get(name, ""))


async def test_requests_before_the_model_is_loaded_are_served_exactly(start: Start) -> None:
    running = await start(ready=False)
    await exact_level_serves(running)


async def test_a_broken_model_is_named_and_the_exact_level_goes_on(
    start: Start, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(FOLDER, folder)
    (folder / "model.onnx").write_bytes(b"this is no model")
    embedding = {"source": "Folder", "path": str(folder)}
    running = await start(ready=False, responseCache={"semantic": {"embedding": embedding}})
    await eventually(lambda: state(running, "embedding.state") == "failed", 20.0)
    assert "model.onnx" in state(running, "embedding.trouble")
    await exact_level_serves(running)
    assert figure(running, "ready") == 0


async def test_a_folder_that_is_not_there_is_named(start: Start) -> None:
    embedding = {"source": "Folder", "path": "/nowhere/at/all"}
    running = await start(ready=False, responseCache={"semantic": {"embedding": embedding}})
    await eventually(lambda: state(running, "embedding.state") == "failed", 20.0)
    assert "/nowhere/at/all" in state(running, "embedding.trouble")
    await exact_level_serves(running)


@pytest.mark.parametrize(
    "section",
    [
        {"qdrant": {"url": "http://127.0.0.1:9"}},
        {"pgvector": {"dsn": "postgresql://nobody@127.0.0.1:9/none"}},
    ],
    ids=lambda section: next(iter(section)),
)
async def test_a_vector_store_that_is_not_there_delays_nothing(
    start: Start, section: dict[str, object]
) -> None:
    running = await start(ready=False, stores={"vectors": section})
    await eventually(lambda: state(running, "embedding.state") == "ready", 30.0)
    await eventually(lambda: state(running, "vectors.trouble"), 20.0)
    await exact_level_serves(running)
    assert not (await running.ask(chat_request(SAME))).hit


@pytest.mark.parametrize(
    "text",
    ["", " ", "🎉🎉🎉", "\u0000", "Как сбросить роутер? 路由器如何重置 ?", "word " * 10_000,
     "a" * 50_000, "How do I reset it? " * 400],
    ids=["empty", "blank", "emoji", "nul", "mixed", "ten thousand words", "one word", "over"],
)  # fmt: skip
async def test_odd_questions_are_answered_and_cached_exactly(start: Start, text: str) -> None:
    running = await start(responseCache={"policy": {"bypass": [], "cache": ["Contextual"]}})
    body = chat_request(text)
    assert (await running.ask(body)).status == 200
    assert "detail=exact" in (await running.ask(body)).cache


async def test_texts_that_are_alike_as_far_as_the_model_reads_do_not_meet(start: Start) -> None:
    """A text longer than the window is not cut: cut, these two would be the same."""
    running = await start()
    long = "The router stands in the hall and has four green lights. " * 60
    await running.ask(chat_request(long + "How do I reset it?"))
    await asyncio.sleep(0.1)
    assert not (await running.ask(chat_request(long + "How do I sell it?"))).hit
    assert running.totals.events["no_vector_too_long"] >= 2


async def test_a_deadline_that_can_not_be_met_is_counted_and_nobody_waits(start: Start) -> None:
    embedding = {"deadline": "1ms"}
    running = await start(responseCache={"semantic": {"embedding": embedding}})
    for number in range(3):
        assert (await running.ask(chat_request(f"{FIRST} {number}"))).status == 200
    events = running.totals.events
    assert events.get("no_vector_deadline", 0) + events.get("no_vector_failed", 0) >= 1


async def test_two_models_live_side_by_side(start: Start, tmp_path: Path) -> None:
    """A change of the model: another identity, and nothing of one is found by the other."""
    folder = tmp_path / "other"
    shutil.copytree(FOLDER, folder)
    pooling = folder / "1_Pooling" / "config.json"
    pooling.write_text(
        pooling.read_text()
        .replace('"pooling_mode_mean_tokens": true', '"pooling_mode_mean_tokens": false')
        .replace('"pooling_mode_cls_token": false', '"pooling_mode_cls_token": true')
    )
    one = await start()
    embedding = {"source": "Folder", "path": str(folder)}
    other = await start(responseCache={"semantic": {"embedding": embedding}})
    for running in (one, other):
        await running.ask(BODY)
        await settled(running)
        assert (await running.ask(chat_request(SAME))).hit
    models = [running.sidecar.semantic.model() for running in (one, other)]
    assert models[0] is not None
    assert models[1] is not None
    assert models[0].identity != models[1].identity

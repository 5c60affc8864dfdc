"""A pair that was judged the same is found again without an embedding."""

from __future__ import annotations

from typing import Any

import pytest

from llmcache_api import BuiltInClass
from tests.sidecar.data_plane.answers import chat_request
from tests.sidecar.data_plane.engine import ScriptedEngine
from tests.sidecar.data_plane.running import HandClock, Reply, Running

from .asking import FIRST, SAME, settled
from .conftest import Start
from .oracle import Oracle, judged

ALL: dict[str, Any] = {"shadowSamplePercent": 100}


@pytest.fixture
def oracle(engine: ScriptedEngine) -> Oracle:
    oracle = Oracle(engine)
    oracle.default = "The same answer."
    return oracle


def embedded(running: Running) -> int:
    """How many vectors were asked for, remembered ones too."""
    remembered = int(running.sidecar.semantic.figures()["embedding.remembered"])
    return running.sidecar.account.embeddings.count + remembered


async def promoted(running: Running) -> Reply:
    """A semantic hit that was judged right, and its answer."""
    await running.ask(chat_request(FIRST))
    await settled(running)
    hit = await running.ask(chat_request(SAME))
    assert await judged(running) == {"semantic/shadow/right": 1}
    return hit


async def test_it_costs_no_embedding_and_is_a_semantic_hit_in_every_way(
    start: Start, oracle: Oracle
) -> None:
    running = await start(quality=ALL)
    first = await promoted(running)
    before = embedded(running)
    again = await running.ask(chat_request(SAME))
    assert again.cache == first.cache
    for name in ("LLMCache-Similarity", "LLMCache-Entry"):
        assert again.headers[name] == first.headers[name]
    assert running.totals.semantic_hits == 2
    found = await judged(running, 2)
    assert found == {"semantic/shadow/right": 2}, "it is sampled as one"
    # Comparing equal answers takes no vector either.
    assert embedded(running) == before


async def test_it_is_forgotten_when_it_is_judged_wrong(start: Start, oracle: Oracle) -> None:
    running = await start(quality=ALL)
    await promoted(running)
    oracle.answers = {SAME: "no", FIRST: oracle.default}
    await running.ask(chat_request(SAME))
    found = await judged(running, 2)
    assert found["semantic/shadow/another_question"] == 1, "by its own prompt"
    before = embedded(running)
    await running.ask(chat_request(SAME))
    assert embedded(running) == before + 1


async def test_statistics_and_metrics_count_them(start: Start, oracle: Oracle) -> None:
    running = await start(quality=ALL)
    await promoted(running)
    await running.ask(chat_request(SAME))
    found = running.sidecar.figures.statistics()
    assert found.semantic.state["aliases"] == 1
    assert found.events["aliases_learned"] == 1
    assert found.events["alias_hits"] == 1
    async with running.session.get(f"http://{running.admin}/metrics") as response:
        assert 'llmcache_events_total{event="alias_hits"} 1.0' in await response.text()


async def test_it_dies_with_its_entry(start: Start, oracle: Oracle) -> None:
    running = await start(quality=ALL)
    hit = await promoted(running)
    url = f"http://{running.admin}/admin/v1/feedback"
    body = {"entry": hit.headers["LLMCache-Entry"]}
    async with running.session.post(url, json=body) as response:
        assert response.status == 200
    assert not (await running.ask(chat_request(SAME))).hit


async def test_explaining_forgets_nothing(start: Start, oracle: Oracle) -> None:
    running = await start(quality=ALL)
    await promoted(running)
    await running.ask(chat_request(FIRST), Cache_Control="no-cache")
    await settled(running)
    url = f"http://{running.admin}/admin/v1/explain"
    async with running.session.post(url, json=chat_request(SAME)) as response:
        assert response.status == 200
    found = running.sidecar.figures.statistics()
    assert found.semantic.state["aliases"] == 1
    assert "aliases_forgotten" not in found.events
    await running.ask(chat_request(SAME))
    assert running.totals.events["aliases_forgotten"] == 1


async def test_what_stands_around_a_question_is_not_kept_without_a_bound(
    start: Start, oracle: Oracle
) -> None:
    query = {"before": "\n###"}
    running = await start(quality=ALL, responseCache={"semantic": {"query": query}})
    for length, aliases in ((10_000, 0), (100, 1)):
        first, same = (f"{question}\n###{'x' * length}" for question in (FIRST, SAME))
        await running.ask(chat_request(first))
        await settled(running)
        assert "detail=semantic" in (await running.ask(chat_request(same))).cache
        await judged(running, 1 + aliases)
        assert running.sidecar.figures.statistics().semantic.state["aliases"] == aliases


async def test_another_answer_under_the_same_key_is_not_what_was_judged(
    start: Start, oracle: Oracle
) -> None:
    running = await start(quality=ALL)
    hit = await promoted(running)
    await running.ask(chat_request(FIRST), Cache_Control="no-cache")
    await settled(running)
    before = embedded(running)
    again = await running.ask(chat_request(SAME))
    assert again.headers.get("LLMCache-Entry") != hit.headers["LLMCache-Entry"]
    assert embedded(running) == before + 1


async def test_it_has_the_age_and_the_end_of_its_entry(start: Start, oracle: Oracle) -> None:
    clock = HandClock()
    running = await start(clock=clock, quality=ALL)
    await promoted(running)
    clock.pass_by(3_000)
    again = await running.ask(chat_request(SAME))
    assert (again.headers["Age"], again.cache) == (
        "3000",
        "llmcache; hit; ttl=600; detail=semantic",
    )
    clock.pass_by(700)
    assert not (await running.ask(chat_request(SAME))).hit


async def test_another_policy_judges_anew(start: Start, oracle: Oracle) -> None:
    running = await start(quality=ALL)
    await promoted(running)
    document = running.sidecar.config.model_dump(by_alias=True)
    document["responseCache"]["policy"]["custom"] = [{"name": "Router", "examples": [SAME]}]
    running.sidecar.reload(type(running.sidecar.config).parse(document))
    before = embedded(running)
    await running.ask(chat_request(SAME))
    assert embedded(running) > before


@pytest.mark.parametrize(
    ("section", "change"),
    [("semantic", {"threshold": 0.999}), ("policy", {"sampled": "ExactOnly"})],
)
async def test_settings_that_would_refuse_it_end_it(
    start: Start, oracle: Oracle, section: str, change: dict[str, Any]
) -> None:
    names = [one.value for one in BuiltInClass]
    running = await start(quality=ALL, responseCache={"policy": {"cache": names}})
    asked = chat_request(SAME, temperature=0.5)
    await running.ask(chat_request(FIRST, temperature=0.5))
    await settled(running)
    assert (await running.ask(asked)).hit
    await judged(running)
    document = running.sidecar.config.model_dump(by_alias=True)
    document["responseCache"][section] |= change
    running.sidecar.reload(type(running.sidecar.config).parse(document))
    assert not (await running.ask(asked)).hit


async def test_clients_still_have_their_wishes(start: Start, oracle: Oracle) -> None:
    running = await start(quality=ALL)
    await promoted(running)
    assert not (await running.ask(chat_request(SAME), Cache_Control="no-cache")).hit

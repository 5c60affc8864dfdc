"""The simulator answers as the real vLLM does: the same requests to both, the same forms back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.engine import conformance_cases as cases
from tests.engine.conformance_cases import Case
from tests.engine.fixtures import API_KEY
from tests.engine.launch import BLOCK_SIZE, MAX_MODEL_LENGTH, RealEngine
from tests.engine.shapes import Answer, ask, form
from tests.simulator import SimConfig, Simulator

pytestmark = pytest.mark.vllm
ATTEMPTS = 4
KEYS = {"right": API_KEY, "wrong": "sk-wrong"}


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    config = SimConfig(
        model="tiny",
        api_keys=(API_KEY,),
        block_size=BLOCK_SIZE,
        max_model_len=MAX_MODEL_LENGTH,
        lora_updating=False,
        dev_mode=False,
    )
    async with Simulator(config) as simulator:
        yield simulator


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def answer_of(url: str, case: Case, session: aiohttp.ClientSession) -> Answer:
    headers = dict(case.headers)
    if case.key is not None:
        headers["Authorization"] = f"Bearer {KEYS[case.key]}"
    return await ask(session, case.method, url + case.path, case.body, headers)


async def compare(real: str, simulated: str, case: Case, session: aiohttp.ClientSession) -> None:
    """A busy vLLM merges tokens into one event, so the forms need not agree every time."""
    for attempt in range(1, ATTEMPTS + 1):
        forms = [
            form(await answer_of(url, case, session), message=case.message, ordered=case.ordered)
            for url in (simulated, real)
        ]
        if forms[0] == forms[1] or attempt == ATTEMPTS or not case_streams(case):
            assert forms[0] == forms[1]
            return


def case_streams(case: Case) -> bool:
    return isinstance(case.body, dict) and bool(case.body.get("stream"))


@pytest.mark.parametrize("case", cases.GENERATING, ids=lambda case: case.name)
async def test_same_answer(
    case: Case,
    real_engine: RealEngine,
    simulator: Simulator,
    session: aiohttp.ClientSession,
) -> None:
    await compare(real_engine.url, simulator.url, case, session)


@pytest.mark.parametrize("case", cases.EMBEDDING, ids=lambda case: case.name)
async def test_same_embedding(
    case: Case,
    real_embedding_engine: RealEngine,
    simulator: Simulator,
    session: aiohttp.ClientSession,
) -> None:
    await compare(real_embedding_engine.url, simulator.url, case, session)


async def test_same_metric_names(
    real_engine: RealEngine, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    """Every metric of the simulator exists in vLLM, with the same labels."""
    real = await metric_names(real_engine.url, session)
    simulated = await metric_names(simulator.url, session)
    config = {name for name in simulated if name.startswith("vllm:cache_config_info")}
    assert simulated - config <= real
    assert "vllm:prefix_cache_hits_total{engine,model_name}" in simulated


async def metric_names(url: str, session: aiohttp.ClientSession) -> set[str]:
    """Names with the names of their labels; one request first, so that every counter exists."""
    chat = Case("", cases.CHAT, cases.chat())
    await answer_of(url, chat, session)
    async with session.get(f"{url}/metrics") as page:
        text = await page.text()
    names = set()
    for line in text.splitlines():
        if line.startswith("vllm:"):
            name, _, rest = line.partition("{")
            labels = sorted(part.partition("=")[0] for part in rest.split("}")[0].split(","))
            names.add(f"{name}{{{','.join(labels)}}}")
    return names


@pytest.mark.parametrize(
    "prompt", ["x" * 31, "x " * 40, "y z " * 100], ids=["short", "medium", "long"]
)
async def test_prefix_hits_are_counted_alike(
    prompt: str, real_engine: RealEngine, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    """Token counts differ (another tokenizer); the rule by which blocks are found does not."""
    case = Case("", cases.COMPLETIONS, cases.completion(prompt=prompt))
    for url in (real_engine.url, simulator.url):
        await answer_of(url, case, session)
        again = await answer_of(url, case, session)
        usage = json.loads(again.body)["usage"]
        full_blocks = (usage["prompt_tokens"] - 1) // BLOCK_SIZE
        assert usage["prompt_tokens_details"]["cached_tokens"] == full_blocks * BLOCK_SIZE

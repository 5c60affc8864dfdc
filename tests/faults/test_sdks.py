"""The OpenAI SDK as the client: what it makes of a fault is what it would make of the engine's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import openai
import pytest
from openai import AsyncOpenAI

from tests.faults import breaking
from tests.faults.stage import MODEL, PATIENCE_S, TENANTS, Options, Stage, stage
from tests.simulator.faults import HEADER as FAULT_HEADER

QUESTIONS = 12
ROUNDS = 2


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path, Options()) as ground:
        await ground.in_contact(ground.sidecars[0])
        yield ground


def client(ground: Stage) -> AsyncOpenAI:
    return AsyncOpenAI(
        base_url=f"{ground.sidecars[0].data}/v1",
        api_key=TENANTS[0],
        max_retries=0,
        timeout=PATIENCE_S,
    )


async def whole(sdk: AsyncOpenAI, question: str, fault: str = "") -> str:
    headers = {FAULT_HEADER: fault} if fault else {}
    answer = await sdk.chat.completions.create(
        model=MODEL,
        temperature=0,
        messages=[{"role": "user", "content": question}],
        extra_headers=headers,
    )
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    return answer.choices[0].message.content or ""


async def streamed(sdk: AsyncOpenAI, question: str, fault: str = "") -> str:
    headers = {FAULT_HEADER: fault} if fault else {}
    chunks = await sdk.chat.completions.create(
        model=MODEL,
        temperature=0,
        messages=[{"role": "user", "content": question}],
        stream=True,
        extra_headers=headers,
    )
    text, finish = "", None
    async for chunk in chunks:
        for choice in chunk.choices:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
    assert finish == "stop", "a stream that ended early, and the SDK was not told"
    return text


# One stage for all: starting one takes longer than what is asked of it.


async def test_it_gets_every_answer_whatever_breaks_behind_the_cache(ground: Stage) -> None:
    faults = (
        breaking.valkey_paused, breaking.store_cut, breaking.hung_up,
        breaking.engine_speaks_http10, breaking.valkey_killed,
    )  # fmt: skip
    for number, fault in enumerate(faults):
        questions = [f"How is parcel {number}.{each} packed?" for each in range(QUESTIONS)]
        expected = [ground.answers[question] for question in questions]
        async with client(ground) as sdk, fault(ground):
            for _ in range(ROUNDS):
                said = await asyncio.gather(
                    *(whole(sdk, question) for question in questions),
                    *(streamed(sdk, question) for question in questions),
                )
                assert said == expected + expected, fault


async def test_the_engines_failures_are_the_errors_that_it_knows(ground: Stage) -> None:
    """And a stream that breaks off is an error, never a short answer; nothing of it is kept."""
    async with client(ground) as sdk:
        for fault, error in (
            ("status=429;retry-after=1", openai.RateLimitError),
            ("status=503", openai.InternalServerError),
            ("status=500", openai.InternalServerError),
            ("close", openai.InternalServerError),
        ):
            for ask in (whole, streamed):
                question = f"What does {ask.__name__} get after {fault}?"
                with pytest.raises(error):
                    await ask(sdk, question, fault)
                # An error is shared with nobody who comes later.
                assert await ask(sdk, question) == ground.answers[question]
        for events in range(1, 6):
            question = f"What after {events}?"
            with pytest.raises((openai.APIError, httpx.HTTPError)):
                await streamed(sdk, question, f"cut-after={events}")
            assert await streamed(sdk, question) == ground.answers[question]

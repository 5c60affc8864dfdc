"""An agent that takes the same step twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sdk import cases
from tests.sdk.asking import Ask, streamed, whole
from tests.sdk.running import Sidecar

pytestmark = pytest.mark.vllm

CALLING: dict[str, Ask] = {
    "chat": cases.chat(
        tools=cases.WEATHER, tool_choice="required", parallel_tool_calls=False, max_tokens=200
    ),
    "chat, auto": cases.chat(
        tools=cases.WEATHER,
        max_tokens=300,
        extra_body={"structured_outputs": {"regex": f"{cases.HERMES_CALL}\n{cases.HERMES_CALL}"}},
    ),
    "responses": next(c for c in cases.RESPONSES if c.name == "responses: tool required").ask,
    "messages": next(c for c in cases.MESSAGES if c.name == "messages: any tool").ask,
}


def call_ids(ask: Ask, got: Any, *, stream: bool) -> list[str]:
    match ask.resource:
        case "chat.completions":
            if stream:
                return [
                    call.id
                    for chunk in got.objects
                    for choice in chunk.choices
                    for call in choice.delta.tool_calls or []
                    if call.id
                ]
            return [call.id for call in got.only.choices[0].message.tool_calls]
        case "responses":
            answer = got.objects[-1].response if stream else got.only
            return [item.call_id for item in answer.output if item.type == "function_call"]
        case _:
            if stream:
                return [
                    event.content_block.id
                    for event in got.objects
                    if event.type == "content_block_start"
                    and event.content_block.type == "tool_use"
                ]
            return [block.id for block in got.only.content if block.type == "tool_use"]


@pytest.mark.parametrize("name", CALLING)
@pytest.mark.parametrize("stream", [False, True])
def test_identical_steps_have_calls_of_their_own(name: str, stream: bool, cache: Sidecar) -> None:
    ask = CALLING[name].about(f"agent {stream}")
    read = streamed if stream else whole
    steps = [read(cache.clients, ask) for _ in range(4)]
    assert [step.cache_status.partition(";")[2].split(";")[0].strip() for step in steps] == [
        "fwd=miss", "hit", "hit", "hit",
    ]  # fmt: skip
    ids = [call_ids(ask, step, stream=stream) for step in steps]
    assert all(ids)
    assert len({len(step) for step in ids}) == 1
    flat = [call for step in ids for call in step]
    assert len(set(flat)) == len(flat), "every call of every step has an id of its own"


def test_a_loop_of_two_equal_steps(cache: Sidecar) -> None:
    """The conversation that grows from hits is one that the engine takes."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": "Weather in Oslo, agent loop"}]
    seen: list[str] = []
    for _ in range(2):
        for _ in range(2):  # the second time from the cache
            ask = CALLING["chat"].but(messages=messages)
            got = whole(cache.clients, ask)
        assert got.cache_status.startswith("llmcache; hit")
        message = got.only.choices[0].message
        messages = [*messages, message.to_dict()]
        for call in message.tool_calls:
            seen.append(call.id)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": "rain"})
    assert len(set(seen)) == len(seen)
    last = whole(cache.clients, cases.chat(messages=messages, tools=cases.WEATHER))
    assert last.cache_status == "llmcache; fwd=miss; stored"

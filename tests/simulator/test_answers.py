"""What the simulator says, and when it says the same again."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack

import aiohttp
import pytest

from tests.simulator import SimConfig, Simulator
from tests.simulator.asking_it import CHAT, GENERATING, TERMINAL, chat, chat_text, post, streamed

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "maximum": 3}},
        },
    },
}


async def test_a_greedy_answer_depends_on_the_request_alone(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    first = await chat_text(session, simulator.url, chat())
    assert first == await chat_text(session, simulator.url, chat())
    assert first != await chat_text(session, simulator.url, chat("How do I delete an account?"))
    async with Simulator() as other:
        assert first == await chat_text(session, other.url, chat())


async def test_the_question_is_recognisable_in_the_answer(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    text = await chat_text(session, simulator.url, chat("How do I reset a password?"))
    assert "password" in text
    assert text.endswith(".")


async def test_a_sampled_answer_is_random_unless_it_has_a_seed(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    free = {await chat_text(session, simulator.url, chat(temperature=0.7)) for _ in range(5)}
    seeded = {
        await chat_text(session, simulator.url, chat(temperature=0.7, seed=4)) for _ in range(5)
    }
    assert len(free) > 1
    assert len(seeded) == 1


async def test_another_revision_answers_otherwise(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    first = await chat_text(session, simulator.url, chat())
    simulator.engine.revision = "two"
    assert first != await chat_text(session, simulator.url, chat())


async def test_nondeterminism_varies_greedy_answers(
    stack: AsyncExitStack, session: aiohttp.ClientSession
) -> None:
    config = SimConfig(nondeterminism=1.0)
    simulator = await stack.enter_async_context(Simulator(config))
    assert len({await chat_text(session, simulator.url, chat()) for _ in range(5)}) > 1


async def test_a_fixed_answer_is_given_to_its_question(
    stack: AsyncExitStack, session: aiohttp.ClientSession
) -> None:
    config = SimConfig(answers={"Who are you?": "A simulator."})
    simulator = await stack.enter_async_context(Simulator(config))
    assert await chat_text(session, simulator.url, chat("Who are you?")) == "A simulator."


@pytest.mark.parametrize("path", GENERATING)
async def test_a_stream_says_what_the_whole_answer_says(
    path: str, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    body = {**GENERATING[path], "temperature": 0}
    _, whole = await post(session, simulator.url + path, body)
    _, stream = await post(session, simulator.url + path, {**body, "stream": True})
    assert TERMINAL[path] in stream
    pieces = []
    for event in streamed(stream):
        if event.get("choices"):
            choice = event["choices"][0]
            pieces.append(choice.get("text") or choice.get("delta", {}).get("content") or "")
        elif event.get("type") == "response.output_text.delta":
            pieces.append(event["delta"])
        elif event.get("type") == "content_block_delta":
            pieces.append(event["delta"]["text"])
    text = "".join(pieces)
    assert len(text) > 20
    assert json.dumps(text)[1:-1] in whole


async def test_the_token_limit_ends_an_answer(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    _, text = await post(session, simulator.url + CHAT, chat(max_tokens=4))
    answer = json.loads(text)
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 4


async def test_a_stop_string_ends_an_answer_and_is_left_out(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    _, text = await post(session, simulator.url + CHAT, chat(stop=[".", "zzz"]))
    choice = json.loads(text)["choices"][0]
    assert choice["finish_reason"] == "stop"
    assert choice["stop_reason"] == "."
    assert "." not in choice["message"]["content"]


async def test_ignore_eos_fills_the_token_limit(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    body = chat(ignore_eos=True, max_tokens=900)
    _, text = await post(session, simulator.url + CHAT, body)
    assert json.loads(text)["usage"]["completion_tokens"] == 900


@pytest.mark.parametrize(
    ("question", "choice", "called"),
    [
        ("Call get_weather for Oslo", "auto", True),
        ("Tell me about Oslo", "auto", False),
        ("Tell me about Oslo", "required", True),
        ("Call get_weather for Oslo", "none", False),
        ("x", {"type": "function", "function": {"name": "get_weather"}}, True),
    ],
)
async def test_tools_are_called_when_asked_for(
    question: str,
    choice: object,
    called: bool,
    simulator: Simulator,
    session: aiohttp.ClientSession,
) -> None:
    body = chat(question, tools=[TOOL], tool_choice=choice)
    _, text = await post(session, simulator.url + CHAT, body)
    message = json.loads(text)["choices"][0]["message"]
    assert ("tool_calls" in message) is called
    if called:
        arguments = json.loads(message["tool_calls"][0]["function"]["arguments"])
        assert isinstance(arguments["city"], str)
        assert 1 <= arguments["days"] <= 3


async def test_a_tools_result_is_answered_in_words(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    messages = [
        {"role": "user", "content": "Call get_weather"},
        {"role": "tool", "tool_call_id": "x", "content": "rain"},
    ]
    body = {"messages": messages, "tools": [TOOL], "temperature": 0}
    assert await chat_text(session, simulator.url, body)


async def test_json_follows_its_schema(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    schema = {
        "type": "object",
        "properties": {
            "label": {"enum": ["a", "b"]},
            "list": {"type": "array", "items": {"type": "boolean"}, "minItems": 2},
        },
    }
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    text = await chat_text(session, simulator.url, chat(response_format=form))
    value = json.loads(text)
    assert value["label"] in "ab"
    assert len(value["list"]) == 2


async def test_thinking_comes_first(simulator: Simulator, session: aiohttp.ClientSession) -> None:
    body = chat(chat_template_kwargs={"enable_thinking": True})
    _, text = await post(session, simulator.url + CHAT, body)
    message = json.loads(text)["choices"][0]["message"]
    assert "question" in message["reasoning"]
    assert message["content"]


async def test_several_choices_are_numbered_through_all_prompts(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    body = {"prompt": ["one two", "three four"], "n": 2, "max_tokens": 5}
    _, text = await post(session, simulator.url + "/v1/completions", body)
    assert [choice["index"] for choice in json.loads(text)["choices"]] == [0, 1, 2, 3]


async def test_embeddings_of_like_texts_are_near(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    texts = ["reset my password", "password reset", "bake bread"]
    url = simulator.url + "/v1/embeddings"
    _, text = await post(session, url, {"input": texts})
    one, two, three = (item["embedding"] for item in json.loads(text)["data"])
    near = sum(a * b for a, b in zip(one, two, strict=True))
    far = sum(a * b for a, b in zip(one, three, strict=True))
    assert near > 0.99
    assert far < 0.6


async def test_tokens_turn_back_into_the_text(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    prompt = "Wie geht's?\n\tUnd nun: naïve äöü 你好!"
    _, text = await post(session, simulator.url + "/tokenize", {"prompt": prompt})
    body = {"tokens": json.loads(text)["tokens"]}
    _, text = await post(session, simulator.url + "/detokenize", body)
    assert json.loads(text)["prompt"] == prompt

"""Each client gets from the cache what it got from the engine, and the engine's own errors."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

from tests.clients.conftest import Scene
from tests.clients.driving import Program
from tests.sdk.normal import assert_equal

pytestmark = pytest.mark.clients

ASKED: Final = {
    Program.NODE: (
        "openai.chat", "openai.stream", "openai.streamWithoutUsage", "openai.helper", "openai.tool",
        "openai.toolStream", "openai.jsonObject", "openai.parsed", "openai.choices",
        "openai.accounted", "openai.completion", "openai.responses", "openai.responsesStream",
        "openai.embedding", "anthropic.message", "anthropic.stream", "anthropic.helper",
        "anthropic.tool", "anthropic.toolStream", "anthropic.agent", "vercel.text", "vercel.stream",
        "vercel.events", "vercel.object", "vercel.tool", "vercel.embedding", "langchain.invoke",
        "langchain.stream", "langchain.tool", "langchain.structured", "langchain.responses",
        "langchain.embedding",
    ),
    Program.GO: (
        "official.chat", "official.stream", "official.tool", "official.responses",
        "sashabaranov.chat",
    ),
    Program.PYTHON: (
        "litellm.chat", "litellm.stream", "litellm.vllm", "litellm.messages", "litellm.tool",
        "langchain.invoke", "langchain.stream", "langchain.tool", "langchain.structured",
        "langchain.function_calling", "langchain.responses", "langchain.embedding",
        "llamaindex.chat", "llamaindex.stream", "instructor.tool", "instructor.schema",
        "pydanticai.text", "pydanticai.output",
    ),
}  # fmt: skip

REFUSED: Final = {
    Program.NODE: {
        "openai.unknownModel": 404, "openai.badRequest": 400, "openai.wrongKey": 401,
        "anthropic.badRequest": 400, "anthropic.unknownModel": 404, "vercel.unknownModel": 404,
        "langchain.unknownModel": 404,
    },
    Program.GO: {"official.unknownModel": 404, "sashabaranov.wrongKey": 401},
    Program.PYTHON: {"litellm.unknown_model": 404, "langchain.unknown_model": 404},
}  # fmt: skip

EVERY = pytest.mark.parametrize("program", Program, ids=lambda program: program.value)
RETRYING = pytest.mark.parametrize(
    ("program", "call"),
    [
        (Program.NODE, "openai.chat"),
        (Program.NODE, "openai.stream"),
        (Program.NODE, "anthropic.message"),
        (Program.GO, "official.chat"),
        (Program.PYTHON, "langchain.invoke"),
    ],
)
NODE = pytest.mark.parametrize("program", [Program.NODE])
GO = pytest.mark.parametrize("program", [Program.GO])

_NEW: Final = re.compile(
    r"\b(chatcmpl|cmpl|embd|resp|msg|call|rs|fc|modelcmpl|run|lc_run)[-_][\w-]+"
)
_TIMES: Final = frozenset({"created", "created_at", "completed_at", "createdAt"})


def same(value: Any) -> Any:
    """What must be equal: all but names and times, which are new on every answer."""
    if isinstance(value, dict):
        return {name: same(member) for name, member in value.items() if name not in _TIMES}
    if isinstance(value, list):
        return [same(member) for member in value]
    return _NEW.sub("<new>", value) if isinstance(value, str) else value


@EVERY
async def test_the_second_time_is_a_hit_and_the_client_sees_the_same(scene: Scene) -> None:
    """On the connection that the first answer came on; and a process that begins anew brings nothing
    of its own that would keep it from the same entry."""
    answers = {}
    for call in ASKED[scene.program]:
        topic = f"parcel {call} once"
        first = await scene.clients.ask(call, topic)
        assert not first.kind, (call, first)
        await scene.settled()
        second = await scene.clients.ask(call, topic)
        assert not second.kind, (call, second)
        assert scene.asked(topic) == 1, call
        assert_equal(same(first.value), same(second.value))
        answers[call, topic] = second.value
    async with scene.again as others:
        for (call, topic), answer in answers.items():
            third = await others.ask(call, topic)
            assert_equal(same(answer), same(third.value))
            assert scene.asked(topic) == 1, call


@EVERY
async def test_the_engines_refusals_are_the_errors_that_it_knows(scene: Scene) -> None:
    for call, status in REFUSED[scene.program].items():
        for _ in range(2):
            said = await scene.clients.ask(call, call)
            assert (bool(said.kind), said.status) == (True, status), (call, said)
    assert await scene.entries() == 0


@RETRYING
async def test_its_own_retry_after_a_failure_is_stored_and_the_failure_is_not(
    scene: Scene, call: str
) -> None:
    """A retry differs in its headers (a count, an idempotency key), and they are no part of a key."""
    await scene.clients.ask(call, "a first letter")  # the engine is known from now on
    scene.engine.fail_next("status=503")
    first = await scene.clients.ask(call, "registered letter")
    assert not first.kind, first
    assert scene.asked("registered letter") == 2
    await scene.settled()
    second = await scene.clients.ask(call, "registered letter")
    assert_equal(same(first.value), same(second.value))
    assert scene.asked("registered letter") == 2


@NODE
async def test_who_leaves_or_loses_patience_leaves_nothing_and_asks_again(scene: Scene) -> None:
    await scene.clients.ask("openai.chat", "a first letter")
    before = await scene.entries()
    scene.engine.fail_next("slow=40")
    assert not (await scene.clients.ask("openai.leaving", "telegram")).kind
    assert await scene.entries() == before
    scene.engine.fail_next("delay=3000")
    said = await scene.clients.ask("openai.impatient", "letter")
    assert said.kind == "APIConnectionTimeoutError", said
    assert await scene.entries() == before
    for call, topic in (("openai.stream", "telegram"), ("openai.chat", "letter")):
        assert not (await scene.clients.ask(call, topic)).kind
    assert await scene.entries() == before + 2


@GO
async def test_a_client_that_always_wants_a_fresh_stream_gets_one(scene: Scene) -> None:
    """sashabaranov/go-openai asks for every stream with `Cache-Control: no-cache`, which is a client's
    word that counts; without that header its streams are hits."""
    for _ in range(2):
        assert not (await scene.clients.ask("sashabaranov.stream", "post")).kind
        await scene.settled()
    assert scene.asked("post") == 2
    answers = [await scene.clients.ask("sashabaranov.streamThatMayBeCached", "post") for _ in "12"]
    assert scene.asked("post") == 2
    assert not answers[0].kind
    assert_equal(same(answers[0].value), same(answers[1].value))

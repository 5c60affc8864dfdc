"""Answers that must be the engine's own every time."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from tests.sdk import cases
from tests.sdk.asking import Ask, Clients, streamed, whole
from tests.sdk.normal import assert_equal
from tests.sdk.running import Sidecar

pytestmark = pytest.mark.vllm

LONG = "word " * 380
"""Leaves the model about a hundred tokens of its context."""

BYPASSED = {
    "too hot": (cases.chat(temperature=1.5), "temperature"),
    "no temperature, so the model's own 1.0": (cases.chat(temperature=None), "temperature"),
    "too hot, with a seed": (cases.chat(temperature=1.5, seed=1), "temperature"),
    "completions, no temperature": (cases.completion(temperature=None), "temperature"),
    "responses, no temperature": (
        cases.response(temperature=None, max_output_tokens=9),
        "temperature",
    ),
    "messages, no temperature": (
        cases.message(max_tokens=9, extra_body={"temperature": None}),
        "temperature",
    ),
    "responses that follow another": (
        cases.response(max_output_tokens=9, extra_body={"kv_transfer_params": {"a": 1}}),
        "stateful",
    ),
    "chat with a KV transfer": (
        cases.chat(extra_body={"kv_transfer_params": {"do_remote_decode": False}}),
        "stateful",
    ),
}

NOT_STORED = {
    "chat, cut at the context's end": cases.chat(
        LONG, max_tokens=None, extra_body={"ignore_eos": True}
    ),
    "completions, cut at the default limit": cases.completion(max_tokens=None),
    "responses, incomplete": cases.response(max_output_tokens=8),
    "messages, cut at max_tokens": cases.message(max_tokens=8, stop_sequences=None),
}


@pytest.mark.parametrize(("ask", "detail"), BYPASSED.values(), ids=BYPASSED.keys())
@pytest.mark.parametrize("read", [whole, streamed])
def test_a_bypass(ask: Ask, detail: str, read: Any, cache: Sidecar) -> None:
    before = len(cache.entries())
    for _ in range(2):
        got = read(cache.clients, ask)
        assert got.cache_status == f"llmcache; fwd=bypass; detail={detail}"
        assert got.objects
    assert len(cache.entries()) == before


@pytest.mark.parametrize("ask", NOT_STORED.values(), ids=NOT_STORED.keys())
@pytest.mark.parametrize("read", [whole, streamed])
def test_an_answer_cut_short(ask: Ask, read: Any, cache: Sidecar) -> None:
    before = len(cache.entries())
    for _ in range(2):
        got = read(cache.clients, ask)
        assert got.cache_status == "llmcache; fwd=miss"
    assert len(cache.entries()) == before


FAILING = {
    "unknown model": (cases.chat().but(model="nobody"), openai.NotFoundError),
    "no messages": (cases.chat(messages=[]), openai.BadRequestError),
    "negative limit": (cases.chat(max_tokens=-1), openai.BadRequestError),
    "too long": (cases.chat("word " * 2000), openai.BadRequestError),
    "greedy, twice": (cases.chat(n=2), openai.BadRequestError),
    "an image": (
        cases.chat(
            [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]
        ),
        openai.BadRequestError,
    ),
    "completions: unknown model": (cases.completion(model="nobody"), openai.NotFoundError),
    "responses: unknown model": (cases.response(model="nobody"), openai.NotFoundError),
    "responses: unknown predecessor": (
        cases.response(previous_response_id="resp_0"),
        openai.APIStatusError,
    ),
}


@pytest.mark.parametrize(("ask", "kind"), FAILING.values(), ids=FAILING.keys())
@pytest.mark.parametrize("read", [whole, streamed])
def test_an_error(
    ask: Ask, kind: type[openai.APIStatusError], read: Any, cache: Sidecar, direct: Clients
) -> None:
    """The SDK raises what it raises without the sidecar, each time; nothing is stored."""
    before = len(cache.entries())
    with pytest.raises(kind) as without:
        read(direct, ask)
    for _ in range(2):
        with pytest.raises(kind) as through:
            read(cache.clients, ask)
        assert type(through.value) is type(without.value)
        assert through.value.status_code == without.value.status_code
        assert_equal(without.value.body, through.value.body)
        assert str(through.value) == str(without.value)
        # An error of the engine's is forwarded, and never claims to be stored.
        status = through.value.response.headers["cache-status"]
        assert status.startswith("llmcache; fwd="), status
        assert "stored" not in status
    assert len(cache.entries()) == before


IMPOSSIBLE = {
    "type": "json_schema",
    "json_schema": {"name": "x", "schema": {"type": "nothing"}},
}


@pytest.mark.parametrize("read", [whole, streamed])
def test_an_error_after_the_stream_began(read: Any, cache: Sidecar, direct: Clients) -> None:
    """vLLM finds it too late for a status: a streamed answer is a 200 with an error event, then
    `[DONE]`."""
    ask = cases.chat(response_format=IMPOSSIBLE)
    before = len(cache.entries())
    with pytest.raises(openai.APIError) as without:
        read(direct, ask)
    for _ in range(2):
        with pytest.raises(openai.APIError) as through:
            read(cache.clients, ask)
        assert type(through.value) is type(without.value)
        assert_equal(without.value.body, through.value.body)
    assert len(cache.entries()) == before


def test_a_stream_that_its_client_left(cache: Sidecar) -> None:
    ask = cases.chat(max_tokens=700, extra_body={"ignore_eos": True}).about("left")
    before = len(cache.entries())
    with cache.clients.openai() as client:
        stream = client.chat.completions.create(**ask.arguments, stream=True)
        for _, _chunk in zip(range(5), stream, strict=False):
            pass
        stream.close()
    assert len(cache.entries()) == before
    got = whole(cache.clients, ask)
    assert got.cache_status == "llmcache; fwd=miss; stored"
    assert got.only.usage.completion_tokens == 700


def test_what_differs_is_another_question(cache: Sidecar) -> None:
    """One entry each; and what can't matter shares one."""
    base = cases.chat(max_tokens=4).about("differs")
    others = [
        base.but(seed=1),
        base.but(max_tokens=5),
        base.but(temperature=0.1),
        base.but(extra_body={"top_k": 3}),
        base.but(stop=["zz"]),
        base.but(tools=cases.WEATHER),
        base.but(extra_body={"chat_template_kwargs": {"thinking": True}}),
        base.but(messages=[{"role": "system", "content": "x"}, *base.arguments["messages"]]),
        base.but(extra_query={"version": "2"}),
    ]
    for ask in [base, *others]:
        assert whole(cache.clients, ask).cache_status == "llmcache; fwd=miss; stored"
    same = [
        base.but(user="zoë"),
        base.but(metadata={"ticket": "1"}),
        base.but(extra_body={"request_id": "mine"}),
        base.but(temperature=0.0),
        base.headers(X_Custom="1"),
    ]
    for ask in same:
        assert whole(cache.clients, ask).cache_status.startswith("llmcache; hit")

"""The engine wants a key: who is let in through the sidecar is who is let in without it."""

from __future__ import annotations

from typing import Any

import anthropic
import openai
import pytest

from tests.sdk import cases
from tests.sdk.asking import Ask, Clients, streamed, whole
from tests.sdk.normal import assert_equal
from tests.sdk.running import Sidecar

pytestmark = pytest.mark.vllm

ASKS = [cases.chat(), cases.completion(), cases.response(instructions="x")]
WRONG = "sk-somebody-else"


@pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.resource)
@pytest.mark.parametrize("read", [whole, streamed])
def test_a_wrong_key(ask: Ask, read: Any, cache: Sidecar, direct: Clients) -> None:
    """Before and after somebody with the right key has stored the answer."""
    ask = ask.about(f"wrong key {read.__name__}")
    with pytest.raises(openai.AuthenticationError) as without:
        read(Clients(direct.url, WRONG), ask)
    for _ in range(2):
        with pytest.raises(openai.AuthenticationError) as through:
            read(Clients(cache.url, WRONG), ask)
        assert_equal(without.value.body, through.value.body)
        assert str(through.value) == str(without.value)
        whole(cache.clients, ask)
    assert whole(cache.clients, ask).cache_status.startswith("llmcache; hit")


def test_a_wrong_key_of_the_anthropic_client(cache: Sidecar) -> None:
    ask = cases.message().about("wrong key")
    for _ in range(2):
        with pytest.raises(anthropic.AuthenticationError):
            whole(Clients(cache.url, WRONG), ask)
        whole(cache.clients, ask)


def test_the_anthropic_clients_key_reaches_the_engine(cache: Sidecar, direct: Clients) -> None:
    """vLLM reads `Authorization` only; the sidecar passes `x-api-key` on as that."""
    ask = cases.message().about("x-api-key")
    with pytest.raises(anthropic.AuthenticationError):
        whole(direct, ask)
    assert whole(cache.clients, ask).cache_status == "llmcache; fwd=miss; stored"
    assert whole(cache.clients, ask).cache_status.startswith("llmcache; hit")


def test_both_clients_with_one_key_are_one_tenant(cache: Sidecar) -> None:
    ask = cases.message().about("bearer")
    whole(cache.clients, ask)
    with cache.clients.anthropic(api_key=None, auth_token=cache.key) as client:
        raw = client.messages.with_raw_response.create(**ask.arguments)
    assert raw.headers["cache-status"].startswith("llmcache; hit")


@pytest.mark.parametrize("route", ["models", "tokenize"])
def test_routes_that_are_not_cached(route: str, cache: Sidecar, direct: Clients) -> None:
    """/tokenize too, which vLLM itself leaves open."""
    with Clients(cache.url, WRONG).openai() as client, pytest.raises(openai.AuthenticationError):
        if route == "models":
            client.models.list()
        else:
            client.post("../tokenize", cast_to=object, body={"model": "tiny", "prompt": "x"})

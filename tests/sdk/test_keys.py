"""The engine wants a key: who is let in through the sidecar is who is let in without it."""

from __future__ import annotations

from typing import Any

import anthropic
import httpx
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


def test_a_key_in_x_api_key_reaches_the_engine(cache: Sidecar, direct: Clients) -> None:
    """As older Anthropic clients send it. vLLM itself reads `Authorization` only; the sidecar passes
    the key on as that."""
    ask = cases.message(max_tokens=300).about("x-api-key")
    body = {**ask.arguments, "temperature": 0}
    del body["extra_body"]

    def post(url: str, key: str) -> httpx.Response:
        headers = {"x-api-key": key, "anthropic-version": "2023-06-01"}
        return httpx.post(f"{url}/v1/messages", json=body, headers=headers, timeout=60.0)

    assert post(direct.url, direct.key).status_code == 401
    assert post(cache.url, direct.key).headers["cache-status"] == "llmcache; fwd=miss; stored"
    assert post(cache.url, direct.key).headers["cache-status"].startswith("llmcache; hit")
    assert post(cache.url, WRONG).status_code == 401
    assert whole(cache.clients, ask).cache_status.startswith("llmcache; hit"), "the same tenant"


@pytest.mark.parametrize("route", ["models", "tokenize"])
def test_routes_that_are_not_cached(route: str, cache: Sidecar, direct: Clients) -> None:
    """/tokenize too, which vLLM itself leaves open."""
    body = {"model": "tiny", "prompt": "x"}
    for key, status in ((WRONG, 401), (cache.key, 200)):
        headers = {"Authorization": f"Bearer {key}"}
        if route == "models":
            answer = httpx.get(f"{cache.url}/v1/models", headers=headers)
        else:
            answer = httpx.post(f"{cache.url}/tokenize", headers=headers, json=body)
        assert answer.status_code == status
        assert "cache-status" not in answer.headers or status == 401
    assert httpx.get(f"{direct.url}/v1/models").status_code == 401

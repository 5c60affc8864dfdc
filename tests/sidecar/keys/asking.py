"""Keys of requests, as the pipeline makes them: parse, read, hash."""

from __future__ import annotations

import json
from typing import Any, Final

from hypothesis import HealthCheck, settings

from llmcache_sidecar.apis.reading import read_facts
from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.ids import ExactKey, Fingerprint, TenantId
from llmcache_sidecar.keys.exact import exact_key
from llmcache_sidecar.keys.lossless import parse_object

BODIES: Final[dict[Api, dict[str, Any]]] = {
    Api.CHAT: {
        "model": "llama",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "What is the capital of France?"},
        ],
        "temperature": 0,
        "max_tokens": 40,
    },
    Api.COMPLETIONS: {"model": "llama", "prompt": "Once upon a time", "temperature": 0},
    Api.RESPONSES: {
        "model": "llama",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "Hello"}]}],
        "temperature": 0,
    },
    Api.MESSAGES: {
        "model": "llama",
        "system": [{"type": "text", "text": "Be brief."}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}],
        "max_tokens": 40,
        "temperature": 0,
    },
    Api.EMBEDDINGS: {"model": "bge", "input": ["one", "two"]},
}
"""A usual request of each API."""

GENERATING: Final = (Api.CHAT, Api.COMPLETIONS, Api.RESPONSES, Api.MESSAGES)

DEFAULT_TEMPERATURE: Final = 0.7
"""What this engine does when a request names none."""

quickly: Final = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def key_of(
    body: dict[str, Any] | str | bytes,
    api: Api = Api.CHAT,
    *,
    namespace: str = "default",
    tenant: str = "t" * 32,
    fingerprint: str = "f" * 24,
    query: str = "",
) -> ExactKey:
    """The key of a request."""
    if isinstance(body, dict):
        body = json.dumps(body)
    raw = body.encode() if isinstance(body, str) else body
    facts = read_facts(api, parse_object(raw))
    temperature = None
    if api is not Api.EMBEDDINGS:
        temperature = DEFAULT_TEMPERATURE if facts.temperature is None else facts.temperature
    return exact_key(
        facts, temperature, namespace, TenantId(tenant), Fingerprint(fingerprint), query
    )

"""The exact key."""

from __future__ import annotations

import hashlib
from typing import Final

import orjson

from ..domain.api import Api
from ..domain.ids import ExactKey, Fingerprint, TenantId
from ..domain.request import RequestFacts
from .canonical import canonical_body

KEY_VERSION = 1
"""Raised whenever the same request would get another key: old entries then die unread."""


FORM_BOUND: Final = frozenset(
    {
        "best_of",
        "echo",
        "include",
        "logprob_token_ids",
        "logprobs",
        "prompt_logprobs",
        "return_prompt_text",
        "return_token_ids",
        "return_tokens_as_token_ids",
        "top_logprobs",
        "use_beam_search",
    }
)
"""Fields whose answers look different, or are refused, in a stream: with one of them an entry
serves only the form in which it was born."""


def _may_call_tools(facts: RequestFacts) -> bool:
    """vLLM writes a call's arguments with other white space in a stream, and a call that was cut off
    as text in a whole answer, as a call in a stream: chat with tools keeps its forms apart."""
    return (
        facts.api is Api.CHAT
        and bool(facts.body.get("tools"))
        and facts.body.get("tool_choice") != "none"
    )


def binding_form(facts: RequestFacts) -> bool | None:
    """Whether the request streams, where an answer serves only the form in which it was born."""
    bound = not FORM_BOUND.isdisjoint(facts.body) or _may_call_tools(facts)
    return facts.streamed if bound else None


def body_digest(facts: RequestFacts) -> bytes:
    """SHA-256 of the canonical body (and of its form, where that can't be changed)."""
    form = binding_form(facts)
    return hashlib.sha256(orjson.dumps((facts.api.value, form, canonical_body(facts)))).digest()


def asked_of(
    temperature: float | None,
    namespace: str,
    tenant: TenantId,
    fingerprint: Fingerprint,
    query: str,
) -> tuple[object, ...]:
    """What shapes an answer beside the body, ready to be dumped; see `exact_key`."""
    return (
        namespace,
        tenant,
        fingerprint,
        # A query of other bytes than ASCII is no text that could be dumped.
        query if query.isascii() else [query.encode("utf-8", "surrogatepass").hex()],
        None if temperature is None else temperature + 0.0,
    )


def exact_key(
    facts: RequestFacts,
    temperature: float | None,
    namespace: str,
    tenant: TenantId,
    fingerprint: Fingerprint,
    query: str = "",
    digest: bytes | None = None,
) -> ExactKey:
    """SHA-256 over everything that shapes the answer, as one JSON array (so that no two different
    sets of parts can read alike).

    Args:
        temperature: the effective one: an omitted temperature and an equal explicit one share an
            entry. None where the API has none.
        query: what else of the request shapes the answer: the URL's query string and, after a #, the
            Origin header (CORS headers depend on it).
        digest: `body_digest(facts)` where that is known already.
    """
    parts = (
        KEY_VERSION,
        *asked_of(temperature, namespace, tenant, fingerprint, query),
        (digest or body_digest(facts)).hex(),
    )
    return ExactKey(hashlib.sha256(orjson.dumps(parts)).digest())

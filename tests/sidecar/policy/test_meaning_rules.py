"""What may be looked up by meaning, by the body alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.policy.meaning_rules import MeaningSettings, exact_only

from .making import asked

TOOLS = [{"type": "function", "function": {"name": "f"}}]
ENUM = {"type": "object", "properties": {"a": {"enum": ["x", "y"]}}}
PLAIN = {"type": "object", "properties": {"a": {"type": "string"}}}
KINDS = {"anyOf": [{"const": "spam"}, {"const": "ham"}]}
UNION = {
    "anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}],
    "$defs": {name: {"properties": {"kind": {"const": name}}} for name in "AB"},
}
YES_OR_NO = {"type": "object", "properties": {"spam": {"type": "boolean"}}}
PERHAPS = {"type": "object", "properties": {"spam": {"type": ["boolean", "null"]}}}
WORDS = {"type": "string", "pattern": "^(spam|ham)$"}


@pytest.mark.parametrize(
    ("api", "body", "why"),
    [
        (Api.CHAT, {}, None),
        (Api.RESPONSES, {}, None),
        (Api.MESSAGES, {}, None),
        (Api.EMBEDDINGS, {}, "embeddings"),
        (Api.CHAT, {"n": 1}, None),
        (Api.CHAT, {"n": 2}, "one-text"),
        (Api.CHAT, {"logprobs": True}, "one-text"),
        (Api.CHAT, {"echo": True}, "one-text"),
        (Api.CHAT, {"return_token_ids": True}, "one-text"),
        (Api.CHAT, {"prompt_logprobs": 1}, "one-text"),
        (Api.CHAT, {"tools": TOOLS}, "tools"),
        (Api.CHAT, {"tools": []}, None),
        (Api.COMPLETIONS, {"prompt": "a"}, "completions"),
        (Api.CHAT, {"guided_choice": ["a", "b"]}, "choices"),
        (Api.CHAT, {"structured_outputs": {"choice": ["a", "b"]}}, "choices"),
        (Api.CHAT, {"structured_outputs": {"json": PLAIN}}, None),
        (Api.CHAT, {"guided_json": ENUM}, "choices"),
        (Api.CHAT, {"response_format": {"type": "json_object"}}, None),
        (Api.CHAT, {"response_format": {"json_schema": {"schema": PLAIN}}}, None),
        (Api.CHAT, {"response_format": {"json_schema": {"schema": ENUM}}}, "choices"),
        (Api.RESPONSES, {"text": {"format": {"schema": ENUM}}}, "choices"),
        (Api.MESSAGES, {"output_config": {"format": {"schema": ENUM}}}, "choices"),
        (Api.MESSAGES, {"output_config": {"format": {"schema": PLAIN}}}, None),
        (Api.CHAT, {"guided_json": json.dumps(ENUM)}, "choices"),
        (Api.CHAT, {"guided_json": json.dumps(PLAIN)}, None),
        (Api.CHAT, {"guided_json": "{'enum': ['x']}"}, "choices"),
        (Api.CHAT, {"structured_outputs": {"json": ENUM}}, "choices"),
        (Api.CHAT, {"structured_outputs": {"json": json.dumps(ENUM)}}, "choices"),
        (Api.CHAT, {"structured_outputs": {"json": json.dumps(PLAIN)}}, None),
        (Api.CHAT, {"structured_outputs": {"structural_tag": "{}"}}, "choices"),
        (Api.CHAT, {"guided_json": KINDS}, "choices"),
        (Api.CHAT, {"guided_json": UNION}, "choices"),
        (Api.CHAT, {"guided_json": YES_OR_NO}, "choices"),
        (Api.CHAT, {"guided_json": PERHAPS}, "choices"),
        (Api.CHAT, {"guided_json": WORDS}, "choices"),
    ],
)
def test_what_is_exact_only(api: Api, body: dict[str, Any], why: str | None) -> None:
    assert exact_only(asked(api, **body), MeaningSettings()) == why


def test_tools_may_be_let_in() -> None:
    assert exact_only(asked(tools=TOOLS), MeaningSettings(tools=True)) is None


@pytest.mark.parametrize(
    ("api", "body"),
    [(Api.COMPLETIONS, {"prompt": "a"}), (Api.CHAT, {"guided_choice": ["a"]})],
)
def test_who_says_where_the_question_is_may_have_it_all(api: Api, body: dict[str, Any]) -> None:
    assert exact_only(asked(api, **body), MeaningSettings(query_on_purpose=True)) is None


def test_a_schema_of_any_depth_is_looked_through() -> None:
    schema: Any = {"enum": ["a"]}
    for _ in range(20):
        schema = {"anyOf": [{"type": "string"}, schema]}
    assert exact_only(asked(guided_json=schema), MeaningSettings()) == "choices"
    deep: Any = {}
    for _ in range(500):
        deep = {"not": deep}
    assert exact_only(asked(guided_json=deep), MeaningSettings()) == "choices"

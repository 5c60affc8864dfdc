"""The closed list of fields that two requests may differ in: a case for each entry."""

from __future__ import annotations

from typing import Any

import pytest

from llmcache_sidecar.apis.reading import Unreadable
from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.ids import ExactKey
from llmcache_sidecar.keys.ignored import IGNORED

from .asking import BODIES, key_of

IGNORED_VALUES: dict[str, list[Any]] = {
    "stream": [True, False, None],
    "stream_options": [None, {"include_usage": True}, {"include_usage": False}, {}],
    "request_id": ["mine", ""],
    "priority": [0, 3, -3],
    "user": ["alice", "", None],
    "metadata": [{"user_id": "alice"}, {"any": 1, "thing": None}, {}, None],
    "cache_control": [{"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}, None],
}
"""What the engine takes for each field without answering otherwise."""

KEPT_VALUES: dict[str, list[Any]] = {
    "stream": ["true", 1, {}],
    "stream_options": [{"include_usage": True, "x": 1}, {"include_usage": 1}, [], "x", True],
    "request_id": [None, 5, ["a"]],
    "priority": [None, "3", 2.5, True, 2**63],
    "user": [5, ["alice"], {"a": 1}, True],
    "metadata": ["alice", [], 5, True],
    "cache_control": ["ephemeral", 5, [], True],
}
"""What the engine refuses, or takes for something else: a hit must not hide that."""

ENTRIES = [
    pytest.param(field.name, api, id=f"{field.name} of {api}")
    for field in IGNORED
    for api in sorted(field.apis)
]
ELSEWHERE = [
    pytest.param(field.name, api, id=f"{field.name} of {api}")
    for field in IGNORED
    for api in Api
    if api not in field.apis
]


def asked(api: Api, **more: Any) -> dict[str, Any]:
    body = {**BODIES[api], **more}
    if "stream_options" in more:
        body["stream"] = True
    return body


def key_or_none(api: Api, body: dict[str, Any]) -> ExactKey | None:
    """None: the body is not read, so it gets no key at all."""
    try:
        return key_of(body, api)
    except Unreadable:
        return None


@pytest.mark.parametrize(("name", "api"), ENTRIES)
def test_two_requests_may_differ_in_an_ignored_field(name: str, api: Api) -> None:
    plain = key_of(BODIES[api], api)
    for value in IGNORED_VALUES[name]:
        assert key_of(asked(api, **{name: value}), api) == plain, value


@pytest.mark.parametrize(("name", "api"), ENTRIES)
def test_a_value_that_the_engine_would_refuse_is_not_ignored(name: str, api: Api) -> None:
    plain = key_of(BODIES[api], api)
    for value in KEPT_VALUES[name]:
        assert key_or_none(api, asked(api, **{name: value})) != plain, value


@pytest.mark.parametrize(("name", "api"), ELSEWHERE)
def test_the_same_field_is_in_the_key_of_the_other_apis(name: str, api: Api) -> None:
    plain = key_of(BODIES[api], api)
    for value in IGNORED_VALUES[name]:
        assert key_of({**BODIES[api], name: value}, api) != plain, value


def test_every_case_here_belongs_to_an_entry() -> None:
    names = {field.name for field in IGNORED}
    assert set(IGNORED_VALUES) == names
    assert set(KEPT_VALUES) == names


def test_every_entry_says_why() -> None:
    assert all(field.why and field.apis for field in IGNORED)


def test_stream_options_without_a_stream_are_refused_by_the_engine_and_so_kept() -> None:
    options = {"stream_options": {"include_usage": True}}
    plain = key_of(BODIES[Api.CHAT])
    assert key_of({**BODIES[Api.CHAT], **options}) != plain
    assert key_of({**BODIES[Api.CHAT], **options, "stream": False}) != plain


def test_usage_in_every_chunk_is_another_stream() -> None:
    often = {"include_usage": True, "continuous_usage_stats": True}
    assert key_of(asked(Api.CHAT, stream_options=often)) != key_of(BODIES[Api.CHAT])


def test_cache_marks_in_the_blocks_of_messages_make_no_difference() -> None:
    def body(**mark: Any) -> dict[str, Any]:
        return {
            "model": "llama",
            "max_tokens": 5,
            "temperature": 0,
            "system": [{"type": "text", "text": "s", **mark}],
            "tools": [{"name": "f", "input_schema": {"type": "object"}, **mark}],
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "a", **mark}]},
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "tool_result",
                            "tool_use_id": "t",
                            "content": [{"type": "text", "text": "rain", **mark}],
                            **mark,
                        }
                    ],
                },
            ],
        }

    marked = body(cache_control={"type": "ephemeral"})
    assert key_of(marked, Api.MESSAGES) == key_of(body(), Api.MESSAGES)


def test_what_is_called_cache_control_inside_a_tool_is_no_cache_mark() -> None:
    def body(**schema: Any) -> dict[str, Any]:
        tool = {"name": "f", "input_schema": {"type": "object", "properties": schema}}
        return {**BODIES[Api.MESSAGES], "tools": [tool]}

    assert key_of(body(cache_control={"type": "string"}), Api.MESSAGES) != key_of(
        body(), Api.MESSAGES
    )
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {"cache_control": 1}}
    messages = [{"role": "assistant", "content": [call]}]
    other = [{"role": "assistant", "content": [{**call, "input": {}}]}]
    assert key_of({**BODIES[Api.MESSAGES], "messages": messages}, Api.MESSAGES) != key_of(
        {**BODIES[Api.MESSAGES], "messages": other}, Api.MESSAGES
    )


def test_a_cache_mark_in_a_chat_message_is_part_of_the_key() -> None:
    message = {"role": "user", "content": "a"}
    marked = {**message, "cache_control": {"type": "ephemeral"}}
    assert key_of({"messages": [marked]}) != key_of({"messages": [message]})

"""The canonical form: what the engine can't tell apart is equal, and nothing else."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from llmcache_sidecar.domain.api import Api

from .asking import BODIES, key_of, quickly


def turned(value: dict[str, Any]) -> dict[str, Any]:
    return dict(reversed(value.items()))


@pytest.mark.parametrize("api", Api)
def test_the_order_of_the_body_does_not_matter(api: Api) -> None:
    assert key_of(turned(BODIES[api]), api) == key_of(BODIES[api], api)


@pytest.mark.parametrize(
    ("api", "name"),
    [(Api.CHAT, "messages"), (Api.RESPONSES, "input"), (Api.MESSAGES, "messages"),
     (Api.MESSAGES, "system"), (Api.MESSAGES, "tools"), (Api.EMBEDDINGS, "messages")],
)  # fmt: skip
def test_the_order_inside_a_message_and_its_parts_does_not_matter(api: Api, name: str) -> None:
    part = {"type": "text", "text": "a", "x": 1}
    message = {"role": "user", "name": "bob", "content": [part, {"type": "text", "text": "b"}]}
    other = {**message, "content": [turned(part), {"type": "text", "text": "b"}]}
    assert key_of({name: [turned(other)]}, api) == key_of({name: [message]}, api)


def test_whitespace_between_members_does_not_matter() -> None:
    body = BODIES[Api.CHAT]
    tight = json.dumps(body, separators=(",", ":"))
    assert key_of(tight) == key_of(json.dumps(body, indent=4)) == key_of(f"\r\n\t {tight} \n")


ORDERED: dict[str, Any] = {
    "chat_template_kwargs": {"a": 1, "b": 2},
    "guided_json": {"type": "object", "properties": {"a": {}, "b": {}}},
    "structured_outputs": {"json": {"properties": {"a": {}, "b": {}}}, "whitespace": "x"},
    "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}},
    "mm_processor_kwargs": {"a": 1, "b": 2},
    "logit_bias": {"1": 1, "2": 2},
    "vllm_xargs": {"a": 1, "b": 2},
    "x_unknown": {"a": 1, "b": 2},
}


def deeply_turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: deeply_turned(value[name]) for name in reversed(value)}
    return value


@pytest.mark.parametrize("name", ORDERED)
def test_the_order_inside_an_object_that_reaches_the_prompt_or_the_output_matters(
    name: str,
) -> None:
    value = ORDERED[name]
    assert key_of({name: deeply_turned(value)}) != key_of({name: value})


@pytest.mark.parametrize(
    ("api", "where"), [(Api.CHAT, "function"), (Api.RESPONSES, ""), (Api.MESSAGES, "")]
)
def test_the_order_of_a_tools_parameters_matters(api: Api, where: str) -> None:
    def body(schema: dict[str, Any]) -> dict[str, Any]:
        inner = {"name": "f", "parameters": schema, "input_schema": schema}
        return {"tools": [{"type": "function", **({where: inner} if where else inner)}]}

    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "number"}}}
    other = {**schema, "properties": turned(schema["properties"])}  # type: ignore[arg-type]
    assert key_of(body(schema), api) != key_of(body(other), api)


def test_the_order_of_messages_and_of_parts_matters() -> None:
    messages = BODIES[Api.CHAT]["messages"]
    assert key_of({"messages": messages}) != key_of({"messages": messages[::-1]})
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    one, other = ({"role": "user", "content": p} for p in (parts, parts[::-1]))
    assert key_of({"messages": [one]}) != key_of({"messages": [other]})


def test_the_order_in_a_tool_calls_arguments_matters() -> None:
    def body(arguments: dict[str, Any]) -> dict[str, Any]:
        call = {"type": "tool_use", "id": "t", "name": "f", "input": arguments}
        return {"messages": [{"role": "assistant", "content": [call]}]}

    assert key_of(body({"a": 1, "b": 2}), Api.MESSAGES) != key_of(
        body({"b": 2, "a": 1}), Api.MESSAGES
    )


# Generated bodies.

leaf = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
anything = st.recursive(
    leaf,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
part = st.dictionaries(st.text(max_size=4), leaf, max_size=3).map(
    lambda more: {"type": "text", "text": "a", **more}
)
message = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant"]), "content": st.lists(part, max_size=3)},
    optional={"name": st.text(max_size=3), "x": anything},
)
body = st.fixed_dictionaries(
    {"messages": st.lists(message, max_size=3)},
    optional={"stop": st.text(max_size=3), "top_k": leaf, "x": anything, "y": anything},
)


def shuffled(value: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    names = list(value)
    draw.shuffle(names)
    return {name: value[name] for name in names}


@quickly
@given(body, st.randoms(use_true_random=False), st.sampled_from([None, 0, 3]), st.booleans())
def test_reordering_where_the_api_names_the_fields_changes_nothing(
    given_body: dict[str, Any], draw: random.Random, indent: int | None, ascii_only: bool
) -> None:
    other = shuffled(given_body, draw)
    other["messages"] = [
        shuffled({**m, "content": [shuffled(p, draw) for p in m["content"]]}, draw)
        for m in given_body["messages"]
    ]
    written = json.dumps(other, indent=indent, ensure_ascii=ascii_only)
    assert key_of(written) == key_of(given_body)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


@quickly
@given(body, leaf, st.data())
def test_any_other_leaf_is_another_key(given_body: dict[str, Any], new: Any, data: Any) -> None:
    path = data.draw(st.sampled_from(list(leaves(given_body))))
    old = at(given_body, path)
    assume(json.dumps(old) != json.dumps(new))
    if path == ("top_k",):  # 2.0 is 2 there
        assume(isinstance(old, str) or isinstance(new, str) or old != new)
    other = replaced(given_body, path, new)
    assert key_of(other) != key_of(given_body)


@quickly
@given(body, st.text(min_size=1, max_size=4), leaf)
def test_one_more_member_is_another_key(given_body: dict[str, Any], name: str, value: Any) -> None:
    assume(name not in given_body)
    assert key_of({**given_body, f"x-{name}": value}) != key_of(given_body)

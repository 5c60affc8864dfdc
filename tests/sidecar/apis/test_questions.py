"""Where the question of a request stands."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmcache_api import QueryFrom
from llmcache_sidecar.apis.questions import (
    LONGEST_STRING,
    QueryRule,
    at,
    find_question,
    user_text,
    without,
)
from llmcache_sidecar.apis.reading import read_facts
from llmcache_sidecar.domain.api import Api

PLAIN_RULE = QueryRule()
USER = {"role": "user", "content": "Why?"}
IMAGE = {"type": "image_url", "image_url": {"url": "data:"}}


def question(api: Api, rule: QueryRule = PLAIN_RULE, **body: Any) -> str | None:
    place = find_question(read_facts(api, body), rule)
    return None if place is None else place.text


def text_part(text: str, kind: str = "text") -> dict[str, str]:
    return {"type": kind, "text": text}


@pytest.mark.parametrize(
    ("api", "body", "expected"),
    [
        (Api.CHAT, {"messages": [USER]}, "Why?"),
        (Api.CHAT, {"messages": [{"role": "user", "content": [text_part("Why?")]}]}, "Why?"),
        (Api.CHAT, {"messages": [{"role": "user", "content": "  Why?\n"}]}, "Why?"),
        (Api.CHAT, {"messages": [USER, {"role": "assistant", "content": "So."}]}, None),
        (Api.CHAT, {"messages": [USER, {"role": "tool", "content": "5"}]}, None),
        (Api.CHAT, {"messages": [{"role": "user", "content": [IMAGE, text_part("?")]}]}, None),
        (Api.CHAT, {"messages": [{"role": "user", "content": ""}]}, None),
        (Api.CHAT, {"messages": [{"role": "user"}]}, None),
        (Api.CHAT, {"messages": []}, None),
        (Api.CHAT, {"messages": "Why?"}, "Why?"),
        (Api.CHAT, {"messages": [5]}, None),
        (Api.RESPONSES, {"input": "Why?"}, "Why?"),
        (Api.RESPONSES, {"input": [USER]}, "Why?"),
        (Api.RESPONSES, {"input": [{"role": "user", "content": [text_part("Why?", "input_text")]}]},
         "Why?"),
        (Api.RESPONSES, {"input": [{"type": "function_call_output", "role": "user"}]}, None),
        (Api.MESSAGES, {"messages": [{"role": "user", "content": [text_part("Why?")]}]}, "Why?"),
        (Api.MESSAGES, {"messages": [{"role": "user", "content": [{"type": "tool_result"}]}]}, None),
        (Api.COMPLETIONS, {"prompt": "Why?"}, "Why?"),
        (Api.COMPLETIONS, {"prompt": ["Why?"]}, None),
        (Api.COMPLETIONS, {"prompt": [1, 2]}, None),
        (Api.EMBEDDINGS, {"input": "Why?"}, None),
    ],
)  # fmt: skip
def test_the_question_is_the_last_users_text(
    api: Api, body: dict[str, Any], expected: str | None
) -> None:
    assert question(api, **body) == expected


def test_of_several_texts_it_is_the_last() -> None:
    content = [text_part("A long document."), text_part("Why?")]
    assert question(Api.CHAT, messages=[{"role": "user", "content": content}]) == "Why?"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (QueryRule(after="Q:"), "why? A: so"),
        (QueryRule(after="Q:", before="A:"), "why?"),
        (QueryRule(after="A:"), "so"),
        (QueryRule(after="missing"), None),
        (QueryRule(before="missing"), None),
        (QueryRule(before="Doc"), None),
        (QueryRule(QueryFrom.REGEX, re.compile(r"Q:\s*(?P<query>.*?)\s*A:")), "why?"),
        (QueryRule(QueryFrom.REGEX, re.compile(r"Z:(?P<query>.*)")), None),
        (QueryRule(QueryFrom.REGEX, re.compile(r"Doc(?P<query>zz)?")), None),
        (QueryRule(QueryFrom.JSON_POINTER, pointer="/messages/0/content"), "Doc Q: why? A: so"),
        (QueryRule(QueryFrom.JSON_POINTER, pointer="/messages/-/content", after="A:"), "so"),
        (QueryRule(QueryFrom.JSON_POINTER, pointer="/model"), "m"),
        (QueryRule(QueryFrom.JSON_POINTER, pointer="/messages/7/content"), None),
        (QueryRule(QueryFrom.JSON_POINTER, pointer="/messages/0"), None),
        (QueryRule(QueryFrom.JSON_POINTER, pointer="/messages/\u0663"), None),
        (QueryRule(QueryFrom.JSON_POINTER, pointer="/a~1b~0c"), "odd"),
    ],
)
def test_a_rule_says_where_it_is(rule: QueryRule, expected: str | None) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "Doc Q: why? A: so"}],
            "a/b~c": "odd"}  # fmt: skip
    assert question(Api.CHAT, rule, **body) == expected


def test_a_very_long_string_is_not_searched() -> None:
    assert question(Api.CHAT, messages=[{"role": "user", "content": "a" * LONGEST_STRING}])
    assert not question(
        Api.CHAT, messages=[{"role": "user", "content": "a" * (LONGEST_STRING + 1)}]
    )


def test_the_text_of_the_user_is_all_of_it_wherever_it_stands() -> None:
    messages = [
        {"role": "user", "content": [text_part("one"), IMAGE, text_part("two")]},
        {"role": "assistant", "content": "no"},
        {"role": "tool", "content": "no"},
    ]
    assert user_text(read_facts(Api.CHAT, {"messages": messages})) == "one\ntwo"
    assert user_text(read_facts(Api.COMPLETIONS, {"prompt": ["a", "b"]})) == "a\nb"
    assert user_text(read_facts(Api.EMBEDDINGS, {"input": "a"})) == ""


json = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
messages = st.lists(
    st.fixed_dictionaries(
        {}, optional={"role": st.sampled_from(["user", "assistant"]), "content": json, "type": json}
    )
    | json,
    max_size=3,
)


@settings(max_examples=300, deadline=None)
@given(api=st.sampled_from([Api.CHAT, Api.RESPONSES, Api.MESSAGES]), value=messages | json)
def test_no_shape_of_a_body_is_an_error(api: Api, value: Any) -> None:
    field = "input" if api is Api.RESPONSES else "messages"
    body = {field: value}
    facts = read_facts(api, body)
    place = find_question(facts, QueryRule())
    assert isinstance(user_text(facts), str)
    if place is not None:
        whole = at(body, place.path)
        assert (
            place.before + whole[len(place.before) : len(whole) - len(place.after)] + (place.after)
            == whole
        )
        emptied = without(body, place.path)
        assert at(emptied, place.path) == ""
        assert at(body, place.path) == whole, "the body itself stays as it was"

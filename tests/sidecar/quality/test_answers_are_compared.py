"""Whether two answers say the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmcache_sidecar.apis.saying import Said, said_in
from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.quality.comparing import OpenTexts, by_meaning, compare
from tests.sidecar.data_plane.answers import SPEECHES, TEXT


def compared(one: str, other: str) -> bool | OpenTexts | None:
    return compare(Said((one,)), Said((other,)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Positive", "positive."),
        ("  yes\n", "Yes"),
        ("**No**", "no"),
        ('{"label": "spam", "score": 1}', '{ "score": 1,\n "label": "spam" }'),
        ('```json\n{"a": [1, 2]}\n```', '{"a":[1,2]}'),
        ("\u662f\u3002", "\u662f"),
        ("\u300c\u306f\u3044\u300d", "\u306f\u3044\u3002"),
        ("A longer  answer\nwith other spaces.", "A longer answer with other spaces."),
    ],
)
def test_the_same_in_another_layout(one: str, other: str) -> None:
    assert compared(one, other) is True


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("positive", "negative"),
        ("42", "43"),
        ("yes", "no"),
        ("\u662f", "\u4e0d\u662f"),
        ("\u30dd\u30b8\u30c6\u30a3\u30d6", "\u30cd\u30ac\u30c6\u30a3\u30d6\u3002"),
        ("\u0e43\u0e0a\u0e48", "\u0e44\u0e21\u0e48\u0e43\u0e0a\u0e48"),
        ('{"label": "spam"}', '{"label": "ham"}'),
        ('{"label": "spam"}', '{"label": "spam", "why": "x"}'),
        ('{"a": 1}', '{"a": true}'),
        ('["a", "b"]', '["b", "a"]'),
        ('{"label": "spam"}', "It is spam, I am quite sure of that."),
    ],
)
def test_labels_and_documents_are_equal_or_they_are_not(one: str, other: str) -> None:
    assert compared(one, other) is False


def test_free_text_is_open_also_inside_a_document() -> None:
    one, other = "Hold the button for ten seconds.", "Press it until the lights go out."
    assert compared(one, other) == OpenTexts(((one, other),))
    inside = compared(f'{{"id": 1, "answer": "{one}"}}', f'{{"id": 1, "answer": "{other}"}}')
    assert inside == OpenTexts(((one, other),))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "\u8bf7\u8054\u7cfb\u5ba2\u670d\u4fee\u6539\u5730\u5740\u3002",
            "\u5982\u9700\u66f4\u6539\u5730\u5740\uff0c\u8bf7\u8054\u7cfb\u5ba2\u6237\u670d\u52a1\u3002",
        ),
        (
            "\u30dc\u30bf\u30f3\u309210\u79d2\u9593\u62bc\u3057\u7d9a\u3051\u308b\u3002",
            "10\u79d2\u9577\u62bc\u3057\u3057\u307e\u3059\u3002",
        ),
        (
            "\u0e04\u0e38\u0e13\u0e04\u0e37\u0e19\u0e2a\u0e34\u0e19\u0e04\u0e49\u0e32\u0e44\u0e14\u0e49",
            "\u0e2a\u0e32\u0e21\u0e32\u0e23\u0e16\u0e2a\u0e48\u0e07\u0e04\u0e37\u0e19\u0e44\u0e14\u0e49",
        ),
    ],
    ids=["Chinese", "Japanese", "Thai"],
)
def test_a_sentence_without_spaces_is_no_label_and_meaning_alone_does_not_tell(
    one: str, other: str
) -> None:
    assert compared(one, other) == OpenTexts(((one, other),))
    for similarity in (1.0, 0.9, 0.7):
        assert by_meaning(one, other, similarity, 0.8) is None
    assert by_meaning(one, other, 0.3, 0.8) is False


def test_numbers_are_certain_without_spaces_too() -> None:
    thirty = "\u60a8\u53ef\u4ee530\u5929\u5185\u9000\u8d27"
    fourteen = "\u9000\u8d27\u671f\u9650\u4e3a14\u5929"
    assert by_meaning(thirty, fourteen, 0.9, 0.8) is False
    assert by_meaning(thirty, "\uff13\uff10\u5929\u4e4b\u5185\u53ef\u9000", 0.9, 0.8) is None


def test_tools_and_choices_must_be_the_same() -> None:
    assert compare(Said(("a",), ('["f", {}]',)), Said(("a",))) is False
    assert compare(Said(("a", "b")), Said(("a",))) is False


@pytest.mark.parametrize(
    ("one", "other", "similarity", "expected"),
    [
        ("Hold the button for ten seconds.", "Hold it for 10 seconds, the button.", 0.9, True),
        ("The fee is 5 euros a month.", "The fee is 7 euros a month.", 0.95, False),
        ("It costs 5 euros.", "It costs 5 euros, and 2 more abroad.", 0.9, None),
        ("You can cancel it at any time.", "You can not cancel it at any time.", 0.95, False),
        ("Some text about apples.", "Something else about the moon.", 0.3, False),
        ("Some text about apples.", "A text that is about apples, I think.", 0.7, None),
    ],
)
def test_free_text_is_compared_by_its_facts_and_its_meaning(
    one: str, other: str, similarity: float, expected: bool | None
) -> None:
    assert by_meaning(one, other, similarity, 0.8) is expected


@given(st.text(max_size=60), st.text(max_size=60))
def test_comparing_is_symmetric_and_never_raises(one: str, other: str) -> None:
    found, back = compared(one, other), compared(other, one)
    if isinstance(found, OpenTexts):
        assert isinstance(back, OpenTexts)
    else:
        assert found is back
    assert compared(one, one) is True
    assert by_meaning(one, other, 0.9, 0.8) is by_meaning(other, one, 0.9, 0.8)


@pytest.mark.parametrize("api", [Api.CHAT, Api.COMPLETIONS, Api.RESPONSES, Api.MESSAGES])
def test_every_api_says_what_it_says(api: Api) -> None:
    assert said_in(api, SPEECHES[api].whole()) == Said((TEXT,))


def test_tool_calls_are_what_they_call() -> None:
    call = {"type": "function", "function": {"name": "f", "arguments": '{"b": 1, "a": 2}'}}
    message = {"role": "assistant", "content": None, "tool_calls": [{**call, "id": "x"}]}
    other = {**message, "tool_calls": [{**call, "id": "y"}]}
    said = [said_in(Api.CHAT, {"choices": [{"index": 0, "message": m}]}) for m in (message, other)]
    assert said[0] == said[1] == Said(("",), ('["f", {"a": 2, "b": 1}]',))


def test_vectors_and_errors_say_nothing() -> None:
    assert said_in(Api.EMBEDDINGS, {"data": []}) is None
    assert said_in(Api.CHAT, {"error": {}}) is None


@pytest.mark.parametrize("depth", [300, 100_000])
def test_what_is_nested_too_deep_is_no_more_than_text(depth: int) -> None:
    one, other = "[" * depth + "1" + "]" * depth, "[" * depth + "2" + "]" * depth
    assert compared(one, one) is True
    assert compared(one, other) in (False, OpenTexts(((one, other),)))
    called = {"type": "function", "id": "x", "function": {"name": "f", "arguments": one}}
    message = {"role": "assistant", "content": None, "tool_calls": [called]}
    said = said_in(Api.CHAT, {"choices": [{"index": 0, "message": message}]})
    assert said is None or said.calls
    nested: Any = 1
    for _ in range(depth):
        nested = [nested]
    block = {"type": "tool_use", "name": "f", "input": nested}
    said = said_in(Api.MESSAGES, {"content": [block]})
    assert said is None or said.calls

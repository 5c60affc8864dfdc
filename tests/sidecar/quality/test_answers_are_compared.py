"""Whether two answers say the same."""

from __future__ import annotations

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

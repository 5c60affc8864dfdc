"""From a body to the normal form; what can't be read without guessing is not read."""

from __future__ import annotations

from typing import Any

import pytest

from llmcache_sidecar.apis.reading import Unreadable, read_facts
from llmcache_sidecar.domain.api import Api

GENERATING = (Api.CHAT, Api.COMPLETIONS, Api.RESPONSES, Api.MESSAGES)
OPENAI = (Api.CHAT, Api.COMPLETIONS)


@pytest.mark.parametrize("api", Api)
def test_an_empty_body_says_nothing(api: Api) -> None:
    facts = read_facts(api, {})
    assert facts.api is api
    assert facts.body == {}
    assert (facts.model, facts.temperature, facts.end_user, facts.request_id) == (None,) * 4
    assert not facts.streamed
    assert not facts.wants_usage
    assert not facts.limits_length
    assert facts.choices == 1
    assert facts.seeded == (api is Api.EMBEDDINGS)  # nothing is drawn at random there


@pytest.mark.parametrize("api", GENERATING)
def test_a_full_body_is_read(api: Api) -> None:
    facts = read_facts(
        api,
        {"model": "m", "stream": True, "temperature": 0.5, "seed": 0, "request_id": "r", "user": "u",
         "stream_options": {"include_usage": True}},
    )  # fmt: skip
    assert (facts.model, facts.streamed, facts.temperature) == ("m", True, 0.5)
    assert facts.seeded
    assert facts.request_id == "r"
    assert facts.end_user is not None
    assert facts.wants_usage == (api in OPENAI)


@pytest.mark.parametrize("api", Api)
@pytest.mark.parametrize(
    ("name", "value"),
    [("stream", "true"), ("stream", 1), ("stream", []), ("model", 5), ("model", ["m"]),
     ("request_id", 5), ("request_id", {})],
)  # fmt: skip
def test_what_the_engine_might_coerce_is_not_read(api: Api, name: str, value: Any) -> None:
    with pytest.raises(Unreadable, match=name):
        read_facts(api, {name: value})


@pytest.mark.parametrize("api", GENERATING)
@pytest.mark.parametrize("value", ["0.5", True, [], {}])
def test_a_temperature_that_is_no_number_is_not_read(api: Api, value: Any) -> None:
    with pytest.raises(Unreadable, match="temperature"):
        read_facts(api, {"temperature": value})


@pytest.mark.parametrize("api", OPENAI)
@pytest.mark.parametrize("value", ["2", 2.0, True, []])
def test_a_number_of_choices_that_is_no_integer_is_not_read(api: Api, value: Any) -> None:
    with pytest.raises(Unreadable, match="n is no integer"):
        read_facts(api, {"n": value})


@pytest.mark.parametrize("api", OPENAI)
@pytest.mark.parametrize("value", ["true", 1, "yes", {}])
def test_a_wish_for_usage_that_is_no_boolean_is_not_read(api: Api, value: Any) -> None:
    with pytest.raises(Unreadable, match="include_usage"):
        read_facts(api, {"stream": True, "stream_options": {"include_usage": value}})


@pytest.mark.parametrize("wanted", [{}, {"include_usage": False}, {"include_usage": None}])
def test_usage_in_every_chunk_without_a_wish_for_usage_has_no_effect_and_must_get_none(
    wanted: dict[str, Any],
) -> None:
    options = {**wanted, "continuous_usage_stats": True}
    with pytest.raises(Unreadable, match="continuous_usage_stats"):
        read_facts(Api.CHAT, {"stream": True, "stream_options": options})
    options["continuous_usage_stats"] = False
    assert not read_facts(Api.CHAT, {"stream": True, "stream_options": options}).wants_usage


@pytest.mark.parametrize("options", [None, {}, {"include_usage": False}, [], "x", 5])
def test_usage_is_wanted_only_by_who_says_so(options: Any) -> None:
    assert not read_facts(Api.CHAT, {"stream": True, "stream_options": options}).wants_usage


@pytest.mark.parametrize(
    ("api", "names"),
    [(Api.CHAT, {"max_tokens", "max_completion_tokens"}), (Api.COMPLETIONS, {"max_tokens"}),
     (Api.RESPONSES, {"max_output_tokens"}), (Api.MESSAGES, {"max_tokens"})],
)  # fmt: skip
def test_a_length_limit_is_the_clients_own_where_the_api_knows_it(
    api: Api, names: set[str]
) -> None:
    for name in ("max_tokens", "max_completion_tokens", "max_output_tokens", "min_tokens"):
        assert read_facts(api, {name: 5}).limits_length == (name in names), name
        assert not read_facts(api, {name: None}).limits_length


@pytest.mark.parametrize(
    ("body", "choices"),
    [
        ({}, 1),
        ({"n": None}, 1),
        ({"n": 3}, 3),
        ({"n": 0}, 0),
        ({"prompt": "a"}, 1),
        ({"prompt": ["a"]}, 1),
        ({"prompt": ["a", "b"]}, 2),
        ({"prompt": ["a", "b"], "n": 2}, 4),
        ({"prompt": [1, 2, 3]}, 1),
        ({"prompt": [[1, 2], [3]]}, 2),
        ({"prompt": []}, 1),
        ({"prompt": None}, 1),
        ({"prompt": {"a": 1}}, 1),
        ({"prompt": ["a", "b"], "best_of": 5}, 2),
    ],
)
def test_a_completion_has_as_many_answers_as_prompts_times_n(
    body: dict[str, Any], choices: int
) -> None:
    assert read_facts(Api.COMPLETIONS, body).choices == choices


def test_only_completions_count_prompts_and_only_openai_counts_n() -> None:
    assert read_facts(Api.CHAT, {"prompt": ["a", "b"], "n": 2}).choices == 2
    for api in (Api.RESPONSES, Api.MESSAGES, Api.EMBEDDINGS):
        assert read_facts(api, {"prompt": ["a", "b"], "n": 2}).choices == 1


@pytest.mark.parametrize("seed", [None, 1.5, "1", True])
def test_a_seed_is_an_integer(seed: Any) -> None:
    assert not read_facts(Api.CHAT, {"seed": seed}).seeded


# Who a request is for.

NAMING: list[dict[str, Any]] = [
    {"user": "a"},
    {"user": "b"},
    {"safety_identifier": "a"},
    {"metadata": {"user_id": "a"}},
    {"user": "a", "safety_identifier": "a"},
    {"user": "a", "metadata": {"user_id": "a"}},
    {"user": "a\0", "safety_identifier": ""},
    {"user": "a\0b"},
    {"user": "a", "safety_identifier": "b\0"},
    {"user": "a", "safety_identifier": "b"},
    {"user": "1:a"},
    {"user": "-"},
    {"safety_identifier": "-"},
    {"user": "a-1:b"},
]


@pytest.mark.parametrize("api", Api)
def test_everybody_who_is_named_is_told_apart(api: Api) -> None:
    users = [read_facts(api, body).end_user for body in NAMING]
    assert None not in users
    assert len(set(users)) == len(NAMING)


@pytest.mark.parametrize("api", Api)
@pytest.mark.parametrize(
    "body",
    [{}, {"user": ""}, {"user": None}, {"user": 5}, {"metadata": "a"}, {"metadata": {}},
     {"metadata": {"user_id": 5}}, {"metadata": {"user_id": ""}}, {"safety_identifier": []}],
    ids=str,
)  # fmt: skip
def test_nobody_is_named_by_what_is_no_text(api: Api, body: dict[str, Any]) -> None:
    assert read_facts(api, body).end_user is None

"""Nothing is ignored by accident: the engine's own parameters, unknown ones, and who asks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.ids import ExactKey
from llmcache_sidecar.keys.exact import FORM_BOUND

from .asking import BODIES, DEFAULT_TEMPERATURE, GENERATING, key_of, quickly

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
OTHER_SCHEMA = {"type": "object", "properties": {"b": {"type": "string"}}}


def tool(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": SCHEMA}}


PARAMETERS: dict[str, tuple[Any, Any]] = {
    "add_generation_prompt": (True, False),
    "add_special_tokens": (True, False),
    "allowed_token_ids": ([1, 2], [2, 1]),
    "bad_words": (["a"], ["b"]),
    "best_of": (2, 3),
    "cache_salt": ("a", "b"),
    "chat_template": ("{{ messages }}", "{{ message }}"),
    "chat_template_kwargs": ({"thinking": True}, {"thinking": False}),
    "continue_final_message": (True, False),
    "documents": ([{"title": "a"}], [{"title": "b"}]),
    "echo": (True, False),
    "frequency_penalty": (0.5, 0.6),
    "guided_choice": (["yes", "no"], ["no", "yes"]),
    "guided_decoding_backend": ("a", "b"),
    "guided_grammar": ("root ::= 'a'", "root ::= 'b'"),
    "guided_json": (SCHEMA, OTHER_SCHEMA),
    "guided_regex": ("[a-z]", "[0-9]"),
    "ignore_eos": (True, False),
    "include_reasoning": (True, False),
    "include_stop_str_in_output": (True, False),
    "instructions": ("a", "b"),
    "length_penalty": (1.0, 1.5),
    "logit_bias": ({"1": 2.0}, {"1": 3.0}),
    "logprobs": (True, False),
    "max_completion_tokens": (10, 11),
    "max_output_tokens": (10, 11),
    "max_tokens": (10, 11),
    "min_p": (0.1, 0.2),
    "min_tokens": (1, 2),
    "mm_processor_kwargs": ({"a": 1}, {"a": 2}),
    "model": ("llama-lora", "qwen"),
    "n": (2, 3),
    "parallel_tool_calls": (True, False),
    "presence_penalty": (0.5, 0.6),
    "prompt_embeds": ("AAAA", "AAAB"),
    "prompt_logprobs": (1, 2),
    "reasoning": ({"effort": "low"}, {"effort": "high"}),
    "reasoning_effort": ("low", "high"),
    "repetition_penalty": (1.1, 1.2),
    "response_format": (
        {"type": "json_object"},
        {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}},
    ),
    "return_token_ids": (True, False),
    "safety_identifier": ("a", "b"),
    "seed": (1, 2),
    "session_id": ("a", "b"),
    "skip_special_tokens": (True, False),
    "spaces_between_special_tokens": (True, False),
    "stop": (["a"], "a"),
    "stop_sequences": (["a"], ["b"]),
    "stop_token_ids": ([1], [2]),
    "structured_outputs": ({"choice": ["a"]}, {"json": SCHEMA}),
    "suffix": ("a", "b"),
    "temperature": (0.3, 0.4),
    "text": ({"format": {"type": "text"}}, {"format": {"type": "json_object"}}),
    "thinking": ({"type": "disabled"}, {"type": "enabled", "budget_tokens": 1024}),
    "thinking_token_budget": (5, 6),
    "tool_choice": ("auto", "none"),
    "tools": ([tool("a")], [tool("b")]),
    "top_k": (5, 6),
    "top_logprobs": (1, 2),
    "top_p": (0.5, 0.6),
    "truncate_prompt_tokens": (10, 11),
    "truncation": ("auto", "disabled"),
    "use_beam_search": (True, False),
    "vllm_xargs": ({"a": 1}, {"a": 2}),
    "x_nobody_knows_this_yet": ({"a": [1, None]}, {"a": [1]}),
}
"""Two values of everything that vLLM reads today, and of something that it may read tomorrow."""


@pytest.mark.parametrize("api", GENERATING)
@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_and_its_value_are_in_the_key(name: str, api: Api) -> None:
    one, other = PARAMETERS[name]
    keys = {key_of({**BODIES[api], name: value}, api) for value in (one, other)}
    keys.add(key_of(BODIES[api], api))
    assert len(keys) == 3


@pytest.mark.parametrize(
    "changed",
    [{"dimensions": 256}, {"encoding_format": "base64"}, {"user": "a"}, {"input": ["two", "one"]},
     {"input": "one"}, {"input": [[1, 2]]}, {"truncate_prompt_tokens": 5}, {"stream": True},
     {"add_special_tokens": False}, {"normalize": False}, {"model": "other"}],
    ids=str,
)  # fmt: skip
def test_everything_is_in_the_key_of_embeddings(changed: dict[str, Any]) -> None:
    assert key_of({**BODIES[Api.EMBEDDINGS], **changed}, Api.EMBEDDINGS) != key_of(
        BODIES[Api.EMBEDDINGS], Api.EMBEDDINGS
    )


def test_no_default_is_filled_in() -> None:
    plain = key_of(BODIES[Api.CHAT])
    assert key_of({**BODIES[Api.CHAT], "top_p": 1}) != plain
    assert key_of({**BODIES[Api.CHAT], "top_p": None}) != plain
    assert key_of({**BODIES[Api.CHAT], "n": 1}) != plain


@pytest.mark.parametrize("api", GENERATING)
def test_an_omitted_temperature_and_an_equal_explicit_one_share_an_entry(api: Api) -> None:
    omitted = {name: value for name, value in BODIES[api].items() if name != "temperature"}
    assert key_of(omitted, api) == key_of({**omitted, "temperature": DEFAULT_TEMPERATURE}, api)
    assert key_of(omitted, api) == key_of({**omitted, "temperature": None}, api)
    assert key_of(omitted, api) != key_of({**omitted, "temperature": 0}, api)


@pytest.mark.parametrize("same", ["0", "0.0", "-0.0", "0e0"])
def test_zero_is_zero_however_it_is_written(same: str) -> None:
    assert key_of(f'{{"temperature":{same}}}') == key_of({"temperature": 0})


def test_a_temperature_of_one_may_be_written_as_an_integer() -> None:
    assert key_of({"temperature": 1}) == key_of({"temperature": 1.0})


def test_embeddings_have_no_temperature_so_theirs_is_an_unknown_parameter() -> None:
    keys = {key_of({"temperature": t}, Api.EMBEDDINGS) for t in (0, 1, None)}
    assert len(keys) == 3


@pytest.mark.parametrize(
    "name",
    ["best_of", "frequency_penalty", "length_penalty", "max_completion_tokens",
     "max_output_tokens", "max_tokens", "min_p", "min_tokens", "n", "presence_penalty",
     "repetition_penalty", "seed", "top_k", "top_logprobs", "top_p"],
)  # fmt: skip
def test_an_integral_float_equals_the_integer_for_a_sampling_number(name: str) -> None:
    api = Api.RESPONSES if name == "n" else Api.CHAT  # chat takes no float for n
    assert key_of({name: 2.0}, api) == key_of({name: 2}, api)
    assert key_of({name: 2.5}, api) != key_of({name: 2}, api)
    assert key_of({name: 1}, api) != key_of({name: True}, api)
    assert key_of({name: 1}, api) != key_of({name: "1"}, api)


def test_other_numbers_stay_as_they_are_written() -> None:
    assert key_of({"vllm_xargs": {"a": 2.0}}) != key_of({"vllm_xargs": {"a": 2}})
    assert key_of({"x": 2.0}) != key_of({"x": 2})


@pytest.mark.parametrize(
    "number", ["1e30", "-1e30", "9223372036854775808.0", "1.7976931348623157e308"]
)
def test_a_float_too_large_for_an_integer_still_gets_a_key(number: str) -> None:
    assert key_of(f'{{"top_k":{number}}}') != key_of({"top_k": 1})


def test_nothing_is_normalised_in_a_text() -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    bodies = [composed, decomposed, "Caf\u00e9", composed + " ", " " + composed, "cafe"]
    assert len({key_of({"messages": [{"role": "user", "content": b}]}) for b in bodies}) == 6


def test_an_escaped_character_is_that_character() -> None:
    assert key_of('{"x":"\\u00e9\\/"}') == key_of('{"x":"é/"}')


@pytest.mark.parametrize("name", sorted(FORM_BOUND))
def test_an_answer_that_looks_different_in_a_stream_serves_only_its_own_form(name: str) -> None:
    body = {**BODIES[Api.CHAT], name: 1}
    assert key_of({**body, "stream": True}) != key_of({**body, "stream": False})
    assert key_of({**body, "stream": False}) == key_of(body)


@pytest.mark.parametrize("api", GENERATING)
def test_any_other_answer_serves_both_forms(api: Api) -> None:
    assert key_of({**BODIES[api], "stream": True}, api) == key_of(BODIES[api], api)


def key_of_parts(given_parts: dict[str, str]) -> ExactKey:
    return key_of(BODIES[Api.CHAT], Api.CHAT, **given_parts)


@pytest.mark.parametrize("part", ["namespace", "tenant", "fingerprint", "query"])
def test_who_asks_what_and_where_keeps_entries_apart(part: str) -> None:
    keys = {
        key_of_parts({part: value})
        for value in ("a", "b", "a\0", "A", " a", "\u00e9", "e\u0301", '"', "[]", "null")
    }
    assert len(keys) == 10


def test_a_query_string_of_any_bytes_gets_a_key_of_its_own() -> None:
    raw = b"a=\xff".decode("utf-8", "surrogateescape")
    keys = {key_of({}, query=query) for query in (raw, "a=\u00ff", "a=%FF", "613dff", "a=", "")}
    assert len(keys) == 6


def test_the_same_body_on_two_apis_has_two_keys() -> None:
    body = {"model": "m", "input": "a", "messages": [], "prompt": "a"}
    assert len({key_of(body, api) for api in Api}) == len(Api)


parts = st.text(max_size=6)


@quickly
@given(st.tuples(parts, parts, parts, parts), st.tuples(parts, parts, parts, parts))
def test_no_two_different_sets_of_parts_read_alike(
    one: tuple[str, str, str, str], other: tuple[str, str, str, str]
) -> None:
    names = ("namespace", "tenant", "fingerprint", "query")
    left, right = (key_of_parts(dict(zip(names, part, strict=True))) for part in (one, other))
    assert (left == right) == (one == other)


def test_a_key_has_32_bytes() -> None:
    assert len(key_of(BODIES[Api.CHAT])) == 32

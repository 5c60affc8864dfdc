"""What the SDKs offer beyond `create`: async clients, stream helpers, parsing, raw answers, timeouts."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Literal

import anthropic
import openai
import pytest
from pydantic import BaseModel, ConfigDict

from tests.sdk import cases
from tests.sdk.asking import Ask, Clients, dumped, streamed_async, whole, whole_async
from tests.sdk.cases import Case, Keeping
from tests.sdk.normal import assert_equal, meant, normal, without_null, without_prefix_cache
from tests.sdk.running import Sidecar

pytestmark = pytest.mark.vllm


def named(*names: str) -> list[Case]:
    everything = [*cases.CHAT, *cases.COMPLETIONS, *cases.RESPONSES, *cases.MESSAGES]
    found = [case for case in everything if case.name in names]
    assert len(found) == len(names)
    return found


ASYNC = named(
    "chat: cut at max_tokens",
    "chat: parallel tool calls off",
    "chat: thoughts, then words",
    "completions: several prompts",
    "responses: instructions",
    "responses: tool required",
    "messages: stop sequence",
    "messages: any tool",
)


class Person(BaseModel):
    """Strict enough that a random model has little to choose."""

    model_config = ConfigDict(extra="forbid")
    name: Literal["Ada"]


@pytest.mark.parametrize("case", ASYNC, ids=str)
@pytest.mark.parametrize("read", [whole_async, streamed_async])
async def test_the_async_clients(case: Case, read: Any, cache: Sidecar) -> None:
    ask = case.ask.about(f"async {read.__name__}")
    miss, hit = await read(cache.clients, ask), await read(cache.clients, ask)
    assert miss.cache_status.startswith("llmcache; fwd=miss")
    assert hit.cache_status.startswith("llmcache; hit")
    assert_equal(miss.normal.form, hit.normal.form)
    assert not set(miss.normal.ids) & set(hit.normal.ids)


@pytest.mark.parametrize("read", [whole_async, streamed_async])
async def test_equal_questions_at_the_same_time(read: Any, cache: Sidecar) -> None:
    """One inference, and all get the same answer."""
    ask = cases.chat(max_tokens=120, extra_body={"ignore_eos": True}).about(f"together {read}")
    got = await asyncio.gather(*(read(cache.clients, ask) for _ in range(6)))
    statuses = sorted(one.cache_status.removesuffix("; stored") for one in got)
    assert statuses == ["llmcache; fwd=miss"] + ["llmcache; fwd=miss; collapsed"] * 5
    for one in got[1:]:
        assert_equal(got[0].normal.form, one.normal.form)


@pytest.mark.parametrize("with_usage", [False, True])
def test_the_stream_helper_of_chat(with_usage: bool, cache: Sidecar, direct: Clients) -> None:
    usage: dict[str, Any] = {"stream_options": {"include_usage": True}} if with_usage else {}
    for case in named("chat: stop strings", "chat: parallel tool calls off", "chat: json_schema"):
        ask = case.ask.about(f"helper {with_usage}").but(**usage)

        def run(clients: Clients, ask: Ask = ask) -> tuple[Any, Any]:
            with clients.openai() as client, client.chat.completions.stream(**ask.arguments) as s:
                events = list(s)
                final = s.get_final_completion()
            return normal(dumped(events)), normal(dumped([final]))

        events, final = run(cache.clients)
        events_of_hit, final_of_hit = run(cache.clients)
        if case.keeping is Keeping.BOTH_FORMS:
            got = whole(cache.clients, ask.but(stream_options=None))
            assert got.cache_status.startswith("llmcache; hit")
        assert_equal(events.form, events_of_hit.form)
        assert_equal(final.form, final_of_hit.form)
        _, engines_own = run(direct)
        assert_equal(comparable(engines_own.form), comparable(final_of_hit.form))
        assert ("usage" in final.form[0] and final.form[0]["usage"] is not None) is with_usage


def test_chat_parses_into_a_model(cache: Sidecar) -> None:
    ask = cases.chat(
        max_tokens=200, logit_bias={str(ord(space)): -100 for space in " \n\r\t"}
    ).about("parse")
    with cache.clients.openai() as client:
        got = [
            client.chat.completions.with_raw_response.parse(**ask.arguments, response_format=Person)
            for _ in range(2)
        ]
        assert got[1].headers["cache-status"].startswith("llmcache; hit")
        people = [raw.parse().choices[0].message.parsed for raw in got]
        assert people == [Person(name="Ada")] * 2
        with client.chat.completions.stream(**ask.arguments, response_format=Person) as stream:
            stream.until_done()
            assert stream.get_final_completion().choices[0].message.parsed == Person(name="Ada")


def test_responses_parse_into_a_model(cache: Sidecar) -> None:
    ask = cases.response(extra_body={"logit_bias": {"10": -100, "32": -100, "13": -100, "9": -100}})
    ask = ask.about("parse")
    with cache.clients.openai() as client:
        for status in ("llmcache; fwd=miss; stored", "llmcache; hit"):
            raw = client.responses.with_raw_response.parse(**ask.arguments, text_format=Person)
            assert raw.headers["cache-status"].startswith(status)
            assert raw.parse().output_parsed == Person(name="Ada")
        with client.responses.stream(**ask.arguments, text_format=Person) as stream:
            kinds = [event.type for event in stream]
            assert stream.get_final_response().output_parsed == Person(name="Ada")
        assert kinds[0] == "response.created"
        assert kinds[-1] == "response.completed"


@pytest.mark.parametrize("born", ["stream", "whole"])
def test_the_stream_helper_of_responses(born: str, cache: Sidecar, direct: Clients) -> None:
    for case in named("responses: instructions", "responses: tool required"):
        ask = case.ask.about(f"helper {born}")

        def run(clients: Clients, ask: Ask = ask) -> tuple[list[str], Any]:
            with clients.openai() as client, client.responses.stream(**ask.arguments) as stream:
                kinds = [str(event.type) for event in stream]
                return kinds, normal(dumped([stream.get_final_response()]))

        if born == "whole":
            whole(cache.clients, ask)
        else:
            run(cache.clients)
        kinds, final = run(cache.clients)
        kinds_of_engine, final_of_engine = run(direct)
        assert_equal(comparable(final_of_engine.form), comparable(final.form))
        assert list(dict.fromkeys(kinds)) == list(dict.fromkeys(kinds_of_engine))


@pytest.mark.parametrize("born", ["stream", "whole"])
def test_the_stream_helper_of_messages(born: str, cache: Sidecar) -> None:
    for case in named("messages: stop sequence", "messages: any tool", "messages: thoughts"):
        ask = case.ask.about(f"helper {born}")

        def run(clients: Clients, ask: Ask = ask) -> tuple[list[str], Any, str]:
            with clients.anthropic() as client, client.messages.stream(**ask.arguments) as stream:
                kinds = [str(event.type) for event in stream]
                final = normal(dumped([stream.get_final_message()]))
                return kinds, final, stream.response.headers["cache-status"]

        if born == "whole":
            whole(cache.clients, ask)
        first = run(cache.clients)
        kinds, final, status = run(cache.clients)
        assert status.startswith("llmcache; hit")
        assert_equal(first[0], kinds)
        assert_equal(first[1].form, final.form)
        assert_equal(without_null(whole(cache.clients, ask).normal.form), without_null(final.form))


def test_messages_parse_into_a_model(cache: Sidecar) -> None:
    ask = cases.message(max_tokens=900, stop_sequences=None).about("parse")
    schema: Any = {"type": "object", "enum": [{"name": "Ada"}]}
    with cache.clients.anthropic() as client:
        for status in ("llmcache; fwd=miss; stored", "llmcache; hit"):
            create: Any = client.messages.with_raw_response.create
            raw = create(
                **ask.arguments,
                output_config={"format": {"type": "json_schema", "schema": schema}},
            )
            assert raw.headers["cache-status"].startswith(status)
            (block,) = raw.parse().content
            assert block.type == "text"
            assert Person.model_validate_json(block.text) == Person(name="Ada")


def test_an_answer_read_line_by_line(cache: Sidecar) -> None:
    """`with_streaming_response`: bytes as they come."""
    ask = cases.chat().about("lines")
    lines = []
    with cache.clients.openai() as client:
        for _ in range(2):
            with client.chat.completions.with_streaming_response.create(
                **ask.arguments, stream=True
            ) as raw:
                lines.append(list(raw.iter_lines()))
    miss, hit = lines
    assert miss[-2:] == hit[-2:] == ["data: [DONE]", ""]
    assert len(miss) == len(hit)
    assert [len(line) for line in miss] == [len(line) for line in hit]


def test_a_timeout_leaves_nothing_or_a_whole_answer_behind(cache: Sidecar) -> None:
    """While the engine works nobody else may get a core for as long as that takes (a second here): the
    sidecar hears of the client's leaving and of the answer's end in one moment. The scripted engine
    tells the two apart (tests/sidecar/data_plane)."""
    ask = cases.chat(max_tokens=900, extra_body={"ignore_eos": True}).about("timeout")
    for _ in range(2):
        with (
            cache.clients.openai(timeout=openai.Timeout(10.0, read=0.05)) as client,
            contextlib.suppress(openai.APITimeoutError),
        ):
            client.chat.completions.create(**ask.arguments)
    message = cases.message(max_tokens=900, stop_sequences=None).about("timeout, too, long")
    with (
        cache.clients.anthropic(timeout=anthropic.Timeout(10.0, read=0.01)) as impatient,
        contextlib.suppress(anthropic.APITimeoutError),
    ):
        impatient.messages.create(**message.arguments)
    with cache.clients.openai() as client, cache.clients.anthropic() as patient:
        for _ in range(2):
            answer = client.chat.completions.create(**ask.arguments)
            assert answer.choices[0].finish_reason == "length"
            assert answer.usage is not None
            assert answer.usage.completion_tokens == 900
            said = patient.messages.create(**message.arguments)
            assert said.stop_reason in ("max_tokens", "end_turn")
            assert said.content


def test_retries_of_the_sdk_do_not_mistake_a_refusal(cache: Sidecar) -> None:
    """504 is a status that the SDKs try again: it stays a refusal, and costs the engine nothing."""
    ask = cases.chat().about("retries").headers(Cache_Control="only-if-cached")
    before = cache.stats()
    with (
        cache.clients.openai(max_retries=2) as client,
        pytest.raises(openai.InternalServerError),
    ):
        client.chat.completions.create(**ask.arguments)
    assert before != cache.stats()


def test_models_pass_through(cache: Sidecar, direct: Clients) -> None:
    with direct.openai() as client:
        without = client.models.with_raw_response.list()
    with cache.clients.openai() as client:
        through = client.models.with_raw_response.list()
        assert client.models.list().data[0].id == "tiny"
    assert "cache-status" not in through.headers
    assert without.headers["content-type"] == through.headers["content-type"]
    names = [_without_random(dumped([raw.parse()])) for raw in (without, through)]
    assert_equal(names[0], names[1])


def test_count_tokens_passes_through(cache: Sidecar) -> None:
    """The Anthropic client can't ask vLLM itself (it sends x-api-key), so the figure is compared
    with what an answer says."""
    ask = cases.message(system="You are a dictionary").about("count")
    with cache.clients.anthropic() as client:
        raw = client.messages.with_raw_response.count_tokens(
            model=ask.arguments["model"],
            system=ask.arguments["system"],
            messages=ask.arguments["messages"],
        )
    assert "cache-status" not in raw.headers
    usage = whole(cache.clients, ask).only.usage
    cached = (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
    assert raw.parse().input_tokens == usage.input_tokens + cached


def comparable(form: Any) -> Any:
    return without_null(meant(without_prefix_cache(form)))


def _without_random(value: Any) -> Any:
    """Lists of models name random permission ids and the time of asking."""
    if isinstance(value, list):
        return [_without_random(item) for item in value]
    if isinstance(value, dict):
        return {
            n: _without_random(v) for n, v in value.items() if n not in ("created", "permission")
        }
    return value

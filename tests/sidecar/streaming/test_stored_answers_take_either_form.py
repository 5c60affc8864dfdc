"""An entry serves both forms, whichever it was born in, with usage or without."""

from __future__ import annotations

import itertools
import json
from typing import Any

import orjson
import pytest

from llmcache_sidecar.apis.registry import DIALECTS
from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.entry import Entry, Form
from llmcache_sidecar.domain.json import JsonObject
from llmcache_sidecar.pipeline.stored.renditions import (
    Unusable,
    make_template,
    parse_events,
    rendition_name,
    split_events,
    whole_answer,
)
from llmcache_sidecar.streaming.template import Fresh
from tests.sidecar.apis.answers import (
    chat_answer,
    chat_choice,
    completion_answer,
    embeddings_answer,
    messages_answer,
    responses_answer,
    tool_call,
    tool_use,
)
from tests.sidecar.stores.making import an_entry

NONCE = "5e" * 16
ANSWERS = {
    Api.CHAT: chat_answer(
        chat_choice(message={"content": "Let me look.", "tool_calls": [tool_call()]})
    ),
    Api.COMPLETIONS: completion_answer(),
    Api.RESPONSES: responses_answer(),
    Api.MESSAGES: messages_answer(
        {"type": "text", "text": "Let me look."}, tool_use(), stop_reason="tool_use"
    ),
}


def entry_of(api: Api, form: Form, body: bytes | None = None) -> Entry:
    if body is None:
        answer = ANSWERS[api]
        whole = form is Form.WHOLE
        body = orjson.dumps(answer) if whole else b"".join(DIALECTS[api].cut(answer))
    return an_entry(body, api=api, form=form)


def served(entry: Entry, streamed: bool, wants_usage: bool = True, **fresh: Any) -> bytes:
    template = make_template(entry, DIALECTS[entry.meta.api], streamed, wants_usage, NONCE)
    numbers = itertools.count(1)
    values = {"response_id": "new-id", "time": 1_900_000_000, **fresh}
    return template.render(Fresh(**values, random_hex=lambda n: f"{next(numbers):0{n}x}"))


def without_ids(answer: Any) -> Any:
    if isinstance(answer, dict):
        gone = ("id", "created", "created_at", "call_id", "item_id")
        return {n: without_ids(v) for n, v in answer.items() if n not in gone}
    return [without_ids(part) for part in answer] if isinstance(answer, list) else answer


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("api", ANSWERS)
def test_a_whole_answer_comes_of_either_form(api: Api, form: Form) -> None:
    answer = orjson.loads(served(entry_of(api, form), streamed=False))
    assert answer["id"] == "new-id"
    assert without_ids(answer) == without_ids(ANSWERS[api])


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("api", ANSWERS)
def test_a_stream_comes_of_either_form(api: Api, form: Form) -> None:
    events = split_events(served(entry_of(api, form), streamed=True))
    answer = DIALECTS[api].assemble(parse_events(events))
    assert without_ids(answer) == without_ids(ANSWERS[api])
    if DIALECTS[api].ends_with_done:
        assert events[-1] == b"data: [DONE]\n\n"


def told(usage: Any) -> Any:
    """As a stream tells it: without nulls."""
    if not isinstance(usage, dict):
        return usage
    return {name: told(value) for name, value in usage.items() if value is not None}


@pytest.mark.parametrize("wants_usage", [True, False])
@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("api", [Api.CHAT, Api.COMPLETIONS])
def test_the_usage_event_is_for_who_asked_for_it(api: Api, form: Form, wants_usage: bool) -> None:
    body = served(entry_of(api, form), True, wants_usage)
    usages = [d["usage"] for d in parse_events(split_events(body)) if "usage" in d]
    assert usages == ([told(ANSWERS[api]["usage"])] if wants_usage else [])
    assert body.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("form", Form)
def test_a_whole_answer_has_usage_whoever_asked(form: Form) -> None:
    for wants_usage in (True, False):
        answer = orjson.loads(served(entry_of(Api.CHAT, form), False, wants_usage))
        assert answer["usage"] == ANSWERS[Api.CHAT]["usage"]


@pytest.mark.parametrize("form", Form)
def test_one_hit_has_one_id_and_the_next_has_another(form: Form) -> None:
    entry = entry_of(Api.CHAT, form)
    for streamed in (True, False):
        body = served(entry, streamed)
        assert b"chatcmpl-badcb7a1b903832e" not in body
        assert b"chatcmpl-tool-a63a31ef17721781" not in body
        assert served(entry, streamed, response_id="other") == body.replace(b"new-id", b"other")


def test_a_stream_keeps_its_own_events_byte_by_byte_except_for_what_is_new() -> None:
    stream = (
        b": welcome\n\n"
        b'data: {"id":"chatcmpl-1","created":5,"choices":[]}\n\n'
        b'id: 7\nevent: x\ndata:{"id":"chatcmpl-1","a": 1.0}\r\n\r\n'
        b'data: {"x":  "no places here"}\n\n'
        b"data: [DONE]\n\n"
    )
    assert served(entry_of(Api.CHAT, Form.STREAM, stream), True) == (
        b": welcome\n\n"
        b'data: {"id":"new-id","created":1900000000,"choices":[]}\n\n'
        b'id: 7\nevent: x\ndata:{"id":"new-id","a":1.0}\r\n\r\n'
        b'data: {"x":  "no places here"}\n\n'
        b"data: [DONE]\n\n"
    )


def test_data_on_several_lines_keeps_what_stands_around_it() -> None:
    stream = b'event: x\nid: 7\ndata: {"id":"a",\ndata: "b":1}\n\ndata: [DONE]\n\n'
    assert served(entry_of(Api.CHAT, Form.STREAM, stream), True) == (
        b'event: x\nid: 7\ndata: {"id":"new-id","b":1}\n\ndata: [DONE]\n\n'
    )


def test_a_last_event_without_its_blank_line_is_not_lost() -> None:
    whole = b"".join(DIALECTS[Api.CHAT].cut(ANSWERS[Api.CHAT]))
    for ending in (b"", b"\n", b"\r\r"):
        body = whole.removesuffix(b"\n\n") + ending
        assert served(entry_of(Api.CHAT, Form.STREAM, body), True).endswith(
            b"data: [DONE]" + ending
        )
    message = b"".join(DIALECTS[Api.MESSAGES].cut(ANSWERS[Api.MESSAGES])).rstrip(b"\n")
    answer = orjson.loads(served(entry_of(Api.MESSAGES, Form.STREAM, message), False))
    assert answer["stop_reason"] == "tool_use"


def test_embeddings_come_whole() -> None:
    entry = entry_of(Api.EMBEDDINGS, Form.WHOLE, orjson.dumps(embeddings_answer()))
    answer = orjson.loads(served(entry, False))
    assert without_ids(answer) == without_ids(embeddings_answer())


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff", b'"a"', b'{"a":1,"a":2}', b'{"choices":[{}]}',
     b'{"choices":5}', b'{"choices":["x"]}'],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("form", Form)
def test_a_body_that_can_not_be_brought_into_the_other_form_counts_as_absent(
    body: bytes, form: Form
) -> None:
    entry = entry_of(Api.CHAT, form, body)
    with pytest.raises(Unusable, match=entry.meta.id):
        served(entry, streamed=form is Form.WHOLE)


def test_a_number_that_we_can_not_hold_is_never_served_rounded() -> None:
    answer: JsonObject = {**ANSWERS[Api.MESSAGES]}
    body = json.dumps({**answer, "content": [tool_use(input={"n": 2**70})]}).encode()
    entry = entry_of(Api.MESSAGES, Form.WHOLE, body)
    for streamed in (True, False):
        with pytest.raises(Unusable):
            served(entry, streamed)


def test_the_answer_of_an_entry() -> None:
    for form in Form:
        assert whole_answer(entry_of(Api.CHAT, form), DIALECTS[Api.CHAT]) == ANSWERS[Api.CHAT]


def test_every_form_has_a_name_of_its_own() -> None:
    assert rendition_name(False, True) == rendition_name(False, False)
    names = {rendition_name(False, False), rendition_name(True, False), rendition_name(True, True)}
    assert len(names) == 3

"""Requests and answers of the five APIs, with new ids each time, as an engine would give them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from llmcache_sidecar.domain.api import Api

from .engine import Exchange

Json = dict[str, Any]
_numbers = itertools.count(1)
DONE = b"data: [DONE]\n\n"


def dumps(document: Any) -> bytes:
    """Compact JSON."""
    return orjson.dumps(document)


def _id(prefix: str) -> str:
    return f"{prefix}{next(_numbers):032x}"


def event(document: Json) -> bytes:
    """An unnamed event."""
    return b"data: " + dumps(document) + b"\n\n"


def named(document: Json) -> bytes:
    """An event with its name."""
    return b"event: %s\ndata: %s\n\n" % (document["type"].encode(), dumps(document))


WORDS = ["Plain ", "words ", "of ", "an ", "answer."]
TEXT = "".join(WORDS)
_USAGE = {"prompt_tokens": 7, "total_tokens": 12, "completion_tokens": 5}
_CREATED = 1_600_000_000


def chat_request(text: str = "What is it?", **more: Any) -> Json:
    """A chat request."""
    return {"model": "tiny", "messages": [{"role": "user", "content": text}], **more}


def chat_whole(finish: str = "stop", text: str = TEXT) -> Json:
    """A chat answer."""
    return {
        "id": _id("chatcmpl-"), "object": "chat.completion", "created": _CREATED + next(_numbers),
        "model": "tiny",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text,
                     "refusal": None, "annotations": None, "audio": None, "function_call": None,
                     "tool_calls": [], "reasoning": None}, "logprobs": None,
                     "finish_reason": finish, "stop_reason": None, "token_ids": None,
                     "routed_experts": None}],
        "service_tier": None, "system_fingerprint": None, "usage": _USAGE,
        "prompt_logprobs": None, "prompt_token_ids": None, "prompt_text": None,
        "kv_transfer_params": None, "ec_transfer_params": None, "metrics": None,
    }  # fmt: skip


def chat_events(finish: str = "stop", usage: bool = True) -> list[bytes]:
    """A chat stream."""
    head = {"id": _id("chatcmpl-"), "object": "chat.completion.chunk",
            "created": _CREATED + next(_numbers), "model": "tiny"}  # fmt: skip

    def chunk(delta: Json, ending: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": ending}
        return event({**head, "choices": [choice]})

    events = [chunk({"role": "assistant", "content": ""})]
    events += [chunk({"content": word}) for word in WORDS]
    events.append(chunk({}, finish))
    if usage:
        events.append(event({**head, "choices": [], "usage": _USAGE}))
    return [*events, DONE]


def _completion_request(text: str = "It is", **more: Any) -> Json:
    return {"model": "tiny", "prompt": text, "max_tokens": 5, **more}


def _completion_whole() -> Json:
    return {
        "id": _id("cmpl-"), "object": "text_completion", "created": _CREATED + next(_numbers),
        "model": "tiny",
        "choices": [{"index": 0, "text": TEXT, "logprobs": None, "finish_reason": "length",
                     "stop_reason": None, "token_ids": None, "prompt_logprobs": None,
                     "prompt_token_ids": None}],
        "service_tier": None, "system_fingerprint": None, "usage": _USAGE,
        "kv_transfer_params": None,
    }  # fmt: skip


def _completion_events(usage: bool = True) -> list[bytes]:
    head = {"id": _id("cmpl-"), "object": "text_completion",
            "created": _CREATED + next(_numbers), "model": "tiny"}  # fmt: skip
    events = [
        event({**head, "choices": [{"index": 0, "text": word, "logprobs": None,
               "finish_reason": "length" if word is WORDS[-1] else None, "stop_reason": None}]})
        for word in WORDS
    ]  # fmt: skip
    if usage:
        events.append(event({**head, "choices": [], "usage": _USAGE}))
    return [*events, DONE]


def _responses_request(text: str = "What is it?", **more: Any) -> Json:
    return {"model": "tiny", "input": text, **more}


def _responses_whole() -> Json:
    part: Json = {"annotations": [], "text": TEXT, "type": "output_text", "logprobs": None}
    return {
        "id": _id("resp_"), "created_at": _CREATED + next(_numbers), "object": "response",
        "model": "tiny", "status": "completed", "temperature": 0.0,
        "output": [{"id": _id("msg_"), "content": [part], "role": "assistant",
                    "status": "completed", "type": "message"}],
        "usage": {"input_tokens": 7, "output_tokens": 5, "total_tokens": 12},
    }  # fmt: skip


def _responses_events(usage: bool = True) -> list[bytes]:
    answer = _responses_whole()
    item = answer["output"][0]
    part = item["content"][0]
    begun = {**answer, "status": "in_progress", "output": [], "usage": None}
    at_part = {"item_id": item["id"], "output_index": 0, "content_index": 0}
    started = {**item, "status": "in_progress", "content": []}
    documents: list[Json] = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": started},
        {"type": "response.content_part.added", **at_part, "part": {**part, "text": ""}},
        *({"type": "response.output_text.delta", **at_part, "delta": word, "logprobs": []}
          for word in WORDS),
        {"type": "response.output_text.done", **at_part, "text": TEXT, "logprobs": []},
        {"type": "response.content_part.done", **at_part, "part": part},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": answer},
    ]  # fmt: skip
    return [named({**d, "sequence_number": n}) for n, d in enumerate(documents)]


def _messages_request(text: str = "What is it?", **more: Any) -> Json:
    message = {"role": "user", "content": text}
    return {"model": "tiny", "max_tokens": 50, "messages": [message], **more}


def _messages_whole() -> Json:
    return {
        "id": _id("chatcmpl-"), "type": "message", "role": "assistant",
        "content": [{"type": "text", "text": TEXT}], "model": "tiny", "stop_reason": "end_turn",
        "stop_sequence": None, "usage": {"input_tokens": 7, "output_tokens": 5},
    }  # fmt: skip


def _messages_events(usage: bool = True) -> list[bytes]:
    answer = _messages_whole()
    begun = {**answer, "content": [], "stop_reason": None,
             "usage": {"input_tokens": 7, "output_tokens": 0}}  # fmt: skip
    documents: list[Json] = [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": w}}
          for w in WORDS),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
         "usage": {"input_tokens": 7, "output_tokens": 5}},
        {"type": "message_stop"},
    ]  # fmt: skip
    return [named(d) for d in documents]


def _embeddings_request(text: str = "It is", **more: Any) -> Json:
    return {"model": "tiny", "input": text, **more}


def _embeddings_whole() -> Json:
    return {
        "id": _id("embd-"), "object": "list", "created": _CREATED + next(_numbers),
        "model": "tiny", "data": [{"index": 0, "object": "embedding", "embedding": [0.25, -0.5]}],
        "usage": {"prompt_tokens": 3, "total_tokens": 3, "completion_tokens": 0},
    }  # fmt: skip


def _no_events(usage: bool = True) -> list[bytes]:
    raise AssertionError("embeddings are never streamed")


@dataclass(frozen=True)
class Speech:
    """One API's way of asking and answering."""

    api: Api
    path: str
    request: Callable[..., Json]
    whole: Callable[[], Json]
    events: Callable[..., list[bytes]]


SPEECHES = {
    Api.CHAT: Speech(Api.CHAT, "/v1/chat/completions", chat_request, chat_whole, chat_events),
    Api.COMPLETIONS: Speech(
        Api.COMPLETIONS, "/v1/completions", _completion_request, _completion_whole,
        _completion_events,
    ),
    Api.RESPONSES: Speech(
        Api.RESPONSES, "/v1/responses", _responses_request, _responses_whole, _responses_events
    ),
    Api.MESSAGES: Speech(
        Api.MESSAGES, "/v1/messages", _messages_request, _messages_whole, _messages_events
    ),
    Api.EMBEDDINGS: Speech(
        Api.EMBEDDINGS, "/v1/embeddings", _embeddings_request, _embeddings_whole, _no_events
    ),
}  # fmt: skip
CHAT = SPEECHES[Api.CHAT]
STREAMED = [api for api in Api if api is not Api.EMBEDDINGS]
BY_PATH = {speech.path: speech for speech in SPEECHES.values()}


async def well(exchange: Exchange) -> None:
    """A script: answer whatever is asked, in the form that is asked for, as vLLM would."""
    request = exchange.request
    speech = BY_PATH.get(request.target.partition("?")[0])
    if speech is None or request.method != "POST":
        await exchange.answer(dumps({"path": request.target}))
        return
    try:
        body = request.json()
    except orjson.JSONDecodeError:
        body = {}
    if not body:
        await exchange.answer(b'{"error":{"message":"that is no request"}}', 400)
    elif body.get("stream"):
        asked = (body.get("stream_options") or {}).get("include_usage") is True
        await exchange.stream(speech.events(usage=asked))
    else:
        await exchange.answer(dumps(speech.whole()))


def stripped(document: Any) -> Any:
    """Without what must be new each time: ids and times."""
    if isinstance(document, dict):
        return {
            name: stripped(value)
            for name, value in document.items()
            if name not in ("id", "created", "created_at", "item_id", "call_id")
        }
    return [stripped(item) for item in document] if isinstance(document, list) else document


def documents(stream: bytes) -> list[Any]:
    """The parsed data of a stream's events, `[DONE]` as it is."""
    result: list[Any] = []
    for piece in stream.split(b"\n\n"):
        for line in piece.splitlines():
            if line.startswith(b"data: "):
                data = line[6:]
                result.append("[DONE]" if data == b"[DONE]" else orjson.loads(data))
    return result


def said(document: Any) -> Any:
    """Like `stripped`, and without what is empty."""
    document = stripped(document)
    if isinstance(document, dict):
        return {n: said(v) for n, v in document.items() if v not in (None, [], "")}
    return [said(item) for item in document] if isinstance(document, list) else document


def shape(stream: bytes) -> list[Any]:
    """A stream's events without ids and times."""
    return [stripped(document) for document in documents(stream)]

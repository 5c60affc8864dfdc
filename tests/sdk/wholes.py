"""The whole answer that a stream adds up to, by the SDKs' own reckoning where they have one."""

from __future__ import annotations

from typing import Any

from openai.lib.streaming.chat import ChatCompletionStreamState

from tests.sdk.asking import Ask, Got, dumped
from tests.sdk.normal import Normal, normal


def whole_of(ask: Ask, stream: Got) -> Normal:
    """Add up the events of a stream that answered `ask`."""
    match ask.resource:
        case "chat.completions":
            state: Any = ChatCompletionStreamState()
            for chunk in stream.objects:
                state.handle_chunk(chunk)
            return normal(dumped([state.current_completion_snapshot]))
        case "completions":
            return normal([_completion(stream)])
        case "responses":
            return normal(dumped([stream.objects[-1].response]))
        case "messages":
            return normal([_message(stream)])
    raise AssertionError(f"{ask.resource} has no streams")


def _completion(stream: Got) -> dict[str, Any]:
    texts: dict[int, dict[str, Any]] = {}
    for chunk in stream.objects:
        for choice in chunk.choices:
            whole = texts.setdefault(choice.index, {"text": "", "finish": None})
            whole["text"] += choice.text
            whole["finish"] = choice.finish_reason or whole["finish"]
    last = stream.objects[-1]
    return {"id": last.id, "model": last.model, "choices": texts}


def _message(stream: Got) -> dict[str, Any]:
    from anthropic.lib.streaming._messages import accumulate_event

    snapshot = None
    arguments: dict[int, bytes] = {}
    for event in stream.objects:
        snapshot = accumulate_event(event=event, current_snapshot=snapshot, json_bufs=arguments)
    assert snapshot is not None
    (document,) = dumped([snapshot])
    found: dict[str, Any] = document
    return found

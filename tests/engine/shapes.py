"""What of an HTTP answer is compared: its form, and those values that must not differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp

TIMEOUT_S = 120

# Words of the protocol, the same for every model.
WORDS = """
object role type finish_reason status stop_reason stop_sequence code param reason index
content_index output_index detail version owned_by parent truncation service_tier temperature
top_p tool_choice name metadata user instructions max_tool_calls background parallel_tool_calls
"""
FIXED = frozenset(WORDS.split())


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    headers: dict[str, str]
    body: bytes
    complete: bool
    """False: the connection broke before the end."""


async def ask(
    session: aiohttp.ClientSession, method: str, url: str, body: Any, headers: dict[str, str]
) -> Answer:
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    if data is not None:
        headers = {"Content-Type": "application/json", **headers}
    received = bytearray()
    complete = True
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with session.request(
        method, url, data=data, headers=headers, allow_redirects=False, timeout=timeout
    ) as answer:
        try:
            async for chunk in answer.content.iter_any():
                received += chunk
        except aiohttp.ClientPayloadError:
            complete = False
        kept = {n: answer.headers[n] for n in ("vary", "allow", "server") if n in answer.headers}
        kind = answer.headers.get("content-type", "")
        return Answer(answer.status, kind, kept, bytes(received), complete)


def shape(value: Any, key: str = "", *, message: bool = True) -> Any:
    """Keys in order, types of values, and the values of FIXED keys. Equal neighbours in a list
    count once, however many there are."""
    if isinstance(value, dict):
        if key == "top_logprobs":
            return "tokens"  # the keys are the answer's words
        return [(name, shape(item, name, message=message)) for name, item in value.items()]
    if isinstance(value, list):
        if key in ("tokens", "bytes", "embedding", "token_ids", "prompt_token_ids"):
            return "numbers or tokens"
        return collapsed([shape(item, key, message=message) for item in value])
    if key in FIXED or (key == "message" and message):
        return value
    if key in ("id", "item_id", "call_id"):
        return id_form(str(value))
    return type(value).__name__


def id_form(value: str) -> str:
    """An id with its random digits struck out."""
    prefix, _, rest = value.rpartition("-" if "-" in value else "_")
    random = len(rest) == 16 and all(c in "0123456789abcdef" for c in rest)
    return f"{prefix}<random>" if random else value


def collapsed(items: list[Any]) -> list[Any]:
    result: list[Any] = []
    for item in items:
        if not result or result[-1] != item:
            result.append(item)
    return result


def events(body: bytes) -> list[tuple[str, Any]]:
    """(event's name, data); data that is no JSON stays text."""
    found = []
    for block in body.decode().split("\n\n"):
        name, data = "", None
        for line in block.splitlines():
            field, _, text = line.partition(": ")
            if field == "event":
                name = text
            elif field == "data":
                data = text if text == "[DONE]" else json.loads(text)
        if data is not None:
            found.append((name, data))
    return found


def sequence_numbers(body: bytes) -> list[int]:
    return [data["sequence_number"] for name, data in events(body) if name]


def unmerged(told: list[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """A busy vLLM may put the last text and the end of a chat stream into one chunk: two here."""
    for name, data in told:
        choices = data.get("choices") if isinstance(data, dict) else None
        choice = choices[0] if choices else {}
        if choice.get("finish_reason") == "stop" and choice.get("delta"):
            plain = {k: v for k, v in choice.items() if k != "stop_reason"}
            kept = {k: v for k, v in data.items() if k != "system_fingerprint"}
            yield name, {**kept, "choices": [{**plain, "finish_reason": None}]}
            yield name, {**data, "choices": [{**choice, "delta": {}}]}
        else:
            yield name, data


def form(answer: Answer, *, message: bool = True, ordered: bool = True) -> dict[str, Any]:
    """Everything that must be equal. Not ``ordered``: several choices stream side by side, so only
    what kinds of events there are is told."""
    head = {
        "status": answer.status,
        "content-type": answer.content_type,
        "complete": answer.complete,
        **answer.headers,
    }
    if answer.content_type.startswith("text/event-stream"):
        told = unmerged(events(answer.body))
        shapes = [(name, shape(data, message=message)) for name, data in told]
        found = collapsed(shapes) if ordered else sorted({repr(item) for item in shapes})
        return {**head, "events": found}
    if answer.content_type.startswith("application/json") and answer.body:
        return {**head, "body": shape(json.loads(answer.body), message=message)}
    return {**head, "body": answer.body}

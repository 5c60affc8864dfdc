"""The event stream of POST /v1/responses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import orjson

from tests.simulator import logprobs, tokens
from tests.simulator.asking import Asked
from tests.simulator.job import Choice, Event, Generation
from tests.simulator.responses import Item, items, response, status_of, usage_of


class Part(NamedTuple):
    """One event: its name, its fields before and after the sequence number, and tokens."""

    kind: str
    before: bytes
    between: bytes = b""
    tokens: int = 0
    after: bytes = b""

    def numbered(self, number: int) -> Event:
        """Keys stand in alphabetical order, more or less; "type" is last or last but one."""
        name = self.kind.encode()
        data = b'{%b,"sequence_number":%d%b,"type":"%b"%b}' % (
            self.before,
            number,
            self.between,
            name,
            self.after,
        )
        return Event(b"event: %b\ndata: %b\n\n" % (name, data), self.tokens)


def beginning(asked: Asked) -> list[bytes]:
    """What is sent before the engine has looked at the request."""
    state = b'"response":' + orjson.dumps(response(asked, "in_progress", [], None))
    parts = (Part("response.created", state), Part("response.in_progress", state))
    return [part.numbered(number).data for number, part in enumerate(parts)]


def events(asked: Asked, generation: Generation) -> Iterator[Event]:
    choice = generation.choices[0]
    number = 0
    for data in beginning(asked):
        yield Event(data, 0)
        number += 1
    output = list(items(asked, choice, whole=False))
    for index, item in enumerate(output):
        for part in item_parts(asked, choice, index, item):
            yield part.numbered(number)
            number += 1
    done = response(asked, status_of(choice), output, usage_of(asked, generation))
    last = Part("response.completed", b'"response":' + orjson.dumps(done), tokens=1)
    yield last.numbered(number)


def item_parts(asked: Asked, choice: Choice, index: int, item: Item) -> Iterator[Part]:
    place = b'"output_index":%d' % index
    identity = b'"item_id":' + orjson.dumps(item["id"])
    begun: Item = {**item, "status": "in_progress"}
    call = item["type"] == "function_call"
    if call:
        begun["arguments"] = ""
    else:
        begun["content"] = [] if item["type"] == "message" else None
    yield Part("response.output_item.added", b'"item":' + orjson.dumps(begun) + b"," + place)
    if call:
        yield from call_parts(item, identity + b"," + place)
    else:
        yield from content_parts(asked, choice, item, identity, place)
    yield Part("response.output_item.done", b'"item":' + orjson.dumps(item) + b"," + place)


def call_parts(item: Item, where: bytes) -> Iterator[Part]:
    kind = "response.function_call_arguments"
    for piece in tokens.split(item["arguments"]):
        delta = b'"delta":' + orjson.dumps(piece) + b"," + where
        yield Part(f"{kind}.delta", delta, tokens=1)
    arguments = b'"arguments":' + orjson.dumps(item["arguments"]) + b"," + where
    yield Part(f"{kind}.done", arguments, after=b',"name":' + orjson.dumps(item["name"]))


def content_parts(
    asked: Asked, choice: Choice, item: Item, identity: bytes, place: bytes
) -> Iterator[Part]:
    message = item["type"] == "message"
    content: Item = item["content"][0]
    kind = "response.output_text" if message else "response.reasoning_text"
    first = b'"content_index":0,'
    where = first + identity + b"," + place
    empty: Item = {**content, "text": "", "logprobs": []} if message else {**content, "text": ""}
    yield Part("response.content_part.added", where + b',"part":' + orjson.dumps(empty))
    for piece in choice.text if message else choice.reasoning:
        delta = first + b'"delta":' + orjson.dumps(piece) + b"," + identity
        yield Part(f"{kind}.delta", delta + chances(asked, message, piece) + place, tokens=1)
    done = first + identity + chances(asked, message, *choice.text) + place
    yield Part(f"{kind}.done", done, between=b',"text":' + orjson.dumps(content["text"]))
    yield Part("response.content_part.done", where + b',"part":' + orjson.dumps(content))


def chances(asked: Asked, message: bool, *pieces: str) -> bytes:
    """The "logprobs" of an event about output text; other events have none."""
    if not message:
        return b","
    return b',"logprobs":%b,' % orjson.dumps(
        logprobs.responses(asked.extra["logprobs"], pieces) or []
    )

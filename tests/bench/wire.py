"""What goes over the wire: ready-made requests, the engine's answers, what an answer must be."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import orjson

SAMPLE_EVERY = 257
"""Every so many answers of a connection are compared whole, the first among them."""

ANSWER_BYTES = 1600
PROMPT_BYTES = 400
KEY = "sk-bench-0123456789abcdef"
MODEL = "bench-model"
CHAT = "/v1/chat/completions"

HIT = re.compile(rb"llmcache; *hit")
MISS = re.compile(rb"llmcache; *fwd=(uri-)?miss")
BYPASS = re.compile(rb"llmcache; *fwd=bypass")

_STATUS = b"HTTP/1.1 200 "
_CACHE_STATUS = re.compile(rb"\r\ncache-status: *([^\r]*)", re.IGNORECASE)
_FILLER = "The handbook says how the parcel is packed, labelled and handed to the carrier. "


class WireError(Exception):
    """An answer that is not what the case expects. The run ends: its figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What every answer of a lane must be: the head of each, the length of each, sampled bodies."""

    cache_status: re.Pattern[bytes] | None = None
    length: int | None = None
    body: Callable[[bytes], bool] | None = None

    def check_head(self, head: bytes) -> bool:
        """Whether Cache-Status says what is expected. A store that misses its deadline on a busy
        machine makes a miss of a hit: that is counted, not an error."""
        if not head.startswith(_STATUS):
            raise WireError(f"not a 200: {head!r}")
        return self.cache_status is None or says(head, self.cache_status)

    def check_length(self, length: int) -> None:
        if self.length is not None and length != self.length:
            raise WireError(f"a body of {length} bytes instead of {self.length}")

    def check_body(self, body: bytes) -> None:
        if self.body is not None and not self.body(body):
            raise WireError(f"not the body that was expected: {body[:300]!r}")


def says(head: bytes, wanted: re.Pattern[bytes]) -> bool:
    """Whether the head's Cache-Status starts as `wanted` does."""
    said = _CACHE_STATUS.search(head)
    return said is not None and wanted.match(said[1]) is not None


def _filled(text: str, length: int) -> str:
    return (text + _FILLER * (length // len(_FILLER) + 1))[:length]


def prompt(text: str, *, stream: bool = False, temperature: float = 0.0) -> bytes:
    """A chat completion's body of PROMPT_BYTES bytes whose question starts with `text`."""
    question = {"role": "user", "content": ""}
    fields: dict[str, Any] = {
        "model": MODEL,
        "messages": [{"role": "system", "content": "You answer briefly and kindly."}, question],
        "temperature": temperature,
        "max_tokens": 256,
    }
    if stream:
        fields |= {"stream": True, "stream_options": {"include_usage": True}}
    room = PROMPT_BYTES - len(orjson.dumps(fields))
    question["content"] = _filled(text, room)
    return orjson.dumps(fields)


def post(path: str, body: bytes) -> bytes:
    """A whole request with the headers that matter."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
        f"Authorization: Bearer {KEY}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def get(path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
        f"Authorization: Bearer {KEY}\r\n\r\n"
    ).encode()


def unique(run: str, *, stream: bool = False, temperature: float = 0.0) -> Iterator[bytes]:
    """Requests that differ in one number; `run` keeps two iterators of a run apart."""
    mark = "@@@@@@@@@@"
    body = prompt(f"Question {run} {mark}: ", stream=stream, temperature=temperature)
    before, after = post(CHAT, body).split(mark.encode())
    number = 0
    while True:
        yield b"%b%010d%b" % (before, number, after)
        number += 1


def zipf(run: str, questions: int, draw: random.Random) -> Iterator[bytes]:
    """Requests drawn from so many questions: the n-th is asked 1/n times as often as the first."""
    mark = "@@@@@@@@@@"
    before, after = post(CHAT, prompt(f"Question {run} {mark}: ")).split(mark.encode())
    weights = list(accumulate(1 / rank for rank in range(1, questions + 1)))
    while True:
        for number in draw.choices(range(questions), cum_weights=weights, k=1000):
            yield b"%b%010d%b" % (before, number, after)


def answer() -> bytes:
    """A chat completion of ANSWER_BYTES bytes in vLLM's shape."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": "",
        "refusal": None,
        "annotations": None,
        "audio": None,
        "function_call": None,
        "tool_calls": [],
        "reasoning_content": None,
    }
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": "stop",
        "stop_reason": None,
    }
    fields: dict[str, Any] = {
        "id": "chatcmpl-4f1c2d3e5b6a79808f9e0d1c2b3a4958",
        "object": "chat.completion",
        "created": 1700000000,
        "model": MODEL,
        "choices": [choice],
        "service_tier": None,
        "system_fingerprint": None,
        "usage": usage(),
        "prompt_logprobs": None,
        "kv_transfer_params": None,
    }
    message["content"] = _filled("", ANSWER_BYTES - len(orjson.dumps(fields)))
    return orjson.dumps(fields)


def usage() -> dict[str, Any]:
    return {
        "prompt_tokens": 96,
        "total_tokens": 352,
        "completion_tokens": 256,
        "prompt_tokens_details": None,
    }


def same_answer(wanted: bytes) -> Callable[[bytes], bool]:
    """Compares whole answers but for what is new in each: id and created."""
    expected = _timeless(orjson.loads(wanted))
    return lambda body: _timeless(orjson.loads(body)) == expected


def _timeless(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in ("id", "created")}


def events(body: bytes) -> list[dict[str, Any]]:
    """The JSON events of a stream that ends as it must."""
    lines = body.split(b"\n\n")
    if lines[-2:] != [b"data: [DONE]", b""]:
        raise WireError(f"a stream without its end: {body[-200:]!r}")
    return [orjson.loads(line.removeprefix(b"data: ")) for line in lines[:-2]]


def same_stream(wanted: bytes) -> Callable[[bytes], bool]:
    """Compares streams event by event but for id and created."""
    expected = [_timeless(event) for event in events(wanted)]
    return lambda body: [_timeless(event) for event in events(body)] == expected

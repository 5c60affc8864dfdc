"""The chunks of a stream of chat or completions, which both interleave and end alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import orjson

from tests.simulator.asking import Asked
from tests.simulator.job import Event

DONE = b"data: [DONE]\n\n"

Piece = tuple[bytes, int, bool]
"""A choice's JSON, its tokens, and whether it is the choice's last."""


@dataclass(frozen=True)
class Frame:
    """What stands around the choices.

    Attributes:
        head: of every chunk, up to its choices.
        running: the usage so far, where each chunk tells it, from the tokens made.
        usage: the whole usage, for who asked for it.
    """

    asked: Asked
    head: bytes
    running: Callable[[int], bytes]
    usage: Callable[[], dict[str, Any]]


def interleaved(frame: Frame, choices: Iterable[Iterator[Piece]]) -> Iterator[Event]:
    """One chunk of each choice in turn; the last of all says what engine it was, or the usage does."""
    asked, head = frame.asked, frame.head
    fingerprint = b',"system_fingerprint":' + orjson.dumps(asked.context.fingerprint)
    streams = list(choices)
    left, made = len(streams), 0
    for group in zip_longest(*streams):
        for item in group:
            if item is None:
                continue
            data, count, last = item
            made += count
            left -= last
            data = head + data + b"]" + frame.running(made)
            if last and not left and not asked.include_usage:
                data += fingerprint
            yield Event(data + b"}\n\n", count)
    if asked.include_usage:
        usage = orjson.dumps(frame.usage())
        yield Event(head + b'],"usage":' + usage + fingerprint + b"}\n\n", 0)
    yield Event(DONE, 0)

"""A stream is cut into events whatever way it arrives, and no byte is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmcache_sidecar.streaming.sse import DONE, EventSplitter, event_data, event_name

quickly = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

tokens = st.lists(
    st.sampled_from(
        [b"\n", b"\r", b"\r\n", b"\n\n", b"\r\n\r\n", b"data: {}", b"data:", b"data: [DONE]",
         b": ping", b"event: x", b"id: 7", b"retry: 5", b"\xef\xbb\xbf", b"\xc3\xa9", b" ", b"data"]
    ),
    max_size=14,
).map(b"".join)  # fmt: skip


def split_at_once(stream: bytes) -> tuple[list[bytes], bytes]:
    splitter = EventSplitter()
    return splitter.feed(stream), splitter.rest


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    at = sorted({min(cut, len(stream)) for cut in cuts})
    return [stream[i:j] for i, j in zip([0, *at], [*at, len(stream)], strict=True)]


@quickly
@given(tokens, st.lists(st.integers(0, 60), max_size=6))
def test_any_way_of_arriving_gives_the_same_events(stream: bytes, cuts: list[int]) -> None:
    splitter = EventSplitter()
    events = [event for piece in pieces(stream, cuts) for event in splitter.feed(piece)]
    assert (events, splitter.rest) == split_at_once(stream)


@quickly
@given(tokens)
def test_byte_by_byte_gives_the_same_events(stream: bytes) -> None:
    splitter = EventSplitter()
    events = [event for byte in stream for event in splitter.feed(bytes([byte]))]
    assert (events, splitter.rest) == split_at_once(stream)


@quickly
@given(st.binary(max_size=60) | tokens, st.lists(st.integers(0, 60), max_size=6))
def test_no_byte_is_lost(stream: bytes, cuts: list[int]) -> None:
    splitter = EventSplitter()
    events = [event for piece in pieces(stream, cuts) for event in splitter.feed(piece)]
    assert b"".join(events) + splitter.rest == stream


def by_the_standard(stream: bytes) -> list[bytes]:
    """The data of every event, after the HTML standard, section 9.2.6, line by line."""
    lines = re.split(rb"\r\n|\n|\r", stream.removeprefix(b"\xef\xbb\xbf"))
    found: list[bytes] = []
    data: list[bytes] = []
    for line in lines[:-1]:  # what follows the last line end is not a line yet
        if not line:
            if data:
                found.append(b"\n".join(data))
            data = []
        elif line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
    return found


@quickly
@given(tokens)
def test_events_mean_what_the_standard_says(stream: bytes) -> None:
    stream = stream.removeprefix(b"\xef\xbb\xbf").replace(b"\xef\xbb\xbf", b"") + b"\n: end"
    events, _ = split_at_once(stream)
    assert [data for data in map(event_data, events) if data is not None] == by_the_standard(stream)


@pytest.mark.parametrize(
    "end", [b"\n\n", b"\r\n\r\n", b"\r\r", b"\n\r\n", b"\r\n\n", b"\n\r", b"\r\n\r"]
)
def test_every_kind_of_blank_line_ends_an_event(end: bytes) -> None:
    events, rest = split_at_once(b"data: 1" + end + b"data: 2" + end + b":")
    assert events == [b"data: 1" + end, b"data: 2" + end]
    assert rest == b":"


def test_a_carriage_return_at_the_end_waits_for_what_follows() -> None:
    splitter = EventSplitter()
    assert splitter.feed(b"data: 1\r\n\r") == []
    assert splitter.feed(b"\n") == [b"data: 1\r\n\r\n"]
    assert splitter.rest == b""
    assert splitter.feed(b"data: 1\r\r") == []
    assert splitter.feed(b"data") == [b"data: 1\r\r"]


def test_blank_lines_to_spare_belong_to_some_event_and_mean_nothing() -> None:
    events, rest = split_at_once(b"data: 1\n\n\n\n\ndata: 2\n\n\n")
    assert b"".join(events) + rest == b"data: 1\n\n\n\n\ndata: 2\n\n\n"
    assert [data for data in map(event_data, events) if data is not None] == [b"1", b"2"]


def test_an_event_that_never_ends_is_given_up() -> None:
    splitter = EventSplitter(max_event_bytes=10)
    assert splitter.feed(b"data: 1234") == []
    with pytest.raises(OverflowError, match="longer than 10 bytes"):
        splitter.feed(b"5")


def test_long_whole_events_pass() -> None:
    event = b"data: " + b"x" * 1000 + b"\n\n"
    assert EventSplitter(max_event_bytes=10).feed(event * 3) == [event] * 3
    assert EventSplitter(max_event_bytes=10).feed(b":\n\n" * 9) == [b":\n\n"] * 9


@pytest.mark.parametrize(
    ("event", "data"),
    [
        (b"data: [DONE]\n\n", DONE),
        (b"data:[DONE]\n\n", DONE),
        (b"data: [DONE]", DONE),
        (b"data: [DONE]\r\n\r\n", DONE),
        (b"data: [DONE]\r\r", DONE),
        (b"data:  two spaces\n\n", b" two spaces"),
        (b"data: a\ndata: b\n\n", b"a\nb"),
        (b"data: a\rdata: b\n\n", b"a\nb"),
        (b"data: a\r\ndata:\r\ndata: b\r\n\r\n", b"a\n\nb"),
        (b"event: x\ndata: 1\nid: 3\n\n", b"1"),
        (b"data: {\ndata: }\n\n", b"{\n}"),
        (b"\xef\xbb\xbfdata: 1\n\n", b"1"),
        (b": comment\n\n", None),
        (b"event: ping\n\n", None),
        (b"\n\n", None),
        (b"", None),
        (b"database: 1\n\n", None),
        (b" data: 1\n\n", None),
    ],
)
def test_the_data_of_an_event(event: bytes, data: bytes | None) -> None:
    assert event_data(event) == data


@pytest.mark.parametrize(
    ("event", "name"),
    [(b"event: message_stop\ndata: {}\n\n", "message_stop"), (b"data: {}\nevent:x\n\n", "x"),
     (b"data: event: x\n\n", None), (b"", None), (b"event: \xff\n\n", "\ufffd")],
)  # fmt: skip
def test_the_name_of_an_event(event: bytes, name: str | None) -> None:
    assert event_name(event) == name

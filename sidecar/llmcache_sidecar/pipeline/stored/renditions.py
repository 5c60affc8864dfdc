"""From a stored answer to what a client gets: the right form, with places for new ids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import orjson

from ...apis.dialect import Dialect
from ...domain.entry import REQUEST_ID, Entry, Form
from ...domain.json import JsonObject
from ...keys.lossless import parse_object
from ...streaming.sse import DONE, EventSplitter, event_data
from ...streaming.template import Template, TemplateBuilder, whole_template
from ...streaming.usage import finishes, with_fingerprint

OFF_LOOP: Final = 16 * 1024
"""Bytes of a body. What is made of a longer one is made in a thread: a stream of 2,000 events takes 20
to 35 ms, for which nobody else would be served."""
_NOT_AS_STORED: Final = frozenset({"content-type", REQUEST_ID})
_CONTENT_TYPE: Final = {False: "application/json", True: "text/event-stream; charset=utf-8"}


class Unusable(ValueError):
    """A stored body that can't be brought into the wanted form: it counts as absent."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """A stored answer in the form that a client wants. Made once, when the entry becomes hot.

    Attributes:
        lines: the headers that every hit of it repeats, as bytes of HTTP/1.1.
        names_request: the engine's answer said in its headers what the request is called.
    """

    template: Template
    lines: bytes
    names_request: bool

    @property
    def nbytes(self) -> int:
        """About how much memory it takes, in bytes."""
        return self.template.nbytes + len(self.lines) + 100


def rendition_name(streamed: bool, wants_usage: bool) -> int:
    """A small key for each form that a client may want."""
    return (2 if wants_usage else 1) if streamed else 0


def make_template(
    entry: Entry, dialect: Dialect, streamed: bool, wants_usage: bool, nonce: str
) -> Template:
    """The template of `entry` in the form that a client wants.

    Raises:
        Unusable: the body is not what it was stored as.
    """
    try:
        if not streamed:
            answer = whole_answer(entry, dialect)
            return whole_template(answer, dialect.places(answer), nonce)
        if entry.meta.form is Form.STREAM:
            events: Iterable[bytes] = split_events(entry.body)
        else:
            events = dialect.cut(whole_answer(entry, dialect))
        return _stream_template(events, dialect, wants_usage, nonce)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unusable(f"entry {entry.meta.id}: {error!r}") from error


def make_rendition(
    entry: Entry, dialect: Dialect, streamed: bool, wants_usage: bool, nonce: str
) -> Rendition:
    """`entry` in the form that a client wants.

    Raises:
        Unusable: the body is not what it was stored as.
    """
    template = make_template(entry, dialect, streamed, wants_usage, nonce)
    meta = entry.meta
    kept = [pair for pair in meta.headers if pair[0].lower() not in _NOT_AS_STORED]
    headers = [("Content-Type", _content_type(meta.headers, meta.form, streamed)), *kept]
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers).encode()
    named = any(name.lower() == REQUEST_ID for name, _ in meta.headers)
    return Rendition(template, lines, named)


def _content_type(headers: tuple[tuple[str, str], ...], form: Form, streamed: bool) -> str:
    if (form is Form.STREAM) == streamed:
        for name, value in headers:
            if name.lower() == "content-type":
                return value
    return _CONTENT_TYPE[streamed]


def whole_answer(entry: Entry, dialect: Dialect) -> JsonObject:
    """The whole answer, however it was born."""
    if entry.meta.form is Form.WHOLE:
        # Nothing that is served again may come out otherwise than it went in.
        return parse_object(entry.body)
    document = dialect.assemble(parse_events(split_events(entry.body)))
    if document is None:
        raise Unusable(f"entry {entry.meta.id} holds no answer")
    return document


def split_events(body: bytes) -> list[bytes]:
    """The events of a stored stream; the last one may lack its blank line."""
    splitter = EventSplitter(max_event_bytes=len(body))
    events = splitter.feed(body)
    return [*events, splitter.rest] if splitter.rest else events


def parse_events(events: Iterable[bytes]) -> list[JsonObject]:
    """The parsed data of every event that has some, `[DONE]` left out."""
    documents = []
    for event in events:
        data = event_data(event)
        if data is not None and data != DONE:
            document = orjson.loads(data)
            if type(document) is not dict:
                raise ValueError("an event's data is no object")
            documents.append(document)
    return documents


def _stream_template(
    events: Iterable[bytes], dialect: Dialect, wants_usage: bool, nonce: str
) -> Template:
    builder = TemplateBuilder(nonce)
    for event in events if wants_usage else _without_usage(list(events), dialect):
        data = event_data(event)
        if data is None or data == DONE:
            builder.add_bytes(event)
            continue
        document = orjson.loads(data)
        places = dialect.places(document)
        if not places:
            builder.add_bytes(event)
            continue
        # Everything around the data (an event's name, its blank line) stays as it was.
        before, after = _around(event, data)
        builder.add_bytes(before)
        builder.add_document(document, places)
        builder.add_bytes(after)
    return builder.build()


def _without_usage(events: list[bytes], dialect: Dialect) -> list[bytes]:
    """What a client gets that did not ask for the usage event."""
    fingerprint = None
    kept = []
    for event in events:
        data = event_data(event)
        document = None if data is None or data == DONE else orjson.loads(data)
        if document is not None and dialect.is_usage_event(document):
            fingerprint = document.get("system_fingerprint")
        else:
            kept.append(event)
    last = max((at for at, event in enumerate(kept) if finishes(event)), default=None)
    if last is not None and type(fingerprint) is str:
        kept[last] = with_fingerprint(kept[last], fingerprint)
    return kept


def _around(event: bytes, data: bytes) -> tuple[bytes, bytes]:
    """What stands before and after an event's data; where that takes several lines, all the other
    lines stand before."""
    if data in event:
        before, after = event.split(data, 1)
        return before, after
    others = [
        line
        for line in event.splitlines(keepends=True)
        if line.strip(b"\r\n") and not line.startswith(b"data:")
    ]
    return b"".join(others) + b"data: ", b"\n\n"

"""From a stored answer to what a client gets: the right form, with places for new ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import orjson

from ..apis.dialect import Dialect
from ..domain.entry import Entry, Form
from ..domain.json import JsonObject
from ..keys.lossless import parse_object
from ..streaming.sse import DONE, EventSplitter, event_data
from ..streaming.template import Template, TemplateBuilder, whole_template
from ..streaming.usage import finishes, with_fingerprint

OFF_LOOP: Final = 16 * 1024
"""Bytes of a body. What is made of a longer one is made in a thread: a stream of 2,000 events takes 20
to 35 ms, for which nobody else would be served."""


class Unusable(ValueError):
    """A stored body that can't be brought into the wanted form: it counts as absent."""


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

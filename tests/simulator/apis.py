"""The generating APIs behind one face, so that the server needs to know none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

import orjson

from tests.simulator import chat, completions, messages, responses, responses_stream
from tests.simulator.asking import Asked, Context
from tests.simulator.chunks import DONE
from tests.simulator.errors import ApiError
from tests.simulator.fields import Body
from tests.simulator.job import Event, Generation


class Ending(Enum):
    """What follows an error in the middle of a stream."""

    DONE = "an error in the data, then [DONE]"
    ERROR_EVENT = "an error event, then the end"
    CUT = "nothing: the connection breaks"


@dataclass(frozen=True)
class Api:
    path: str
    parse: Callable[[Context, Body], Asked]
    whole: Callable[[Asked, Generation], bytes]
    events: Callable[[Asked, Generation], Iterator[Event]]
    ending: Ending
    early_events: int = 0
    """How many events leave before the engine has begun."""

    def error_body(self, error: ApiError) -> bytes:
        wrapped = self.ending is Ending.ERROR_EVENT
        return error.messages_body() if wrapped else error.body()

    def stream_error(self, error: ApiError) -> tuple[bytes, bool]:
        """The bytes that tell of an error after the stream has begun, and whether to break off."""
        if self.ending is Ending.DONE:
            return error.stream_data() + DONE, False
        if self.ending is Ending.CUT:
            return b"", True
        content = {"type": "internal_error", "message": error.message}
        data = b',"error":' + orjson.dumps(content)
        return messages.event("error", data), False

    def late_error(self, context: Context, body: Body, error: ApiError) -> tuple[bytes, bool]:
        """The whole stream of a request that the engine refuses once the answer has begun."""
        data, cut = self.stream_error(error)
        if self.ending is not Ending.CUT:
            return data, cut
        harmless = {k: v for k, v in body.items() if k not in ("structured_outputs", "text")}
        begun = responses_stream.beginning(self.parse(context, harmless))
        return b"".join(begun), cut


CHAT = Api("/v1/chat/completions", chat.parse, chat.whole, chat.events, Ending.DONE)
COMPLETIONS = Api(
    "/v1/completions", completions.parse, completions.whole, completions.events, Ending.DONE
)
MESSAGES = Api("/v1/messages", messages.parse, messages.whole, messages.events, Ending.ERROR_EVENT)
RESPONSES = Api(
    "/v1/responses",
    responses.parse,
    responses.whole,
    responses_stream.events,
    Ending.CUT,
    early_events=2,
)
GENERATING = (CHAT, COMPLETIONS, MESSAGES, RESPONSES)

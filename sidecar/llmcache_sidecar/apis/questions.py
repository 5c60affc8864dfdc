"""Where in a request its question stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from llmcache_api import QueryFrom

from ..domain.api import Api
from ..domain.json import Json, JsonObject
from ..domain.request import RequestFacts

Path = tuple[str | int, ...]
"""Names and positions from the body down to a string."""


@dataclass(frozen=True, slots=True)
class QueryRule:
    """How the question is found.

    Attributes:
        pattern: with REGEX; its group `query` is the question.
        pointer: with JSON_POINTER (RFC 6901; `-` is the last item of a list).
        after, before: the question stands behind the last `after`, and before the first `before`
            behind that.
    """

    source: QueryFrom = QueryFrom.LAST_USER_MESSAGE
    pattern: re.Pattern[str] | None = None
    pointer: str = ""
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A question and what stands around it in its string.

    Attributes:
        path: where the string is in the body.
        opening: the conversation has no assistant's turn yet.
    """

    path: Path
    before: str
    text: str
    after: str
    opening: bool


_MESSAGES_FIELD: Final = {
    Api.CHAT: "messages",
    Api.MESSAGES: "messages",
    Api.RESPONSES: "input",
}
_TEXT_PARTS: Final = frozenset({"text", "input_text"})
LONGEST_STRING: Final = 65_536
"""Characters; a longer string is not searched for a question."""


def find_question(facts: RequestFacts, rule: QueryRule) -> Place | None:
    """The question of a request; None where it has none in text alone."""
    if rule.source is QueryFrom.JSON_POINTER:
        path = _follow(facts.body, rule.pointer)
    else:
        path = _last_user_text(facts)
    if path is None:
        return None
    whole = at(facts.body, path)
    if type(whole) is not str or len(whole) > LONGEST_STRING:
        return None
    begin, end = 0, len(whole)
    if rule.pattern is not None:
        match = rule.pattern.search(whole)
        if match is None or match["query"] is None:
            return None
        begin, end = match.span("query")
    if rule.after is not None:
        found = whole.rfind(rule.after, begin, end)
        if found < 0:
            return None
        begin = found + len(rule.after)
    if rule.before is not None:
        found = whole.find(rule.before, begin, end)
        if found < 0:
            return None
        end = found
    text = whole[begin:end]
    stripped = text.strip()
    if not stripped:
        return None
    return Place(path, whole[:begin], stripped, whole[end:], _is_opening(facts))


def user_text(facts: RequestFacts) -> str:
    """All text of the newest user's message; empty where there is none."""
    if facts.api is Api.COMPLETIONS:
        prompt = facts.body.get("prompt")
        if type(prompt) is list:
            return "\n".join(part for part in prompt if type(part) is str)
        return prompt if type(prompt) is str else ""
    messages = facts.body.get(_MESSAGES_FIELD.get(facts.api, ""))
    if type(messages) is str:
        return messages
    if type(messages) is not list:
        return ""
    for message in reversed(messages):
        if type(message) is dict and message.get("role") == "user":
            text = _all_text(message.get("content"))
            if text:
                return text
    return ""


def _all_text(content: Json) -> str:
    if type(content) is str:
        return content
    if type(content) is not list:
        return ""
    texts = [part.get("text") for part in content if type(part) is dict]
    return "\n".join(text for text in texts if type(text) is str)


def at(body: Json, path: Path) -> Json:
    """The value at `path`, which must exist."""
    for step in path:
        body = body[step]
    return body


def without(body: JsonObject, path: Path) -> JsonObject:
    """A copy of `body` with an empty string at `path`; what is not on the way there is shared."""
    return with_text(body, path, "")


def with_text(body: JsonObject, path: Path, text: str) -> JsonObject:
    """A copy of `body` with `text` at `path`; what is not on the way there is shared."""
    copy: Json = dict(body)
    here = copy
    for step in path[:-1]:
        inner = here[step]
        here[step] = inner = dict(inner) if type(inner) is dict else list(inner)
        here = inner
    here[path[-1]] = text
    result: JsonObject = copy
    return result


def _last_user_text(facts: RequestFacts) -> Path | None:
    """The one text of the last message, where that is the user's."""
    body = facts.body
    if facts.api is Api.COMPLETIONS:
        return ("prompt",) if type(body.get("prompt")) is str else None
    field = _MESSAGES_FIELD.get(facts.api)
    if field is None:
        return None
    messages = body.get(field)
    if type(messages) is str:
        return (field,)
    if type(messages) is not list or not messages:
        return None
    last = messages[-1]
    if type(last) is not dict or last.get("role") != "user":
        return None
    if last.get("type", "message") != "message":
        return None
    content = last.get("content")
    here: Path = (field, len(messages) - 1, "content")
    if type(content) is str:
        return here
    if type(content) is not list or not content:
        return None
    for part in content:
        if type(part) is not dict or part.get("type") not in _TEXT_PARTS:
            return None
    return (*here, len(content) - 1, "text")


def _is_opening(facts: RequestFacts) -> bool:
    messages = facts.body.get(_MESSAGES_FIELD.get(facts.api, ""))
    if type(messages) is not list:
        return True
    return all(
        type(message) is dict and message.get("role") in ("system", "developer", "user")
        for message in messages
    )


def _follow(body: JsonObject, pointer: str) -> Path | None:
    value: Json = body
    path: list[str | int] = []
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if type(value) is dict and name in value:
            path.append(name)
            value = value[name]
        elif type(value) is list and value and name == "-":
            path.append(len(value) - 1)
            value = value[-1]
        elif type(value) is list and name.isascii() and name.isdigit() and int(name) < len(value):
            path.append(int(name))
            value = value[int(name)]
        else:
            return None
    return tuple(path) if path else None

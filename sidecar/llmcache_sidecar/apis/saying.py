"""What an answer says, whatever the API: for comparing two answers."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from ..domain.api import Api
from ..domain.json import Json, JsonObject
from .dialect import dicts


@dataclass(frozen=True, slots=True)
class Said:
    """The words of an answer, without what only its form needs. What a model thought is no part.

    Attributes:
        texts: one for each choice.
        calls: the tools that are called, each as canonical JSON of name and arguments.
    """

    texts: tuple[str, ...]
    calls: tuple[str, ...] = ()


def said_in(api: Api, answer: JsonObject) -> Said | None:
    """What a whole answer says; None where it says nothing that can be compared (vectors, errors,
    arguments nested too deep)."""
    try:
        return _said_in(api, answer)
    except RecursionError:
        return None


def _said_in(api: Api, answer: JsonObject) -> Said | None:
    match api:
        case Api.CHAT:
            return _chat(answer)
        case Api.COMPLETIONS:
            texts = [choice.get("text") for choice in _choices(answer)]
            return _said([text if type(text) is str else None for text in texts], ())
        case Api.RESPONSES:
            return _responses(answer)
        case Api.MESSAGES:
            return _messages(answer)
        case _:
            return None


def _said(texts: Iterable[str | None], calls: Iterable[str]) -> Said | None:
    read, made = tuple(texts), tuple(calls)
    if not read or any(text is None for text in read):
        return None
    return Said(tuple(text for text in read if text is not None), made)


def _choices(answer: JsonObject) -> list[JsonObject]:
    choices = dicts(answer.get("choices"))
    return sorted(choices, key=lambda choice: str(choice.get("index", "")))


def _chat(answer: JsonObject) -> Said | None:
    texts: list[str | None] = []
    calls: list[str] = []
    for choice in _choices(answer):
        message = choice.get("message")
        if type(message) is not dict:
            return None
        content = message.get("content") or message.get("refusal") or ""
        texts.append(content if type(content) is str else None)
        for call in dicts(message.get("tool_calls")):
            function = call.get("function")
            if type(function) is not dict:
                return None
            calls.append(_call(function.get("name"), function.get("arguments")))
    return _said(texts, calls)


def _responses(answer: JsonObject) -> Said | None:
    output = answer.get("output")
    if type(output) is not list:
        return None
    texts: list[str] = []
    calls: list[str] = []
    for item in dicts(output):
        if item.get("type") == "message":
            texts += [str(part.get("text", "")) for part in dicts(item.get("content"))]
        elif item.get("type") != "reasoning":
            calls.append(_call(item.get("name"), item.get("arguments")))
    return Said(("\n".join(texts),), tuple(calls))


def _messages(answer: JsonObject) -> Said | None:
    content = answer.get("content")
    if type(content) is not list:
        return None
    blocks = dicts(content)
    texts = [str(block.get("text", "")) for block in blocks if block.get("type") == "text"]
    calls = [
        _call(block.get("name"), block.get("input"))
        for block in blocks
        if block.get("type") == "tool_use"
    ]
    return Said(("\n".join(texts),), tuple(calls))


def _call(name: Json, arguments: Json) -> str:
    if type(arguments) is str:
        with contextlib.suppress(ValueError):
            arguments = json.loads(arguments)
    return json.dumps([name, arguments], sort_keys=True, default=str)

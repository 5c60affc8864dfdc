"""One call of an SDK, and what came back.

A call is a method's name and its arguments, so that the same one can be made by the sync and the
async client, through the sidecar and straight at the engine, whole and streamed.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from operator import attrgetter
from typing import Any, Final

from anthropic import Anthropic, AsyncAnthropic
from openai import AsyncOpenAI, OpenAI

from tests.sdk.normal import Normal, normal

MODEL: Final = "tiny"
TIMEOUT_S: Final = 120.0


_TIMES = count()


@dataclass(frozen=True, slots=True)
class Ask:
    """A call of an SDK.

    Attributes:
        resource: where its `create` is, such as chat.completions.
        arguments: what `create` takes, `stream` left out.
    """

    resource: str
    arguments: Mapping[str, Any]

    def but(self, **arguments: Any) -> Ask:
        """The same with other arguments."""
        return replace(self, arguments={**self.arguments, **arguments})

    def headers(self, **headers: str) -> Ask:
        """The same with request headers (underscores stand for hyphens)."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.but(extra_headers={**self.arguments.get("extra_headers", {}), **given})

    def about(self, topic: str) -> Ask:
        """The same question about something else: another cache entry, the same features. Another
        one at each call, so that a test that is run again meets nothing of its first run."""
        return replace(self, arguments=_marked(self.arguments, f"{topic} {next(_TIMES)}"))


@dataclass(frozen=True, slots=True)
class Got:
    """What came back.

    Attributes:
        headers: of the HTTP answer, names in lower case.
        objects: what the SDK made of it: one for a whole answer, each event of a stream.
    """

    headers: Mapping[str, str]
    objects: list[Any]

    @property
    def cache_status(self) -> str:
        return self.headers.get("cache-status", "")

    @property
    def only(self) -> Any:
        (thing,) = self.objects
        return thing

    @property
    def normal(self) -> Normal:
        return normal(dumped(self.objects))


def dumped(objects: list[Any]) -> list[Any]:
    """What was on the wire, as far as the SDK's objects still know it (unknown members included,
    unset ones left out)."""
    return [thing.to_dict(mode="json", warnings=False) for thing in objects]


@dataclass(frozen=True, slots=True)
class Clients:
    """The SDKs' clients for one base URL."""

    url: str
    key: str

    def openai(self, **options: Any) -> OpenAI:
        return OpenAI(**self._options(f"{self.url}/v1", options))

    def async_openai(self, **options: Any) -> AsyncOpenAI:
        return AsyncOpenAI(**self._options(f"{self.url}/v1", options))

    def anthropic(self, **options: Any) -> Anthropic:
        return Anthropic(**self._options(self.url, options))

    def async_anthropic(self, **options: Any) -> AsyncAnthropic:
        return AsyncAnthropic(**self._options(self.url, options))

    def sync(self, ask: Ask) -> Any:
        """The client that makes this call."""
        return self.anthropic() if ask.resource == "messages" else self.openai()

    def asynchronous(self, ask: Ask) -> Any:
        return self.async_anthropic() if ask.resource == "messages" else self.async_openai()

    def _options(self, base_url: str, options: Mapping[str, Any]) -> dict[str, Any]:
        usual = {"api_key": self.key, "max_retries": 0, "timeout": TIMEOUT_S}
        return {"base_url": base_url, **usual, **options}


def whole(clients: Clients, ask: Ask) -> Got:
    """Ask for a whole answer."""
    with clients.sync(ask) as client:
        raw = attrgetter(ask.resource)(client).with_raw_response.create(**ask.arguments)
        return Got(_lower(raw.headers), [raw.parse()])


def streamed(clients: Clients, ask: Ask) -> Got:
    """Ask for a stream and read it to its end."""
    with clients.sync(ask) as client:
        raw = attrgetter(ask.resource)(client).with_raw_response.create(
            **ask.arguments, stream=True
        )
        with raw.parse() as stream:
            return Got(_lower(raw.headers), list(stream))


async def whole_async(clients: Clients, ask: Ask) -> Got:
    """`whole`, with the async client."""
    async with clients.asynchronous(ask) as client:
        raw = await attrgetter(ask.resource)(client).with_raw_response.create(**ask.arguments)
        return Got(_lower(raw.headers), [await _parsed(raw)])


async def streamed_async(clients: Clients, ask: Ask) -> Got:
    """`streamed`, with the async client."""
    async with clients.asynchronous(ask) as client:
        raw = await attrgetter(ask.resource)(client).with_raw_response.create(
            **ask.arguments, stream=True
        )
        async with await _parsed(raw) as stream:
            return Got(_lower(raw.headers), [event async for event in stream])


async def _parsed(raw: Any) -> Any:
    """OpenAI's async client parses at once, Anthropic's wants to be waited for."""
    parsed = raw.parse()
    return await parsed if inspect.isawaitable(parsed) else parsed


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _marked(arguments: Mapping[str, Any], topic: str) -> dict[str, Any]:
    """Put `topic` at the end of the first text that the model is asked."""
    result = dict(arguments)
    for name in ("input", "prompt"):
        if name in result:
            result[name] = _marked_text(result[name], topic)
    if "messages" in result:
        first, *rest = result["messages"]
        result["messages"] = [{**first, "content": _marked_text(first["content"], topic)}, *rest]
    return result


def _marked_text(value: Any, topic: str) -> Any:
    if isinstance(value, str):
        return f"{value} ({topic})"
    first, *rest = value
    if isinstance(first, int):  # tokens; the tiny model's tokens are bytes
        return [*value, *topic.encode()]
    if isinstance(first, dict):
        member = "text" if "text" in first else "content"
        return [{**first, member: _marked_text(first[member], topic)}, *rest]
    return [_marked_text(first, topic), *rest]

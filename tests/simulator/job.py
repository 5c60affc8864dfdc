"""The normal form between the APIs and the engine: what is asked, what was generated."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, NamedTuple


class Finish(enum.Enum):
    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"


@dataclass(frozen=True)
class Sampling:
    """Effective values: defaults are filled in."""

    temperature: float
    top_p: float
    seed: int | None
    max_tokens: int
    stop: tuple[str, ...] = ()
    n: int = 1
    ignore_eos: bool = False
    logprobs: int | None = None
    """How many alternatives per token; None: no log probabilities."""


@dataclass(frozen=True)
class Tool:
    name: str
    parameters: Any


@dataclass(frozen=True)
class Job:
    """One prompt to be continued."""

    model: str
    prompt: str
    question: str
    """What the answer is about: the last user message, or the end of a plain prompt."""

    sampling: Sampling
    cache_salt: str = ""
    tools: tuple[Tool, ...] = ()
    """Those that will be called, not those that may be."""

    schema: Any = None
    """A JSON schema that the answer follows; {} is any object."""

    choices: tuple[str, ...] = ()
    """The answer is one of these (structured_outputs.choice)."""

    thinking: bool = False


@dataclass(frozen=True)
class ToolCall:
    name: str
    arguments: str


@dataclass(frozen=True)
class Choice:
    """One generated continuation, in tokens."""

    reasoning: tuple[str, ...]
    text: tuple[str, ...]
    calls: tuple[ToolCall, ...]
    finish: Finish
    stop_string: str | None
    tokens: int
    """All generated ones, the end-of-text token included."""

    @property
    def content(self) -> str:
        return "".join(self.text)

    @property
    def thought(self) -> str:
        return "".join(self.reasoning)


@dataclass(frozen=True)
class Generation:
    choices: tuple[Choice, ...]
    prompt_tokens: int
    cached_tokens: int
    created_cache_tokens: int

    @property
    def completion_tokens(self) -> int:
        return sum(choice.tokens for choice in self.choices)


class Event(NamedTuple):
    """A piece of a streamed answer and the number of tokens it took to make it."""

    data: bytes
    tokens: int

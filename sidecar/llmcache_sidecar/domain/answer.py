"""What is read from an answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Finish:
    """How one choice of an answer ended.

    Attributes:
        natural: the model came to an end of its own (stop, tool call, completed).
        calls: it calls a tool.
        limited: it ran into a length limit; the request tells whether that was the client's.
    """

    natural: bool
    limited: bool = False
    calls: bool = False

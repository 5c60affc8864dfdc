"""How long a text an embedding server takes, found by texts that grow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from ...domain.vectors import Vector
from ...ports.embedder import EmbeddingError

FIRST_WORDS: Final = 64
LEAST_WINDOW: Final = 16
"""Tokens; no model that embeds questions takes less."""
MOST_WORDS: Final = 8_192
"""Longer than the window of any common model."""
PATIENCE_S: Final = 1.0
"""For one text. A server that takes longer is busy with it for as long, and whoever asks it meanwhile
waits; a server on two cores was busy for 48 s with 10,000 words."""
_TRIES: Final = 2
"""A server that has just come up may take long once."""

Answer = Callable[[str], Awaitable[tuple[Vector, int | None]]]
"""A text's vector, and how many tokens the server counted; raises `EmbeddingError`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one server.

    Attributes:
        window: tokens at which it cuts without saying so; None: it refuses what is too long, or
            doesn't count.
        characters: of the shortest text that took too long; None: none did.
    """

    window: int | None = None
    characters: int | None = None


async def find_limits(answer: Answer, patience_s: float = PATIENCE_S) -> Limits:
    """Ask with texts of twice as many words each time, until the server refuses one, counts fewer
    tokens than there are words, doesn't count, or takes longer than `patience_s` seconds twice."""
    words = FIRST_WORDS
    while words <= MOST_WORDS:
        text = "word " * words
        for _ in range(_TRIES):
            try:
                async with asyncio.timeout(patience_s):
                    _, tokens = await answer(text)
                break
            except TimeoutError:
                continue
            except EmbeddingError:  # refused, as it should be
                return Limits()
        else:
            return Limits(characters=len(text))
        if tokens is None or tokens < LEAST_WINDOW:
            return Limits()  # some say 0 or 1 whatever they are sent
        if tokens < words:
            return Limits(window=tokens)
        words *= 2
    return Limits()

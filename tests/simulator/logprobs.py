"""Made-up log probabilities in vLLM's two shapes: the answer's own token is always the likeliest."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from tests.simulator.job import Choice


def of_piece(piece: str) -> float:
    """A value that only depends on the token, between -1 and 0."""
    return -(zlib.crc32(piece.encode(errors="replace")) % 997) / 1000


def alternatives(piece: str, count: int) -> list[tuple[str, float]]:
    best = of_piece(piece)
    others = [(f"{piece}{number}", best - number) for number in range(1, count)]
    return [(piece, best), *others]


def chat(count: int | None, choice: Choice) -> dict[str, Any] | None:
    if count is None:
        return None
    return chat_pieces(count, choice.reasoning + choice.text)


def chat_pieces(count: int, pieces: Sequence[str]) -> dict[str, Any]:
    def entry(token: str, value: float) -> dict[str, Any]:
        return {"token": token, "logprob": value, "bytes": list(token.encode())}

    content = []
    for piece in pieces:
        top = [entry(*pair) for pair in alternatives(piece, count)] if count else []
        content.append({**entry(piece, of_piece(piece)), "top_logprobs": top})
    return {"content": content}


def completion(count: int | None, pieces: Sequence[str], offset: int) -> dict[str, Any] | None:
    """``offset``: where the first piece starts in the text, in characters."""
    if count is None:
        return None
    offsets = []
    for piece in pieces:
        offsets.append(offset)
        offset += len(piece)
    return {
        "text_offset": offsets,
        "token_logprobs": [of_piece(piece) for piece in pieces],
        "tokens": list(pieces),
        "top_logprobs": [dict(alternatives(piece, max(count, 1))) for piece in pieces],
    }


def responses(count: int | None, pieces: Sequence[str]) -> list[dict[str, Any]] | None:
    if count is None:
        return None

    def entry(token: str, value: float) -> dict[str, Any]:
        return {"token": token, "bytes": list(token.encode()), "logprob": value}

    return [
        {
            **entry(piece, of_piece(piece)),
            "top_logprobs": [entry(*pair) for pair in alternatives(piece, count)] if count else [],
        }
        for piece in pieces
    ]

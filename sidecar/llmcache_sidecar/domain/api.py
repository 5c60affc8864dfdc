"""The five cached APIs and their routes."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Api(StrEnum):
    """One cached route of the OpenAI-compatible (and Anthropic-compatible) surface."""

    CHAT = "chat"
    COMPLETIONS = "completions"
    RESPONSES = "responses"
    MESSAGES = "messages"
    EMBEDDINGS = "embeddings"

    # Enum's own hash is a Python function, and these are looked up for every request.
    __hash__ = str.__hash__


ROUTES: Final[dict[str, Api]] = {
    "/v1/chat/completions": Api.CHAT,
    "/v1/completions": Api.COMPLETIONS,
    "/v1/responses": Api.RESPONSES,
    "/v1/messages": Api.MESSAGES,
    "/v1/embeddings": Api.EMBEDDINGS,
}
"""Path to API; each is cached for POST only."""

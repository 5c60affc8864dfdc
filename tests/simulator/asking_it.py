"""Short ways to ask a simulator, for its tests."""

from __future__ import annotations

import json
from typing import Any

import aiohttp

CHAT = "/v1/chat/completions"
GENERATING: dict[str, dict[str, Any]] = {
    CHAT: {"messages": [{"role": "user", "content": "How do I reset a password?"}]},
    "/v1/completions": {"prompt": "How do I reset a password?", "max_tokens": 50},
    "/v1/responses": {"input": "How do I reset a password?"},
    "/v1/messages": {
        "model": "sim",
        "max_tokens": 300,
        "messages": [{"role": "user", "content": "How do I reset a password?"}],
    },
}
TERMINAL = {
    CHAT: "data: [DONE]",
    "/v1/completions": "data: [DONE]",
    "/v1/responses": "event: response.completed",
    "/v1/messages": "event: message_stop",
}


def chat(text: str = "How do I reset a password?", **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], "temperature": 0, **more}


async def post(
    session: aiohttp.ClientSession, url: str, body: Any, **headers: str
) -> tuple[int, str]:
    """(status, text); header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with session.post(url, json=body, headers=named) as answer:
        return answer.status, await answer.text()


async def chat_text(session: aiohttp.ClientSession, url: str, body: dict[str, Any]) -> str:
    """The first choice's content."""
    status, text = await post(session, url + CHAT, body)
    assert status == 200, text
    content: str = json.loads(text)["choices"][0]["message"]["content"]
    return content


def streamed(text: str) -> list[dict[str, Any]]:
    """The JSON data of a stream's events."""
    lines = [line[6:] for line in text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]

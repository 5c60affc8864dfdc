"""An engine whose answers are known: by the question, and changeable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.sidecar.data_plane.answers import chat_whole, dumps, well
from tests.sidecar.data_plane.engine import Exchange, ScriptedEngine
from tests.sidecar.data_plane.running import Running, eventually

JUDGE = "You compare two texts."


class Oracle:
    """A script.

    Attributes:
        answers: by question; others get `default`.
        asked: every question that came, in order; of a judge, its whole message.
        waiting: what the metrics say of requests that wait; None = there are no metrics.
        judge: answers a judge, by its message.
        bodies: the requests' bodies.
    """

    def __init__(self, engine: ScriptedEngine) -> None:
        self.answers: dict[str, str | Callable[[], str]] = {}
        self.default = "Nobody knows."
        self.asked: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.waiting: float | None = 0
        self.judge: Callable[[str], str] = lambda _: "DIFFERENT"
        engine.script = self.script

    async def script(self, exchange: Exchange) -> None:
        """Answer one request."""
        request = exchange.request
        if request.method == "GET" and request.target == "/metrics":
            if self.waiting is None:
                await exchange.answer(b"{}", 404)
                return
            line = f'vllm:num_requests_waiting{{model_name="tiny"}} {self.waiting}\n'
            await exchange.answer(line.encode(), headers=[("Content-Type", "text/plain")])
            return
        if request.target != "/v1/chat/completions":
            await well(exchange)
            return
        body = request.json()
        self.bodies.append(body)
        question = body["messages"][-1]["content"]
        self.asked.append(question)
        if body["messages"][0]["content"].startswith(JUDGE):
            text = self.judge(question)
        else:
            found = self.answers.get(question, self.default)
            text = found if isinstance(found, str) else found()
        await exchange.answer(dumps(chat_whole(text=text)))

    def times(self, question: str) -> int:
        """How often `question` was asked."""
        return self.asked.count(question)


def verdicts(running: Running) -> dict[str, int]:
    """Judged samples, as level/source/verdict."""
    found = running.totals.verdicts
    return {"/".join(key[1:]): number for key, number in found.items()}


async def judged(running: Running, number: int = 1) -> dict[str, int]:
    """Wait until so many samples were judged, and nothing waits any more."""
    await eventually(
        lambda: (
            sum(verdicts(running).values()) >= number
            and running.sidecar.quality.shadow.waiting == 0
        ),
        30.0,
    )
    return verdicts(running)


async def quiet(running: Running) -> None:
    """Wait until nothing waits for a verdict."""
    await eventually(lambda: running.sidecar.quality.shadow.waiting == 0, 30.0)

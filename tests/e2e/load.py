"""A load without mercy: clients that never retry, and look at every byte of every answer.

    python3 load.py '{"url": "http://support-llama:8000", "model": "llama", "workers": 8}'

It runs inside the cluster, in a pod that has Python and nothing else, so it is one file without
dependencies. Half of the requests are streams; half open a connection of their own, half keep one; a
few workers ask for answers that take longer than a pod's preStop. It runs until it reads a line (or
the end) on standard input, lets requests in flight finish, and prints one JSON object: see `Summary`.
While it runs it prints a JSON object a second: {"requests": N, "failed": N, "done": false}.

A client that keeps a connection looks whether the server has closed it before it sends, as HTTP wants
it; a connection that breaks while a request is on it is a failure.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Order:
    """What to do.

    Attributes:
        url: base URL without /v1.
        key: sent as a bearer token; empty = none.
        workers: that ask short questions, one after the other without a pause.
        long_workers: that ask for long answers; even ones as streams, odd ones whole.
        long_tokens: of a long answer.
        questions: how many different ones are asked again and again.
        fresh_percent: requests that nobody has asked before, of all short ones.
        requests: unset = until told; else it ends after so many as well.
        pause_s: between two requests of a worker.
        timeout_s: for one answer.
    """

    url: str
    model: str
    key: str = ""
    workers: int = 8
    long_workers: int = 2
    long_tokens: int = 2000
    questions: int = 40
    fresh_percent: int = 20
    requests: int | None = None
    pause_s: float = 0.0
    timeout_s: float = 180.0


@dataclass
class Summary:
    """What became of it.

    Attributes:
        failed: answers that were not whole and right, each with what was wrong.
        failures: how often what went wrong; examples: the first of them, with their times.
        outcomes: by the first words of Cache-Status.
        long: long answers that were whole.
        longest_s: the longest of all answers.
    """

    requests: int = 0
    failed: int = 0
    streams: int = 0
    fresh_connections: int = 0
    kept_connections: int = 0
    long: int = 0
    longest_s: float = 0.0
    seconds: float = 0.0
    failures: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)


class Wrong(Exception):
    """An answer that is not whole, or not right; the message says what."""


class Connection:
    """One connection to the server, HTTP/1.1 by hand: nothing is hidden and nothing repeated."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self._host, self._port = parts.hostname, parts.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @property
    def usable(self) -> bool:
        """It is open, and the server has not said goodbye."""
        return self._streams is not None and not self._streams[0].at_eof()

    async def open(self) -> None:
        """Connect."""
        self._streams = await asyncio.open_connection(self._host, self._port, limit=2**20)

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def post(
        self, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a request; status, headers and the whole body of its answer."""
        assert self._streams is not None
        reader, writer = self._streams
        head = [f"POST {path} HTTP/1.1", f"Host: {self._host}:{self._port}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        head += [f"Content-Length: {len(body)}", "", ""]
        writer.write("\r\n".join(head).encode() + body)
        await writer.drain()
        status_line = await reader.readline()
        if not status_line:
            raise Wrong("connection closed before the answer")
        status = int(status_line.split()[1])
        answer_headers: dict[str, str] = {}
        while (line := await reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            answer_headers[name.strip().lower()] = value.strip()
        content = await self._body(reader, answer_headers)
        if answer_headers.get("connection", "").lower() == "close":
            self.close()
        return status, answer_headers, content

    @staticmethod
    async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
        if "chunked" in headers.get("transfer-encoding", ""):
            pieces: list[bytes] = []
            while True:
                line = await reader.readline()
                if not line.strip():
                    raise Wrong("chunked body cut off")
                size = int(line.split(b";")[0], 16)
                piece = await reader.readexactly(size + 2)
                if size == 0:
                    return b"".join(pieces)
                pieces.append(piece[:-2])
        if "content-length" not in headers:
            raise Wrong("an answer without a length")
        return await reader.readexactly(int(headers["content-length"]))


def text_of(content: bytes, *, stream: bool, tokens: int | None) -> str:
    """The text of a whole and right answer; `Wrong` for any other."""
    text, finish, usage = (_streamed if stream else _whole)(content)
    if finish not in ("stop", "length"):
        raise Wrong(f"finish_reason is {finish}")
    if not text:
        raise Wrong("an answer without text")
    if not usage.get("completion_tokens"):
        raise Wrong("usage without completion_tokens")
    if tokens is not None and usage["completion_tokens"] != tokens:
        raise Wrong(f"{usage['completion_tokens']} tokens instead of {tokens}")
    return text


def _whole(content: bytes) -> tuple[str, str | None, dict[str, Any]]:
    answer = json.loads(content)
    choice = answer["choices"][0]
    return choice["message"]["content"], choice["finish_reason"], answer["usage"]


def _streamed(content: bytes) -> tuple[str, str | None, dict[str, Any]]:
    events = [event for event in content.decode().split("\n\n") if event.strip()]
    if not events or events[-1] != "data: [DONE]":
        raise Wrong("a stream without [DONE] at its end")
    text, finish = "", None
    usage: dict[str, Any] = {}
    for event in events[:-1]:
        if not event.startswith("data: "):
            raise Wrong("an event that is none")
        chunk = json.loads(event[len("data: ") :])
        if "error" in chunk:
            raise Wrong("an error in the stream")
        usage = chunk.get("usage") or usage
        for choice in chunk["choices"]:
            text += choice["delta"].get("content") or ""
            finish = choice.get("finish_reason") or finish
    return text, finish, usage


class Load:
    """All workers together."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.summary = Summary()
        self.told = asyncio.Event()
        self._number = 0
        self._known: dict[str, str] = {}
        self._began = time.monotonic()

    async def run(self) -> Summary:
        """Until told; the summary."""
        began = time.monotonic()
        await asyncio.gather(
            *(self._short_worker(number) for number in range(self.order.workers)),
            *(self._long_worker(number) for number in range(self.order.long_workers)),
        )
        self.summary.seconds = round(time.monotonic() - began, 1)
        return self.summary

    def _over(self) -> bool:
        wanted = self.order.requests
        return self.told.is_set() or (wanted is not None and self._number >= wanted)

    async def _short_worker(self, worker: int) -> None:
        kept = Connection(self.order.url)
        turn = worker
        while not self._over():
            self._number += 1
            turn += 1
            number, fresh = self._number, turn % 2 == 0
            if number * 37 % 100 < self.order.fresh_percent:
                question = f"What is in aisle {number} of warehouse {worker + 1}?"
            else:
                question = f"What does paragraph {number % self.order.questions + 1} allow?"
            connection = Connection(self.order.url) if fresh else kept
            await self._ask(connection, question, stream=turn // 2 % 2 == 0, fresh=fresh)
            if self.order.pause_s:
                await asyncio.sleep(self.order.pause_s)
        kept.close()

    async def _long_worker(self, worker: int) -> None:
        turn = 0
        while not self._over():
            turn += 1
            question = f"Tell the long story {turn} of visitor {worker} from its beginning."
            await self._ask(
                Connection(self.order.url),
                question,
                stream=worker % 2 == 0,
                fresh=True,
                tokens=self.order.long_tokens,
            )

    async def _ask(
        self,
        connection: Connection,
        question: str,
        *,
        stream: bool,
        fresh: bool,
        tokens: int | None = None,
    ) -> None:
        summary = self.summary
        summary.requests += 1
        summary.streams += stream
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.order.timeout_s):
                if not connection.usable:
                    connection.close()
                    await connection.open()
                    summary.fresh_connections += 1
                else:
                    summary.kept_connections += 1
                await self._exchange(connection, question, stream=stream, tokens=tokens)
        except (
            OSError,
            EOFError,
            ValueError,
            LookupError,
            TypeError,
            TimeoutError,
            Wrong,
        ) as error:
            what = f"{type(error).__name__}: {error}"
            summary.failed += 1
            summary.failures[what] += 1
            if len(summary.examples) < 20:
                at = round(began - self._began, 1)
                took = round(time.monotonic() - began, 1)
                kind = ("stream" if stream else "whole") + (" long" if tokens else "")
                kind += " fresh" if fresh else " kept"
                summary.examples.append(f"{at} s in, after {took} s, {kind}: {what}")
            connection.close()
            # A server that refuses at once would be asked thousands of times a second.
            await asyncio.sleep(0.05)
        else:
            summary.long += tokens is not None
            summary.longest_s = max(summary.longest_s, round(time.monotonic() - began, 2))
        finally:
            if fresh:
                connection.close()

    async def _exchange(
        self, connection: Connection, question: str, *, stream: bool, tokens: int | None
    ) -> None:
        body: dict[str, Any] = {
            "model": self.order.model,
            "messages": [{"role": "user", "content": question}],
            "temperature": 0,
            "max_tokens": tokens or 120,
        }
        if stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        if tokens:
            body["ignore_eos"] = True
        headers = {"Content-Type": "application/json", "Accept": "*/*"}
        if self.order.key:
            headers["Authorization"] = f"Bearer {self.order.key}"
        encoded = json.dumps(body).encode()
        status, got, content = await connection.post("/v1/chat/completions", encoded, headers)
        if status != 200:
            raise Wrong(f"status {status}: {content[:200].decode(errors='replace')}")
        text = text_of(content, stream=stream, tokens=tokens)
        if self._known.setdefault(question, text) != text:
            raise Wrong("another answer than before to the same question")
        words = got.get("cache-status", "none").removeprefix("llmcache; ").split(";")
        self.summary.outcomes[words[0].strip()] += 1


async def _until_told(load: Load) -> None:
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    load.told.set()


async def _report(load: Load) -> None:
    while True:
        await asyncio.sleep(1)
        summary = load.summary
        line = {"requests": summary.requests, "failed": summary.failed, "done": False}
        print(json.dumps(line), flush=True)


async def main(text: str) -> None:
    """Run the order that `text` (JSON) holds."""
    load = Load(Order(**json.loads(text)))
    beside = [asyncio.create_task(_until_told(load)), asyncio.create_task(_report(load))]
    summary = await load.run()
    for task in beside:
        task.cancel()
    print(json.dumps({**vars(summary), "done": True}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

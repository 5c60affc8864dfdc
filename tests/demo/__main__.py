"""`python -m tests.demo [--upstream URL]`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
from typing import Any

import aiohttp

from .figures import drive, table
from .questions import stream
from .servers import StartError, sidecar, simulator
from .story import say, tell
from .talk import Line


async def demo(upstream: str | None, requests: int, key: str) -> int:
    """The whole demo; the exit code."""
    async with contextlib.AsyncExitStack() as stack:
        if upstream is None:
            say("==> starting an engine's stand-in (60 ms to the first token, 8 ms a token)")
            upstream = await stack.enter_async_context(simulator("demo-model"))
        say(f"==> starting llmcache-sidecar in front of {upstream}, with its defaults")
        say(f"      llmcache-sidecar --upstream {upstream}")
        data, admin_url = await stack.enter_async_context(sidecar(upstream))
        engine = await stack.enter_async_context(session(upstream))
        admin = await stack.enter_async_context(session(admin_url))
        model = await first_model(engine, key)
        say(f"==> the engine serves {model}")
        cached_line = Line(engine, data, model, key)
        await meaning_ready(admin)
        await tell(cached_line, admin)

        say(f"\nAn FAQ bot's day: {requests} questions, four at a time, every third streamed")
        questions = stream(requests, seed=7)
        bare = await drive(
            "without the cache", Line(engine, upstream, model, key), questions, engine
        )
        before = await read(admin)
        cached = await drive("with the cache   ", cached_line, questions, engine)
        stats = await read(admin)
        say()
        say(table(bare, cached, stats, before))
        failed = sum(heard.status != 200 for heard in [*bare.heard, *cached.heard])
        say(f"\n  failed requests: {failed}")
        say("\nTry it yourself: llmcache-sidecar --upstream http://YOUR-ENGINE:8000, then point")
        say("your client's base_url at http://127.0.0.1:8080/v1. The README has five minutes more.")
        return 1 if failed else 0


def session(url: str) -> aiohttp.ClientSession:
    """A client for one server."""
    return aiohttp.ClientSession(url, timeout=aiohttp.ClientTimeout(total=120))


async def read(admin: aiohttp.ClientSession) -> dict[str, Any]:
    """The sidecar's statistics."""
    async with admin.get("/admin/v1/stats") as answer:
        statistics: dict[str, Any] = await answer.json()
        return statistics


async def meaning_ready(admin: aiohttp.ClientSession) -> None:
    """Wait for the embedding model: the sidecar serves from its first moment, the demo wants all."""
    for waited in range(300):
        state = (await read(admin))["semantic"]["state"]
        if state.get("ready"):
            say(f"==> questions are embedded by {state['embedding.model']}, in the sidecar itself")
            return
        if waited % 20 == 19:
            say("    the embedding model is loading")
        await asyncio.sleep(0.1)
    say("    the embedding model is not there; only equal requests are answered from the cache")


async def first_model(engine: aiohttp.ClientSession, key: str) -> str:
    """The first model that the engine lists."""
    async with engine.get("/v1/models", headers={"Authorization": f"Bearer {key}"}) as answer:
        answer.raise_for_status()
        name: str = (await answer.json())["data"][0]["id"]
        return name


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="make demo")
    parser.add_argument("--upstream", metavar="URL", help="a real engine instead of the stand-in")
    parser.add_argument("--requests", type=int, default=240, help="length of the stream")
    parser.add_argument(
        "--key", default=os.environ.get("UPSTREAM_API_KEY", "demo-key"), help="the engine's key"
    )
    options = parser.parse_args()
    try:
        return asyncio.run(demo(options.upstream, options.requests, options.key))
    except StartError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except aiohttp.ClientError as error:
        sys.stderr.write(
            f"{options.upstream or 'the stand-in'} does not answer as expected: {error}\n"
        )
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())

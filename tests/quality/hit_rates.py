"""Hit rates of whole workloads through a real sidecar: `python -m tests.quality.hit_rates`.

An FAQ stream (the data folder's, where it is there; its questions with an intent of the FAQ) and the
creative workload of this repository, paraphrases included: what the policy must keep above 30 % and
below 5 %. Also how many of the FAQ's semantic hits answered another intent.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from tests.quality.data import PAIRS, Arrival, folder, workload
from tests.sidecar.data_plane.answers import chat_whole, dumps
from tests.sidecar.data_plane.engine import Exchange, ScriptedEngine
from tests.sidecar.data_plane.running import Running, eventually, start_sidecar

CREATIVE = Path(__file__).with_name("policy") / "prompts" / "creative.txt"


async def answer(exchange: Exchange) -> None:
    """Say the question, so that a hit tells whose answer it is."""
    question = exchange.request.json()["messages"][-1]["content"]
    await exchange.answer(dumps(chat_whole(text=question)))


async def drive(running: Running, prompts: Sequence[str]) -> list[tuple[str, str]]:
    """Ask all; what the cache said, and what was answered."""
    heard = []
    for number, prompt in enumerate(prompts, 1):
        body = {
            "model": "tiny",
            "temperature": 0,
            "messages": [{"role": "user", "content": prompt}],
        }
        reply = await running.ask(body)
        heard.append((reply.cache, reply.json()["choices"][0]["message"]["content"]))
        if not reply.hit:
            await eventually(partial(_written, running))
        if number % 500 == 0:
            sys.stdout.write(f"    {number} of {len(prompts)}\n")
            sys.stdout.flush()
    return heard


def _ready(running: Running) -> bool:
    return running.sidecar.semantic.ready


def _written(running: Running) -> bool:
    return not running.sidecar.semantic.figures()["vectors.writeQueuePoints"]


async def workloads() -> dict[str, list[tuple[str, str]]]:
    """Every workload through a sidecar of its own; (prompt, intent) of the FAQ among them."""
    engine = ScriptedEngine()
    engine.script = answer
    await engine.start()
    heard: dict[str, list[tuple[str, str]]] = {}
    prompts = [line.strip() for line in CREATIVE.read_text().splitlines() if line.strip()]
    prompts = [line for line in prompts if not line.startswith(("#", "["))]
    streams: dict[str, list[str]] = {"creative": prompts}
    if faq := faq_rows():
        streams["FAQ"] = [row.prompt for row in faq]
    try:
        for name, stream in streams.items():
            cache: dict[str, Any] = {
                "semantic": {"embedding": {"deadline": "5s"}},
                "policy": {"bypass": None, "cache": None},
            }
            running = await start_sidecar(engine, None, True, {"responseCache": cache})
            await eventually(partial(_ready, running), 60)
            sys.stdout.write(f"==> {name}: {len(stream)} requests\n")
            heard[name] = await drive(running, stream)
            await running.session.close()
            await running.sidecar.aclose()
    finally:
        await engine.stop()
    return heard


def faq_rows() -> list[Arrival]:
    """The FAQ in the labelled stream: question pairs have intents of their own, one a pair."""
    place = folder()
    if place is None:
        return []
    return [row for row in workload(place) if not row.intent.startswith(PAIRS)]


def main() -> int:
    """Run and print; the exit code."""
    rows = faq_rows()
    intents = {row.prompt: row.intent for row in rows}
    for name, heard in uvloop.run(workloads()).items():
        kinds = Counter(
            "exact" if "detail=exact" in said
            else "semantic" if "detail=semantic" in said
            else "bypass" if "fwd=bypass" in said
            else "miss"
            for said, _ in heard
        )  # fmt: skip
        hits = kinds["exact"] + kinds["semantic"]
        sys.stdout.write(f"{name}: {hits / len(heard):.1%} hits of {len(heard)}: {dict(kinds)}\n")
        if name == "FAQ":
            prompts = [row.prompt for row in rows]
            wrong = sum(
                "detail=semantic" in said and intents[told] != intents[prompt]
                for prompt, (said, told) in zip(prompts, heard, strict=True)
            )
            sys.stdout.write(
                f"    {wrong} of {kinds['semantic']} semantic hits of another intent\n"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The story: what happens to single requests, told as they happen."""

from __future__ import annotations

import sys
from dataclasses import replace

import aiohttp

from .talk import Heard, Line

_WIDTH = 74

NEAR_MISSES = (
    ("Can I return a parcel within 14 days?", "Can I return a parcel within 40 days?"),
    ("How do I turn on the delivery messages?", "How do I turn off the delivery messages?"),
    ("How do I send a parcel from Spain to Italy?", "How do I send a parcel from Italy to Spain?"),
    ("Do I have to sign for the parcel?", "Do I not have to sign for the parcel?"),
)
"""A question, and one that a threshold alone takes for the same."""

BYPASSED = (
    "Where is my parcel right now?",
    "What is the weather like today?",
    "What is the exchange rate of the dollar?",
    "Write a Python function that checks a tracking number.",
    "Cancel my collection, please.",
    "Pick a number between one and ten.",
    "Yes, please.",
)
"""One of every class that is bypassed by default."""


def say(text: str = "") -> None:
    """A line for the person who watches, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def show(what: str, heard: Heard) -> None:
    """What was asked, how long it took, and what the cache says of it."""
    say(f"  {what:<44} {heard.status}  {heard.total_s * 1000:8.1f} ms   {heard.cache_status}")


async def tell(line: Line, admin: aiohttp.ClientSession) -> None:
    """Show every kind of answer once."""
    question = "How long does a shop keep my parcel?"
    tagged = {"LLMCache-Tags": "faq-v1"}

    say("\nOne question, again and again")
    first = await line.ask(question, headers=tagged)
    show("asked for the first time", first)
    show("the same request again", await line.ask(question))
    again = await line.ask(question)
    show("and again", again)
    say(f"    the answer: {shorten(again.text)}")
    say(f"    its entry:  LLMCache-Entry: {again.headers.get('LLMCache-Entry', '(none)')}")

    say("\nAs a stream")
    replay = await line.ask(question, stream=True)
    show(f"the stored answer, streamed ({replay.events} events)", replay)
    live = await line.ask("Can I send a bicycle as a parcel?", stream=True)
    show(f"another question, streamed live ({live.events} events)", live)
    replay = await line.ask("Can I send a bicycle as a parcel?", stream=True)
    show(f"that stream replayed ({replay.events} events)", replay)
    if live.text != replay.text or live.events != replay.events:
        say("    !! the replay differs from the live stream")
    whole = await line.ask("Can I send a bicycle as a parcel?")
    show("and the same, asked for whole", whole)

    await _in_other_words(line, admin)

    say("\nWhat is not answered from the cache")
    other = replace(line, key="another-key")
    show("the same question with another key", await other.ask(question))
    show("temperature 1.2: meant to differ", await line.ask(question, temperature=1.2))
    show("Cache-Control: no-cache (refreshes)", await line.ask(question, headers=_wish("no-cache")))
    show("Cache-Control: no-store, new question",
         await line.ask("Do you ship to the Moon?", headers=_wish("no-store")))  # fmt: skip
    show("Cache-Control: only-if-cached, unknown",
         await line.ask("And to Mars?", headers=_wish("only-if-cached")))  # fmt: skip

    say("\nForgetting")
    await line.ask(question, headers={**tagged, **_wish("no-cache")})
    async with admin.delete("/admin/v1/entries", params={"tag": "faq-v1"}) as answer:
        report = await answer.json()
    say(f"  purge by tag faq-v1: {report['matched']} of {report['examined']} entries")
    show("the question after the purge", await line.ask(question))


async def _in_other_words(line: Line, admin: aiohttp.ClientSession) -> None:
    """A paraphrase, near misses with the reasons against them, and every class of bypass."""
    say("\nThe same question in other words")
    known = "How long does a shop keep my parcel?"
    meant = "For how long will the shop keep my parcel?"
    similar = await line.ask(meant)
    show(meant, similar)
    say(f"    its similarity to the first: {similar.headers.get('LLMCache-Similarity', '(none)')}")

    say("\nQuestions that look alike and are not: refused, and by which gate (explain tells)")
    for first, near in NEAR_MISSES:
        if first != known:
            await line.ask(first)
        told = await explain(line, admin, near)
        show(near, await line.ask(near))
        say(f"    next to: {first}")
        say(f"    {told}")

    say("\nWhat the policy keeps out of the cache, by what it is about")
    for question in BYPASSED:
        show(question, await line.ask(question))


async def explain(line: Line, admin: aiohttp.ClientSession, question: str) -> str:
    """What the admin plane says of the nearest candidate."""
    body = {"headers": {"Authorization": f"Bearer {line.key}"}, "body": line.body(question)}
    async with admin.post("/admin/v1/explain", json=body) as answer:
        steps = (await answer.json())["steps"]
    told = [step["result"] for step in steps if step["step"] in ("candidate", "threshold")]
    return told[0] if told else "nothing near it"


def _wish(directive: str) -> dict[str, str]:
    return {"Cache-Control": directive}


def shorten(text: str) -> str:
    """One line of it."""
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else line[: _WIDTH - 3] + "..."

"""The story: what happens to single requests, told as they happen."""

from __future__ import annotations

import sys
from dataclasses import replace

import aiohttp

from .talk import Heard, Line

_WIDTH = 74


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


def _wish(directive: str) -> dict[str, str]:
    return {"Cache-Control": directive}


def shorten(text: str) -> str:
    """One line of it."""
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else line[: _WIDTH - 3] + "..."

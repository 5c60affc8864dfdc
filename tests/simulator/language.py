"""What the simulator says: short plain English about the words of the question.

All text comes from the tables below and the question's own words; the draw decides which. A draw is
a ``random.Random`` that the caller seeds, so the same draw and question give the same answer.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any

COMMON_WORDS = """
a about after again all also am an and any are as at be been before being but by can could
describe did do does doing explain for from get give had has have hello hi how i if in into is
it its just know let like make many may me might more most much my need no not now of on one or
our out over please say shall should show so some tell than thank thanks that the their them
then there these they this those to too up us use very want was we well were what when where
which who whom whose why will with without would write yes you your
"""
COMMON = frozenset(COMMON_WORDS.split())
WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
QUESTION_CHARACTERS = 2000
TOPIC_WORDS = 3
NO_TOPIC = "the matter"

OPENINGS: dict[str, tuple[str, ...]] = {
    "how": (
        "The short way with {topic} takes three steps.",
        "Most people handle {topic} in a few minutes.",
        "There is a simple routine for {topic}.",
    ),
    "why": (
        "There are two usual reasons behind {topic}.",
        "With {topic}, the cause is nearly always the same.",
        "The main reason for {topic} is easy to miss.",
    ),
    "when": (
        "For {topic}, the best moment is early in the week.",
        "Plan {topic} for a quiet hour.",
    ),
    "where": (
        "You will find {topic} under the main menu.",
        "The usual place for {topic} is the settings page.",
    ),
    "can": (
        "Yes, {topic} is possible for every account.",
        "Yes, and {topic} works without extra cost.",
        "In most cases {topic} is allowed.",
    ),
    "what": (
        "In short, {topic} means what most guides call the standard case.",
        "The idea behind {topic} is simple.",
        "Put plainly, {topic} is a common part of everyday work.",
    ),
    "": (
        "Here is a brief note on {topic}.",
        "Let us look at {topic} step by step.",
        "A few words on {topic} first.",
    ),
}
KINDS = {
    "how": "how",
    "why": "why",
    "when": "when",
    "where": "where",
    **dict.fromkeys(["can", "could", "is", "are", "does", "do", "may", "will"], "can"),
    **dict.fromkeys(["what", "which", "who", "whose"], "what"),
}
BODIES = (
    "Start with {noun} and check that it is up to date.",
    "Keep {noun} close at hand, because you will need it twice.",
    "If {noun} looks wrong, undo the last change and try again.",
    "A careful look at {noun} saves time later on.",
    "Write down what you know about {noun} before you go on.",
    "Nothing is lost when {noun} has to be set up a second time.",
    "In practice {noun} rarely changes, so one look is usually enough.",
    "Compare {noun} with the example in the handbook.",
    "Teams that agree on {noun} tend to make fewer mistakes.",
    "Ask a colleague when {noun} gives an unexpected result.",
)
CLOSINGS = (
    "After that, everything is ready.",
    "That is all there is to it.",
    "If anything is unclear, the help page has more.",
    "Most questions end there.",
    "You can repeat this at any time.",
)
THOUGHTS = (
    "The question is about {topic}.",
    "A short and practical answer fits best.",
    "I should mention {noun}.",
)


def words_of(question: str) -> list[str]:
    """The words that carry the meaning, in order, once each."""
    seen: dict[str, None] = {}
    for word in WORD.findall(question[:QUESTION_CHARACTERS]):
        if word.lower() not in COMMON and len(word) > 1:
            seen.setdefault(word, None)
    return list(seen) or [NO_TOPIC]


def noun(word: str) -> str:
    """With its article, unless it is a name or a number."""
    return f"the {word}" if word[0].islower() and word != NO_TOPIC else word


def answer(question: str, draw: random.Random) -> str:
    """Three to six sentences."""
    words = words_of(question)
    topic = " ".join(words[:TOPIC_WORDS])
    first = WORD.search(question)
    kind = KINDS.get(first.group().lower(), "") if first else ""
    sentences = [draw.choice(OPENINGS[kind]).format(topic=topic)]
    bodies = draw.sample(BODIES, draw.randint(1, 4))
    sentences.extend(body.format(noun=noun(draw.choice(words))) for body in bodies)
    sentences.append(draw.choice(CLOSINGS))
    text = " ".join(sentences)
    return text[0].upper() + text[1:]


def thought(question: str, draw: random.Random) -> str:
    words = words_of(question)
    topic = " ".join(words[:TOPIC_WORDS])
    return " ".join(line.format(topic=topic, noun=noun(draw.choice(words))) for line in THOUGHTS)


def instance(schema: Any, question: str, draw: random.Random, depth: int = 0) -> Any:
    """A value that follows a JSON schema (the parts of it that people use)."""
    if not isinstance(schema, dict) or depth > 8:
        return None
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return draw.choice(schema["enum"])
    for union in ("anyOf", "oneOf"):
        if schema.get(union):
            return instance(draw.choice(schema[union]), question, draw, depth + 1)
    kind = schema.get("type", "object" if "properties" in schema else None)
    if isinstance(kind, list):
        kind = kind[0]
    match kind:
        case "object":
            properties: dict[str, Any] = schema.get("properties") or {}
            return {
                name: instance(value, question, draw, depth + 1)
                for name, value in properties.items()
            }
        case "array":
            size = max(int(schema.get("minItems", 1)), 1)
            items = schema.get("items", {"type": "string"})
            return [instance(items, question, draw, depth + 1) for _ in range(min(size, 20))]
        case "integer" | "number":
            low = schema.get("minimum", 1)
            high = schema.get("maximum", low + 9)
            return draw.randint(int(low), int(high)) if high >= low else low
        case "boolean":
            return draw.random() < 0.5
        case "null":
            return None
        case _:
            return draw.choice(words_of(question))


def object_text(schema: Any, question: str, draw: random.Random) -> str:
    """JSON text that follows the schema; for {} an object with one field."""
    schema = schema or {"type": "object", "properties": {"answer": {"type": "string"}}}
    return json.dumps(instance(schema, question, draw), ensure_ascii=False)

"""POST /v1/embeddings: unit vectors in which texts with common words are near each other."""

from __future__ import annotations

import base64
import hashlib
import math
import random
import struct
from functools import lru_cache
from typing import Any

import orjson

from tests.simulator import asking, fields, language, tokens
from tests.simulator.asking import Context
from tests.simulator.errors import ApiError, Invalid, Problem, Refused, too_long
from tests.simulator.fields import Body

FORMATS = ("float", "base64", "bytes", "bytes_only")


def answer(context: Context, body: Body) -> bytes:
    texts = inputs_of(body)
    form = body.get("encoding_format") or "float"
    if form not in FORMATS:
        expected = "'float', 'base64', 'bytes' or 'bytes_only'"
        context_text = f"'expected': {expected!r}"
        place = "body.encoding_format"
        message = f"Input should be {expected}"
        shown = fields.shown(form)
        raise Invalid(Problem("literal_error", place, message, shown, context_text))
    model = asking.model_of(context, body, embeddings=True)
    if (size := fields.integer(body, "dimensions")) is not None:
        raise ApiError(
            f"Model '{model}' does not support Matryoshka embeddings; dimensions must be unset "
            f"(received dimensions={size}).",
            kind="BadRequestError",
        )
    count = 0
    data: list[dict[str, Any]] = []
    for index, text in enumerate(texts):
        length = tokens.count(text)
        if not length:
            raise Refused("The decoder prompt cannot be empty")
        if length > context.config.max_model_len:
            raise too_long(context.config.max_model_len)
        count += length
        vector = embed(text, context.config.embedding_dimensions)
        shown_vector = list(vector) if form == "float" else encode(vector)
        data.append({"index": index, "object": "embedding", "embedding": shown_vector})
    return orjson.dumps(
        {
            "id": context.new_id("embd-", fields.string(body, "request_id")),
            "object": "list",
            "created": asking.now(),
            "model": model,
            "data": data,
            "usage": {
                "prompt_tokens": count,
                "total_tokens": count,
                "completion_tokens": 0,
                "prompt_tokens_details": None,
                "completion_tokens_details": None,
            },
        }
    )


def inputs_of(body: Body) -> list[str]:
    """Texts, token ids, lists of either, or a conversation."""
    if "input" not in body and isinstance(body.get("messages"), list):
        return [asking.render(body["messages"])]
    if "input" not in body:
        raise Invalid(fields.missing(body, "input"), fields.missing(body, "messages"))
    given = body["input"]
    if isinstance(given, str):
        return [given]
    if not isinstance(given, list):
        raise fields.wrong(body, "input", "list_type", "Input should be a valid list")
    if not given:
        raise Refused("You must pass at least one prompt")
    if all(isinstance(item, int) for item in given):
        return [" ".join(str(item) for item in given)]
    texts = []
    for item in given:
        if isinstance(item, list):
            texts.append(" ".join(str(number) for number in item))
        elif isinstance(item, str):
            texts.append(item)
        else:
            raise fields.wrong(body, "input", "string_type", "Input should be a valid string")
    return texts


@lru_cache(maxsize=4096)
def word_vector(word: str, dimensions: int) -> tuple[float, ...]:
    draw = random.Random(hashlib.blake2b(word.encode(), digest_size=8).digest())
    return tuple(draw.gauss(0, 1) for _ in range(dimensions))


@lru_cache(maxsize=1024)
def embed(text: str, dimensions: int) -> tuple[float, ...]:
    """The mean direction of the text's words."""
    words = [word.lower() for word in language.words_of(text)]
    columns = zip(*(word_vector(word, dimensions) for word in words), strict=True)
    total = [math.fsum(column) for column in columns]
    length = math.sqrt(math.fsum(value * value for value in total)) or 1.0
    return tuple(value / length for value in total)


def encode(vector: tuple[float, ...]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()

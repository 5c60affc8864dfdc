"""What was embedded a moment ago is not embedded again: each owner's own texts, and nothing that went
wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest

from llmcache_sidecar.adapters.embedding.hosted import HostedEmbedder
from llmcache_sidecar.adapters.embedding.remembering import RememberingEmbedder
from llmcache_sidecar.ports.embedder import EmbeddingError, TextTooLong

from .doubles import FAULTY, TOO_LONG, DoubleEncoder, vector_of


@pytest.fixture
def encoder() -> DoubleEncoder:
    """Notes what it is asked."""
    return DoubleEncoder()


async def _started(encoder: DoubleEncoder, max_bytes: int = 10_000) -> RememberingEmbedder:
    embedder = RememberingEmbedder(HostedEmbedder(lambda: encoder, 10.0), max_bytes)
    embedder.start()
    await embedder.ready()
    return embedder


@pytest.fixture
async def embedder(encoder: DoubleEncoder) -> AsyncIterator[RememberingEmbedder]:
    """In front of the encoder, and ready."""
    embedder = await _started(encoder)
    yield embedder
    await embedder.aclose()


async def test_a_text_is_embedded_once(
    embedder: RememberingEmbedder, encoder: DoubleEncoder
) -> None:
    first = await embedder.embed("a question", "one")
    again = await embedder.embed("a question", "one")
    assert np.array_equal(first, vector_of("a question"))
    assert np.array_equal(again, first)
    assert encoder.runs == [["a question"]]
    assert embedder.figures["remembered"] == 1
    await embedder.embed("A question", "one")
    assert len(encoder.runs) == 2, "another text, though it may mean the same"


async def test_what_one_owner_asked_is_new_to_another(
    embedder: RememberingEmbedder, encoder: DoubleEncoder
) -> None:
    # Else the time of an answer would tell what strangers ask.
    for owner, text in (("one", "a"), ("two", "a"), ("on", "ea"), ("", "onea")):
        await embedder.embed(text, owner)
    assert len(encoder.runs) == 4
    assert embedder.figures["remembered"] == 0


@pytest.mark.parametrize(("text", "error"), [(TOO_LONG, TextTooLong), (FAULTY, EmbeddingError)])
async def test_a_failure_is_not_remembered(
    embedder: RememberingEmbedder,
    encoder: DoubleEncoder,
    text: str,
    error: type[EmbeddingError],
) -> None:
    for _ in range(2):
        with pytest.raises(error):
            await embedder.embed(text)
    assert encoder.runs == [[text], [text]]


async def test_the_least_used_are_forgotten_first(encoder: DoubleEncoder) -> None:
    room_for_three = 3 * (16 + 300)
    embedder = await _started(encoder, room_for_three)
    for text in ("a", "b", "c", "a", "d"):
        await embedder.embed(text)
    encoder.runs.clear()
    for text in ("a", "c", "d"):
        await embedder.embed(text)
    assert encoder.runs == []
    await embedder.embed("b")
    assert encoder.runs == [["b"]]
    await embedder.aclose()


async def test_nobody_changes_a_vector_that_others_get(embedder: RememberingEmbedder) -> None:
    vector = await embedder.embed("a question")
    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 1.0


async def test_a_closed_one_remembers_nothing(encoder: DoubleEncoder) -> None:
    embedder = await _started(encoder)
    await embedder.embed("a question")
    await embedder.aclose()
    with pytest.raises(EmbeddingError, match="closed"):
        await embedder.embed("a question")

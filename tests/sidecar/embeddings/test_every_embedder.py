"""What every embedder promises, whatever is behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest

from llmcache_sidecar.adapters.embedding.endpoint_embedder import EndpointEmbedder
from llmcache_sidecar.adapters.embedding.fastembed_encoder import load_folder
from llmcache_sidecar.adapters.embedding.hosted import HostedEmbedder
from llmcache_sidecar.adapters.embedding.onnx_encoder import OnnxEncoder
from llmcache_sidecar.ports.embedder import (
    EmbeddingError,
    EmbeddingLoadError,
    Encoder,
    TextTooLong,
    TextUnreadable,
)

from .endpoint import EndpointServer

AnyEmbedder = HostedEmbedder | EndpointEmbedder

QUESTION = "How do I reset my password?"
SAME = "I forgot my password, how can I reset it?"
OTHER = "What is the capital of Australia?"


class Lent:
    """An encoder that outlives the embedder that uses it."""

    def __init__(self, encoder: Encoder) -> None:
        self.model = encoder.model
        self.encode = encoder.encode
        self.encode_many = encoder.encode_many

    def close(self) -> None:
        pass


def _hosted(encoder: Encoder) -> HostedEmbedder:
    return HostedEmbedder(lambda: Lent(encoder), 10.0)


def _sentence_transformers() -> Encoder:
    from llmcache_sidecar.adapters.embedding.sentence_transformers_encoder import (
        SentenceTransformersEncoder,
    )
    from llmcache_sidecar.tools.bundled_model import source_folder

    return SentenceTransformersEncoder(str(source_folder()))


@pytest.fixture(
    params=["bundled", "endpoint", pytest.param("sentence-transformers", marks=pytest.mark.torch)]
)
async def embedder(
    request: pytest.FixtureRequest, bundled: OnnxEncoder, server: EndpointServer
) -> AsyncIterator[AnyEmbedder]:
    make: dict[str, Callable[[], AnyEmbedder]] = {
        "bundled": lambda: _hosted(bundled),
        "endpoint": lambda: EndpointEmbedder(server.url, "minilm", 10.0),
        "sentence-transformers": lambda: _hosted(_sentence_transformers()),
    }
    made = make[request.param]()
    made.start()
    await made.ready()
    yield made
    await made.aclose()


def cosine(a: object, b: object) -> float:
    return float(np.dot(np.asarray(a), np.asarray(b)))


async def test_a_vector_has_the_models_dimensions_and_length_1(embedder: AnyEmbedder) -> None:
    vector = await embedder.embed(QUESTION)
    assert embedder.model is not None
    assert vector.shape == (embedder.model.dimensions,) == (384,)
    assert vector.dtype == np.float32
    assert abs(float(np.linalg.norm(vector)) - 1.0) < 1e-5


async def test_what_means_the_same_is_near_and_the_rest_is_not(embedder: AnyEmbedder) -> None:
    question, same, other = [await embedder.embed(text) for text in (QUESTION, SAME, OTHER)]
    assert cosine(question, same) > 0.8
    assert cosine(question, other) < 0.3


async def test_many_are_the_same_as_each_alone(embedder: AnyEmbedder) -> None:
    texts = [QUESTION, OTHER, SAME * 4, QUESTION]
    vectors = await embedder.embed_many(texts)
    for text, vector in zip(texts, vectors, strict=True):
        assert cosine(vector, await embedder.embed(text)) > 0.99999


@pytest.mark.parametrize("text", ["", "   \n\t", "\ud83d"])
async def test_nothing_to_embed_is_said(embedder: AnyEmbedder, text: str) -> None:
    with pytest.raises(TextUnreadable):
        await embedder.embed(text)


@pytest.mark.parametrize("words", [300, 10_000])
async def test_a_text_beyond_the_window_is_refused_not_cut(
    embedder: AnyEmbedder, words: int
) -> None:
    with pytest.raises(TextTooLong):
        await embedder.embed("word " * words)
    with pytest.raises(TextTooLong):
        await embedder.embed_many(["word " * words])


@pytest.mark.parametrize(
    "text", ["\U0001f389", "你好世界", "mixed Ελληνικά и русский, عربي", "a\0b", "\0", "x" * 99_999]
)
async def test_odd_texts_give_a_vector_or_an_embedding_error(
    embedder: AnyEmbedder, text: str
) -> None:
    try:
        vector = await embedder.embed(text)
    except EmbeddingError as error:
        assert text not in str(error) or text == "\0"  # noqa: PT017
    else:
        assert np.isfinite(vector).all()
    assert cosine(await embedder.embed(QUESTION), await embedder.embed(SAME)) > 0.8


async def test_a_closed_one_says_so_and_closing_again_is_harmless(embedder: AnyEmbedder) -> None:
    await embedder.aclose()
    await embedder.aclose()
    if isinstance(embedder, HostedEmbedder):
        with pytest.raises(EmbeddingError, match="closed"):
            await embedder.embed(QUESTION)
        with pytest.raises(EmbeddingLoadError, match="closed"):
            await embedder.ready()


async def test_strangers_that_share_a_stand_in_token_are_not_embedded(bundled: OnnxEncoder) -> None:
    for text in ("What does \U0001f389 mean?", "What does \U0001f621 mean?"):
        with pytest.raises(TextUnreadable, match="no token for"):
            bundled.encode(text)


def test_a_prefix_is_part_of_the_vector_and_of_the_identity(bundled: OnnxEncoder) -> None:
    from llmcache_sidecar.adapters.embedding.bundled import FOLDER

    prefixed = load_folder(FOLDER, prefix="query: ", window=64)
    assert prefixed.model.window == 64
    assert prefixed.model.identity != bundled.model.identity
    assert cosine(prefixed.encode(QUESTION), bundled.encode("query: " + QUESTION)) > 0.9999
    with pytest.raises(TextUnreadable):
        prefixed.encode("\u200b")

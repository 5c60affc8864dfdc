"""Which embedding model, as the configuration says."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from llmcache_api import ConfigError, EmbeddingRuntime, EmbeddingSection, EmbeddingSource

from ..adapters.embedding.endpoint_embedder import EndpointEmbedder
from ..adapters.embedding.hosted import HostedEmbedder
from ..adapters.embedding.observing import EmbeddingObserver, RunningEmbedder
from ..adapters.embedding.remembering import RememberingEmbedder
from ..adapters.embedding.workshop import Load
from ..ports.clock import Clock
from ..ports.embedder import EmbeddingLoadError, Encoder

DEFAULT_MODEL: Final = "sentence-transformers/paraphrase-multilingual-mpnet-base-v2"
"""Of source Hub."""


def make_embedder(
    section: EmbeddingSection, observer: EmbeddingObserver, clock: Clock
) -> RunningEmbedder:
    """Build it, unloaded; a `ConfigError` says which file is missing."""
    if section.source is EmbeddingSource.ENDPOINT:
        assert section.url is not None
        assert section.model is not None
        key = section.api_key_file
        try:
            return RememberingEmbedder(
                EndpointEmbedder(
                    section.url,
                    section.model,
                    section.deadline,
                    key_file=None if key is None else Path(key),
                    ca_file=section.ca_file,
                    clock=clock,
                    observer=observer,
                )
            )
        except (EmbeddingLoadError, OSError) as error:
            raise ConfigError([f"responseCache.semantic.embedding: {error}"]) from None
    hosted = HostedEmbedder(_loader(section), section.deadline, clock=clock, observer=observer)
    return RememberingEmbedder(hosted)


def _loader(section: EmbeddingSection) -> Load:
    """Imports what it needs when it is called: loading must not delay the start."""

    def torch(model: str, download: bool) -> Encoder:
        from ..adapters.embedding.sentence_transformers_encoder import SentenceTransformersEncoder

        return SentenceTransformersEncoder(model, download=download, threads=section.threads)

    def load() -> Encoder:
        if section.source is EmbeddingSource.BUNDLED:
            from ..adapters.embedding.bundled import load_bundled

            return load_bundled(section.threads)
        if section.source is EmbeddingSource.FOLDER:
            assert section.path is not None
            if section.runtime is EmbeddingRuntime.SENTENCE_TRANSFORMERS:
                return torch(section.path, False)
            from ..adapters.embedding.fastembed_encoder import load_folder

            return load_folder(Path(section.path), threads=section.threads)
        model = section.model or DEFAULT_MODEL
        if section.runtime is EmbeddingRuntime.SENTENCE_TRANSFORMERS:
            return torch(model, True)
        from ..adapters.embedding.fastembed_encoder import load_from_hub

        return load_from_hub(model, threads=section.threads)

    return load

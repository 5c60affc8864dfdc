"""The semantic level's section: a request that means the same as an earlier one."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, field_validator, model_validator

from .base import Duration, FilePath, Section
from .modes import CacheMode, off_is_a_word
from .rules import Rule, checked_by


class EmbeddingSource(StrEnum):
    """Where the embedding model comes from."""

    BUNDLED = "Bundled"
    FOLDER = "Folder"
    HUB = "Hub"
    ENDPOINT = "Endpoint"


class EmbeddingRuntime(StrEnum):
    """What runs it in this process."""

    ONNX = "ONNX"
    SENTENCE_TRANSFORMERS = "SentenceTransformers"


class CrossEncoder(StrEnum):
    """What decides about candidates that no gate refuses and that are not clearly near enough."""

    BUNDLED = "Bundled"
    NONE = "None"


class QueryFrom(StrEnum):
    """Which part of a request is the question."""

    LAST_USER_MESSAGE = "LastUserMessage"
    REGEX = "Regex"
    JSON_POINTER = "JSONPointer"


class EmbeddingSection(Section):
    """The embedding model: what makes vectors of questions."""

    source: EmbeddingSource = EmbeddingSource.BUNDLED
    """Bundled: the model in this package (English, 384 dimensions). Folder: `path`. Hub: downloaded
    at the start, `model`. Endpoint: an OpenAI-compatible /v1/embeddings at `url`, `model`."""
    model: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    """The hub's name of the model, or the endpoint's; with Hub unset =
    sentence-transformers/paraphrase-multilingual-mpnet-base-v2."""
    path: FilePath | None = None
    """Folder with an ONNX model in the hub's layout, as `llmcache export-model` writes it."""
    url: Annotated[str, Field(max_length=2048)] | None = None
    """Base URL of an OpenAI-compatible server."""
    api_key_file: FilePath | None = None
    """Key for `url`."""
    ca_file: FilePath | None = None
    """Certificate authority for an https `url`; unset = the system's."""
    runtime: EmbeddingRuntime = EmbeddingRuntime.ONNX
    """ONNX, or SentenceTransformers (needs torch: llmcache[sentence-transformers])."""
    threads: Annotated[int, Field(ge=1, le=64)] = 1
    """Threads that work on one text."""
    deadline: Duration = 0.05
    """Longest time that a request waits for its vector, queueing included; after it the request is
    not looked up by meaning."""

    @model_validator(mode="after")
    def _source_has_what_it_needs(self) -> EmbeddingSection:
        source = self.source
        if (source is EmbeddingSource.FOLDER) != (self.path is not None):
            raise ValueError("takes `path` with source Folder, and only there")
        if (source is EmbeddingSource.ENDPOINT) != (self.url is not None):
            raise ValueError("takes `url` with source Endpoint, and only there")
        if source is EmbeddingSource.ENDPOINT and self.model is None:
            raise ValueError("takes `model` with source Endpoint: the server's name of it")
        if source in (EmbeddingSource.BUNDLED, EmbeddingSource.FOLDER) and self.model is not None:
            raise ValueError("takes `model` with source Hub or Endpoint only")
        if source is not EmbeddingSource.ENDPOINT and (self.api_key_file or self.ca_file):
            raise ValueError("takes `apiKeyFile` and `caFile` with source Endpoint only")
        if self.runtime is not EmbeddingRuntime.ONNX and source not in (
            EmbeddingSource.FOLDER,
            EmbeddingSource.HUB,
        ):
            raise ValueError("takes runtime SentenceTransformers with source Folder or Hub only")
        return self

    @field_validator("url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ValueError("takes an http or https URL without credentials")
        return value.rstrip("/")


def _check_pattern(value: str) -> None:
    try:
        compiled = re.compile(value)
    except re.error as error:
        raise ValueError(f"takes a regular expression; this one is wrong: {error}") from None
    if "query" not in compiled.groupindex:
        raise ValueError("takes a regular expression with a group named query: (?P<query>...)")


class QuerySection(Section):
    """What of a request is the question; all the rest must be equal for a semantic hit."""

    model_config = checked_by(
        Rule(
            "(has(self.from) && self.from == 'Regex') == has(self.pattern)",
            "takes pattern with from Regex, and only there",
        ),
        Rule(
            "(has(self.from) && self.from == 'JSONPointer') == has(self.pointer)",
            "takes pointer with from JSONPointer, and only there",
        ),
        Rule(
            "!has(self.pattern) || self.pattern.contains('(?P<query>')",
            "takes in pattern a regular expression with a group named query: (?P<query>...)",
        ),
    )

    from_: Annotated[QueryFrom, Field(alias="from")] = QueryFrom.LAST_USER_MESSAGE
    """LastUserMessage: its text. Regex: the group `query` of `pattern`, searched in that text.
    JSONPointer: the string at `pointer` in the body."""
    pattern: Annotated[str, Field(max_length=1000)] | None = None
    """With Regex; its group is named query: (?P<query>...)."""
    pointer: Annotated[str, Field(pattern=r"^(/[^/]*)+$", max_length=256)] | None = None
    """With JSONPointer, such as /messages/1/content; RFC 6901, and - for the last item."""
    after: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    """The question begins behind the last of these, such as "Question:"."""
    before: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    """It ends before the first of these after that."""

    @model_validator(mode="after")
    def _source_has_what_it_needs(self) -> QuerySection:
        if (self.from_ is QueryFrom.REGEX) != (self.pattern is not None):
            raise ValueError("takes `pattern` with from Regex, and only there")
        if (self.from_ is QueryFrom.JSON_POINTER) != (self.pointer is not None):
            raise ValueError("takes `pointer` with from JSONPointer, and only there")
        if self.pattern is not None:
            _check_pattern(self.pattern)
        return self

    @property
    def set_on_purpose(self) -> bool:
        """Somebody said where the question is: then completions and constrained choices may be
        looked up by meaning too."""
        return self != QuerySection()


class SemanticSection(Section):
    """The semantic level: a request that means the same."""

    mode: Annotated[CacheMode, BeforeValidator(off_is_a_word)] = CacheMode.SERVE
    """Serve: answer from the cache. Observe: count what it would have served. Off: do nothing."""
    ttl: Duration = 3600.0
    """How long an answer may be served, counted from its inference; a hit never extends it."""
    threshold: Annotated[float, Field(gt=0, le=1)] | None = None
    """Least cosine similarity of a candidate. Unset: calibrated for the embedding model (0.92 for
    one that is not known)."""
    candidates: Annotated[int, Field(ge=1, le=32)] = 5
    """How many of the nearest are verified."""
    cross_encoder: CrossEncoder = CrossEncoder.BUNDLED
    """Bundled: the model in this package reads both texts where the verification is not sure, which
    takes some milliseconds: more is found, and less of it is wrong. None: the verification alone
    decides."""
    tools: bool = False
    """Whether requests that offer tools are looked up by meaning; else they are exact only."""
    query: QuerySection = QuerySection()
    embedding: EmbeddingSection = EmbeddingSection()

"""The response cache's sections where the resource differs from the sidecar's configuration."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field

from ..base import Duration, Percent, Section
from ..cache import AuthMode, ExactSection, LimitsSection, QualitySection, TenancySection
from ..modes import CacheMode, off_is_a_word
from ..policy import PolicySection
from ..rules import Rule, checked_by
from ..semantic import CrossEncoder, EmbeddingRuntime, QuerySection
from .references import HTTP_URL, DataKey, ObjectName, Quantity, SecretKey


class ModelSource(StrEnum):
    """Where the embedding model of the sidecars comes from."""

    BUNDLED = "Bundled"
    IMAGE = "Image"
    CLAIM = "Claim"
    HUB = "Hub"
    ENDPOINT = "Endpoint"


class EmbeddingClaim(Section):
    """A claim that somebody filled with a model's folder."""

    name: ObjectName
    """The claim; mounted read-only, so ReadOnlyMany or ReadWriteMany for more than one node."""
    path: Annotated[str, Field(max_length=512, pattern=r"^[^/].*$")] | None = None
    """Folder of the model in it; unset = its root."""


class EmbeddingSpec(Section):
    """The embedding model: what makes vectors of questions."""

    model_config = checked_by(
        Rule(
            "self.source in ['Hub', 'Endpoint'] || !has(self.model)",
            "takes model with source Hub or Endpoint only",
        ),
        Rule(
            "(self.source == 'Image') == has(self.path)",
            "takes path with source Image, and only there",
        ),
        Rule(
            "(self.source == 'Claim') == has(self.claim)",
            "takes claim with source Claim, and only there",
        ),
        Rule(
            "(self.source == 'Endpoint') == has(self.url)",
            "takes url with source Endpoint, and only there",
        ),
        Rule(
            "self.source != 'Endpoint' || has(self.model)",
            "takes model with source Endpoint: the server's name of it",
        ),
        Rule(
            "self.source == 'Endpoint' || !(has(self.apiKey) || has(self.ca))",
            "takes apiKey and ca with source Endpoint only",
        ),
        Rule(
            "!has(self.runtime) || self.runtime == 'ONNX' || self.source in ['Image', 'Claim', 'Hub']",
            "takes runtime SentenceTransformers with source Image, Claim or Hub only",
        ),
        Rule("!has(self.cache) || self.source == 'Hub'", "takes cache with source Hub only"),
    )

    source: ModelSource
    """Bundled: the small English model in the sidecar's image. Image: a folder of the image (built
    in, for air-gapped clusters). Claim: a folder on a claim. Hub: downloaded at the start.
    Endpoint: an OpenAI-compatible /v1/embeddings."""
    model: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    """The hub's name of the model, or the endpoint's; with Hub unset =
    sentence-transformers/paraphrase-multilingual-mpnet-base-v2."""
    path: Annotated[str, Field(min_length=1, max_length=512, pattern=r"^/.*$")] | None = None
    """With Image: the folder, such as /models/my-model."""
    claim: EmbeddingClaim | None = None
    url: Annotated[str, Field(max_length=2048, pattern=HTTP_URL)] | None = None
    """With Endpoint: base URL of the server."""
    api_key: SecretKey | None = None
    """Key for `url`."""
    ca: SecretKey | None = None
    """Certificate authority for an https `url`."""
    cache: Quantity | None = None
    """With Hub: limit of the volume that the model is downloaded to; unset = 4Gi."""
    runtime: EmbeddingRuntime | None = None
    """ONNX, or SentenceTransformers (needs an image with torch); unset = ONNX."""
    threads: Annotated[int, Field(ge=1, le=64)] | None = None
    """Threads that work on one text; unset = 1."""
    deadline: Duration | None = None
    """Longest time that a request waits for its vector, queueing included; unset = 50ms for the
    bundled model and endpoints, 200ms for others."""


class SemanticSpec(Section):
    """The semantic level: a request that means the same."""

    mode: Annotated[CacheMode, BeforeValidator(off_is_a_word)] | None = None
    """Serve, Observe (decide and count, never serve) or Off; unset = Serve."""
    ttl: Duration | None = None
    """How long an answer may be served, counted from its inference; unset = 1h."""
    threshold: Annotated[float, Field(gt=0, le=1, json_schema_extra={"minimum": 0.01})] | None = (
        None
    )
    """Least cosine similarity of a candidate, a floor for what is learned. Unset: calibrated for the
    embedding model; 0.92 for the default one."""
    candidates: Annotated[int, Field(ge=1, le=32)] | None = None
    """How many of the nearest are verified; unset = 5."""
    cross_encoder: CrossEncoder | None = None
    """Bundled: a small model in the sidecar's image reads both questions where the verification is not
    sure: more is found, and less of it is wrong. None: the verification alone decides; unset =
    Bundled."""
    tools: bool | None = None
    """Whether requests that offer tools are looked up by meaning; unset = false."""
    query: QuerySection | None = None
    """What of a request is the question; unset = the last user message."""
    embedding: EmbeddingSpec | None = None
    """The model that makes vectors of questions. Unset = Hub,
    sentence-transformers/paraphrase-multilingual-mpnet-base-v2."""


class ResponseCacheSpec(Section):
    """Answers instead of inferences."""

    exact: ExactSection | None = None
    """The same request again. Unset = Serve, 1h."""
    semantic: SemanticSpec | None = None
    policy: PolicySection | None = None
    """When not to cache."""
    tenancy: TenancySection | None = None
    """Which requests may share answers. Unset = those of one API key."""
    limits: LimitsSection | None = None
    """Bounds of what is looked at and kept."""


class QualitySpec(QualitySection):
    """Samples that measure the cache, and what they may say before it serves less."""

    # On a cluster somebody wants to know; a sidecar by itself does what it is told.
    holdout_percent: Percent = 1.0
    """Share of the cacheable requests, drawn at random, that skip the look-up and are still stored:
    what latency would be without the cache. Where shadowSamplePercent is above 0, what they would
    have got is judged by what they get."""
    shadow_sample_percent: Percent = 1.0
    """Share of the hits, drawn at random, whose answers are judged afterwards: the engine is asked
    two or three times more for each, while it has nothing waiting. 0 = none."""


class KeysFrom(Section):
    """A Secret with callers' keys."""

    name: ObjectName
    """The Secret. It is mounted, never read by the operator."""
    key: DataKey | None = None
    """One value of it; unset = all. One key a line."""


class AuthSpec(Section):
    """The check of callers' keys."""

    model_config = checked_by(
        Rule(
            "(self.mode == 'Keys') == has(self.keysFrom)",
            "takes keysFrom with mode Keys, and only there",
        )
    )

    mode: AuthMode
    """Keys: those of `keysFrom`. Upstream: the engine's own verdict, remembered briefly. None:
    nobody is asked for a key, which status says out loud."""
    keys_from: Annotated[tuple[KeysFrom, ...], Field(min_length=1, max_length=16)] | None = None
    """Secrets with callers' keys. Rotate by adding the new one, and removing the old one later."""

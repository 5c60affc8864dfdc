"""What one pod's sidecar says of itself and of its engine."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum


@dataclass(frozen=True)
class Counts:
    """Plain sums of one process since it started; every one of them only grows.

    Attributes:
        requests: responses on cached routes.
        exact_hits, semantic_hits: of them, served from the cache.
        prompt_tokens_saved, completion_tokens_saved: not computed thanks to hits.
        sampling_requests, sampling_prompt_tokens, sampling_completion_tokens: what the cache asked
            for itself: to judge samples, and (requests alone) to refresh what it served stale.
        prefix_queries: prompt tokens that the engine looked for in its prefix cache.
        prefix_hits: of them, found there.
    """

    requests: int = 0
    exact_hits: int = 0
    semantic_hits: int = 0
    prompt_tokens_saved: int = 0
    completion_tokens_saved: int = 0
    sampling_requests: int = 0
    prefix_queries: int = 0
    prefix_hits: int = 0
    sampling_prompt_tokens: int = 0
    sampling_completion_tokens: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(a + b for a, b in zip(self.values, other.values, strict=True)))

    def at_least(self, other: Counts) -> Counts:
        """The greater of both, each sum for itself: two readings of one process, in any order."""
        return Counts(*(max(a, b) for a, b in zip(self.values, other.values, strict=True)))

    @property
    def values(self) -> tuple[int, ...]:
        """In the order of the fields, which is part of what is stored."""
        return tuple(getattr(self, one.name) for one in fields(self))


class Role(StrEnum):
    """Whose sums they are: the two processes of a pod restart each for itself."""

    SIDECAR = "sidecar"
    ENGINE = "engine"


@dataclass(frozen=True)
class Reading:
    """The sums of one process.

    Attributes:
        started: Unix time in whole seconds at which the process started; tells a restart.
    """

    role: Role
    started: int
    counts: Counts


class StoreState(StrEnum):
    """How a store answers, as a sidecar sees it. SILENT: not just now; it may be on its way up, or down
    in a moment."""

    ANSWERS = "Answers"
    SILENT = "Silent"
    DOWN = "Down"
    OFF = "Off"


class SemanticState(StrEnum):
    """Whether questions can be looked up by meaning."""

    READY = "Ready"
    LOADING = "Loading"
    FAILED = "Failed"
    OFF = "Off"


class BudgetState(StrEnum):
    """What the semantic level may still do."""

    SERVING = "Serving"
    TIGHTENED = "Tightened"
    OBSERVING = "Observing"


@dataclass(frozen=True)
class Judged:
    """One error rate of one model's hits, from judged samples; shares are 0 to 1.

    Sidecars with one store share their samples, so that all of them report the same.

    Attributes:
        served: the model as clients name it.
        level: exact or semantic.
        kind: false_hit or stale.
        samples: those that came to a conclusion.
        lower, upper: the true rate lies in between with 95 %, however often one looks.
        standing: Unproven, Undecided, Proven or Exceeded.
    """

    served: str
    level: str
    kind: str
    samples: int = 0
    estimate: float | None = None
    lower: float = 0.0
    upper: float = 1.0
    standing: str = "Unproven"


@dataclass(frozen=True)
class SidecarReport:
    """What one sidecar said at one moment. A sidecar that did not answer has no report.

    Attributes:
        model: name in the spec of the model that it serves.
        config_version: of the configuration that it runs.
        config_error: why the newest configuration is not in force there.
        restart_needed: fields that have changed and are read at the start only.
        engine_known: it is known what the engine runs.
        preparing: how far the download of the engine's weights is (`engine.preparing` of its
            statistics), in words for people.
        exact_trouble, vector_trouble, semantic_trouble: what the sidecar says of what is amiss; for
            people.
        threshold: the semantic threshold in force.
        readings: sums of the sidecar's process, and of the engine's.
    """

    pod: str
    pod_uid: str
    model: str
    config_version: str
    config_error: str | None = None
    restart_needed: tuple[str, ...] = ()
    draining: bool = False
    engine_known: bool = True
    preparing: str | None = None
    default_temperature: float | None = None
    exact_store: StoreState = StoreState.ANSWERS
    vector_store: StoreState = StoreState.OFF
    exact_trouble: str = ""
    vector_trouble: str = ""
    semantic: SemanticState = SemanticState.OFF
    semantic_trouble: str = ""
    threshold: float | None = None
    rates: tuple[Judged, ...] = ()
    budget: BudgetState = BudgetState.SERVING
    readings: tuple[Reading, ...] = ()

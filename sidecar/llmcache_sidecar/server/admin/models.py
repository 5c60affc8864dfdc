"""What the admin plane takes and gives, as pydantic models; statistics have theirs in telemetry."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from ...domain.api import ROUTES
from ...domain.entry import EntryMeta
from ...domain.purge import Purge
from ...pipeline.request.decision import Decision
from ...pipeline.stored.purges import PurgeReport

EntryIdText = Annotated[str, Field(min_length=1, max_length=64)]


class _Model(BaseModel):
    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True
    )


class _Taken(_Model):
    """What a caller writes: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class ProblemBody(_Model):
    """One error."""

    code: int
    message: str
    """What is wrong, and what would be right."""


class Problem(_Model):
    """Every error of the admin plane."""

    error: ProblemBody


class ShownEntry(_Model):
    """An entry for people; never its prompt or answer."""

    id: str
    api: str
    model: str
    tenant: str
    tags: list[str]
    form: str
    """whole or stream: how the engine answered."""
    created_at: float
    """Unix time in seconds at which the inference ended."""
    expires_at: float
    """Unix time in seconds at which the body leaves the store; `ttl` may end its service earlier."""
    bytes: int
    prompt_tokens: int
    completion_tokens: int
    engine_seconds: float
    key: str

    @classmethod
    def of(cls, meta: EntryMeta) -> ShownEntry:
        """What may be told of `meta`."""
        return cls(
            id=meta.id,
            api=meta.api.value,
            model=meta.model,
            tenant=meta.tenant,
            tags=list(meta.tags),
            form=meta.form.value,
            created_at=meta.created_at,
            expires_at=meta.expires_at,
            bytes=meta.body_bytes,
            prompt_tokens=meta.prompt_tokens,
            completion_tokens=meta.completion_tokens,
            engine_seconds=round(meta.engine_seconds, 4),
            key=meta.key.hex(),
        )


class EntryList(_Model):
    """Entries that a purge with the same query would name."""

    entries: list[ShownEntry]
    examined: int
    """How many were looked at."""
    complete: bool
    """Every entry was looked at; false when `limit` was reached or there were too many."""


class ShownReport(_Model):
    """What a purge did, or would do."""

    scope: str
    value: str
    dry_run: bool
    matched: int
    """Entries that it names, of those that were looked at."""
    examined: int
    complete: bool
    """Every entry was looked at. When false the purge holds all the same: what was not looked at
    is not served any more, and leaves the store with its lifetime."""
    removed: int
    """Bodies deleted at once."""
    position: str | None
    """The purge's place in the log; null for a dry run."""

    @classmethod
    def of(cls, purge: Purge, report: PurgeReport) -> ShownReport:
        """Both in one."""
        return cls(
            scope=purge.scope.value,
            value=purge.value,
            dry_run=report.position is None,
            matched=report.matched,
            examined=report.examined,
            complete=report.complete,
            removed=report.removed,
            position=report.position,
        )


class Feedback(_Taken):
    """A verdict on one hit."""

    entry: EntryIdText
    """The id that the LLMCache-Entry header gave."""
    verdict: Literal["wrong"] = "wrong"
    """wrong: this answer did not belong to the question."""
    similarity: Annotated[float, Field(ge=-1, le=1)] | None = None
    """What the LLMCache-Similarity header gave: then nothing is served again that is no nearer to this
    entry, until such matches were judged right often enough."""


class ChatBody(BaseModel):
    """The body of a /v1/chat/completions request, as it is."""

    model_config = ConfigDict(extra="allow")

    model: Any = None
    messages: Any = None


class Explainable(_Taken):
    """A request on any cached route."""

    route: Literal[tuple(ROUTES)] = "/v1/chat/completions"  # type: ignore[valid-type]
    """Its path; a query may follow it."""
    query: Annotated[str, Field(max_length=4096)] = ""
    """What follows the `?` of its path."""
    headers: dict[str, str] = {}
    """Its headers: the caller's key, Cache-Control, LLMCache-Tags, a tenant header."""
    body: dict[str, Any] | str
    """Its body: an object, or a string that is taken byte for byte (to keep duplicate members)."""


class ShownStep(_Model):
    """One step of the way through the cache."""

    step: str
    result: str


class Explained(_Model):
    """What would become of the request, and why."""

    action: str
    """serve, share, fetch, pass or refuse."""
    outcome: str
    details: list[str]
    tenant: str
    fingerprint: str | None
    """Names what the engine runs; null when that is not known."""
    temperature: float | None
    """The effective one; null when it is not known."""
    key: str | None
    entry: ShownEntry | None
    """The entry that would be served, or would stand in if the engine fails."""
    steps: list[ShownStep]

    @classmethod
    def of(cls, decision: Decision) -> Explained:
        """Show `decision`."""
        found = decision.found
        return cls(
            action=decision.action.value,
            outcome=decision.outcome.value,
            details=list(decision.details),
            tenant=decision.tenant,
            fingerprint=decision.fingerprint,
            temperature=decision.temperature,
            key=None if decision.key is None else decision.key.hex(),
            entry=None if found is None else ShownEntry.of(found.meta),
            steps=[ShownStep(step=s.name, result=s.result) for s in decision.trace or ()],
        )


class ShownTenant(_Model):
    """What a purge by tenant takes."""

    tenant: str


class Draining(_Model):
    """The sidecar is a lame duck."""

    draining: bool = True

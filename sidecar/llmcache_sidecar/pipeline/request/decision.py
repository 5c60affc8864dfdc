"""What is to be done with a request, and everything that was found on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from llmcache_api import TenancyScope

from ...domain.entry import Form
from ...domain.ids import ExactKey, Fingerprint, TenantId
from ...domain.outcome import Outcome
from ...domain.request import RequestFacts
from ...keys.tenant import SHARED
from ...policy.wishes import NO_WISHES, Wishes
from ..engine.flight import FlightKey
from ..semantic.meaning import Meaning
from ..semantic.trace import Step
from ..settings.cache import CacheSettings
from ..stored.look_up import Found
from ..stored.purges import Purges


class Action(Enum):
    """What is to be done with a request."""

    REFUSE = "refuse"  # answered here, with an error
    SERVE = "serve"  # answered from the cache
    SHARE = "share"  # to the engine; others may join; stored
    FETCH = "fetch"  # to the engine alone; stored
    PASS = "pass"  # noqa: S105 - to the engine alone; not stored


@dataclass(slots=True)
class Decision:
    """What is to be done, and everything that was found on the way.

    Attributes:
        details: the reasons of a bypass or refusal, in order.
        credential: digest of the caller's key.
        digest: of the body's canonical form.
        meaning: what is known of its question; None where nothing had to be found out.
        found: for SERVE the entry; for SHARE and FETCH one that may stand in if the engine fails.
        candidate: what was found and is not served (holdout, Observe, error budget): the engine's
            answer will tell whether it was right.
        trace: the steps, when asked for.
    """

    action: Action = Action.PASS
    outcome: Outcome = Outcome.BYPASS
    details: tuple[str, ...] = ()
    credential: bytes = b""
    tenant: TenantId = SHARED
    facts: RequestFacts | None = None
    digest: bytes | None = None
    wishes: Wishes = NO_WISHES
    tags: tuple[str, ...] = ()
    fingerprint: Fingerprint | None = None
    temperature: float | None = None
    key: ExactKey | None = None
    meaning: Meaning | None = None
    found: Found | None = None
    candidate: Found | None = None
    trace: list[Step] | None = field(default=None)

    @property
    def traced(self) -> bool:
        """Every step is noted: nothing is asked of the engine, and nobody is drawn into a sample."""
        return self.trace is not None

    def note(self, step: str, result: str) -> None:
        """Add a line to the trace, when there is one."""
        if self.trace is not None:
            self.trace.append(Step(step, result))

    def bypass(self, *details: str) -> Decision:
        """The cache stands aside."""
        self.action, self.outcome, self.details = Action.PASS, Outcome.BYPASS, details
        if self.trace is not None:
            self.note("decision", f"bypass: {', '.join(details)}")
        return self

    def without_cache(self, *details: str) -> Decision:
        """The cache stands aside, or refuses who wants an answer from nowhere else."""
        if self.wishes.only_if_cached:
            return self.refuse("only-if-cached")
        return self.bypass(*details)

    def unserved(self) -> Decision:
        """What was found could not be made into an answer."""
        if self.wishes.only_if_cached:
            return self.refuse("only-if-cached")
        return self.do(Action.PASS if self.wishes.no_store else Action.SHARE, Outcome.MISS)

    def refuse(self, detail: str) -> Decision:
        """The request is answered here, with an error."""
        self.action, self.outcome, self.details = Action.REFUSE, Outcome.REFUSED, (detail,)
        self.note("decision", f"refuse: {detail}")
        return self

    def do(self, action: Action, outcome: Outcome, *details: str) -> Decision:
        """Anything else."""
        self.action, self.outcome, self.details = action, outcome, details
        if self.trace is not None:
            self.note("decision", " ".join((action.value, outcome.value, *details)))
        return self


def flight_key(decision: Decision, purges: Purges) -> FlightKey:
    """What a request may share an inference by."""
    assert decision.facts is not None
    assert decision.key is not None
    form = Form.STREAM if decision.facts.streamed else Form.WHOLE
    return decision.key, form, decision.credential, purges.version


def tenant_of(decision: Decision, settings: CacheSettings) -> TenantId:
    """Whose prefixes a request may share. One whose tenant was not asked for, or does not show, is
    told apart by its key."""
    if decision.tenant == SHARED and settings.scope is not TenancyScope.SHARED:
        return TenantId(decision.credential.hex())
    return decision.tenant

"""What a request is: its body in one normal form, whose it is, which engine would answer it, and the
keys that follow from all that."""

from __future__ import annotations

from llmcache_api import TenancyScope

from ...apis.questions import Place
from ...apis.reading import Unreadable, read_facts
from ...domain.api import Api
from ...domain.ids import ExactKey, TenantId
from ...domain.request import RequestFacts
from ...domain.vectors import PartitionId
from ...keys.exact import body_digest, exact_key
from ...keys.lossless import Unparsable, parse_object
from ...keys.partition import partition_id
from ...keys.tenant import SHARED, TenantHasher
from ...policy.wishes import read_tags
from ..engine.profile import EngineProfile
from ..settings.cache import CacheSettings
from .call import Asked, Call
from .decision import Decision
from .memo import Context, Memo, Reading


class Identifier:
    """Fills in what a decision says of the request itself. Each step returns the decision when it is
    made by that step already, and None when the next one has to go on."""

    def __init__(self, hasher: TenantHasher, profile: EngineProfile) -> None:
        self._hasher = hasher
        self._profile = profile
        self._memo = Memo()

    def credential(self, asked: Asked) -> bytes:
        """Digest of the caller's key."""
        return self._hasher.credential(asked.credential)

    def remembered(self, asked: Asked) -> Reading | None:
        """The reading of a body that made a hit before."""
        return self._memo.get(asked.api, asked.body)

    def settled(self, asked: Asked) -> bool:
        """Whether enough is known of the engine, so that it need not be asked along with this
        request."""
        return self._profile.settled(asked.credential)

    def context(
        self, asked: Asked, facts: RequestFacts, credential: bytes, settings: CacheSettings
    ) -> Context | None:
        """All that a key and its admission are made of beside the body; None where some of it is not
        known."""
        tenant = self._tenant(asked, facts, credential, settings)
        fingerprint = self._profile.fingerprint(facts.model)
        if tenant is None or fingerprint is None:
            return None
        temperature = self._temperature(facts)
        return Context(settings, tenant, fingerprint, temperature, asked.beside)

    def read(self, call: Call, decision: Decision) -> Reading | Decision | None:
        """What is asked, in one normal form; the reading, where the body is remembered."""
        known = self._memo.get(call.api, call.body)
        try:
            if known is None:
                decision.facts = read_facts(call.api, parse_object(call.body))
            else:
                decision.facts, decision.digest = known.facts, known.digest
        except Unparsable as error:
            decision.note("parse", str(error))
            return decision.without_cache("unparsable")
        except Unreadable as error:
            decision.note("parse", str(error))
            return decision.without_cache("unreadable")
        if decision.traced:
            facts = decision.facts
            decision.note("parse", f"{facts.api.value}, model {facts.model}")
        return known

    def owner(self, call: Call, decision: Decision, settings: CacheSettings) -> Decision | None:
        """Whose answers it may share, and what it says they depend on."""
        assert decision.facts is not None
        tenant = self._tenant(call, decision.facts, decision.credential, settings)
        if tenant is None:
            return decision.without_cache("tenant")
        decision.tenant = tenant
        if decision.traced:
            decision.note("tenant", f"{tenant}, scope {settings.scope.value}")
        if call.tags:
            tags = read_tags(call.tags)
            if tags is None:
                return decision.without_cache("tags")
            decision.tags = tags
        return None

    async def engine(self, call: Call, decision: Decision) -> Decision | None:
        """Which engine would answer, and at which temperature."""
        facts = decision.facts
        assert facts is not None
        if not decision.traced:
            await self._profile.freshen(call.credential)
        decision.fingerprint = fingerprint = self._profile.fingerprint(facts.model)
        if fingerprint is None:
            engine_known = self._profile.state is not None
            detail = "model-unknown" if engine_known else "engine-unknown"
            return decision.without_cache(detail)
        decision.temperature = self._temperature(facts)
        if decision.traced:
            temperature = decision.temperature
            told = "not known" if temperature is None else f"{temperature:g}"
            decision.note("engine", f"fingerprint {fingerprint}, temperature {told}")
        return None

    def model(self, facts: RequestFacts | None) -> str:
        """What the account calls the model that was asked for."""
        assert facts is not None
        return self._profile.label(facts.model)

    def judged_model(self, facts: RequestFacts | None) -> str | None:
        """The model whose error budget holds; None while the engine has not said which it has."""
        return self.model(facts) if self._profile.names_models else None

    def key(self, call: Call, decision: Decision, settings: CacheSettings) -> ExactKey:
        """The exact key."""
        assert decision.facts is not None
        assert decision.fingerprint is not None
        if decision.digest is None:
            decision.digest = body_digest(decision.facts)
        return exact_key(
            decision.facts,
            decision.temperature,
            settings.namespace,
            decision.tenant,
            decision.fingerprint,
            call.beside,
            decision.digest,
        )

    def partition(
        self, place: Place, call: Call, decision: Decision, settings: CacheSettings
    ) -> PartitionId:
        """Everything but the question at `place`: what a look-up by meaning stays within."""
        assert decision.facts is not None
        assert decision.fingerprint is not None
        return partition_id(
            decision.facts,
            place,
            decision.temperature,
            settings.namespace,
            decision.tenant,
            decision.fingerprint,
            call.beside,
        )

    def remember(
        self, call: Call, decision: Decision, known: Reading | None, context: Context | None
    ) -> None:
        """Keep what was found out about a body that made a hit; `context` is what its key and its
        admission came from beside the body."""
        assert decision.key is not None
        if known is not None:
            known.context, known.key = context, decision.key
        elif decision.facts is not None and decision.digest is not None:
            reading = Reading(decision.facts, decision.digest, context, decision.key)
            self._memo.put(call.api, call.body, reading)

    def _temperature(self, facts: RequestFacts) -> float | None:
        """What it is answered at; None where that is not known, or means nothing."""
        if facts.api is Api.EMBEDDINGS:
            return None
        temperature = facts.temperature
        return self._profile.temperature if temperature is None else temperature

    def _tenant(
        self, asked: Asked, facts: RequestFacts, credential: bytes, settings: CacheSettings
    ) -> TenantId | None:
        """Whose answers this request may share; None when the request does not say."""
        match settings.scope:
            case TenancyScope.API_KEY:
                return TenantId(credential.hex())
            case TenancyScope.SHARED:
                return SHARED
            case TenancyScope.END_USER:
                if facts.end_user is None:
                    return None
                return self._hasher.tenant("user", credential.hex(), facts.end_user)
            case TenancyScope.HEADER:
                # A gateway that appends its line to the client's must not let the client choose.
                names = asked.headers.getall(settings.tenant_header or "", ())
                if len(names) != 1 or not names[0]:
                    return None
                return self._hasher.tenant("header", names[0])

"""The key check: hits are served only to callers whose key is accepted."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from enum import Enum
from typing import Final

from llmcache_api import AuthMode

from ...keys.tenant import TenantHasher, same_digest
from ...ports.clock import Clock
from ...ports.engine import Engine, EngineError, EngineRequest

ACCEPTED_S: Final = 60.0
"""How long the engine's verdict on a key is remembered."""
_REMEMBERED: Final = 10_000
_ASK_S: Final = 1.0


class Verdict(Enum):
    """What is known of a key."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"  # the engine will say


class KeyGate:
    """Judges keys by the configured mode.

    Digests are compared, never keys; and they are compared in constant time.

    Args:
        keys: the accepted keys, for mode Keys; not kept, only their digests.
    """

    def __init__(
        self,
        mode: AuthMode,
        hasher: TenantHasher,
        keys: Iterable[str],
        engine: Engine,
        clock: Clock,
    ) -> None:
        self._mode = mode
        self._listed = {digest: digest for digest in map(hasher.credential, keys)}
        self._engine = engine
        self._clock = clock
        self._accepted: OrderedDict[bytes, float] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[Verdict]] = {}

    @property
    def mode(self) -> AuthMode:
        """Who decides."""
        return self._mode

    def judge(self, digest: bytes) -> Verdict:
        """The verdict as far as it is known here."""
        if self._mode is AuthMode.NONE:
            return Verdict.ACCEPTED
        if self._mode is AuthMode.KEYS:
            listed = self._listed.get(digest)
            known = listed is not None and same_digest(listed, digest)
            return Verdict.ACCEPTED if known else Verdict.REFUSED
        until = self._accepted.get(digest)
        if until is not None and self._clock.monotonic() < until:
            return Verdict.ACCEPTED
        return Verdict.UNKNOWN

    def engine_said(self, digest: bytes, status: int) -> None:
        """The engine answered a guarded route with `status` for this key."""
        if self._mode is not AuthMode.UPSTREAM:
            return
        if 200 <= status < 300:
            self._accepted[digest] = self._clock.monotonic() + ACCEPTED_S
            self._accepted.move_to_end(digest)
            if len(self._accepted) > _REMEMBERED:
                self._accepted.popitem(last=False)
        elif status in (401, 403):
            self._accepted.pop(digest, None)

    async def ask(self, digest: bytes, credential: str, target: str) -> Verdict:
        """Ask the engine what it thinks of a key, without an inference: an empty request to the
        guarded route. An engine refuses the key (401, 403) before it looks at the method (405)
        and the body (400, 422); anything else says nothing. One question at a time for each key."""
        task = self._asking.get(digest)
        if task is None:
            task = asyncio.create_task(self._ask(digest, credential, target))
            self._asking[digest] = task
            task.add_done_callback(lambda _: self._asking.pop(digest, None))
        return await asyncio.shield(task)

    async def _ask(self, digest: bytes, credential: str, target: str) -> Verdict:
        headers = [("Content-Type", "application/json")]
        if credential:
            headers.append(("Authorization", f"Bearer {credential}"))
        request = EngineRequest("POST", target, headers, b"{}")
        try:
            async with asyncio.timeout(_ASK_S), self._engine.send(request) as response:
                status = response.status
                async for _ in response.chunks():
                    pass
        except (EngineError, TimeoutError):
            return Verdict.UNKNOWN
        if status in (401, 403):
            self.engine_said(digest, status)
            return Verdict.REFUSED
        if 200 <= status < 300 or status in (400, 405, 422):
            self.engine_said(digest, 200)
            return Verdict.ACCEPTED
        return Verdict.UNKNOWN


def read_keys(text: str) -> list[str]:
    """The keys of a key file: one a line, blank lines and lines that begin with # skipped."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def credential_of(authorization: str, api_key: str) -> str:
    """The caller's key: a Bearer token, or x-api-key (Anthropic's clients); empty for none. Another
    scheme counts as a key of its own, whole."""
    if not authorization:
        return api_key.strip()
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else authorization

"""What is known of the engine: what it runs, and what it does when a request says nothing.

A fingerprint names everything that shapes answers. The operator gives one (`upstream.revision`);
where none is given the engine is asked for its version and models, regularly and after every lost
connection, since another engine may have taken its place.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import dataclass, field, replace
from typing import Final

import orjson

from ...domain.ids import Fingerprint
from ...domain.json import Json, JsonObject
from ...ports.clock import Clock
from ...ports.engine import Engine, EngineError, EngineRequest, HeaderList

_POLL_S: Final = 30.0
_RETRY_S: Final = (0.2, 0.5, 1.0, 2.0)
_ASK_S: Final = 5.0
_TEMPERATURE_S: Final = 30.0
_TEMPERATURE_EVERY_S: Final = 10.0
_DENIED: Final = (401, 403)
_BUSY: Final = (408, 425, 429)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EngineState:
    """One reading of the engine.

    Attributes:
        fingerprints: by model name; the name None is for requests that name no model.
        temperature: what the engine does when a request names none; None when it can't be told.
        read_at: monotonic seconds.
    """

    version: str = ""
    fingerprints: dict[str | None, Fingerprint] = field(default_factory=dict)
    temperature: float | None = None
    read_at: float = 0.0


class EngineProfile:
    """The newest reading, kept up to date in the background.

    Args:
        revision: the given fingerprint, or None to ask.
        default_temperature: the given default, or None to ask.
        own_key: a key of the sidecar's own for the engine, or None. An engine that wants a key and
            gives us none is asked along with a client's request, with that client's key.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        revision: str | None,
        default_temperature: float | None,
        own_key: str | None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._revision = revision
        self._default_temperature = default_temperature
        self._own_key = own_key
        self._state: EngineState | None = None
        self._asked_temperature = False
        self._temperature_at = 0.0
        self._temperature_failures = 0
        self._wants_key = False
        self._kick = asyncio.Event()
        self._asking: asyncio.Task[bool] | None = None
        self.asked = False
        """The engine has been asked once, whatever came of it."""
        self.suspect = False
        """A connection was lost and the engine not read since: answers are not stored."""

    @property
    def state(self) -> EngineState | None:
        """The newest reading; None before the first."""
        return self._state

    def fingerprint(self, model: str | None) -> Fingerprint | None:
        """What answers `model`; None when that is not known, or not served."""
        if self._revision is not None:
            return Fingerprint(self._revision)
        return self._state.fingerprints.get(model) if self._state is not None else None

    def label(self, model: str | None) -> str:
        """The model's name where the engine knows it, else "other"."""
        if model is not None and self._state is not None and model in self._state.fingerprints:
            return model
        if self._state is not None and model is None:
            return next((name for name in self._state.fingerprints if name), "other")
        return "other"

    @property
    def names_models(self) -> bool:
        """The engine has said which models it has: until then each of them is "other"."""
        return self._state is not None and bool(self._state.fingerprints)

    @property
    def temperature(self) -> float | None:
        """What an omitted temperature means; None when that is not known."""
        if self._default_temperature is not None:
            return self._default_temperature
        return self._state.temperature if self._state is not None else None

    def lost(self) -> None:
        """A connection failed: the engine may be another one when it is back."""
        if not self.suspect:
            self.suspect = True
            self._kick.set()

    def reread(self) -> None:
        """Something changed what the engine runs (an adapter was loaded): ask it now."""
        self._kick.set()

    def settled(self, credential: str) -> bool:
        """Whether there is nothing that `freshen` would ask."""
        if not self._wants_key or not credential:
            return True
        state = self._state
        if state is None or self.suspect:
            return False
        return self._clock.monotonic() - state.read_at < _POLL_S

    async def freshen(self, credential: str) -> None:
        """Called with a client's request: where the engine wants a key, and the last reading is
        too old, ask it with this one. The key is not kept."""
        if self.settled(credential):
            return
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._read(credential))
        if self._state is None and self._revision is None:
            # Without a fingerprint nothing can be cached, so this request waits a moment for it.
            await asyncio.wait([self._asking], timeout=1.0)

    async def follow(self) -> None:
        """Keep the reading up to date for ever."""
        failures = 0
        while True:
            self._kick.clear()
            answered = await self._read(self._own_key)
            self.asked = True
            if answered:
                failures = 0
                pause = _POLL_S
            else:
                pause = _RETRY_S[min(failures, len(_RETRY_S) - 1)]
                failures += 1
                if self._wants_key:
                    pause = _POLL_S
            try:
                async with asyncio.timeout(pause):
                    await self._kick.wait()
                # What was lost is not back at once.
                await asyncio.sleep(0.05)
            except TimeoutError:
                pass

    async def _read(self, key: str | None) -> bool:
        """Read the engine once; whether it answered."""
        reread = self.suspect or self._state is None
        try:
            status, models = await self._get("/v1/models", key)
            if status in _DENIED:
                if not self._wants_key and self._own_key is None:
                    _log.info(
                        "the engine wants a key for /v1/models: it is asked along with the first "
                        "request of a client (or set upstream.apiKeyFile)"
                    )
                self._wants_key = True
                return False
            version_status, version = await self._get("/version", key)
        except EngineError:
            self.suspect = True
            return False
        old = self._state
        busy = _is_busy(status) or _is_busy(version_status)
        if busy and self._revision is None:
            # Whoever stands in front of an engine that is being replaced says so too.
            self.suspect = True
            return False
        fingerprints = read_models(models, version)
        if busy and old is not None:
            fingerprints = old.fingerprints
        if not fingerprints and self._revision is None:
            if reread:
                _log.warning(
                    "the engine does not say what it runs (no list at /v1/models), so nothing is "
                    "cached: name it with --engine-revision (upstream.revision)"
                )
            return False
        now = self._clock.monotonic()
        # A failing engine loses many connections; one question in ten seconds is enough for it.
        again = (
            reread
            and old is not None
            and old.fingerprints == fingerprints
            and now - self._temperature_at < _TEMPERATURE_EVERY_S
        )
        tired = (
            self._temperature_failures >= len(_RETRY_S)
            and now - self._temperature_at < _TEMPERATURE_EVERY_S
        )
        ask = (
            self._default_temperature is None
            and not tired
            and (not self._asked_temperature or (reread and not again))
        )
        # Requests that name a temperature need not wait for the second question.
        self._state = EngineState(
            version=str(version.get("version", "")) if type(version) is dict else "",
            fingerprints=fingerprints,
            temperature=None if ask or old is None else old.temperature,
            read_at=now,
        )
        self.suspect = False
        self.asked = True
        if ask:
            self._temperature_at = now
            model = next((name for name in fingerprints if name), None)
            try:
                temperature = await self._ask_temperature(model, key)
                self._asked_temperature = True
                self._temperature_failures = 0
            except EngineError:
                temperature = None
                self._asked_temperature = False  # it may have been busy: again, soon
                self._temperature_failures += 1
            self._state = replace(self._state, temperature=temperature)
        if reread and self.temperature is None:
            _log.warning(
                "what the engine does without a temperature is not known: such requests bypass the "
                "cache; say it with --default-temperature (upstream.defaultTemperature)"
            )
        temperature_known = self._asked_temperature or self._default_temperature is not None
        return temperature_known and not busy

    async def _get(self, target: str, key: str | None) -> tuple[int, Json]:
        return await self._ask(EngineRequest("GET", target, _authorization(key)), _ASK_S)

    async def _ask_temperature(self, model: str | None, key: str | None) -> float | None:
        """One answer of one token: the Responses API tells the temperature that it used."""
        body = orjson.dumps({"model": model, "input": "Hi", "max_output_tokens": 1, "store": False})
        headers = [("Content-Type", "application/json"), *_authorization(key)]
        status, answer = await self._ask(
            EngineRequest("POST", "/v1/responses", headers, body), _TEMPERATURE_S
        )
        if _is_busy(status):
            raise EngineError(f"busy ({status})", connected=True)
        value = answer.get("temperature") if type(answer) is dict and status == 200 else None
        return float(value) if type(value) is float or type(value) is int else None

    async def _ask(self, request: EngineRequest, seconds: float) -> tuple[int, Json]:
        try:
            async with asyncio.timeout(seconds), self._engine.send(request) as response:
                body = bytearray()
                async for chunk in response.chunks():
                    body += chunk
                    if len(body) > 4 * 1024**2:
                        break
        except TimeoutError:
            raise EngineError(f"no answer within {seconds:g} s", connected=True) from None
        try:
            return response.status, orjson.loads(bytes(body))
        except orjson.JSONDecodeError:
            return response.status, None


def _is_busy(status: int) -> bool:
    """Whether an answer says nothing of the engine but that it can't answer now."""
    return status in _BUSY or (status >= 500 and status != 501)


def _authorization(key: str | None) -> HeaderList:
    return [("Authorization", f"Bearer {key}")] if key else []


def read_models(models: Json, version: Json) -> dict[str | None, Fingerprint]:
    """A fingerprint for each model that /v1/models lists, from what it says of it and /version."""
    cards = models.get("data") if type(models) is dict else None
    release = version.get("version") if type(version) is dict else None
    result: dict[str | None, Fingerprint] = {}
    for card in cards if type(cards) is list else ():
        if type(card) is not dict or type(card.get("id")) is not str:
            continue
        name: str = card["id"]
        fingerprint = _fingerprint(card, release)
        result.setdefault(None, fingerprint)  # vLLM answers with its first model
        result[name] = fingerprint
    return result


def _fingerprint(card: JsonObject, release: Json) -> Fingerprint:
    parts = [release, *(card.get(name) for name in ("id", "root", "parent", "max_model_len"))]
    return Fingerprint(hashlib.sha256(orjson.dumps(parts)).hexdigest()[:24])

"""Any server with an OpenAI-compatible /v1/embeddings."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson

from ...domain.vectors import EmbeddingModel, Vector
from ...ports.clock import Clock, SystemClock
from ...ports.embedder import (
    EmbeddingError,
    EmbeddingLoadError,
    EmbeddingOverdue,
    EmbeddingOverload,
    TextTooLong,
    TextUnreadable,
)
from ...ports.engine import EngineError, EngineRequest, HeaderList
from ..breaker import Breaker, BreakerState
from ..engine_http import HttpEngine
from .identity import fingerprint
from .in_flight import InFlight
from .limits import PATIENCE_S, find_limits
from .observing import EmbedderState, EmbedderStatus, EmbeddingObserver, Silent, Trouble
from .pooling import unit

_RETRIES_S: Final = (1.0, 5.0, 15.0, 60.0)
_LONGEST_ANSWER: Final = 4 * 1024**2
_SAMPLE: Final = "How do I change my password?"
_LENGTH = re.compile(rb"too long|length|tokens|maximum|exceed", re.IGNORECASE)
"""What servers say when a text does not fit."""
_PART_FOR_TEXTS: Final = 0.8
"""Of the deadline, that a text should take at the server: what takes longer leaves no time to search.
With 0.6, four clients of a server on the same two cores had a third of the hits."""
_PART_TO_WAIT: Final = 0.9
"""Of the deadline. The request has other things to do before it is over, and the event loop may hear of
it late: those who gave up at the deadline itself made up the last hundredth (53 ms of 50)."""


class EndpointEmbedder:
    """An `Embedder` that asks a server, behind a deadline and a circuit breaker.

    The dimension comes with the first answer. A server that cuts long texts without saying so is
    found out at the start, and so is from which length on it takes too long for any request
    (`find_limits`): such texts are not sent.
    """

    def __init__(
        self,
        url: str,
        model: str,
        deadline_s: float = 0.05,
        breaker: Breaker | None = None,
        *,
        key_file: Path | None = None,
        ca_file: str | None = None,
        longest_text: int = 32_768,
        in_flight: int = 64,
        slow_deadline_s: float = 10.0,
        patience_s: float = PATIENCE_S,
        retries_s: tuple[float, ...] = _RETRIES_S,
        clock: Clock | None = None,
        observer: EmbeddingObserver | None = None,
    ) -> None:
        """Make one that has asked nothing yet; `start` begins.

        Args:
            url: base URL, with or without /v1 at its end.
            model: the server's name of it.
            deadline_s: seconds for `embed`; an answer is waited for a tenth less.
            key_file: holds the key; read again when the server refuses it.
            ca_file: certificate authority for https; None = the system's.
            longest_text: characters beyond which the server is not asked.
            in_flight: requests that may be under way, fewer while they take too long (see
                `InFlight`); three quarters of them for one owner.
            slow_deadline_s: seconds for everything in the background.
            patience_s: seconds for a text that shows how long texts may be; a longer deadline counts.
            retries_s: pauses between first contacts that fail; the last one repeats.

        Raises:
            EmbeddingLoadError: `key_file` can't be read.
            OSError: `ca_file` is of no use.
        """
        self._name = model
        self._url = url
        self._target = "/embeddings" if url.rstrip("/").endswith("/v1") else "/v1/embeddings"
        self._wait = _PART_TO_WAIT * deadline_s
        self._patience = max(patience_s, deadline_s)
        self._slow_deadline = slow_deadline_s
        self._breaker = breaker or Breaker()
        self._key_file = key_file
        self._headers = self._with_key()
        self._longest = longest_text
        self._in_flight = InFlight(in_flight, _PART_FOR_TEXTS * deadline_s)
        self._retries = retries_s
        self._monotonic = (clock or SystemClock()).monotonic
        self._observer = observer or Silent()
        self._server = HttpEngine(url, ca_file, slow_deadline_s)
        self._model: EmbeddingModel | None = None
        self._status = EmbedderStatus(EmbedderState.LOADING)
        self._meeting: asyncio.Task[None] | None = None

    @property
    def model(self) -> EmbeddingModel | None:
        """None until the server has answered once."""
        return self._model

    @property
    def status(self) -> EmbedderStatus:
        """Loading: not answered yet; ready; failed and why."""
        return self._status

    @property
    def breaker(self) -> BreakerState:
        """Of the circuit around the server."""
        return self._breaker.state

    @property
    def figures(self) -> dict[str, int | float | str]:
        """What statistics show."""
        return {
            "state": self._status.state.value,
            "circuit": self._breaker.state.value,
            "running": self._in_flight.under_way,
            "limit": self._in_flight.limit,
        }

    def start(self) -> None:
        """Begin to get to know the server; call inside the running event loop. Returns at once."""
        if self._meeting is None:
            self._meeting = asyncio.create_task(self._meet(), name="llmcache-embedding-endpoint")

    async def ready(self) -> EmbeddingModel:
        """Wait until the server has answered, however often it takes.

        Raises:
            EmbeddingLoadError: never started, or closed.
        """
        if self._meeting is not None:
            await asyncio.wait([self._meeting])
        if self._model is None:
            raise EmbeddingLoadError(self._status.reason or "the embedder was never started")
        return self._model

    async def embed(self, text: str, owner: str = "") -> Vector:
        """See `ports.embedder.Embedder`."""
        model = self._known()
        try:
            self._check(text)
        except EmbeddingError as error:
            self._observer.failed(_trouble(error))
            raise
        permit = self._breaker.enter(self._monotonic())
        if permit is None:
            self._observer.failed(Trouble.CIRCUIT_OPEN)
            raise EmbeddingError("the embedding endpoint is paused after repeated failures")
        began = self._monotonic()
        slot = self._in_flight.enter(owner, began)
        if slot is None:
            self._breaker.abandoned(permit)
            self._observer.failed(Trouble.OVERLOAD)
            raise EmbeddingOverload(
                f"{self._in_flight.under_way} texts are under way, as many as are done in time"
            )
        try:
            async with asyncio.timeout(self._wait):
                vector = await self._ask(text, model)
        except TimeoutError:
            self._in_flight.took(slot, self._monotonic())
            self._breaker.failed(permit, self._monotonic())
            self._observer.failed(Trouble.DEADLINE)
            milliseconds = f"{self._wait * 1000:g}"
            raise EmbeddingOverdue(f"no vector within {milliseconds} ms") from None
        except EmbeddingError as error:
            if isinstance(error, TextTooLong | TextUnreadable):
                self._breaker.succeeded(permit)
            else:
                self._breaker.failed(permit, self._monotonic())
            self._observer.failed(_trouble(error))
            raise
        except Exception as error:
            self._breaker.failed(permit, self._monotonic())
            self._observer.failed(Trouble.DEFECT)
            raise EmbeddingError(f"the embedding failed: {type(error).__name__}") from None
        except BaseException:
            self._breaker.abandoned(permit)
            raise
        finally:
            self._in_flight.leave(slot)
        now = self._monotonic()
        self._in_flight.took(slot, now)
        self._breaker.succeeded(permit)
        self._observer.embedded(now - began)
        return vector

    async def embed_many(self, texts: list[str]) -> list[Vector]:
        """See `ports.embedder.Embedder`. One at a time: requests go first at the server too."""
        vectors = []
        for text in texts:
            model = self._known()
            self._check(text)
            try:
                async with asyncio.timeout(self._slow_deadline):
                    vectors.append(await self._ask(text, model))
            except TimeoutError:
                raise EmbeddingOverdue(f"no vector within {self._slow_deadline:g} s") from None
        return vectors

    async def aclose(self) -> None:
        """Close every connection. Idempotent."""
        if self._meeting is not None:
            self._meeting.cancel()
            await asyncio.wait([self._meeting])
        if self._model is None:
            self._status = EmbedderStatus(EmbedderState.FAILED, "it has been closed")
        await self._server.aclose()

    def _known(self) -> EmbeddingModel:
        if self._model is None:
            self._observer.failed(Trouble.NOT_READY)
            why = f": {self._status.reason}" if self._status.reason else ""
            raise EmbeddingError(f"the embedding endpoint is {self._status.state}{why}")
        return self._model

    def _check(self, text: str) -> None:
        if not text or text.isspace():
            raise TextUnreadable("there is nothing to embed: the text is empty")
        if len(text) > self._longest:
            raise TextTooLong(f"the text has {len(text)} characters, {self._longest} are sent")

    async def _meet(self) -> None:
        attempts = 0
        while True:
            attempts += 1
            try:
                async with asyncio.timeout(self._slow_deadline):
                    vector, _ = await self._answer(_SAMPLE)
            except TimeoutError:
                reason = f"no answer within {self._slow_deadline:g} s"
            except EmbeddingError as error:
                reason = str(error)
            else:
                limits = await find_limits(self._answer, self._patience)
                if limits.characters is not None:
                    self._longest = min(self._longest, limits.characters - 1)
                self._model = EmbeddingModel(
                    name=self._name,
                    identity=_identity(self._url, self._name, len(vector)),
                    dimensions=len(vector),
                    window=limits.window,
                )
                self._status = EmbedderStatus(EmbedderState.READY, attempts=attempts)
                return
            self._status = EmbedderStatus(EmbedderState.FAILED, reason, attempts, retrying=True)
            await asyncio.sleep(self._retries[min(attempts, len(self._retries)) - 1])

    async def _ask(self, text: str, model: EmbeddingModel) -> Vector:
        vector, tokens = await self._answer(text)
        if len(vector) != model.dimensions:
            raise EmbeddingError(
                f"the endpoint answers with {len(vector)} dimensions, and with {model.dimensions} "
                "before: it runs another model now"
            )
        if model.window is not None and tokens is not None and tokens >= model.window:
            raise TextTooLong(f"the endpoint cuts texts at {model.window} tokens")
        return vector

    async def _answer(self, text: str) -> tuple[Vector, int | None]:
        """The vector, and how many tokens the server counted."""
        try:
            body = orjson.dumps({"model": self._name, "input": text, "encoding_format": "float"})
        except (TypeError, ValueError):
            raise TextUnreadable(
                "the text is not valid Unicode: it holds half a character"
            ) from None
        request = EngineRequest("POST", self._target, self._headers, body)
        parts: list[bytes] = []
        size = 0
        try:
            async with self._server.send(request) as answer:
                async for part in answer.chunks():
                    size += len(part)
                    if size > _LONGEST_ANSWER:
                        raise EmbeddingError("the endpoint's answer is too long to be a vector")
                    parts.append(part)
                status = answer.status
        except EngineError as error:
            reason = str(error).replace("the engine", "the endpoint")
            raise EmbeddingError(reason) from None
        content = b"".join(parts)
        if status != 200:
            raise self._refusal(status, content)
        return _read(content)

    def _refusal(self, status: int, content: bytes) -> EmbeddingError:
        """What a status means. The server's words may hold the text, and are not repeated."""
        if status in (400, 413, 422) and (status == 413 or _LENGTH.search(content)):
            return TextTooLong("the endpoint refused the text as too long")
        if status in (401, 403):
            self._headers = self._with_key()
            return EmbeddingError(f"the endpoint refused the key (status {status})")
        if status == 404:
            return EmbeddingError(f"the endpoint knows no model {self._name}, or no {self._target}")
        return EmbeddingError(f"the endpoint answered with status {status}")

    def _with_key(self) -> HeaderList:
        headers = [("content-type", "application/json"), ("accept", "application/json")]
        if self._key_file is not None:
            try:
                key = self._key_file.read_text(encoding="ascii").strip()
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or "it is no ASCII text"
                raise EmbeddingLoadError(
                    f"can't read the key in {self._key_file}: {reason}"
                ) from None
            headers.append(("authorization", f"Bearer {key}"))
        return headers


def _trouble(error: EmbeddingError) -> Trouble:
    if isinstance(error, TextTooLong):
        return Trouble.TOO_LONG
    return Trouble.UNREADABLE if isinstance(error, TextUnreadable) else Trouble.MODEL_ERROR


def _read(content: bytes) -> tuple[Vector, int | None]:
    try:
        document: Any = orjson.loads(content)
        values = np.array(document["data"][0]["embedding"], dtype=np.float64)
        usage = document.get("usage") or {}
        tokens = usage.get("prompt_tokens")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise EmbeddingError("the endpoint's answer is no list of embeddings") from None
    if values.ndim != 1 or not len(values):
        raise EmbeddingError("the endpoint's answer is no vector")
    return unit(values), tokens if isinstance(tokens, int) else None


def _identity(url: str, model: str, dimensions: int) -> str:
    return fingerprint([], "endpoint", url, model, str(dimensions))[0]

"""The engine: what still has to be computed goes there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

HeaderList = list[tuple[str, str]]
"""Headers in order; names may repeat."""


@dataclass(frozen=True, slots=True)
class EngineRequest:
    """A request on its way to the engine.

    Attributes:
        target: path and query as they came.
        body: the whole body, or an iterator of its parts for a body that is passed on as it comes.
        headers: without hop-by-hop ones.
    """

    method: str
    target: str
    headers: HeaderList
    body: bytes | AsyncIterator[bytes] | None = None


class EngineResponse(Protocol):
    """An answer whose head has come."""

    @property
    def status(self) -> int: ...

    @property
    def reason(self) -> str: ...

    @property
    def headers(self) -> HeaderList:
        """End-to-end headers in order."""
        ...

    def header(self, name: str) -> str:
        """One header's value, or an empty string."""
        ...

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises `EngineError` when it breaks off."""
        ...


class EngineError(Exception):
    """The engine can't be reached or broke off.

    Attributes:
        connected: whether a connection had been made: False means that it has not seen the request.
    """

    def __init__(self, message: str, *, connected: bool) -> None:
        super().__init__(message)
        self.connected = connected


class Engine(Protocol):
    """A way to the engine."""

    def send(self, request: EngineRequest) -> AbstractAsyncContextManager[EngineResponse]:
        """Send `request`; entering gives the answer's head. Leaving early cancels the answer.

        Raises:
            EngineError: no answer's head came.
        """
        ...

    async def aclose(self) -> None:
        """Close every connection. Idempotent."""
        ...

"""Asking sidecars."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import aiohttp
from pydantic import ValidationError

from ..domain import Reading, SidecarReport
from .targets import Target
from .wire import StatsTold, engine_reading, report_of

log = logging.getLogger(__name__)

DEADLINE_S: Final = 5.0
AT_ONCE: Final = 32
AT_ONCE_OF_ONE: Final = 8
"""Pods of one resource that all keep silent hold no more slots than these until their deadline."""
_MOST_BYTES: Final = 4 * 1024**2


@dataclass(frozen=True)
class Answers:
    """What a round of asking brought.

    Attributes:
        reports: of those that answered.
        refused: one of them did not accept the token.
    """

    reports: tuple[SidecarReport, ...]
    refused: bool = False


class _Refused(Exception):
    """The token is not the one that it knows."""


class SidecarReader:
    """Asks sidecars for their statistics, and their engines for theirs.

    Args:
        session: its own limits are not used; requests are bounded here.
        deadline_s: longest time for one sidecar.
        at_once: sidecars that are asked at the same time, over all resources.
        at_once_of_one: of them, those of one resource.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        deadline_s: float = DEADLINE_S,
        at_once: int = AT_ONCE,
        at_once_of_one: int = AT_ONCE_OF_ONE,
    ) -> None:
        self._session = session
        self._deadline_s = deadline_s
        self._slots = asyncio.Semaphore(at_once)
        self._at_once_of_one = at_once_of_one

    async def read(self, targets: Sequence[Target], token: str) -> Answers:
        """Ask all sidecars of one resource. Raises nothing."""
        own = asyncio.Semaphore(self._at_once_of_one)
        found = await asyncio.gather(*(self._guarded(target, token, own) for target in targets))
        return Answers(
            tuple(one for one in found if isinstance(one, SidecarReport)),
            any(isinstance(one, _Refused) for one in found),
        )

    async def _guarded(
        self, target: Target, token: str, own: asyncio.Semaphore
    ) -> SidecarReport | _Refused | None:
        async with own, self._slots:
            try:
                async with asyncio.timeout(self._deadline_s):
                    stats, engine = await asyncio.gather(
                        self._stats(target, token), self._engine(target)
                    )
            except _Refused as refused:
                log.info("the sidecar of pod %s does not accept the operator's token", target.pod)
                return refused
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
                log.debug("the sidecar of pod %s does not answer: %r", target.pod, error)
                return None
        return report_of(target, stats, engine)

    async def _stats(self, target: Target, token: str) -> StatsTold:
        status, body = await self._get(
            f"{target.url}/admin/v1/stats", {"Authorization": f"Bearer {token}"}
        )
        if status in (401, 403):
            raise _Refused
        if status != 200:
            raise ValueError(f"status {status}")
        try:
            return StatsTold.model_validate_json(body)
        except ValidationError as error:
            raise ValueError(f"{error.error_count()} fields are not what they should be") from None

    async def _engine(self, target: Target) -> Reading | None:
        """An engine that does not answer takes nothing away from what its sidecar says."""
        if target.engine_started is None:
            return None
        try:
            async with asyncio.timeout(self._deadline_s / 2):
                status, body = await self._get(f"{target.url}/engine/metrics", {})
            if status != 200:
                return None
            return engine_reading(body.decode("utf-8", "replace"), target.engine_started)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            return None

    async def _get(self, url: str, headers: dict[str, str]) -> tuple[int, bytes]:
        async with self._session.get(url, headers=headers, allow_redirects=False) as response:
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise ValueError(f"the answer has more than {_MOST_BYTES} bytes")
            return response.status, bytes(body)

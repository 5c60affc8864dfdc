"""Who may hold the event loop next."""

from __future__ import annotations

import asyncio
from collections import deque


class Turns:
    """Pieces of work that hold the event loop for some tenths of a millisecond, one in each turn of the
    loop. Requests that come together would do theirs one after the other in the same turn, and
    whatever else became due meanwhile would wait for all of them.

    One event loop only.
    """

    def __init__(self) -> None:
        self._going_on: deque[asyncio.Future[None]] = deque()
        self._begun: deque[asyncio.Future[None]] = deque()
        self._new: deque[asyncio.Future[None]] = deque()
        self._taken = False

    async def next(self, *, begun: bool = False) -> None:
        """Before such a piece. At once where this turn of the loop is nobody's yet, else when those who
        came before have had theirs.

        Args:
            begun: the request has cost an embedding: before those that have not.
        """
        loop = asyncio.get_running_loop()
        if self._taken:
            await self._wait(self._begun if begun else self._new, loop)
        else:
            self._take(loop)

    async def pause(self) -> None:
        """Between two such pieces of one request: what is due comes in between, but nobody else's
        piece."""
        loop = asyncio.get_running_loop()
        if not self._taken:
            self._take(loop)
        await self._wait(self._going_on, loop)

    def _take(self, loop: asyncio.AbstractEventLoop) -> None:
        self._taken = True
        loop.call_soon(self._pass_on, loop)

    @staticmethod
    async def _wait(line: deque[asyncio.Future[None]], loop: asyncio.AbstractEventLoop) -> None:
        turn: asyncio.Future[None] = loop.create_future()
        line.append(turn)
        await turn

    def _pass_on(self, loop: asyncio.AbstractEventLoop) -> None:
        while waiting := self._going_on or self._begun or self._new:
            turn = waiting.popleft()
            if not turn.done():  # by who does not wait any more
                turn.set_result(None)
                loop.call_soon(self._pass_on, loop)
                return
        self._taken = False

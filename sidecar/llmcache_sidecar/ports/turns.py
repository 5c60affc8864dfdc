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
            turn: asyncio.Future[None] = loop.create_future()
            (self._begun if begun else self._new).append(turn)
            await turn
        else:
            self._taken = True
            loop.call_soon(self._pass_on, loop)

    def _pass_on(self, loop: asyncio.AbstractEventLoop) -> None:
        while waiting := self._begun or self._new:
            turn = waiting.popleft()
            if not turn.done():  # by who does not wait any more
                turn.set_result(None)
                loop.call_soon(self._pass_on, loop)
                return
        self._taken = False

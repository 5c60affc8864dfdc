"""Who may hold the event loop next."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class Spare:
    """A piece of work that somebody would be glad of, and does himself where it is not done."""

    __slots__ = ("_work",)

    def __init__(self, work: Callable[[], None]) -> None:
        self._work: Callable[[], None] | None = work

    @property
    def wanted(self) -> bool:
        """Neither begun nor cancelled."""
        return self._work is not None

    def do(self) -> None:
        """Do it, once, where it is still wanted."""
        work, self._work = self._work, None
        if work is not None:
            work()

    def cancel(self) -> None:
        """Nobody wants it any more. Idempotent."""
        self._work = None


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
        self._spare: deque[Spare] = deque()
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

    def spare(self, work: Callable[[], None], after_s: float) -> Spare:
        """Do `work` in a turn that nobody else waits for, `after_s` seconds from now at the earliest.
        It may never come to it."""
        spare = Spare(work)
        loop = asyncio.get_running_loop()
        loop.call_later(after_s, self._offer, spare, loop)
        return spare

    def _offer(self, spare: Spare, loop: asyncio.AbstractEventLoop) -> None:
        if not spare.wanted:
            return
        if self._taken:
            self._spare.append(spare)
        else:
            self._take(loop)
            spare.do()

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
        while self._spare:
            spare = self._spare.popleft()
            if spare.wanted:
                loop.call_soon(spare.do)  # this turn of the loop has had its piece
                loop.call_soon(self._pass_on, loop)
                return
        self._taken = False

"""Whether others get their turns on the event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable


@contextlib.asynccontextmanager
async def turns() -> AsyncIterator[Callable[[], int]]:
    """Counts the turns that somebody else gets meanwhile."""
    count = 0

    async def take() -> None:
        nonlocal count
        while True:
            await asyncio.sleep(0)
            count += 1

    task = asyncio.create_task(take())
    await asyncio.sleep(0)
    try:
        yield lambda: count
    finally:
        task.cancel()

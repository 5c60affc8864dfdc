"""A cross-encoder in this process, made fit for the request path."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from ...ports.cross_encoder import CrossEncoderBusy, CrossEncoderError, PairEncoder

_log = logging.getLogger("llmcache")

_MOST: Final = 2
"""Pairs in hand and waiting. Without it there is a verdict too, so a queue is not worth its wait."""


class HostedCrossEncoder:
    """A `CrossEncoder` over a blocking `PairEncoder`: one thread of its own, hardly a queue.

    What can't be compared at once, or in time, is judged as without a cross-encoder.
    """

    def __init__(self, load: Callable[[], PairEncoder]) -> None:
        """Make one that has not begun; `load` is called in its thread by `start`."""
        self._load = load
        self._thread: ThreadPoolExecutor | None = None
        self._encoder: PairEncoder | None = None
        self._in_hand = 0
        self._closed = False

    @property
    def ready(self) -> bool:
        """See `ports.cross_encoder.CrossEncoder`."""
        return self._encoder is not None

    def start(self) -> None:
        """Begin to load, once; call inside the running event loop. Returns at once. What can't be
        loaded is logged, and tried again when this is called again."""
        if self._thread is None and not self._closed:
            self._thread = ThreadPoolExecutor(1, "llmcache-cross-encoder")
            loading = asyncio.get_running_loop().run_in_executor(self._thread, self._load)
            loading.add_done_callback(self._loaded)

    def _loaded(self, loading: asyncio.Future[PairEncoder]) -> None:
        if loading.cancelled():
            return
        error = loading.exception()
        if error is not None:
            _log.error(
                "no cross-encoder: further candidates are misses, nearer ones are served unread, until "
                "a reload finds it in order (or set crossEncoder: None): %s",
                error,
            )
            if self._thread is not None:
                self._thread.shutdown(wait=False)
                self._thread = None
        elif self._closed:
            loading.result().close()
        else:
            self._encoder = loading.result()

    async def compare(self, one: str, other: str, within: float) -> float:
        """See `ports.cross_encoder.CrossEncoder`."""
        encoder, thread = self._encoder, self._thread
        if encoder is None or thread is None:
            raise CrossEncoderError("the cross-encoder is not loaded")
        if within <= 0 or self._in_hand >= _MOST:
            raise CrossEncoderBusy("the cross-encoder has no time for one more pair")
        self._in_hand += 1
        loop = asyncio.get_running_loop()
        comparing = loop.run_in_executor(thread, encoder.compare, one, other)
        comparing.add_done_callback(self._done)
        try:
            async with asyncio.timeout(None if math.isinf(within) else within):
                return await asyncio.shield(comparing)
        except TimeoutError:
            raise CrossEncoderBusy("the comparison took too long") from None
        except asyncio.CancelledError:
            if comparing.cancelled():
                raise CrossEncoderError("the cross-encoder has been closed") from None
            raise
        except CrossEncoderError:
            raise
        except Exception as error:
            raise CrossEncoderError(f"the comparison failed: {type(error).__name__}") from None

    def _done(self, comparing: asyncio.Future[float]) -> None:
        self._in_hand -= 1
        if not comparing.cancelled():
            comparing.exception()  # told to who waits, and of no use when nobody does

    async def aclose(self) -> None:
        """Free the model; a pair in hand is let go on. Idempotent."""
        self._closed = True
        encoder, self._encoder = self._encoder, None
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)
        if encoder is not None:
            encoder.close()

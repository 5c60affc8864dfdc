"""Whoever leads has stopped before the Lease is anybody else's, however the API server fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from kubernetes.aio.client import Configuration

from llmcache_operator.cluster.api import Api
from llmcache_operator.cluster.lease import Election, LeaseTimes

TIMES = LeaseTimes(duration=3.0, deadline=2.0, retry=0.3)
LATE_S = 0.6
"""Of a busy machine; less than what lies between the deadline and the end of the Lease."""


class Leases:
    """An API server that knows one Lease, until it fails."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.asked_at = 0.0
        self.slow_s = 0.0
        self.refuses = False
        self.hangs = False

    async def answer(self, request: web.Request) -> web.Response:
        await asyncio.sleep(3600 if self.hangs else self.slow_s)
        if self.refuses:
            return web.json_response({"reason": "InternalError", "message": "no"}, status=500)
        if request.method == "GET" and self.lease is None:
            return web.json_response({"reason": "NotFound", "message": "none"}, status=404)
        if request.method in {"POST", "PUT"}:
            self.asked_at = time.monotonic()
            self.lease = await request.json()
            self.lease["metadata"]["resourceVersion"] = str(time.monotonic_ns())
        return web.json_response(self.lease)


@pytest.fixture
def leases() -> Leases:
    return Leases()


@pytest.fixture
async def election(leases: Leases) -> AsyncIterator[Election]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", leases.answer)
    server = TestServer(application)
    await server.start_server()
    configuration = Configuration()
    configuration.host = str(server.make_url("")).rstrip("/")
    configuration.connection_pool_maxsize = 0
    api = Api(configuration)
    yield Election(api, "default", "operator", "me", times=TIMES, clock=time.monotonic)
    await api.close()
    await server.close()


async def test_an_attempt_that_hangs_at_the_end_does_not_prolong_it(
    leases: Leases, election: Election
) -> None:
    await election.won()
    leases.refuses = True
    lost = asyncio.create_task(election.lost())

    await asyncio.sleep(TIMES.deadline - TIMES.retry - 0.1)
    leases.hangs = True
    await lost

    assert time.monotonic() - leases.asked_at < TIMES.deadline + LATE_S


async def test_the_time_that_winning_took_counts(leases: Leases, election: Election) -> None:
    leases.slow_s = 0.45
    started = time.monotonic()
    await election.won()
    leases.hangs = True

    await election.lost()

    assert time.monotonic() - started < TIMES.deadline + LATE_S

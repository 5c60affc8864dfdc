"""The admin plane's token, and what a browser may do without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import Running, Start

OPEN = ("/", "/livez", "/readyz", "/metrics", "/engine/metrics")
GUARDED = (
    ("GET", "/admin/v1/stats"),
    ("POST", "/admin/v1/explain"),
    ("POST", "/admin/v1/tenant"),
    ("GET", "/admin/v1/entries"),
    ("DELETE", "/admin/v1/entries?all=true"),
    ("GET", "/admin/v1/entries/abc"),
    ("DELETE", "/admin/v1/entries/abc"),
    ("POST", "/admin/v1/feedback"),
    ("POST", "/admin/v1/drain"),
    ("GET", "/admin/v1/openapi.json"),
    ("GET", "/no/such/route"),
)
TOKEN = "correct horse battery staple"


@pytest.fixture
async def guarded(start: Start, tmp_path: Path) -> Running:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    return await start({"admin": {"listen": "127.0.0.1:0", "tokenFile": str(file)}})


@pytest.mark.parametrize("path", OPEN)
async def test_health_metrics_and_the_page_are_open(guarded: Running, path: str) -> None:
    assert (await guarded.call("GET", path))[0] == 200


@pytest.mark.parametrize(("method", "path"), GUARDED)
async def test_everything_else_takes_the_token(guarded: Running, method: str, path: str) -> None:
    given: list[dict[str, str]] = [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {TOKEN}"},
        {"X-Api-Key": TOKEN},
    ]
    for headers in given:
        status, body, response = await guarded.call(method, path, headers=headers)
        assert status == 401, headers
        assert "Authorization: Bearer" in body["error"]["message"]
        assert TOKEN not in str(body)
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert guarded.sidecar.data_plane.draining is False


async def test_the_token_opens_it(guarded: Running) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert (await guarded.call("GET", "/admin/v1/stats", headers=headers))[0] == 200
    assert (await guarded.call("GET", "/no/such/route", headers=headers))[0] == 404


async def test_bytes_that_are_no_text_are_a_wrong_token(guarded: Running) -> None:
    import asyncio

    host, _, port = guarded.admin.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"GET /admin/v1/stats HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n"
        b"Connection: close\r\n\r\n"
    )
    assert (await reader.readline()).startswith(b"HTTP/1.1 401")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example:8081"}, 403),
        ({"Host": "evil.example:8081", "Origin": "http://evil.example:8081"}, 403),
        ({"Host": "localhost:8081"}, 200),
        ({"Host": "[::1]:8081"}, 200),
    ],
)
async def test_a_strangers_page_in_a_browser_on_this_machine_can_do_nothing(
    sidecar: Running, headers: dict[str, Any], status: int
) -> None:
    for method, path in (("GET", "/admin/v1/stats"), ("POST", "/admin/v1/drain")):
        found, body, _ = await sidecar.call(method, path, headers=headers)
        assert found == status, body
    assert sidecar.sidecar.data_plane.draining is (status == 200)


async def test_its_own_page_may(sidecar: Running) -> None:
    headers = {"Origin": sidecar.admin}
    assert (await sidecar.call("GET", "/admin/v1/stats", headers=headers))[0] == 200

"""Every route is described, and every error is JSON that says what to do."""

from __future__ import annotations

import re
from typing import Any

import pytest

from llmcache_sidecar.app.sidecar import Sidecar

from .conftest import Running, Start, chat_body


@pytest.mark.parametrize("path", ["/nothing", "/admin/v1/", "/admin/v2/stats", "/admin/v1/stats/"])
async def test_an_unknown_route_is_a_404_in_json(sidecar: Running, path: str) -> None:
    status, body, _ = await sidecar.call("GET", path)
    assert (status, body["error"]["code"]) == (404, 404)
    assert "/admin/v1/openapi.json" in body["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/admin/v1/stats", "GET"),
        ("GET", "/admin/v1/explain", "POST"),
        ("PUT", "/admin/v1/entries", "DELETE, GET"),
        ("DELETE", "/metrics", "GET, HEAD"),
        ("OPTIONS", "/admin/v1/entries", "DELETE, GET"),
    ],
)
async def test_a_wrong_method_is_a_405_in_json(
    sidecar: Running, method: str, path: str, allowed: str
) -> None:
    status, body, response = await sidecar.call(method, path)
    assert status == 405
    assert body["error"]["message"] == f"this route takes {allowed}"
    assert response.headers["Allow"] == allowed


async def test_a_query_that_is_not_taken_is_refused_everywhere(sidecar: Running) -> None:
    status, body, _ = await sidecar.call("GET", "/admin/v1/stats?verbose=1")
    assert status == 400
    assert body["error"]["message"] == "query: there is no `verbose` here; takes no query"


async def test_a_defect_is_a_500_in_json_and_in_the_log(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    def change(sidecar: Sidecar) -> None:
        async def fail(*_: object) -> None:
            raise RuntimeError("a bug")

        sidecar.stores.reader.find = fail  # type: ignore[method-assign, assignment]

    sidecar = await start(change=change)
    status, body, _ = await sidecar.call("GET", "/admin/v1/entries/abc")
    assert (status, body["error"]["code"]) == (500, 500)
    assert "a bug" not in str(body)
    assert "a bug" in caplog.text


async def test_the_description_lists_what_the_server_serves(sidecar: Running) -> None:
    document = await sidecar.get("/admin/v1/openapi.json")
    assert document["openapi"] == "3.1.0"
    described = {
        (method.upper(), path) for path, item in document["paths"].items() for method in item
    }
    application = sidecar.sidecar.admin_plane.application()
    served = {
        (route.method, route.resource.canonical)
        for route in application.router.routes()
        if route.method != "HEAD" and route.resource is not None
    }
    assert described == served
    names = [op["operationId"] for item in document["paths"].values() for op in item.values()]
    assert len(set(names)) == len(names)
    for item in document["paths"].values():
        for operation in item.values():
            assert operation["summary"].endswith(".")


async def test_every_reference_of_the_description_leads_somewhere(sidecar: Running) -> None:
    text = await (await sidecar.session.get(f"{sidecar.admin}/admin/v1/openapi.json")).text()
    document = await sidecar.get("/admin/v1/openapi.json")
    schemas = document["components"]["schemas"]
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert references
    assert references <= schemas.keys()
    assert schemas["ShownReport"]["properties"]["dryRun"]["type"] == "boolean"


def conforms(value: Any, schema: dict[str, Any], schemas: dict[str, Any], at: str = "$") -> None:
    """The few words of JSON Schema that the description uses."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        errors = []
        for option in schema["anyOf"]:
            try:
                return conforms(value, option, schemas, at)
            except AssertionError as error:
                errors.append(str(error))
        raise AssertionError(f"{at}: {errors}")
    kinds: dict[str, Any] = {
        "object": dict, "array": list, "string": str, "integer": int, "number": (int, float),
        "boolean": bool, "null": type(None),
    }  # fmt: skip
    if "type" in schema:
        assert isinstance(value, kinds[schema["type"]]), f"{at}: {value!r} is no {schema['type']}"
    for name in schema.get("required", ()):
        assert name in value, f"{at}.{name} is missing"
    if isinstance(value, dict) and "properties" in schema:
        assert value.keys() <= schema["properties"].keys(), at
        for name, inner in value.items():
            conforms(inner, schema["properties"][name], schemas, f"{at}.{name}")
    for inner in value if isinstance(value, list) else ():
        conforms(inner, schema["items"], schemas, f"{at}[]")
    return None


async def test_answers_are_as_described(sidecar: Running) -> None:
    document = await sidecar.get("/admin/v1/openapi.json")
    schemas = document["components"]["schemas"]
    await sidecar.chat("a")
    await sidecar.chat("a")
    (entry,) = await sidecar.entries()
    one = "/admin/v1/entries/{id}"
    calls: list[tuple[str, str, dict[str, str], dict[str, Any]]] = [
        ("get", "/admin/v1/stats", {}, {}),
        ("post", "/admin/v1/explain", {}, {"json": chat_body("a")}),
        ("post", "/admin/v1/tenant", {}, {"json": chat_body("a")}),
        ("get", "/admin/v1/entries", {}, {}),
        ("get", one, {"id": entry["id"]}, {}),
        ("get", one, {"id": "missing"}, {}),
        ("delete", one, {"id": entry["id"]}, {"params": {"dryRun": "true"}}),
        ("delete", "/admin/v1/entries", {}, {"params": {"all": "true"}}),
        ("delete", "/admin/v1/entries", {}, {}),
        ("post", "/admin/v1/feedback", {}, {"json": {"entry": entry["id"]}}),
        ("post", "/admin/v1/drain", {}, {}),
    ]
    for method, path, names, more in calls:
        status, body, _ = await sidecar.call(method.upper(), path.format(**names), **more)
        described = document["paths"][path][method]["responses"][str(status)]
        conforms(body, described["content"]["application/json"]["schema"], schemas, path)


async def test_the_page_runs_nothing_but_its_own_script(sidecar: Running) -> None:
    status, page, response = await sidecar.call("GET", "/")
    assert status == 200
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["Cache-Control"] == "no-store"
    assert "innerHTML" not in page
    assert not re.search(r"\son[a-z]+=|\sstyle=", page), "the policy would refuse these"
    loaded = re.findall(r"(?:src|href)=[\"']([^\"']*)", page)
    assert all(address.startswith(("data:", "#")) for address in loaded), loaded
    assert page.count("<script>") == page.count("<style>") == 1

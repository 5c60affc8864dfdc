"""The description of the admin plane (OpenAPI 3.1), made from the route table."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from .models import Problem
from .routes import JSON, Parameter, Route

_REFERENCE: Final = "#/components/schemas/{model}"
_MEANING: Final = {
    400: "What was written can't be meant; the message says what is taken.",
    401: "The token is missing or wrong.",
    403: "A browser asked on behalf of another site's page.",
    404: "There is no such thing.",
    413: "The body is too long.",
    502: "The engine can't be reached.",
    503: "Not now; the message says why.",
    504: "The engine did not answer in time.",
}


def describe(routes: Iterable[Route]) -> dict[str, Any]:
    """The whole document."""
    table = tuple(routes)
    models: dict[type[BaseModel], str] = {Problem: "serialization"}
    for route in table:
        if not isinstance(route.answer, str):
            models[route.answer] = "serialization"
        models |= dict.fromkeys(route.body, "validation")
    references, definitions = models_json_schema(
        list(models.items()),  # type: ignore[arg-type]
        by_alias=True,
        ref_template=_REFERENCE,
    )
    schemas = {model: references[model, mode] for model, mode in models.items()}  # type: ignore[index]
    paths: dict[str, dict[str, Any]] = {}
    for route in table:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "LLMCache sidecar: admin plane",
            "version": version("llmcache"),
            "description": "Health, metrics, statistics, entries, purges, explain, feedback.",
        },
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route, schemas: dict[type[BaseModel], Any]) -> dict[str, Any]:
    content = (
        {route.answer: {"schema": {"type": "string"}}}
        if isinstance(route.answer, str)
        else {JSON: {"schema": schemas[route.answer]}}
    )
    statuses = set(route.problems)
    if not route.public:
        # Every query and every token can be wrong.
        statuses |= {400, 401, 403}
    if route.body:
        statuses.add(413)
    responses: dict[str, Any] = {"200": {"description": "Done.", "content": content}}
    for status in sorted(statuses):
        plain = isinstance(route.answer, str) and status == 503
        responses[str(status)] = {
            "description": _MEANING[status],
            "content": content if plain else {JSON: {"schema": schemas[Problem]}},
        }
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.text,
        "security": [] if route.public else [{"token": []}],
        "responses": responses,
    }
    if route.parameters:
        operation["parameters"] = [_parameter(parameter) for parameter in route.parameters]
    if route.body:
        schema = [schemas[model] for model in route.body]
        operation["requestBody"] = {
            "required": True,
            "content": {JSON: {"schema": schema[0] if len(schema) == 1 else {"anyOf": schema}}},
        }
    return operation


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "path" if parameter.in_path else "query",
        "required": parameter.in_path,
        "description": parameter.text,
        "schema": dict(parameter.schema),
    }

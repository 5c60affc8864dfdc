"""Schemathesis asks the admin plane whatever its own description allows, and what it forbids."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from .conftest import Running

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 20


def ask_everything(url: str) -> int:
    """Every operation, many times; how many operations there were."""
    schema = schemathesis.openapi.from_url(f"{url}/admin/v1/openapi.json")
    operations = 0
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        operations += 1

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Case[Any]) -> None:
            case.call_and_validate(base_url=url, checks=CHECKS, timeout=60)

        ask()
    return operations


@pytest.mark.filterwarnings("default")
async def test_any_request_is_answered_as_described(sidecar: Running) -> None:
    await sidecar.chat("a")
    assert await asyncio.to_thread(ask_everything, sidecar.admin) > 10
    assert (await sidecar.stats())["draining"], "it was asked to drain among the rest"
    _, response = await sidecar.chat("a")
    assert response.status == 200

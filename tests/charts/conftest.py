"""Everything here runs Helm: a lane of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.charts.helm import Helm


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.charts)


@pytest.fixture(scope="session")
def helm() -> Helm:
    """Helm without a cluster."""
    return Helm()

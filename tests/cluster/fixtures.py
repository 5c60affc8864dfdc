"""Fixtures over the control plane, for tests with the marker `cluster`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .control_plane import ControlPlane


@pytest.fixture(scope="session")
def kubernetes_api() -> Iterator[ControlPlane]:
    """A control plane for the whole session. Who breaks it starts one of their own."""
    with ControlPlane() as control_plane:
        yield control_plane

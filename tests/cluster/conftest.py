"""The session's API server. The tests' root knows nothing of it: some lanes run without its packages."""

from __future__ import annotations

from .fixtures import kubernetes_api

__all__ = ["kubernetes_api"]

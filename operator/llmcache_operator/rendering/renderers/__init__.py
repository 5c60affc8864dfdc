"""The versions of a rendering.

A renderer is its id and its defaults, one frozen value; whatever two renderers do differently is a field
of `Defaults`. Once released, a renderer renders the same bytes for ever (tests/operator/rendering/golden
holds them to it), so that an upgrade of the operator rolls no pod. Renderers are kept for two minors.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .defaults import Defaults, Renderer, RendererId
from .v0 import V0
from .v1 import V1

RENDERERS: Final[Mapping[RendererId, Renderer]] = MappingProxyType({V0.id: V0, V1.id: V1})
"""By id, the oldest first."""

NEWEST: Final = V1.id
"""What new workloads get."""

__all__ = ["NEWEST", "RENDERERS", "Defaults", "Renderer", "RendererId"]

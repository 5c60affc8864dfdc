"""A model whose engine is there already: only a gateway of sidecars is run in front of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..base import Section
from .engine import RolloutSection, SchedulingSection
from .references import HTTP_BASE, PodTemplate, SecretKey


class EndpointSection(Section):
    """An OpenAI-compatible server that somebody else runs."""

    url: Annotated[str, Field(max_length=2048, pattern=HTTP_BASE)]
    """Its base URL without /v1, such as http://vllm.other-team:8000."""
    revision: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    """Names everything that shapes its answers. Change it when the server changes in a way that
    /version and /v1/models don't tell. Unset: the server is asked, again and again."""
    credentials: SecretKey | None = None
    """A key that is sent instead of the caller's; needs auth.mode Keys or None."""
    ca: SecretKey | None = None
    """Certificate authority for an https URL; unset = the system's."""
    default_temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """What the server does when a request names no temperature. Unset: the server is asked."""
    responses_store: bool | None = None
    """Whether the server keeps Responses; unset = false."""
    replicas: Annotated[int, Field(ge=0, le=1000)] | None = None
    """How many gateway pods. Unset: 1 at first, and then whatever an autoscaler makes of it."""
    drain_seconds: Annotated[int, Field(ge=0, le=3600)] | None = None
    """How long requests in flight may take when a pod goes; unset = 60."""
    rollout: RolloutSection | None = None
    scheduling: SchedulingSection | None = None
    pod_template: PodTemplate | None = None
    """Laid over the pod template at the end, as for an engine."""

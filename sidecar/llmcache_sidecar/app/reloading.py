"""The configuration in force, and what of a new one can be taken over while running."""

from __future__ import annotations

from dataclasses import dataclass, field

from llmcache_api import ConfigError, SidecarConfig
from llmcache_api.reloading import READ_AT_START


@dataclass(slots=True)
class InForce:
    """The configuration by which the sidecar runs.

    Attributes:
        waits_for_restart: what was changed since the start and is read only there.
        error: why the newest configuration was of no use; None where it is the one in force.
    """

    config: SidecarConfig
    waits_for_restart: list[str] = field(default_factory=list)
    error: str | None = None


def taken_over(wanted: SidecarConfig, now: SidecarConfig) -> tuple[SidecarConfig, list[str]]:
    """The configuration that can be in force, and what of `wanted` waits for a restart.

    Raises:
        ConfigError: what goes together in `wanted` does not go with what stays as it is.
    """
    old, new = now.model_dump(by_alias=True), wanted.model_dump(by_alias=True)
    fixed, asked = READ_AT_START.of(old), READ_AT_START.of(new)
    waiting = [one for one in READ_AT_START.sections if fixed.get(one) != asked.get(one)]
    try:
        return SidecarConfig.parse(READ_AT_START.kept(old, new)), waiting
    except ConfigError as error:
        raise ConfigError(
            [f"{', '.join(waiting)}: waits for a restart, and the rest does not go without it",
             *error.problems]
        ) from None  # fmt: skip

"""What of a new configuration can be taken over while running."""

from __future__ import annotations

from llmcache_api import ConfigError, SidecarConfig
from llmcache_api.reloading import READ_AT_START


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

"""A purge record is there as long as any entry that it names."""

from __future__ import annotations

from typing import Any

import pytest

from llmcache_api import SidecarConfig
from llmcache_sidecar.app.stores import purge_record_life

DAY = 86400.0


def life(**cache: Any) -> float:
    document = {"upstream": {"url": "http://engine"}, "responseCache": cache}
    return purge_record_life(SidecarConfig.parse(document))


@pytest.mark.parametrize("level", ["exact", "semantic"])
def test_it_outlives_the_longer_of_both_levels(level: str) -> None:
    assert life(**{level: {"ttl": "7d"}}) > 7 * DAY


def test_it_outlives_what_may_still_be_served_stale() -> None:
    assert life(exact={"ttl": "2d", "staleIfError": "3d"}, semantic={"ttl": "4d"}) > 7 * DAY


def test_it_is_kept_for_a_day_at_least() -> None:
    assert life(exact={"ttl": "1m"}, semantic={"ttl": "1m"}) > DAY

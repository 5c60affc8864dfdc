"""Samples that are judged, and where they come from."""

from __future__ import annotations

from enum import StrEnum


class CacheLevel(StrEnum):
    """Which level of the cache an answer came from."""

    EXACT = "exact"
    SEMANTIC = "semantic"


class SampleSource(StrEnum):
    """Why a sample was taken."""

    SHADOW = "shadow"
    """A served hit, drawn: the engine is asked for fresh answers."""
    HOLDOUT = "holdout"
    """A request that skipped the look-up: its client's answer is the fresh one."""
    OBSERVED = "observed"
    """A request in mode Observe."""
    WITHHELD = "withheld"
    """A candidate that the error budget kept from being served."""


class RateKind(StrEnum):
    """Which error a rate counts."""

    FALSE_HIT = "false_hit"
    """The answer is that of another question."""
    STALE = "stale"
    """The own question has another answer by now."""
